// A paged gallery: only the cards of the present page exist, so thousands of them cost nothing.

import { announce, el, icon } from "./dom.mjs";
import { number } from "./format.mjs";
import { pageCount, span } from "./paging.mjs";
import { rove } from "./rove.mjs";

/**
 * Fill `root` with the items, a page at a time.
 * render(item) gives a card; layout is a class of the grid; noun names many items; keys: tell which keys move.
 */
export function gallery(root, { items, render, perPage = 48, layout = "", noun = "images", keys = false }) {
  const grid = el("ol", { class: `cards ${layout}`.trim() });
  const bars = [pager(turn, keys && items.length > 1), pager(turn)];
  let page = 0;

  function show(wanted) {
    const { page: at, from, to } = span(wanted, items.length, perPage);
    page = at;
    grid.replaceChildren(...items.slice(from, to).map(render));
    rove(grid, turn);
    const where = `${number(from + 1)}–${number(to)} of ${number(items.length)} ${noun}`;
    for (const bar of bars) bar.update(where, at, pageCount(items.length, perPage));
    return where;
  }

  function turn(by) {
    const to = page + by;
    if (to < 0 || to >= pageCount(items.length, perPage)) return false;
    announce(`Showing ${show(to)}`);
    root.scrollIntoView({ block: "start" });
    return true;
  }

  root.replaceChildren(bars[0].node, grid, bars[1].node);
  if (items.length <= perPage) bars[1].node.hidden = true;
  show(0);
}

/** Where one is, and buttons to go on. One page has no buttons. */
function pager(turn, keys = false) {
  const where = el("p", { class: "where" });
  const hint = keys ? el("p", { class: "hint keys" }, "Arrow keys move between cards, Tab goes into one.") : null;
  const pageOf = el("span", { class: "page-of" });
  const back = el("button", { type: "button", class: "button", click: () => turn(-1) }, icon("left"), "Previous");
  const next = el("button", { type: "button", class: "button", click: () => turn(1) }, "Next", icon("right"));
  const buttons = [back, pageOf, next];
  return {
    node: el("div", { class: "pager" }, where, hint, buttons),
    update(text, at, pages) {
      where.textContent = text;
      pageOf.textContent = `Page ${number(at + 1)} of ${number(pages)}`;
      back.disabled = at === 0;
      next.disabled = at === pages - 1;
      for (const part of buttons) part.hidden = pages === 1;
    },
  };
}
