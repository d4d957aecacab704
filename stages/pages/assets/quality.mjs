// The quality page: a small gallery per issue.

import { card } from "./card.mjs";
import { deciding, dressed, isOpen, unsettled } from "./decide.mjs";
import { data } from "./dom.mjs";
import { gallery } from "./gallery.mjs";

const PER_PAGE = 12;
/** Up to so many stay on one page: nobody wants a second one for a single card. */
const ALL_SHOWN = 18;

export function quality() {
  const found = data("quality");
  for (const root of document.querySelectorAll("[data-issue]")) {
    const { sheets, cards } = found[root.dataset.issue];
    const render = (item) => dressed(item, card(item, sheets));
    unsettled(root, cards, (items) => {
      const perPage = items.length <= ALL_SHOWN ? ALL_SHOWN : PER_PAGE;
      root.hidden = !items.length;
      if (items.length) gallery(root, { items, render, isOpen, perPage, layout: "compact" });
    });
    deciding()?.ask(cards);
  }
}
