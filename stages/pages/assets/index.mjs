// The overview: only the decided images need a script.

import { card } from "./card.mjs";
import { dressed, isOpen } from "./decide.mjs";
import { data } from "./dom.mjs";
import { gallery } from "./gallery.mjs";

export function index() {
  const { sheets, decisions } = data("index");
  const root = document.getElementById("decided");
  if (root) gallery(root, { items: decisions, render: (item) => dressed(item, card(item, sheets)), isOpen, perPage: 12, layout: "compact" });
}
