// Level of detail: which of very many points are drawn. They are taken in one fixed order that is as good as random, as
// many as can be drawn from those in view; so what is drawn thins out evenly, and zooming in only ever adds points.

/** All numbers below n in an order drawn with a seed, those of `first` before all others. */
export function nestedOrder(n, first = [], seed = 1) {
  const order = new Uint32Array(n);
  const isFirst = new Uint8Array(n);
  let at = 0;
  for (const i of first) {
    order[at++] = i;
    isFirst[i] = 1;
  }
  for (let i = 0; i < n; i += 1) if (!isFirst[i]) order[at++] = i;
  const random = generator(seed);
  for (let i = n - 1; i > first.length; i -= 1) {
    const j = first.length + Math.floor(random() * (i - first.length + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** mulberry32: numbers in [0, 1), the same on every machine. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * What to draw of a view { x0, x1, y0, y1 }: { drawn, inView, shown }.
 *
 * drawn: indices, at most `most` of them in view; the chosen ones (isChosen[i] is 1) are taken before the others, and
 * come last, where they are drawn on top. Around the view, `margin` of its sides wide, points are taken as densely
 * as within, so that a moved map shows no empty border. inView: how many points lie in view, shown: how many of them are
 * drawn.
 */
export function choose({ order, x, y, view, most, margin = 0.25, isChosen = null }) {
  const wide = widened(view, margin);
  const chosen = isChosen ? take(order, x, y, view, wide, most, (i) => isChosen[i] === 1) : NOTHING;
  const rest = take(order, x, y, view, wide, most - chosen.shown, isChosen ? (i) => isChosen[i] !== 1 : null);
  const drawn = new Uint32Array(rest.taken.length + chosen.taken.length);
  drawn.set(rest.taken);
  drawn.set(chosen.taken, rest.taken.length);
  return { drawn, inView: chosen.inView + rest.inView, shown: chosen.shown + rest.shown };
}

const NOTHING = { taken: [], inView: 0, shown: 0 };

function take(order, x, y, view, wide, most, belongs) {
  const taken = [];
  let [inView, shown, around] = [0, 0, 0];
  for (let at = 0; at < order.length; at += 1) {
    const i = order[at];
    if (!lies(x[i], y[i], wide) || (belongs && !belongs(i))) continue;
    const isSeen = lies(x[i], y[i], view);
    inView += isSeen;
    if (shown >= most || (!isSeen && around >= most)) continue;
    if (isSeen) shown += 1;
    else around += 1;
    taken.push(i);
  }
  return { taken, inView, shown };
}

function lies(x, y, { x0, x1, y0, y1 }) {
  return x >= x0 && x <= x1 && y >= y0 && y <= y1;
}

function widened({ x0, x1, y0, y1 }, share) {
  const [dx, dy] = [(x1 - x0) * share, (y1 - y0) * share];
  return { x0: x0 - dx, x1: x1 + dx, y0: y0 - dy, y1: y1 + dy };
}
