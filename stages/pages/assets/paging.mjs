// Which cards stand on which page. Pages count from 0.

/** How many pages `count` items fill; at least one. */
export function pageCount(count, perPage) {
  return Math.max(1, Math.ceil(count / perPage));
}

/** The first and the last item (exclusive) of a page; a page that is not there becomes the nearest that is. */
export function span(page, count, perPage) {
  const at = Math.min(Math.max(page, 0), pageCount(count, perPage) - 1);
  return { page: at, from: at * perPage, to: Math.min(count, (at + 1) * perPage) };
}

/** The first item behind `own` that waits, or else before it; -1 where none does. */
export function waiting(items, own, isWaiting) {
  const after = items.findIndex((item, i) => i > own && isWaiting(item));
  return after >= 0 ? after : items.findIndex((item, i) => i < own && isWaiting(item));
}

/**
 * Where a key leads among cards at boxes [{ left, top }, ...] in reading order: a card's number, or -1 or the
 * number of cards beyond the ends. Up and down go to the nearest card of the next row, whatever its length.
 */
export function step(key, at, boxes) {
  if (key === "Home") return 0;
  if (key === "End") return boxes.length - 1;
  if (key === "ArrowLeft") return at - 1;
  if (key === "ArrowRight") return at + 1;
  if (key !== "ArrowUp" && key !== "ArrowDown") return at;
  const { left, top } = boxes[at];
  const beyond = boxes.filter((box) => (key === "ArrowDown" ? box.top > top : box.top < top)).map((box) => box.top);
  if (!beyond.length) return at;
  const row = key === "ArrowDown" ? Math.min(...beyond) : Math.max(...beyond);
  let best = -1;
  boxes.forEach((box, i) => {
    if (box.top === row && (best < 0 || Math.abs(box.left - left) < Math.abs(boxes[best].left - left))) best = i;
  });
  return best;
}
