// The clusters page: the map, the list of groups beside it, and the members of the chosen one below.

import { chosenTools, itemAt } from "./chosen.mjs";
import { dressed, isOpen } from "./decide.mjs";
import { announce, data, drawing, el, icon } from "./dom.mjs";
import { number, plural } from "./format.mjs";
import { gallery } from "./gallery.mjs";
import { drawMap } from "./map.mjs";
import { tags } from "./card.mjs";
import { copyButton } from "./copy.mjs";
import { look, outline, SHOWN } from "./palette.mjs";
import { thumb } from "./thumb.mjs";

const SCORE = { key: "score", title: "Outlier score", groups: [], codes: [] };

export async function clusters() {
  const points = data("clusters");
  const stage = document.getElementById("stage");
  if (!points.ids.length) return;
  const modes = [...points.modes, SCORE];
  const select = document.getElementById("colour");
  select.replaceChildren(...modes.map(({ key, title }) => el("option", { value: key }, title)));
  let mode = modes[0];
  let chosen = null;

  const map = await drawMap(stage, data("map"), points, {
    onPick: (index) => (index === null || mode === SCORE ? clear() : choose(mode.codes[index])),
    onLasso: (indices) => (indices.length ? showChosen("Your selection", indices) : clear()),
  });
  const list = document.getElementById("groups");
  const offer = chosenTools(document.getElementById("chosen"), points);

  function paint(wanted) {
    mode = wanted;
    select.value = mode.key;
    map.paint(mode);
    document.getElementById("legend-title").textContent = mode.key === "cluster" ? "Clusters" : mode.title;
    document.getElementById("legend-note").textContent = note(mode);
    list.replaceChildren(...(mode === SCORE ? [scale()] : rows(mode, points, choose)));
    clear();
  }

  function choose(code) {
    chosen = code;
    press();
    const indices = [];
    mode.codes.forEach((found, i) => found === code && indices.push(i));
    map.select(indices);
    showChosen(mode.groups[code].name, indices, mode.groups[code].found);
    if (mode.groups[code].anchor) history.replaceState(null, "", `#${mode.groups[code].anchor}`);
  }

  function clear() {
    chosen = null;
    press();
    map.select([]);
    offer([]);
    if (mode === SCORE) showMembers("Highest outlier scores", byScore(points));
    else if (mode.groups.length > 1) showMembers("All images", points.ids.map((_, i) => i));
  }

  function press() {
    for (const row of list.querySelectorAll("[data-code]")) row.setAttribute("aria-pressed", String(Number(row.dataset.code) === chosen));
  }

  /** A part of the images, with what can be done with all of it. */
  function showChosen(title, indices, found) {
    offer(indices);
    showMembers(title, indices, found);
  }

  function showMembers(title, indices, found = "") {
    document.getElementById("members-title").textContent = title;
    document.getElementById("members-note").textContent = `${plural(indices.length, "image")}. ${order(mode, title)}${found ? ` ${found[0].toUpperCase()}${found.slice(1)}.` : ""}`;
    const own = {
      render: (i) => dressed(itemAt(points, i), member(points, i)),
      idsOf: (i) => [points.ids[i]],
      isOpen: (i) => isOpen(itemAt(points, i)),
    };
    gallery(document.getElementById("members"), { items: indices, ...own, layout: "dense", keys: true });
    announce(`${title}: ${plural(indices.length, "image")}`);
  }

  function fromAddress() {
    const named = ({ anchor }) => anchor && anchor === location.hash.slice(1);
    const found = modes.find(({ groups }) => groups.some(named));
    if (!found) return;
    if (mode !== found) paint(found);
    choose(found.groups.findIndex(named));
    document.getElementById("members-section").scrollIntoView({ block: "start" });
  }

  select.addEventListener("change", () => paint(modes.find(({ key }) => key === select.value)));
  buttons(map);
  keys(stage, map);
  window.addEventListener("winnow:theme", () => map.paint(mode));
  window.addEventListener("hashchange", fromAddress);
  paint(modes[0]);
  fromAddress();
  stage.dataset.ready = "true";
}

