// The labels page: labels in doubt, which are confused, and what pictures look like.

import { card } from "./card.mjs";
import { deciding, dressed, isOpen, unsettled } from "./decide.mjs";
import { announce, data, el } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { number } from "./format.mjs";
import { gallery } from "./gallery.mjs";

export function labels() {
  const found = data("labels");
  deciding()?.ask(found.doubted);
  if (document.getElementById("gallery")) suspects(found);
  if (found.seen.length) looks(found);
}

function suspects(found) {
  const root = document.getElementById("gallery");
  const none = document.getElementById("none");
  const pair = document.getElementById("pair");
  const render = (item) => dressed(item, card(item, found.sheets, found.small));

  function show(items) {
    unsettled(root, items, (shown) => {
      root.hidden = !shown.length;
      if (shown.length) gallery(root, { items: shown, render, isOpen, keys: true });
    });
  }

  filters(document.getElementById("filters"), (name) => {
    pair.hidden = true;
    none.hidden = name !== "doubted" || found[name].length > 0;
    show(found[name]);
  });

  for (const button of document.querySelectorAll(".pair")) {
    button.addEventListener("click", () => {
      const { given, suggested } = button.dataset;
      const items = found.doubted.filter((item) => item.given === given && item.suggested === suggested);
      const all = el("button", { type: "button", class: "button", click: () => document.querySelector('[data-filter="doubted"]').click() }, "Show all in doubt");
      pair.replaceChildren(el("span", {}, `${number(items.length)} in doubt that have `, el("bdi", {}, given), " and look like ", el("bdi", {}, suggested)), all);
      pair.hidden = false;
      none.hidden = true;
      for (const filter of document.querySelectorAll("[data-filter]")) filter.setAttribute("aria-pressed", "false");
      show(items);
      document.getElementById("suspects").scrollIntoView({ block: "start" });
      announce(pair.textContent);
    });
  }
}

function looks({ seen, zero }) {
  const root = document.getElementById("looks");
  const cut = document.getElementById("looks-cut");
  const buttons = [...document.querySelectorAll("[data-seen]")];
  const render = (item) => dressed({ ...item, asks: false }, card(item, zero));

  function press(at) {
    for (const button of buttons) button.setAttribute("aria-pressed", String(Number(button.dataset.seen) === at));
    const { count, cards } = seen[at];
    cut.hidden = cards.length === count;
    cut.textContent = `The clearest ${number(cards.length)} of ${number(count)}.`;
    gallery(root, { items: cards, render, perPage: 24, layout: "dense" });
  }

  for (const button of buttons) button.addEventListener("click", () => press(Number(button.dataset.seen)));
  press(0);
}
