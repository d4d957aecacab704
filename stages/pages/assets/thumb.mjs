// A thumbnail: an <img> of a whole sheet, of which a frame shows one part. Lazy, printable, no canvas needed.

import { el } from "./dom.mjs";

/** A tiny picture is shown at most this many times its size: a blur the size of a card tells less. */
const ENLARGED = 3;

/**
 * place: [sheet, x, y, w, h], sheets: [[file, width, height], ...]. Sizes are shares of the frame, so the
 * thumbnail follows whatever room the page gives it.
 */
export function thumb(place, sheets, alt) {
  if (!place) return el("div", { class: "thumb" }, el("span", { class: "none" }, "No preview"));
  const [sheet, x, y, w, h] = place;
  const [file, width, height] = sheets[sheet];
  const image = el("img", {
    src: `assets/${file}`,
    alt,
    loading: "lazy",
    decoding: "async",
    draggable: "false",
    style: {
      width: `${(100 * width) / w}%`,
      height: `${(100 * height) / h}%`,
      left: `${(-100 * x) / w}%`,
      top: `${(-100 * y) / h}%`,
    },
  });
  const frame = {
    width: `${(100 * w) / Math.max(w, h)}%`,
    "--most": `${ENLARGED * w}px`,
    "aspect-ratio": `${w} / ${h}`,
  };
  const crop = el("span", { class: "crop", style: frame }, image);
  return el("div", { class: "thumb" }, crop);
}
