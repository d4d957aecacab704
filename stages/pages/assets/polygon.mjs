// Which points lie within a drawn line. Even-odd, so a line that crosses itself leaves holes, as one sees it drawn.

/** Indices of the points (x[i], y[i]) inside the polygon with corners (px[j], py[j]); it closes by itself. */
export function within(x, y, px, py) {
  const found = [];
  if (px.length < 3) return found;
  const [left, right, low, high] = [least(px), most(px), least(py), most(py)];
  for (let i = 0; i < x.length; i += 1) {
    if (x[i] < left || x[i] > right || y[i] < low || y[i] > high) continue;
    if (isInside(x[i], y[i], px, py)) found.push(i);
  }
  return found;
}

/** Whether a ray to the right crosses the line an odd number of times. */
function isInside(x, y, px, py) {
  let inside = false;
  for (let i = 0, j = px.length - 1; i < px.length; j = i, i += 1) {
    const crosses = py[i] > y !== py[j] > y;
    if (crosses && x < ((px[j] - px[i]) * (y - py[i])) / (py[j] - py[i]) + px[i]) inside = !inside;
  }
  return inside;
}

function least(values) {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function most(values) {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}