function note({ key, groups }) {
  if (key === "score") return "From usual to strange. Flagged outliers are diamonds.";
  const hidden = groups.length - 1 - SHOWN;
  const grey = hidden > 0 ? ` The smallest ${number(hidden)} are drawn grey.` : "";
  return `Choose one to see its images.${grey}`;
}

function order({ key }, title) {
  if (title === "Highest outlier scores") return "The strangest first.";
  return key === "cluster" && title !== "All images" ? "The most typical first." : "Grouped by cluster, the most typical first.";
}

function rows(mode, points, choose) {
  const [neutral, ...codes] = mode.groups.keys();
  return [...codes, neutral].flatMap((code) => {
    const group = mode.groups[code];
    if (!group.size) return [];
    const { colour, shape } = look(code);
    const medoid = mode.key === "cluster" ? mode.codes.indexOf(code) : -1;
    const row = el(
      "button",
      { type: "button", class: medoid < 0 ? "legend-row plain" : "legend-row", "data-code": code, "aria-pressed": "false", click: () => choose(code) },
      drawing(outline(shape), colour),
      medoid < 0 ? null : thumb(points.places[medoid], points.sheets, ""),
      el("span", { class: "what" }, el("bdi", {}, group.name), group.note ? el("span", { class: "note" }, group.note) : null, group.unstable ? unstable(group) : null),
      el("span", { class: "count" }, number(group.size), el("span", { class: "visually-hidden" }, " images")),
    );
    return [el("li", {}, row)];
  });
}

function unstable({ found }) {
  return el("span", { class: "tag unstable" }, icon("wave"), `Unstable: ${found}`);
}

function scale() {
  return el("li", { class: "scale" }, el("i"), el("div", {}, el("span", {}, "0 close to others"), el("span", {}, "0.5 usual"), el("span", {}, "1 strange")));
}

function byScore({ score }) {
  return score.map((_, i) => i).sort((a, b) => score[b] - score[a] || a - b);
}

function member(points, index) {
  const path = points.paths[index];
  const file = path.slice(path.lastIndexOf("/") + 1);
  const found = [];
  if (points.medoid[index]) found.push({ kind: "keeper", text: "Most typical" });
  if (points.removed[index]) found.push({ kind: "removed", text: "Removed" });
  if (points.outlier[index]) found.push({ kind: "flagged", text: "Outlier" });
  return el(
    "li",
    { class: "card", "data-id": points.ids[index], "aria-label": path },
    thumb(points.places[index], points.sheets, ""),
    el(
      "div",
      { class: "body" },
      el("div", { class: "name" }, el("bdi", { class: "path", title: path }, file), copyButton(path)),
      tags(found),
    ),
  );
}

function buttons(map) {
  const actions = {
    pan: () => map.tool("pan"),
    lasso: () => map.tool("lasso"),
    in: () => map.zoom(0.7),
    out: () => map.zoom(1 / 0.7),
    reset: () => map.reset(),
  };
  const found = [...document.querySelectorAll("[data-tool]")];
  for (const button of found) {
    button.addEventListener("click", () => {
      actions[button.dataset.tool]();
      if (!button.hasAttribute("aria-pressed")) return;
      for (const other of found) if (other.hasAttribute("aria-pressed")) other.setAttribute("aria-pressed", String(other === button));
    });
  }
}

/** The focused map follows the arrow keys, plus, minus and 0. */
function keys(stage, map) {
  const actions = {
    ArrowLeft: () => map.pan(-0.1, 0),
    ArrowRight: () => map.pan(0.1, 0),
    ArrowUp: () => map.pan(0, 0.1),
    ArrowDown: () => map.pan(0, -0.1),
    "+": () => map.zoom(0.8),
    "=": () => map.zoom(0.8),
    "-": () => map.zoom(1.25),
    0: () => map.reset(),
  };
  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey || !(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  });
}
