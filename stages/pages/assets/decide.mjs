// The desk of the page, and what pages ask of it.

import { Desk } from "./desk.mjs";
import { data, el } from "./dom.mjs";
import { number, plural } from "./format.mjs";

let desk;

/** The desk of this page; null on pages that were made without a data set to decide on. */
export function deciding() {
  if (desk === undefined) desk = data("session") ? new Desk(data("session")) : null;
  return desk;
}

/** The card, ready to be decided on where the page has a desk. */
export function dressed(item, node) {
  return deciding()?.dress(item, node) ?? node;
}

/** Whether an item waits for a word. */
export function isOpen(item) {
  return item.asks !== false && !deciding()?.of(item);
}

/**
 * Show the items of a list that wait for a word, and above them how many are settled, with a button that shows those
 * too. show(items) fills `root`; noun names an item.
 */
export function unsettled(root, items, show, noun = "image", isSettled = (item) => deciding()?.isSettled(item)) {
  const waiting = items.filter((item) => !isSettled(item));
  const settled = items.length - waiting.length;
  let line = root.previousElementSibling;
  if (!line?.matches(".settled")) root.before((line = el("div", { class: "settled" })));
  const all = settled === items.length ? (settled === 1 ? "The one " : `All ${plural(settled, noun)} `) : `${plural(settled, noun)} `;
  const button = el("button", { type: "button", class: "button", "aria-expanded": "false", click: () => turn(button.getAttribute("aria-expanded") === "false") });

  function turn(isShown) {
    button.setAttribute("aria-expanded", String(isShown));
    button.textContent = isShown ? "Hide them" : settled === 1 ? "Show it" : "Show them";
    show(isShown ? items : waiting);
  }

  line.replaceChildren(el("p", {}, `${all}settled by your decisions`), button);
  line.hidden = !settled;
  turn(false);
}

/** `12 of 340 suspects on this page decided` */
export function progress(desk) {
  const all = desk.suspects.size;
  if (!all) return desk.decisions.decided() ? `${plural(desk.decisions.decided(), "image")} decided` : "Nothing decided yet";
  const left = desk.open().length;
  return left ? `${number(all - left)} of ${plural(all, "suspect")} decided` : all === 1 ? "The one suspect is decided" : `All ${plural(all, "suspect")} decided`;
}
