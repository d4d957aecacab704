// The map: Bokeh draws the points; colours, shapes and the thumbnail under the pointer are ours.

import { el } from "./dom.mjs";
import { mix, look, resolve } from "./palette.mjs";
import { thumb } from "./thumb.mjs";

const SOLID = 0.85;
const FADED = 0.08;
const SEQUENCE = [1, 2, 3, 4, 5].map((step) => `var(--seq-${step})`);

/** Draw the map and return its handles: paint(mode), select(indices), tool(name), zoom(factor), pan(dx, dy), reset(). */
export async function drawMap(stage, item, points, { onPick, onLasso }) {
  await Bokeh.embed.embed_item(item, "map");
  const doc = Bokeh.documents[Bokeh.documents.length - 1];
  const model = (name) => doc.get_model_by_name(name);
  const plot = model("map");
  const source = model("points");
  const dots = model("dots");
  const ranges = [model("x_range"), model("y_range")];
  const home = ranges.map(({ start, end }) => ({ start, end }));
  hover(stage, source, points);

  plot.on_event("selectiongeometry", ({ geometry, final }) => {
    const indices = [...source.selected.indices];
    if (geometry.type === "point") onPick(indices.length ? indices[indices.length - 1] : null);
    else if (final !== false) {
      onLasso(indices);
      select(indices);
    }
  });

  const column = (name) => (source.data instanceof Map ? source.data.get(name) : source.data[name]);
  const [x, y] = [column("x"), column("y")];
  let drawn = {};
  let chosen = [];

  /** Fade all points but these; none fades none. Bokeh's own selection mixes up the shapes of the points in WebGL. */
  function select(indices) {
    chosen = indices;
    const alpha = points.ids.map(() => (indices.length ? FADED : SOLID));
    for (const index of indices) alpha[index] = SOLID;
    source.selected.indices = [];
    source.data = { x, y, alpha, ...drawn };
  }

  return {
    select,
    paint(mode) {
      const { colours, shapes, sizes, widths } = looks(mode, points);
      drawn = { colour: colours, shape: shapes, size: sizes, width: widths };
      select(chosen);
      for (const glyph of [dots.glyph, dots.selection_glyph, dots.nonselection_glyph]) {
        glyph.setv({
          fill_color: { field: "colour" },
          line_color: { field: "colour" },
          marker: { field: "shape" },
          size: { field: "size" },
          line_width: { field: "width" },
        });
      }
      dots.glyph.setv({ fill_alpha: { field: "alpha" }, line_alpha: { field: "alpha" } });
      names(model("labels"), mode.key === "cluster");
    },
    tool(name) {
      const gesture = plot.toolbar;
      for (const tool of gesture.tools) if (["pan", "lasso"].includes(tool.name)) tool.active = tool.name === name;
    },
    zoom(factor) {
      for (const range of ranges) {
        const middle = (range.start + range.end) / 2;
        const half = ((range.end - range.start) / 2) * factor;
        range.setv({ start: middle - half, end: middle + half });
      }
    },
    pan(dx, dy) {
      [dx, dy].forEach((share, i) => {
        const by = (ranges[i].end - ranges[i].start) * share;
        ranges[i].setv({ start: ranges[i].start + by, end: ranges[i].end + by });
      });
    },
    reset() {
      ranges.forEach((range, i) => range.setv(home[i]));
    },
  };
}

/** Colour, shape and size of every point. */
function looks(mode, points) {
  const rgb = ([r, g, b]) => `rgb(${r}, ${g}, ${b})`;
  if (mode.key === "score") {
    const stops = resolve(SEQUENCE);
    return {
      colours: points.score.map((score) => mix(stops, score)),
      shapes: points.outlier.map((flagged) => (flagged ? "diamond" : "circle")),
      sizes: points.outlier.map((flagged) => (flagged ? 11 : 7)),
      widths: points.outlier.map(() => 0.5),
    };
  }
  const kinds = mode.groups.map((_, code) => look(code));
  const colours = resolve(kinds.map(({ colour }) => colour)).map(rgb);
  return {
    colours: mode.codes.map((code) => colours[code]),
    shapes: mode.codes.map((code) => kinds[code].shape),
    sizes: mode.codes.map((code) => (kinds[code].shape === "x" ? 7 : 8)),
    widths: mode.codes.map((code) => (kinds[code].shape === "x" ? 1.5 : 0.5)),
  };
}

function names(renderer, visible) {
  const [[text], [surface]] = [resolve(["var(--text)"]), resolve(["var(--surface)"])];
  renderer.glyph.setv({
    text_color: { value: `rgb(${text.join(",")})` },
    background_fill_color: { value: `rgb(${surface.join(",")})` },
  });
  renderer.visible = visible;
}

/** The thumbnail under the pointer. Its words are in the list and the members too, for those who use no pointer. */
function hover(stage, source, points) {
  const tip = el("div", { class: "map-tip", "aria-hidden": "true", hidden: true });
  stage.append(tip);
  let shown = -1;
  let at = [0, 0];
  const place = () => {
    const room = stage.getBoundingClientRect();
    const left = at[0] + 18 + tip.offsetWidth > room.width ? at[0] - 18 - tip.offsetWidth : at[0] + 18;
    tip.style.left = `${Math.max(0, left)}px`;
    tip.style.top = `${Math.min(Math.max(0, at[1] - 40), Math.max(0, room.height - tip.offsetHeight))}px`;
  };
  stage.addEventListener("pointermove", ({ clientX, clientY }) => {
    const room = stage.getBoundingClientRect();
    at = [clientX - room.left, clientY - room.top];
    if (!tip.hidden) place();
  });
  stage.addEventListener("pointerleave", () => {
    tip.hidden = true;
    shown = -1;
  });
  source.inspect.connect(() => {
    const index = source.inspected.indices[0] ?? -1;
    tip.hidden = index < 0;
    if (index >= 0 && index !== shown) {
      tip.replaceChildren(
        thumb(points.places[index], points.sheets, ""),
        el("bdi", { class: "path" }, points.paths[index]),
        el("span", { class: "note" }, describe(points, index)),
      );
    }
    shown = index;
    if (index >= 0) place();
  });
}

/** `Cluster 3, dress, train` */
export function describe(points, index) {
  return points.modes
    .filter(({ key, codes }) => codes[index] !== 0 || key === "cluster")
    .map(({ groups, codes }) => groups[codes[index]].name)
    .join(", ");
}
