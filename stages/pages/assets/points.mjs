// The images on the map, column by column. What draws them is there at once; what names them, ids, paths and
// thumbnails' places, comes with a second script, after the map has been seen.

import { hexAt, unpack } from "./packed.mjs";

const [MEDOID, OUTLIER, REMOVED] = [1, 2, 4];

export class Points {
  constructor({ count, x, y, score, flags, sheets, modes }) {
    this.count = count;
    this.sheets = sheets;
    [this.x, this.y, this.score, this.flags] = [x, y, score, flags].map(unpack);
    this.modes = modes.map((mode) => ({ ...mode, codes: unpack(mode.codes) }));
    this.items = null;
  }

  /** What names the images, as the second script has it. */
  add({ ids, contents, folders, folder, files, frames, times, sheet, boxes, settled }) {
    this.items = { folders, files, times, settled };
    const columns = { ids, contents, folder, sheet, boxes };
    for (const [name, packed] of Object.entries(columns)) this.items[name] = unpack(packed);
    this.items.frames = frames ? unpack(frames) : null;
  }

  id(i) {
    return hexAt(this.items.ids, i);
  }

  content(i) {
    return hexAt(this.items.contents, i);
  }

  file(i) {
    return this.items.files[i];
  }

  path(i) {
    return this.items.folders[this.items.folder[i]] + this.items.files[i];
  }

  /** The number of the frame in its video; null for stills. */
  frame(i) {
    const found = this.items.frames?.[i] ?? 0;
    return found ? found - 1 : null;
  }

  /** When the frame is shown, such as 0:07.0; undefined for stills. */
  time(i) {
    return this.items.times[i];
  }

  /** The label; empty where there is none. */
  label(i) {
    const mode = this.mode("label");
    return mode?.codes[i] ? mode.groups[mode.codes[i]].name : "";
  }

  /** [sheet, x, y, w, h] of the thumbnail; null where there is none. */
  place(i) {
    const [x, y, w, h] = this.items.boxes.subarray(4 * i, 4 * i + 4);
    return w ? [this.items.sheet[i], x, y, w, h] : null;
  }

  settled(i) {
    return this.items.settled[i];
  }

  isMedoid(i) {
    return (this.flags[i] & MEDOID) > 0;
  }

  isOutlier(i) {
    return (this.flags[i] & OUTLIER) > 0;
  }

  isRemoved(i) {
    return (this.flags[i] & REMOVED) > 0;
  }

  mode(key) {
    return this.modes.find((one) => one.key === key);
  }

  /** `Cluster 3 · dress, train` */
  describe(i) {
    return this.modes
      .filter(({ key, codes }) => codes[i] !== 0 || key === "cluster")
      .map(({ groups, codes }) => groups[codes[i]].name)
      .join(", ");
  }
}

/** Per group of a mode the first of its points; -1 for a group without any. */
export function firstOf({ groups, codes }) {
  const first = new Array(groups.length).fill(-1);
  for (let i = codes.length - 1; i >= 0; i -= 1) first[codes[i]] = i;
  return first;
}

/** The points of a group. */
export function membersOf({ codes }, code) {
  const found = [];
  for (let i = 0; i < codes.length; i += 1) if (codes[i] === code) found.push(i);
  return found;
}
