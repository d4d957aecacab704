// Arrow keys move between cards; Tab then goes to what is inside the present card, and on.

import { step } from "./paging.mjs";

const INSIDE = "a, button";

/** One card of `grid` takes the focus; `turn(by)` is asked for another page at the ends and says whether there is one. */
export function rove(grid, turn = () => false) {
  const cards = () => [...grid.querySelectorAll(":scope .card")];
  reset(cards(), 0);
  grid.onkeydown = (event) => {
    const list = cards();
    const at = list.indexOf(event.target);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const to = step(event.key, at, list.map(box));
    if (to === at) return;
    event.preventDefault();
    if (to >= 0 && to < list.length) move(list, to);
    else if (turn(to < 0 ? -1 : 1)) move(cards(), to < 0 ? cards().length - 1 : 0);
  };
  grid.onfocusin = (event) => {
    const list = cards();
    const at = list.findIndex((card) => card.contains(event.target));
    if (at >= 0) reset(list, at);
  };
}

function move(list, to) {
  reset(list, to);
  list[to].focus();
}

function reset(list, at) {
  list.forEach((card, i) => {
    card.tabIndex = i === at ? 0 : -1;
    for (const inner of card.querySelectorAll(INSIDE)) inner.tabIndex = i === at ? 0 : -1;
  });
}

function box(card) {
  const { left, top } = card.getBoundingClientRect();
  return { left: Math.round(left), top: Math.round(top) };
}
