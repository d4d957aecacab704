// The quality page: a small gallery per issue.

import { card } from "./card.mjs";
import { data } from "./dom.mjs";
import { gallery } from "./gallery.mjs";

const PER_PAGE = 12;
/** Up to so many stay on one page: nobody wants a second one for a single card. */
const ALL_SHOWN = 18;

export function quality() {
  const found = data("quality");
  for (const root of document.querySelectorAll("[data-issue]")) {
    const { sheets, cards } = found[root.dataset.issue];
    const perPage = cards.length <= ALL_SHOWN ? ALL_SHOWN : PER_PAGE;
    gallery(root, { items: cards, render: (item) => card(item, sheets), perPage, layout: "compact" });
  }
}
