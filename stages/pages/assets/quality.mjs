// The quality page: a small gallery per issue.

import { card } from "./card.mjs";
import { data } from "./dom.mjs";
import { gallery } from "./gallery.mjs";

const PER_PAGE = 12;

export function quality() {
  const found = data("quality");
  for (const root of document.querySelectorAll("[data-issue]")) {
    const { sheets, cards } = found[root.dataset.issue];
    gallery(root, { items: cards, render: (item) => card(item, sheets), perPage: PER_PAGE, layout: "compact" });
  }
}
