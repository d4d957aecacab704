// The page that compares two versions: the images that changed, one kind of change at a time.

import { card } from "./card.mjs";
import { data, el } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { gallery } from "./gallery.mjs";
import { thumb } from "./thumb.mjs";

const buttons = document.getElementById("filters");

if (buttons) {
  const { sheets, cards } = data("compare");
  const shown = document.getElementById("shown");
  filters(buttons, (name) => {
    const items = cards.filter(({ kinds }) => kinds.includes(name));
    shown.textContent = buttons.querySelector(`[data-filter="${name}"]`).dataset.shown ?? "";
    gallery(document.getElementById("gallery"), { items, render: (item) => changed(item, sheets), keys: true });
  });
}

/** A card; where the picture itself changed, the former one stands beside the present. */
function changed(item, sheets) {
  const node = card(item, sheets);
  if (item.was) {
    const sides = [["Before", item.was], ["After", item.place]];
    node.firstElementChild.replaceWith(
      el("div", { class: "beside" }, sides.map(([name, place]) => el("figure", {}, thumb(place, sheets, ""), el("figcaption", {}, name)))),
    );
  }
  return node;
}
