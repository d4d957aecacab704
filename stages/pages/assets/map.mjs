// The map: Bokeh draws the points. Which of them, in what colours and shapes, and which names find room is ours.

import { choose, nestedOrder } from "./detail.mjs";
import { NameTags } from "./map_names.mjs";
import { Painter } from "./painter.mjs";
import { appearance } from "./palette.mjs";
import { firstOf } from "./points.mjs";
import { within } from "./polygon.mjs";
import { hovering } from "./tip.mjs";

const MOST = 12000; // points drawn at once: as many as two cores without a graphics card move fluently
const SETTLED = 200; // ms without a move, after which other points are taken
const EVERYWHERE = { x0: -1e9, x1: 1e9, y0: -1e9, y1: 1e9 };
const FADED = 0.08;
const SOLID = 0.85;

/** Draw the map; resolves when it can be used. heard: { onPick(index or null), onName(code), onLasso(indices), onDrawn(counts) }. */
export async function drawMap(stage, item, points, heard) {
  const views = await Bokeh.embed.embed_item(item, "map");
  return new MapOfPoints(stage, views, Bokeh.documents[Bokeh.documents.length - 1], points, heard);
}

class MapOfPoints {
  constructor(stage, views, doc, points, { onPick, onName, onLasso, onDrawn }) {
    const model = (name) => doc.get_model_by_name(name);
    this.points = points;
    this.plot = model("map");
    this.source = model("points");
    this.onDrawn = onDrawn;
    this.ranges = [model("x_range"), model("y_range")];
    this.home = this.ranges.map(({ start, end }) => ({ start, end }));
    this.drawn = new Uint32Array(0);
    this.isChosen = null;
    this.painter = new Painter();
    const { glyph } = views.find_one(model("dots"));
    glyph._paint = (ctx, indices) => this.painter.paint(ctx, indices, glyph.sx, glyph.sy, this.source.data.look);
    this.order = nestedOrder(points.count, firstOf(points.modes[0] ?? { groups: [], codes: [] }).filter((i) => i >= 0));
    this.names = new NameTags(stage, model("names"), model("labels"), points, this.ranges);
    this.plot.on_event("selectiongeometry", ({ geometry, final }) => {
      if (geometry.type === "point") this.picked(geometry, onPick, onName);
      else if (final !== false) onLasso(within(points.x, points.y, geometry.x, geometry.y));
    });
    for (const range of this.ranges) range.change.connect(() => this.moved());
    hovering(stage, this.source, points, () => (this.settling ? [] : this.drawn));
  }

  picked({ sx, sy }, onPick, onName) {
    const found = this.source.selected.indices;
    const index = found.length ? this.drawn[found[found.length - 1]] : null;
    const named = this.names.codeAt(sx, sy);
    this.source.selected.indices = [];
    if (named !== null) onName(named);
    else onPick(index);
  }

  /** Names follow at once; points that come into view are drawn when the map comes to rest. */
  moved() {
    this.names.moved();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.settling = null;
      if (!this.isWhole) this.draw();
    }, SETTLED);
  }

  get isWhole() {
    return this.points.count <= MOST;
  }

  get view() {
    if (this.isWhole) return EVERYWHERE;
    const [x, y] = this.ranges;
    return { x0: x.start, x1: x.end, y0: y.start, y1: y.end };
  }

  /** Fade all points but these; none fades none. */
  select(indices) {
    this.isChosen = indices.length ? new Uint8Array(this.points.count) : null;
    for (const index of indices) this.isChosen[index] = 1;
    this.draw();
  }

  /** Take the colours of a mode and of the theme; `draw` shows them. */
  dress(mode) {
    this.looks = appearance(mode, this.points);
    this.painter.dress(this.looks.looks, SOLID, FADED);
    this.names.dress(mode);
  }

  /** Hand Bokeh the points of this view. */
  draw() {
    if (!this.looks) return;
    const { order, isChosen, view } = this;
    const { x, y } = this.points;
    const { drawn, inView, shown } = choose({ order, x, y, view, most: MOST, isChosen });
    this.drawn = drawn;
    this.source.selected.indices = [];
    this.source.inspected.indices = [];
    this.source.data = this.columns(drawn);
    this.onDrawn({ shown, inView, all: this.points.count });
  }

  /** Where Bokeh has the points, by which it knows what is under the pointer; look: how the painter stamps each. */
  columns(drawn) {
    const { kindOf } = this.looks;
    const n = drawn.length;
    const [x, y] = [new Float32Array(n), new Float32Array(n)];
    const [index, look] = [new Int32Array(drawn), new Uint16Array(n)];
    for (let at = 0; at < n; at += 1) {
      const i = drawn[at];
      x[at] = this.points.x[i];
      y[at] = this.points.y[i];
      look[at] = 2 * kindOf(i) + (this.isChosen !== null && !this.isChosen[i]);
    }
    return { x, y, index, look };
  }

  tool(name) {
    for (const tool of this.plot.toolbar.tools) if (["pan", "lasso"].includes(tool.name)) tool.active = tool.name === name;
  }

  zoom(factor) {
    for (const range of this.ranges) {
      const middle = (range.start + range.end) / 2;
      const half = ((range.end - range.start) / 2) * factor;
      range.setv({ start: middle - half, end: middle + half });
    }
  }

  pan(dx, dy) {
    [dx, dy].forEach((share, i) => {
      const { start, end } = this.ranges[i];
      const by = (end - start) * share;
      this.ranges[i].setv({ start: start + by, end: end + by });
    });
  }

  reset() {
    this.ranges.forEach((range, i) => range.setv(this.home[i]));
  }
}
