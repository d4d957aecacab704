// What people decided, as rows of data/decisions.csv. No page and no storage here: this is tested in node.

const COLUMNS = ["item_id", "content_id", "path", "frame", "decision", "label", "reason", "reviewer", "decided_at"];
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const GUARDED = /^'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** A row as an object, from its cells in the order of the columns. */
export function row(cells) {
  return Object.fromEntries(COLUMNS.map((name, i) => [name, cells[i] ?? ""]));
}

/** One image under one name: what a decision is about. */
export function keyOf({ content_id, path, frame }) {
  return JSON.stringify([content_id, path, frame]);
}

/** The newest row per image, by time; of equal times the later in the list. */
export function newest(rows) {
  const found = new Map();
  for (const one of rows) {
    const key = keyOf(one);
    const held = found.get(key);
    if (!held || moment(one) >= moment(held)) found.set(key, one);
  }
  return found;
}

function moment({ decided_at }) {
  const time = Date.parse(decided_at);
  return Number.isNaN(time) ? -Infinity : time;
}

/**
 * The decisions of a data set: those that the report was made with, and those made since.
 *
 * held: rows of data/decisions.csv, newest per image. made: rows since, as they were kept. steps: the keys and the
 * earlier rows of each step, for taking it back.
 */
export class Decisions {
  constructor(held, made = [], steps = []) {
    this.held = newest(held);
    this.made = newest(made);
    this.steps = steps;
  }

  /** The row that counts for an item, or null; one taken back counts as none. */
  of(item) {
    const found = this.rowOf(item);
    return found && found.decision !== "undecided" ? found : null;
  }

  rowOf(item) {
    const made = this.made.get(item.key);
    const held = this.held.get(item.key) ?? this.held.get(item.bareKey);
    if (!made) return held ?? null;
    return held && moment(held) > moment(made) ? held : made;
  }

  /** Decide for several items in one step. at: ISO time. word(item): { decision, label, reason }. */
  decide(items, word, reviewer, at) {
    const before = items.map((item) => [item.key, this.made.get(item.key) ?? null, item.cells]);
    for (const item of items) this.made.set(item.key, { ...item.cells, label: "", reason: "", ...word(item), reviewer, decided_at: at });
    this.steps.push(before);
  }

  /** Take the last step back; returns how many items it was about. An image that had no word before is `undecided`. */
  undo(reviewer, at) {
    const step = this.steps.pop();
    if (!step) return 0;
    for (const [key, earlier, cells] of step) {
      const word = earlier ?? this.held.get(key) ?? { ...cells, decision: "undecided", label: "", reason: "" };
      this.made.set(key, { ...word, reviewer, decided_at: at });
    }
    return step.length;
  }

  /** All rows: those held, in their order, with newer words in their places, then new ones by path. */
  rows() {
    const all = newest([...this.held.values(), ...this.made.values()]);
    const known = [...this.held.keys()].map((key) => all.get(key));
    const added = [...all].filter(([key]) => !this.held.has(key)).map(([, one]) => one);
    const order = (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : Number(a.frame || 0) - Number(b.frame || 0));
    return [...known, ...added.sort(order)];
  }

  /** What the browser keeps. */
  kept() {
    return { made: [...this.made.values()], steps: this.steps };
  }
}

/** The file data/decisions.csv, complete. */
export function toCsv(rows) {
  const lines = rows.map((one) => COLUMNS.map((name) => cell(one[name])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\n");
}

/** A cell that no spreadsheet takes for a formula; read back, the apostrophe in front goes. */
function cell(value) {
  const text = String(value ?? "");
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What a cell stands for. */
export function bare(text) {
  return GUARDED.test(text) ? text.slice(1) : text;
}

/** An item of a page as decisions know it. A row written by hand may leave the content out. */
export function itemOf({ id, content, path, frame }) {
  const cells = { item_id: id, content_id: content, path, frame: frame === null || frame === undefined ? "" : String(frame) };
  return { key: keyOf(cells), bareKey: keyOf({ ...cells, content_id: "" }), cells };
}

/** From a click on `last` and a Shift-click on `id`: all ids between them, in the order of `ids`. */
export function range(ids, last, id) {
  const [a, b] = [ids.indexOf(last), ids.indexOf(id)];
  if (a < 0 || b < 0) return [id];
  return ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}
