// The duplicates page: a block a group, its copies side by side.

import { card, tag } from "./card.mjs";
import { data, el } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { plural } from "./format.mjs";
import { gallery } from "./gallery.mjs";

const PER_PAGE = 16;

const KINDS = {
  all: () => true,
  leaks: ({ leak }) => leak,
  conflicts: ({ conflict }) => conflict,
  exact: ({ kinds }) => kinds.includes("exact"),
  near: ({ kinds }) => kinds.includes("near"),
};

export function duplicates() {
  const found = data("duplicates");
  const root = document.getElementById("gallery");
  if (!root) return; // the page says that there are none
  const none = document.getElementById("none");
  filters(document.getElementById("filters"), (name) => {
    const items = found.groups.filter(KINDS[name]);
    none.hidden = items.length > 0;
    root.hidden = !items.length;
    if (items.length) gallery(root, { items, render: (item) => group(item, found.sheets), perPage: PER_PAGE, layout: "as-groups", noun: "groups", keys: true });
  });
}

function group(item, sheets) {
  const marks = [];
  if (item.leak) marks.push(tag("leak", "Copies in different splits"));
  if (item.conflict) marks.push(tag("conflict", "Labels differ"));
  return el(
    "li",
    { class: item.cards.length > 2 ? "group panel wide" : "group panel" },
    el("div", { class: "group-head" }, el("h3", {}, item.title), marks),
    item.reason ? el("p", { class: "reason" }, `Why this keeper: ${item.reason}`) : null,
    el("ol", { class: "cards" }, item.cards.map((found) => card(found, sheets))),
    item.more ? el("p", { class: "muted small" }, `and ${plural(item.more, "more copy", "more copies")}, listed in data/export/removed.csv if removed`) : null,
  );
}
