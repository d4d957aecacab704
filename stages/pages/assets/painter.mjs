// Paints Bokeh's points. Bokeh strokes and fills each marker as a path of its own, which takes ten times as long as a
// frame may for 10,000 of them where there is no graphics card; so each kind of marker is drawn once, and stamped.

import { outline } from "./palette.mjs";

const BOX = 20; // outlines are drawn in a box of this side

export class Painter {
  constructor() {
    this.sheet = document.createElement("canvas");
    // One pen for all stamps, kept where it can be read: a canvas a stamp would take longer than the whole map.
    this.pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    this.stamps = [];
    this.scale = 0;
  }

  /** looks: as palette.mjs has them; solid: how opaque a point is, faded: how opaque those that are not chosen. */
  dress(looks, solid, faded) {
    this.looks = looks.flatMap((look) => [{ ...look, opacity: solid }, { ...look, opacity: faded }]);
    this.stamps = [];
  }

  /** Paint points at sx, sy in Bokeh's pixels; looks[i]: twice the number of point i's look, and one more if it is faded. */
  paint(ctx, indices, sx, sy, looks) {
    if (!ctx.canvas.width || !ctx.canvas.height) return; // a map that has no room, or none yet
    const { a: scale, e, f } = ctx.getTransform();
    const target = this.cleared(ctx.canvas, scale);
    for (const i of indices) {
      const stamp = (this.stamps[looks[i]] ??= drawn(this.pen, this.looks[looks[i]], scale));
      press(target, stamp, Math.round(scale * sx[i] + e - stamp.width / 2), Math.round(scale * sy[i] + f - stamp.width / 2));
    }
    this.sheet.getContext("2d").putImageData(this.image, 0, 0);
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.sheet, 0, 0);
    ctx.restore();
  }

  /** An empty sheet of the canvas's size. */
  cleared({ width, height }, scale) {
    if (this.scale !== scale) [this.scale, this.stamps] = [scale, []];
    if (this.image?.width !== width || this.image.height !== height) {
      Object.assign(this.sheet, { width, height });
      this.image = new ImageData(width, height);
      this.target = pixels(this.image);
    }
    this.target.whole.fill(0);
    return this.target;
  }
}

/** A marker as pixels. */
function drawn(pen, { colour, shape, wide, opacity }, scale) {
  const side = Math.ceil(wide * scale) + 2;
  const size = (wide * scale) / BOX;
  if (pen.canvas.width < side) Object.assign(pen.canvas, { width: side, height: side });
  pen.resetTransform();
  pen.clearRect(0, 0, side, side);
  pen.setTransform(size, 0, 0, size, (side - BOX * size) / 2, (side - BOX * size) / 2);
  pen.fillStyle = `rgb(${colour >>> 24} ${(colour >>> 16) & 255} ${(colour >>> 8) & 255} / ${opacity})`;
  pen.fill(new Path2D(outline(shape)));
  return pixels(pen.getImageData(0, 0, side, side));
}

/** An image's bytes, red, green, blue and opacity, and the same as whole pixels. */
export function pixels({ data, width, height }) {
  return { data, width, height, whole: new Uint32Array(data.buffer) };
}

/** Lay pixels over others, their corner at left, top; what lies outside is cut off. */
export function press(target, stamp, left, top) {
  const [from, to] = [Math.max(0, -left), Math.min(stamp.width, target.width - left)];
  const [first, last] = [Math.max(0, -top), Math.min(stamp.height, target.height - top)];
  for (let y = first; y < last; y += 1) {
    let s = y * stamp.width + from;
    let t = (top + y) * target.width + left + from;
    for (let x = from; x < to; x += 1, s += 1, t += 1) {
      if (!stamp.whole[s]) continue;
      if (!target.whole[t]) target.whole[t] = stamp.whole[s];
      else over(target.data, 4 * t, stamp.data, 4 * s);
    }
  }
}

/** Mix a pixel into the one below it. */
function over(below, t, above, s) {
  const alpha = above[s + 3] / 255;
  const under = (below[t + 3] / 255) * (1 - alpha);
  const both = alpha + under;
  for (let c = 0; c < 3; c += 1) below[t + c] = (above[s + c] * alpha + below[t + c] * under) / both;
  below[t + 3] = 255 * both;
}
