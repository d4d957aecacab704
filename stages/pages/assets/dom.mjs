// Elements, made so that a text can only ever become text.

const SVG = "http://www.w3.org/2000/svg";
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** Marks that turn the writing round, and with it what stands behind them, are written out; as skeleton.py does. */
export function unturned(text) {
  return text.replace(TURNING, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}

/** An element with attributes and children; strings become text nodes, null and false nothing. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else if (name === "style") for (const [key, part] of Object.entries(value)) node.style.setProperty(key, part);
    else node.setAttribute(name, value === true ? "" : value);
  }
  const shown = children.flat().filter((child) => child !== null && child !== undefined && child !== false);
  node.append(...shown.map((child) => (typeof child === "string" ? unturned(child) : child)));
  return node;
}

/** An icon of the sprite that every page carries. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A path drawn in a box of 20 by 20, for swatches. */
export function drawing(path, colour) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "swatch");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  shape.style.fill = colour;
  svg.append(shape);
  return svg;
}

/** What the page's data script left under `name`. */
export function data(name) {
  return (window.WINNOW ?? {})[name];
}

/** Say something to screen readers. */
export function announce(text) {
  document.getElementById("status").textContent = text;
}
