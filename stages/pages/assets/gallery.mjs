// A paged gallery: only the cards of the present page exist, so thousands of them cost nothing.

import { announce, el, icon } from "./dom.mjs";
import { number } from "./format.mjs";
import { pageCount, span, waiting } from "./paging.mjs";
import { rove } from "./rove.mjs";

/**
 * Fill `root` with the items, a page at a time.
 * render(item) gives a card; layout is a class of the grid; noun names many items; keys: tell which keys move.
 * idsOf(item): the images that it shows; isOpen(item): whether it waits for a decision.
 */
export function gallery(root, { items, render, perPage = 48, layout = "", noun = "images", keys = false, idsOf = ({ id }) => [id], isOpen = () => false }) {
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

  /** The node of an item, whose page is shown if need be. */
  function reach(at) {
    const wanted = Math.floor(at / perPage);
    if (wanted !== page) turn(wanted - page);
    return grid.children[at - page * perPage];
  }

  /** From a card that was decided on to the next that waits for a word; beyond the end it starts anew. */
  function onward(event) {
    event.preventDefault();
    const own = [...grid.children].findIndex((node) => node.contains(event.target));
    const beside = cardsOf(grid.children[own]);
    const after = beside.slice(beside.indexOf(event.target) + 1).find(isWaiting);
    if (after) return after.focus();
    const at = waiting(items, page * perPage + own, isOpen);
    return at < 0 ? announce("Nothing else here waits for a decision") : cardsOf(reach(at)).find(isWaiting)?.focus();
  }

  function reveal({ detail }) {
    if (!grid.isConnected) return document.removeEventListener("winnow:reveal", reveal);
    const at = items.findIndex((item) => idsOf(item).includes(detail));
    return at < 0 ? null : cardsOf(reach(at)).find(({ dataset }) => dataset.id === detail)?.focus();
  }

  grid.addEventListener("winnow:onward", onward);
  document.addEventListener("winnow:reveal", reveal);
  root.replaceChildren(bars[0].node, grid, bars[1].node);
  if (items.length <= perPage) bars[1].node.hidden = true;
  show(0);
}

function cardsOf(node) {
  return node.matches(".card") ? [node] : [...node.querySelectorAll(".card")];
}

function isWaiting(card) {
  return card.classList.contains("is-open");
}

/** Where one is, and buttons to go on. One page has no buttons. */
export function pager(turn, keys = false) {
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
