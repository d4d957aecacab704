// The duplicates page: a block a group, its copies side by side.

import { card, tag } from "./card.mjs";
import { deciding, dressed, isOpen, unsettled } from "./decide.mjs";
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
  deciding()?.ask(found.groups.flatMap(asking));
  filters(document.getElementById("filters"), (name) => {
    const chosen = found.groups.filter(KINDS[name]);
    none.hidden = chosen.length > 0;
    const show = (items) => {
      root.hidden = !items.length;
      if (items.length) gallery(root, { items, render: (item) => group(item, found.sheets), idsOf, isOpen: asks, perPage: PER_PAGE, layout: "as-groups", noun: "groups", keys: true });
    };
    unsettled(root, chosen, show, "group", isSettled);
  });
}

/** The cards of a group that ask for a word: most copies go by rule. */
function asking({ cards }) {
  return cards.filter((item) => item.asks);
}

function asks(item) {
  return asking(item).some(isOpen);
}

/** Whether all that asked was decided on, and the report follows it. */
function isSettled(item) {
  const found = asking(item);
  return found.length > 0 && found.every((one) => deciding()?.isSettled(one));
}

function idsOf({ cards }) {
  return cards.map(({ id }) => id);
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
    el("ol", { class: "cards" }, item.cards.map((found) => dressed(found, card(found, sheets)))),
    item.more ? el("p", { class: "muted small" }, `and ${plural(item.more, "more copy", "more copies")}, listed in data/export/removed.csv if removed`) : null,
  );
}
