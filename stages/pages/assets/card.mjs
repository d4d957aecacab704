// One card. The words come from the data; here they are only laid out.

import { el, icon } from "./dom.mjs";
import { thumb } from "./thumb.mjs";
import { copyButton } from "./copy.mjs";

const ICONS = { kept: "check", removed: "minus", flagged: "flag", keeper: "star", leak: "leak", conflict: "conflict", unstable: "wave" };

/** sheets: of the picture; small: of the neighbours' pictures. */
export function card(item, sheets, small = []) {
  const name = nameOf(item);
  return el(
    "li",
    { class: item.keeper ? "card keeper" : "card", "data-id": item.id, "aria-label": item.rank ? `Rank ${item.rank}: ${name}` : name },
    thumb(item.place, sheets, ""),
    item.rank ? el("span", { class: "rank", "aria-hidden": "true" }, String(item.rank)) : null,
    item.keeper ? el("span", { class: "badge" }, icon("star"), "Keeper") : null,
    item.rank ? meter(item.meter ?? item.score) : null,
    el(
      "div",
      { class: "body" },
      el("div", { class: "name" }, el("bdi", { class: "path", title: name }, breakable(name)), copyButton(item.path)),
      tags(item.tags.filter(({ kind }) => kind !== "keeper")),
      item.differences?.length ? el("ul", { class: "differences" }, item.differences.map((text) => el("li", {}, text))) : null,
      facts(item.facts),
      item.why && item.why !== item.text ? el("p", { class: "text why" }, firm(item.why)) : null,
      item.text ? el("p", { class: "text" }, firm(item.text)) : null,
      item.neighbors?.length ? nearest(item.neighbors, small) : null,
    ),
  );
}

/** What an item is called: its path, and which frame of a video it is, or when it is shown. */
export function nameOf({ path, frame, time }) {
  if (frame === null || frame === undefined) return path;
  return time ? `${path}, at ${time}` : `${path}, frame ${frame}`;
}

/** A number stays with its percent sign where the line breaks. */
function firm(text) {
  return text.replaceAll(" %", "\u00a0%");
}

/** A path that breaks after its folders, before it breaks anywhere. */
function breakable(path) {
  return path.split(/(?<=\/)/).flatMap((part) => [part, el("wbr")]);
}

export function tags(list) {
  return list.length ? el("div", { class: "tags" }, list.map(({ kind, text }) => tag(kind, text))) : null;
}

export function tag(kind, text) {
  return el("span", { class: `tag ${kind}` }, ICONS[kind] ? icon(ICONS[kind]) : null, text);
}

function facts(list) {
  if (!list.length) return null;
  const rows = list.map(([name, value, link]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, link ? el("a", { href: link }, value) : el("bdi", {}, value))),
  );
  return el("dl", { class: "facts" }, rows);
}

/** How suspect it is: full for the most. */
function meter(score) {
  return el("div", { class: "meter", "aria-hidden": "true" }, el("span", { style: { width: `${100 * score}%` } }));
}

function nearest(list, sheets) {
  const items = list.map(({ place, label, ...one }) =>
    el("li", { title: nameOf(one) }, thumb(place, sheets, nameOf(one)), label ? el("bdi", { class: "called", title: label }, label) : null),
  );
  return el("div", { class: "nearest" }, el("p", {}, "The nearest images to it"), el("ul", {}, items));
}
