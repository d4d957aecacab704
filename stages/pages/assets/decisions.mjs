// What people decided, as rows of data/decisions.csv. No page and no storage here: this is tested in node.

const COLUMNS = ["item_id", "content_id", "path", "frame", "decision", "label", "reason", "reviewer", "decided_at"];
const STEPS = 100; // steps that can be taken back
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

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

function sameWord(one, other) {
  return ["decision", "label", "reason", "reviewer"].every((name) => (one[name] ?? "") === (other?.[name] ?? ""));
}

/** A date alone is the end of that day, and a time without a zone is UTC, as in Python. */
function moment({ decided_at }) {
  const text = (decided_at ?? "").trim();
  const told = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59.999Z` : /[T ][^Z+-]*$/i.test(text) ? `${text.replace(" ", "T")}Z` : text;
  const time = Date.parse(told);
  return Number.isNaN(time) ? -Infinity : time;
}

/** Of rows that speak of one image the one that counts: the newest; of equal times the later in the list. */
function last(rows) {
  return rows.filter(Boolean).reduce((best, one) => (!best || moment(one) >= moment(best) ? one : best), null);
}

/** A time after that of `row`, so that a clock that is behind takes nobody's word away. */
function after(at, row) {
  const before = row ? moment(row) : -Infinity;
  return before >= Date.parse(at) ? new Date(before + 1).toISOString() : at;
}

/**
 * The decisions of a data set: those that the report was made with, and those made since.
 *
 * held: rows of data/decisions.csv, one per image, the one that export obeys. made: rows since, as they were kept; those
 * that were folded in meanwhile count as held. steps: per step and image the key, the row that counted before, and what
 * names the image. unmatched: rows that mean no image: saved again, and never counted.
 */
export class Decisions {
  constructor(held, made = [], steps = [], unmatched = []) {
    this.unmatched = unmatched;
    this.held = newest(held);
    this.made = new Map([...newest(made)].filter(([key, one]) => this.isNews(key, one)));
    this.steps = steps.filter((step) => step.every(([key]) => this.made.has(key)));
  }

  isNews(key, one) {
    const held = this.held.get(key);
    if (!held) return true;
    return moment(one) === moment(held) ? !sameWord(one, held) : moment(one) > moment(held);
  }

  /** The row that counts for an item, or null; one taken back counts as none. */
  of(item) {
    const found = this.rowOf(item);
    return found && found.decision !== "undecided" ? found : null;
  }

  rowOf(item) {
    return last([this.held.get(item.key), this.made.get(item.key)]) ?? item.settled;
  }

  /** Decide for several items in one step. at: ISO time. word(item): { decision, label, reason }. */
  decide(items, word, reviewer, at) {
    const before = items.map((item) => [item.key, this.rowOf(item), item.cells]);
    items.forEach((item, i) => {
      const decided_at = after(at, before[i][1]);
      this.made.set(item.key, { ...item.cells, label: "", reason: "", ...word(item), reviewer, decided_at });
    });
    this.steps = [...this.steps, before].slice(-STEPS);
  }

  /** The id of the first item of the last step; null where nothing can be taken back. */
  latest() {
    return this.steps.at(-1)?.[0]?.[2].item_id ?? null;
  }

  /** Take the last step back; returns how many items it was about. An image that had no word before is `undecided`. */
  undo(reviewer, at) {
    const step = this.steps.pop();
    if (!step) return 0;
    for (const [key, earlier, cells] of step) {
      const word = earlier ?? { decision: "undecided", label: "", reason: "", reviewer };
      this.made.set(key, { ...word, ...cells, decided_at: after(at, this.made.get(key)) });
    }
    return step.length;
  }

  /** How many words were said since the report was made; one that was taken back is none. */
  since() {
    return [...this.made].filter(([key, one]) => one.decision !== "undecided" || this.held.has(key)).length;
  }

  /** How many images somebody decided on. */
  decided() {
    return this.rows().filter(({ decision }) => decision !== "undecided").length;
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

/** Rows as a CSV file; without other columns, data/decisions.csv. */
export function toCsv(rows, columns = COLUMNS) {
  const lines = rows.map((one) => columns.map((name) => cell(one[name])).join(","));
  return [columns.join(","), ...lines, ""].join("\n");
}

/** A cell that no spreadsheet takes for a formula; read back, the apostrophe in front goes. */
function cell(value) {
  const text = String(value ?? "");
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** An item of a page as decisions know it. */
export function itemOf({ id, content, path, frame, settled }) {
  const cells = { item_id: id, content_id: content, path, frame: frame === null || frame === undefined ? "" : String(frame) };
  return { key: keyOf(cells), cells, settled: settled ? { ...cells, reason: "", ...settled, decided_at: "" } : null };
}

/** From a click on `last` and a Shift-click on `id`: all ids between them, in the order of `ids`. */
export function range(ids, last, id) {
  const [a, b] = [ids.indexOf(last), ids.indexOf(id)];
  if (a < 0 || b < 0) return [id];
  return ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}
