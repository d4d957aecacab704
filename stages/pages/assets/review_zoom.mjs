// Zooming and moving a picture in its stage: with the wheel, by dragging, and with keys.

const MOST = 16; // screen pixels per pixel of the picture
const ENLARGED = 4; // a tiny picture is not blown up further by itself
const PIXELS_SEEN = 3; // from here on pixels are drawn as squares

/** The scale at which a picture of [w, h] is seen whole in a stage of [w, h]. */
export function fitting([w, h], [across, down]) {
  return Math.min(across / w, down / h, ENLARGED);
}

/** A view { scale, x, y } scaled about the point (px, py) of the stage. */
export function scaled({ scale, x, y }, factor, px, py, least) {
  const to = Math.min(Math.max(scale * factor, Math.min(least, 1)), MOST);
  return { scale: to, x: px - ((px - x) * to) / scale, y: py - ((py - y) * to) / scale };
}

/** A view moved so that no more is empty than has to be: a small picture is in the middle, a large one fills the stage. */
export function bounded({ scale, x, y }, [w, h], [across, down]) {
  return { scale, x: along(x, w * scale, across), y: along(y, h * scale, down) };
}

function along(at, length, room) {
  if (length <= room) return (room - length) / 2;
  return Math.min(0, Math.max(room - length, at));
}

export class Zoom {
  /** stage: what is looked through; sheet: what lies behind it, with the pictures. */
  constructor(stage, sheet) {
    this.stage = stage;
    this.sheet = sheet;
    this.size = [1, 1];
    this.isFitted = true;
    new ResizeObserver(() => (this.isFitted ? this.fit() : this.set(this.view))).observe(stage);
    stage.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.grabbed(event));
    stage.addEventListener("dblclick", (event) => (this.isFitted ? this.full(event) : this.fit()));
  }

  get room() {
    return [this.stage.clientWidth, this.stage.clientHeight];
  }

  /** Another picture, w by h pixels, seen whole. */
  start(w, h) {
    this.size = [w, h];
    Object.assign(this.sheet.style, { width: `${w}px`, height: `${h}px` });
    this.fit();
  }

  fit() {
    this.set({ scale: fitting(this.size, this.room), x: 0, y: 0 });
    this.isFitted = true;
  }

  /** One pixel is one pixel of the screen. */
  full(event) {
    this.by(1 / this.view.scale, event);
  }

  by(factor, event) {
    const box = this.stage.getBoundingClientRect();
    const [px, py] = event ? [event.clientX - box.left, event.clientY - box.top] : this.room.map((side) => side / 2);
    this.set(scaled(this.view, factor, px, py, fitting(this.size, this.room)));
    this.isFitted = false;
  }

  move(across, down) {
    this.set({ ...this.view, x: this.view.x + across, y: this.view.y + down });
  }

  set(view) {
    this.view = bounded(view, this.size, this.room);
    const { scale, x, y } = this.view;
    this.sheet.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.sheet.style.imageRendering = scale >= PIXELS_SEEN ? "pixelated" : "auto";
  }

  wheeled(event) {
    event.preventDefault();
    this.by(Math.exp(-event.deltaY / 400), event);
  }

  grabbed(event) {
    if (event.button !== 0) return;
    let [x, y] = [event.clientX, event.clientY];
    const follow = (moved) => {
      this.move(moved.clientX - x, moved.clientY - y);
      [x, y] = [moved.clientX, moved.clientY];
    };
    this.stage.setPointerCapture(event.pointerId);
    this.stage.addEventListener("pointermove", follow);
    this.stage.addEventListener("lostpointercapture", () => this.stage.removeEventListener("pointermove", follow), { once: true });
  }
}
