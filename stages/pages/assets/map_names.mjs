// The clusters' names on the map: those that find room, the largest clusters first. Of the others the number, by which
// the list beside the map has them, where that finds room; zooming in shows more.

import { hit, layOutEither, shorten } from "./labels_layout.mjs";
import { resolve } from "./palette.mjs";
import { firstOf } from "./points.mjs";

const FONT = "bold 13px system-ui, sans-serif"; // as scatter.py asks for it
const PADDING = 4;
const HEIGHT = 24;
const ABOVE = 6; // between a point and the foot of its name

export class NameTags {
  constructor(stage, source, renderer, points, ranges) {
    Object.assign(this, { stage, source, renderer, points, ranges });
    this.tags = tagsOf(points);
    this.placed = [];
    this.told = "";
    this.room = { width: stage.clientWidth, height: stage.clientHeight };
    new ResizeObserver(() => this.resized()).observe(stage);
  }

  resized() {
    this.room = { width: this.stage.clientWidth, height: this.stage.clientHeight };
    this.moved();
  }

  /** In the colours of the theme; only where the map shows clusters. */
  dress({ key }) {
    const [text, surface] = resolve(["var(--text)", "var(--surface)"]).map((rgb) => `rgb(${rgb.join(",")})`);
    this.renderer.glyph.setv({ text_color: { value: text }, background_fill_color: { value: surface } });
    this.renderer.visible = key === "cluster";
    this.moved();
  }

  /** Both ranges change at a move; lay the names out once for both, before the next frame. */
  moved() {
    this.waiting ??= Promise.resolve().then(() => {
      this.waiting = null;
      if (this.renderer.visible) this.layOut();
    });
  }

  layOut() {
    const [across, up] = this.ranges;
    const { width, height } = this.room;
    const scales = [width / (across.end - across.start), height / (up.end - up.start)];
    const boxes = this.tags.map((tag) => ({ x: (tag.x - across.start) * scales[0], y: height - (tag.y - up.start) * scales[1], width: tag.width, short: tag.short, height: HEIGHT }));
    this.placed = layOutEither(boxes, this.room).map((box) => ({ ...box, text: this.tags[box.at][box.isShort ? "number" : "text"] }));
    const told = this.placed.map(({ at, text, dx, dy }) => `${at} ${text} ${Math.round(dx)} ${Math.round(dy)}`).join();
    if (told === this.told) return;
    this.told = told;
    const shown = this.placed.map(({ at, text, dx, dy }) => ({ ...this.tags[at], text, dx, dy: dy - ABOVE }));
    this.source.data = Object.fromEntries(["x", "y", "text", "dx", "dy"].map((name) => [name, shown.map((tag) => tag[name])]));
  }

  /** The group whose name is at a place of the stage; null where none is. */
  codeAt(x, y) {
    const at = this.renderer.visible ? hit(this.placed, x, y) : -1;
    return at < 0 ? null : this.tags[at].code;
  }
}

/** A tag a cluster, the largest first: its text, how wide it is, and the point that it names. */
function tagsOf(points) {
  const mode = points.mode("cluster");
  if (!mode) return [];
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = FONT;
  const first = firstOf(mode);
  const named = [...mode.groups.keys()].filter((code) => code > 0 && first[code] >= 0);
  named.sort((a, b) => mode.groups[b].size - mode.groups[a].size || a - b);
  return named.map((code) => {
    const [text, number] = [shorten(mode.groups[code].label), String(mode.groups[code].value)];
    const [width, short] = [text, number].map((one) => Math.ceil(pen.measureText(one).width) + 2 * PADDING);
    return { code, text, number, width, short, x: points.x[first[code]], y: points.y[first[code]] };
  });
}
