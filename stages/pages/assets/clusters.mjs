// The clusters page: the map, the list of groups beside it, and the members of the chosen one below.

import { nameOf, tags } from "./card.mjs";
import { chosenTools, itemAt } from "./chosen.mjs";
import { copyButton } from "./copy.mjs";
import { dressed, isOpen } from "./decide.mjs";
import { announce, data, el, unturned } from "./dom.mjs";
import { number, plural } from "./format.mjs";
import { gallery } from "./gallery.mjs";
import { noteOn, pressRow, showGroups, showScale } from "./legend.mjs";
import { drawMap } from "./map.mjs";
import { keys, toolButtons } from "./map_tools.mjs";
import { membersOf, Points } from "./points.mjs";
import { thumb } from "./thumb.mjs";

const SCORE = { key: "score", title: "Outlier score", groups: [], codes: [] };

export async function clusters() {
  const told = data("clusters");
  if (!told.count) return;
  const page = new ClustersPage(new Points(told), document.getElementById("stage"));
  await page.start();
}

class ClustersPage {
  constructor(points, stage) {
    this.points = points;
    this.stage = stage;
    this.modes = [...points.modes, SCORE];
    this.mode = this.modes[0];
    this.select = document.getElementById("colour");
    this.list = document.getElementById("groups");
    this.select.replaceChildren(...this.modes.map(({ key, title }) => el("option", { value: key }, title)));
  }

  async start() {
    const { points, stage } = this;
    this.map = await drawMap(stage, data("map"), points, {
      onPick: (index) => (index === null || this.mode === SCORE ? this.clear() : this.choose(this.mode.codes[index])),
      onName: (code) => this.choose(code),
      onLasso: (indices) => this.lassoed(indices),
      onDrawn,
    });
    this.listen();
    this.paint(this.modes[0]);
    stage.dataset.drawn = "true";
    await painted();
    points.add(await loaded(stage.dataset.items));
    this.tools = chosenTools(document.getElementById("chosen"), points);
    this.tell();
    this.fromAddress();
    stage.dataset.ready = "true";
  }

  listen() {
    this.select.addEventListener("change", () => this.paint(this.modes.find(({ key }) => key === this.select.value)));
    toolButtons(this.map);
    keys(this.stage, this.map);
    window.addEventListener("winnow:theme", () => {
      this.map.dress(this.mode);
      this.map.draw();
    });
    window.addEventListener("hashchange", () => this.fromAddress());
  }

  paint(wanted) {
    this.mode = wanted;
    this.select.value = wanted.key;
    document.getElementById("legend-title").textContent = wanted.key === "cluster" ? "Clusters" : wanted.title;
    document.getElementById("legend-note").textContent = noteOn(wanted);
    if (wanted === SCORE) showScale(this.list);
    else showGroups(this.list, wanted, this.points.sheets, (code) => this.choose(code));
    this.map.dress(wanted);
    this.clear();
  }

  choose(code) {
    const { name, found, anchor } = this.mode.groups[code];
    pressRow(this.list, code);
    const indices = membersOf(this.mode, code);
    this.showChosen(name, indices, found);
    if (anchor) history.replaceState(null, "", `#${anchor}`);
  }

  lassoed(indices) {
    pressRow(this.list, null);
    if (indices.length) this.showChosen("Your selection", indices);
    else this.clear();
  }

  /** A part of the images, with what can be done with all of it. */
  showChosen(title, indices, found = "") {
    this.map.select(indices);
    this.shown = { title, indices, found, chosen: indices };
    this.tell();
  }

  clear() {
    const { points } = this;
    const isScore = this.mode === SCORE;
    pressRow(this.list, null);
    this.map.select([]);
    this.shown = { title: isScore ? "Highest outlier scores" : "All images", indices: isScore ? byScore(points) : all(points), found: "", chosen: [] };
    this.tell();
  }

  /** Show the images below the map, as soon as they have names. */
  tell() {
    const { points, mode, tools } = this;
    if (!points.items) return;
    const { title, indices, found, chosen } = this.shown;
    tools(chosen);
    document.getElementById("members-title").textContent = unturned(title);
    document.getElementById("members-note").textContent = `${plural(indices.length, "image")}. ${order(mode, title)}${found ? ` ${found[0].toUpperCase()}${found.slice(1)}.` : ""}`;
    const own = {
      render: (i) => dressed(itemAt(points, i), member(points, i)),
      idsOf: (i) => [points.id(i)],
      isOpen: (i) => isOpen(itemAt(points, i)),
    };
    gallery(document.getElementById("members"), { items: indices, ...own, layout: "dense", keys: true });
    announce(`${title}: ${plural(indices.length, "image")}`);
  }

  /** The group that the address names: a cluster by its key, or by its number, as it was in this run. */
  fromAddress() {
    const wanted = location.hash.slice(1);
    if (!wanted) return;
    const named = ({ anchor, older }) => anchor === wanted || older === wanted;
    const found = this.modes.find(({ groups }) => groups.some(named));
    if (found) {
      if (this.mode !== found) this.paint(found);
      this.choose(found.groups.findIndex(named));
    } else if (wanted.startsWith("cluster-")) {
      document.getElementById("members-note").textContent = "The cluster of this link is no more: its images changed. These are all images.";
    } else return;
    document.getElementById("members-section").scrollIntoView({ block: "start" });
  }
}

/** Say how many points are drawn, where it is not all of them. */
function onDrawn({ shown, inView, all }) {
  const node = document.getElementById("drawn");
  const of = inView < all ? `${number(inView)} images in view` : `${number(all)} images`;
  node.hidden = shown === inView;
  node.textContent = `${number(shown)} of ${of} drawn; zoom in to see all`;
}

/** After the browser has shown what was drawn. */
function painted() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** The second data script: what names the images. */
function loaded(source) {
  return new Promise((resolve, reject) => {
    const script = el("script", { src: source, load: () => resolve(data("items")), error: () => reject(new Error(`${source} is not there`)) });
    document.head.append(script);
  });
}

function order({ key }, title) {
  if (title === "Highest outlier scores") return "The strangest first.";
  const isOne = key === "cluster" && title !== "All images" && title !== "Your selection";
  return isOne ? "The most typical first." : "Grouped by cluster, the most typical first.";
}

function all({ count }) {
  return Array.from({ length: count }, (_, i) => i);
}

function byScore({ score }) {
  return Array.from(score, (_, i) => i).sort((a, b) => score[b] - score[a] || a - b);
}

function member(points, i) {
  const path = points.path(i);
  const [name, file] = [path, points.file(i)].map((each) => nameOf({ path: each, frame: points.frame(i), time: points.time(i) }));
  const label = points.label(i);
  const found = [];
  if (points.isMedoid(i)) found.push({ kind: "keeper", text: "Most typical" });
  if (points.isRemoved(i)) found.push({ kind: "removed", text: "Removed" });
  if (points.isOutlier(i)) found.push({ kind: "flagged", text: "Outlier" });
  return el(
    "li",
    { class: "card", "data-id": points.id(i), "aria-label": name },
    thumb(points.place(i), points.sheets, ""),
    el(
      "div",
      { class: "body" },
      el("div", { class: "name" }, el("bdi", { class: "path", title: name }, file), copyButton(path)),
      tags(found),
      label ? el("dl", { class: "facts" }, el("div", {}, el("dt", {}, "Label"), el("dd", {}, el("bdi", {}, label)))) : null,
    ),
  );
}
