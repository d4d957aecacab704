// The outliers page: flagged ones, or the next strangest.

import { card } from "./card.mjs";
import { data } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { gallery } from "./gallery.mjs";

export function outliers() {
  const found = data("outliers");
  const root = document.getElementById("gallery");
  const none = document.getElementById("none");
  filters(document.getElementById("filters"), (name) => {
    const items = found[name];
    none.hidden = name !== "flagged" || items.length > 0;
    root.hidden = !items.length;
    if (items.length) gallery(root, { items, render: (item) => card(item, found.sheets, found.small), keys: true });
  });
}
