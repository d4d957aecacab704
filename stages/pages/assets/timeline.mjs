// The timeline of a video: lines by Bokeh, segments as bars below them, and the frames.

import { data, el } from "./dom.mjs";
import { gallery } from "./gallery.mjs";
import { resolve } from "./palette.mjs";

const DRAWN = 7;
const found = data("timeline");
const colour = (label) => (label < DRAWN ? `var(--cat-${label + 1})` : "var(--neutral)");
const percent = (share) => `${Math.round(100 * share)}\u00a0%`;

start();

async function start() {
  key(document.getElementById("key"));
  frames(document.getElementById("gallery"));
  const stage = document.getElementById("chart");
  await Bokeh.embed.embed_item(found.item, "chart");
  const doc = Bokeh.documents[Bokeh.documents.length - 1];
  const plot = doc.get_model_by_name("timeline");
  paint(doc, plot);
  window.addEventListener("winnow:theme", () => paint(doc, plot));
  const bars = document.getElementById("bars");
  // The lines begin where the bars below them do, right of the names.
  plot.min_border_left = window.matchMedia("(max-width: 600px)").matches ? 96 : 132;
  const redraw = () => drawBars(bars, plot.x_range);
  for (const side of ["start", "end"]) plot.x_range.properties[side].change.connect(redraw);
  redraw();
  hover(stage, plot);
}

function key(root) {
  const entry = (label, i) => el("li", {}, el("i", { style: { background: colour(i) } }), el("bdi", {}, label));
  root.replaceChildren(...found.labels.slice(0, DRAWN).map(entry));
  if (found.labels.length > DRAWN) root.append(el("li", { class: "muted" }, `and ${found.labels.length - DRAWN} more, in the table`));
}

/** Bokeh draws on a canvas, which knows no CSS variables. */
function paint(doc, plot) {
  const rgb = ([r, g, b]) => `rgb(${r}, ${g}, ${b})`;
  const [text, line] = resolve(["var(--muted)", "var(--line)"]).map(rgb);
  for (const axis of [...plot.below, ...plot.left]) {
    if (axis.axis_label_text_color === undefined) continue;
    axis.setv({ axis_label_text_color: text, major_label_text_color: text, axis_line_color: line, major_tick_line_color: line, minor_tick_line_color: null });
  }
  for (const grid of plot.center) if (grid.grid_line_color !== undefined) grid.grid_line_color = line;
  doc.get_model_by_name("limit").line_color = text;
  resolve(found.labels.slice(0, DRAWN).map((_, i) => colour(i))).forEach((one, i) => {
    doc.get_model_by_name(`line${i}`).glyph.line_color = rgb(one);
  });
}

/** A row of bars for each label that has segments, under the same axis as the lines. */
function drawBars(root, { start: from, end: to }) {
  const at = (time) => `${(100 * (Math.min(Math.max(time, from), to) - from)) / (to - from)}%`;
  const width = (one) => `${(100 * Math.max(Math.min(one.end, to) - Math.max(one.start, from), 0)) / (to - from)}%`;
  const labels = [...new Set(found.segments.map(({ label }) => label))].sort((a, b) => a - b);
  root.replaceChildren(
    ...labels.map((label) =>
      el(
        "div",
        { class: "timeline-row" },
        el("bdi", {}, found.labels[label]),
        el(
          "div",
          { class: "track" },
          found.segments.filter((one) => one.label === label).map((one) => el("span", { style: { left: at(one.start), width: width(one), background: colour(label) } })),
        ),
      ),
    ),
  );
}

/** The frame under the pointer. */
function hover(stage, plot) {
  const tip = el("div", { class: "timeline-tip", hidden: true });
  stage.append(tip);
  stage.addEventListener("pointermove", (event) => {
    const box = stage.getBoundingClientRect();
    const frame = plot.inner_width ? plot.inner_width : box.width;
    const left = plot.inner_width ? plot.min_border_left : 0;
    const share = (event.clientX - box.left - left) / frame;
    const time = plot.x_range.start + share * (plot.x_range.end - plot.x_range.start);
    const one = found.frames.findLast((entry) => entry.time <= time);
    tip.hidden = !one || share < 0;
    if (tip.hidden) return;
    tip.replaceChildren(el("img", { src: `assets/${one.file}`, alt: "" }), el("span", {}, one.at), el("span", {}, `${found.labels[one.best]} ${percent(one.confidence)}`));
    tip.style.setProperty("left", `${Math.min(Math.max(event.clientX - box.left - 80, 0), box.width - 160)}px`);
  });
  stage.addEventListener("pointerleave", () => (tip.hidden = true));
}

function frames(root) {
  gallery(root, {
    items: found.frames,
    noun: "frames",
    layout: "compact",
    render: (one) =>
      el(
        "li",
        { class: "card" },
        el("div", { class: "still" }, el("img", { src: `assets/${one.file}`, alt: `Frame at ${one.at}`, loading: "lazy" })),
        el(
          "div",
          { class: "body" },
          el("div", { class: "name" }, one.at),
          el("p", { class: "text" }, el("bdi", {}, found.labels[one.best]), ` ${percent(one.confidence)}`),
        ),
      ),
  });
}
