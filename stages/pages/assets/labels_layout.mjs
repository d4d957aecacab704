// Names on the map: which are shown where, so that no two of them overlap. Sizes and places are in pixels.

const GAP = 1; // besides the padding of each
const AWAY = 7; // from the point that it names

/**
 * names: [{ x, y, width, height }, ...] in order of importance; x and y of the point that is named.
 * room: { width, height }; taken: what is placed already. Returns { at, left, top, width, height, dx, dy } for those
 * that fit, at most `most` together with those.
 * A name stands above its point, or else below, right or left of it; beyond an edge it is pushed along. dx and dy: how
 * far it stands from where it would be in the middle above.
 */
export function layOut(names, room, most = 40, taken = []) {
  const placed = [];
  const isFree = (one) => ![taken, placed].some((there) => there.some((other) => overlap(one, other)));
  for (let at = 0; at < names.length && taken.length + placed.length < most; at += 1) {
    const box = boxesOf(names[at], room).find((one) => isInside(one, room) && isFree(one));
    if (box) placed.push({ at, ...box });
  }
  return placed;
}

/** As layOut; those that find no room get another try between the others, as wide as their `short` form: `isShort`. */
export function layOutEither(names, room, most = 40) {
  const whole = layOut(names, room, most);
  const left = names.map((_, at) => at).filter((at) => !whole.some((one) => one.at === at));
  const short = layOut(left.map((at) => ({ ...names[at], width: names[at].short })), room, most, whole);
  return [...whole, ...short.map((box) => ({ ...box, at: left[box.at], isShort: true }))];
}

/** Where a name may stand, the best first; nowhere if its point is out of view. */
function boxesOf({ x, y, width, height }, room) {
  if (x < 0 || x > room.width || y < 0 || y > room.height) return [];
  const [middle, above] = [x - width / 2, y - AWAY - height];
  const along = Math.min(Math.max(middle, 0), room.width - width);
  const corners = [[along, above], [along, y + AWAY], [x + AWAY, y - height / 2], [x - AWAY - width, y - height / 2]];
  return corners.map(([left, top]) => ({ left, top, width, height, dx: left - middle, dy: top - above }));
}

function isInside({ left, top, width, height }, room) {
  return left >= 0 && top >= 0 && left + width <= room.width && top + height <= room.height;
}

function overlap(a, b) {
  const beside = a.left + a.width + GAP <= b.left || b.left + b.width + GAP <= a.left;
  const apart = a.top + a.height + GAP <= b.top || b.top + b.height + GAP <= a.top;
  return !beside && !apart;
}

/** The number of the name whose box holds a place, or -1. */
export function hit(placed, x, y) {
  const found = placed.find(({ left, top, width, height }) => x >= left && x <= left + width && y >= top && y <= top + height);
  return found ? found.at : -1;
}

const INVISIBLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A name that stands on one line, no longer than `most` letters, and turns no text around. */
export function shorten(name, most = 24) {
  const letters = [...name.replace(/\s+/g, " ").replace(INVISIBLE, "").trim()];
  return letters.length > most ? `${letters.slice(0, most - 1).join("").trimEnd()}…` : letters.join("");
}
