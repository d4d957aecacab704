// Names on the map: which are shown where, so that no two of them overlap. Sizes and places are in pixels.

const GAP = 3;
const ABOVE = 7; // of the point that it names

/**
 * names: [{ x, y, width, height }, ...] in order of importance; x and y of the point that is named.
 * room: { width, height }. Returns, for at most `most` of them, { at, left, top, width, height, dx }: the first that fit.
 * A name stands above its point; beyond an edge of the map it is pushed inside by dx.
 */
export function layOut(names, room, most = 40) {
  const placed = [];
  for (let at = 0; at < names.length && placed.length < most; at += 1) {
    const box = boxOf(names[at], room);
    if (box && !placed.some((other) => overlap(box, other))) placed.push({ at, ...box });
  }
  return placed;
}

/** Where a name would stand; null where its point is out of view, or there is no room. */
function boxOf({ x, y, width, height }, room) {
  if (x < 0 || x > room.width || y < 0 || y > room.height || width > room.width) return null;
  const wanted = x - width / 2;
  const left = Math.min(Math.max(wanted, 0), room.width - width);
  const top = y - ABOVE - height;
  return top < 0 ? null : { left, top, width, height, dx: left - wanted };
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
