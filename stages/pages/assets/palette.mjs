// Colours and shapes of groups on the map. Seven colours that colour-blind readers can tell apart, times four
// shapes: 28 groups; the rest are drawn grey, and the list beside the map says so.

const COLOURS = 7;
export const SHAPES = ["circle", "triangle", "square", "diamond"];
export const SHOWN = COLOURS * SHAPES.length;
const STEPS = 64;
const SEQUENCE = [1, 2, 3, 4, 5].map((step) => `var(--seq-${step})`);
const NEUTRAL = { colour: "var(--neutral)", shape: "x" };

const DRAWN = {
  circle: "M10 3a7 7 0 1 0 .01 0z",
  triangle: "M10 2 18 17H2z",
  square: "M3 3h14v14H3z",
  diamond: "M10 1l8 9-8 9-8-9z",
  x: "M4 6 6 4l4 4 4-4 2 2-4 4 4 4-2 2-4-4-4 4-2-2 4-4z",
};

/** How group `code` is drawn; 0 and all beyond the 28th are neutral. */
export function look(code) {
  if (code === 0 || code > SHOWN) return NEUTRAL;
  const place = code - 1;
  return { colour: `var(--cat-${(place % COLOURS) + 1})`, shape: SHAPES[Math.floor(place / COLOURS)] };
}

/** The SVG path of a shape in a box of 20 by 20. */
export function outline(shape) {
  return DRAWN[shape];
}

/** Mix stops, each [red, green, blue], at `share` from 0 to 1. */
export function mix(stops, share) {
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  const part = at - low;
  return [0, 1, 2].map((i) => Math.round(stops[low][i] * (1 - part) + stops[low + 1][i] * part));
}

/** A colour as a number, 0xRRGGBB00: the last byte is left for how solid it is. */
export function numbered([red, green, blue]) {
  return ((red << 24) | (green << 16) | (blue << 8)) >>> 0;
}

/**
 * What the points of a mode look like, in the colours of the theme: { looks, kindOf }, where looks[kindOf(i)] is
 * { colour, shape, wide } of point i; colour as a number, wide in pixels.
 */
export function appearance(mode, points) {
  return mode.key === "score" ? byScore(points) : byGroup(mode);
}

function byGroup({ groups, codes }) {
  const kinds = groups.map((_, code) => look(code));
  const colours = resolve(kinds.map(({ colour }) => colour)).map(numbered);
  const looks = kinds.map(({ shape }, code) => ({ colour: colours[code], shape, wide: shape === "x" ? 7 : 8 }));
  return { looks, kindOf: (i) => codes[i] };
}

/** From usual to strange; flagged ones are diamonds, and larger. */
function byScore(points) {
  const stops = resolve(SEQUENCE);
  const colours = Array.from({ length: STEPS }, (_, step) => numbered(mix(stops, step / (STEPS - 1))));
  const looks = [
    ...colours.map((colour) => ({ colour, shape: "circle", wide: 7 })),
    ...colours.map((colour) => ({ colour, shape: "diamond", wide: 11 })),
  ];
  const step = (score) => Math.round(Math.min(Math.max(score, 0), 1) * (STEPS - 1));
  return { looks, kindOf: (i) => step(points.score[i]) + (points.isOutlier(i) ? STEPS : 0) };
}

/** CSS colours as the theme has them now, as [red, green, blue]. */
export function resolve(colours) {
  const probe = document.createElement("span");
  document.body.append(probe);
  const found = colours.map((colour) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  });
  probe.remove();
  return found;
}
