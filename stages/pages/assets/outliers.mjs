// The outliers page: flagged ones, or the next strangest.

import { card } from "./card.mjs";
import { deciding, dressed, isOpen, unsettled } from "./decide.mjs";
import { data } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { gallery } from "./gallery.mjs";

export function outliers() {
  const found = data("outliers");
  const root = document.getElementById("gallery");
  const none = document.getElementById("none");
  const render = (item) => dressed(item, card(item, found.sheets, found.small));
  deciding()?.ask(found.flagged);
  filters(document.getElementById("filters"), (name) => {
    none.hidden = name !== "flagged" || found[name].length > 0;
    unsettled(root, found[name], (items) => {
      root.hidden = !items.length;
      if (items.length) gallery(root, { items, render, isOpen, keys: true });
    });
  });
}
