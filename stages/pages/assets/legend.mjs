// The list beside the map: a row a group, which chooses it.

import { drawing, el, icon } from "./dom.mjs";
import { number, plural } from "./format.mjs";
import { look, outline, SHOWN } from "./palette.mjs";
import { thumb } from "./thumb.mjs";

const AT_ONCE = 120; // rows; thousands at once would take longer than the map

/** Fill `list` with the groups of a mode. choose(code): what a click does. */
export function showGroups(list, mode, sheets, choose) {
  const [neutral, ...codes] = mode.groups.keys();
  const waiting = [...codes, neutral].filter((code) => mode.groups[code].size);
  const more = el("button", { type: "button", class: "button more", click: grow });

  function grow() {
    const next = waiting.splice(0, AT_ONCE).map((code) => el("li", {}, row(mode, code, sheets, choose)));
    const isAsked = more.isConnected;
    more.parentElement?.remove();
    more.textContent = `Show ${plural(Math.min(waiting.length, AT_ONCE), "more group")}`;
    list.append(...next, ...(waiting.length ? [el("li", {}, more)] : []));
    if (isAsked) next[0].firstElementChild.focus();
  }

  list.replaceChildren();
  grow();
}

/** Mark the row of the chosen group. */
export function pressRow(list, chosen) {
  for (const button of list.querySelectorAll("[data-code]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.code) === chosen));
  }
}

/** The colours of the outlier scores. */
export function showScale(list) {
  const ends = ["0 close to others", "0.5 usual", "1 strange"].map((text) => el("span", {}, text));
  list.replaceChildren(el("li", { class: "scale" }, el("i"), el("div", {}, ends)));
}

/** What the list says of itself. */
export function noteOn({ key, groups }) {
  if (key === "score") return "From usual to strange. Flagged outliers are diamonds.";
  const hidden = groups.length - 1 - SHOWN;
  const grey = hidden > 0 ? ` The smallest ${number(hidden)} are drawn grey.` : "";
  const guess = groups.some((group) => group.guess) ? " Names marked as a guess say what the encoder sees; the others come from your labels." : "";
  return `Choose one to see its images.${grey}${guess}`;
}

function row({ key, groups }, code, sheets, choose) {
  const group = groups[code];
  const { colour, shape } = look(code);
  const isShown = key === "cluster" && code > 0;
  return el(
    "button",
    { type: "button", class: isShown ? "legend-row" : "legend-row plain", "data-code": code, "aria-pressed": "false", click: () => choose(code) },
    drawing(outline(shape), colour),
    isShown ? thumb(group.place, sheets, "") : null,
    el("span", { class: "what" }, el("bdi", {}, group.name), group.note ? el("bdi", { class: "note" }, group.note) : null, marks(group)),
    el("span", { class: "count" }, number(group.size), el("span", { class: "visually-hidden" }, " images")),
  );
}

function marks({ guess, unstable, found }) {
  return [
    guess ? el("span", { class: "tag guess", title: "No label says so: of all names that the encoder knows, this one sets the cluster apart best" }, "Name is a guess") : null,
    unstable ? el("span", { class: "tag unstable" }, icon("wave"), `Unstable: ${found}`) : null,
  ].filter(Boolean);
}
