// Where decisions are kept in the review app: in data/decisions.csv itself, which the app writes at once.
//
// A decision counts on the page as soon as it is made, and waits in the browser's storage until the app has answered
// that it is on the disk: so neither an app that was killed nor a window that was closed loses one.

import { el } from "./dom.mjs";
import { plural } from "./format.mjs";
import { keyOf, newest } from "./decisions.mjs";
import { get, post } from "./review_api.mjs";

const ADDRESS = "decisions";
const REFUSED = [400, 404]; // what is sent again would be refused again
const NOTE = "Every decision is written to data/decisions.csv at once.";
const POLL = 2000; // ms between two looks at what others decided
const RETRY = 3000;
const AT_ONCE = 5000; // rows of one request
const BEACON = 60_000; // bytes that a browser still sends when its window is closed

/** The file as this window knows it, and the rows that wait to be written. No page and no storage: tested in node. */
export class Written {
  constructor({ revision, columns, rows }, waiting = []) {
    this.columns = columns;
    this.waiting = newest(waiting);
    this.replace({ revision, rows });
  }

  /** All rows, as they will be when nothing waits. */
  made() {
    return [...newest([...this.rows.values(), ...this.waiting.values()]).values()];
  }

  /** Put in the rows that the file does not have yet; returns them. */
  put(made) {
    const fresh = made.filter((row) => this.isNew(row));
    for (const row of fresh) this.waiting.set(keyOf(row), row);
    return fresh;
  }

  isNew(row) {
    const key = keyOf(row);
    const known = [this.rows.get(key), this.waiting.get(key)].filter(Boolean);
    return !known.some((other) => same(row, other)) && newest([...known, row]).get(key) === row;
  }

  /** The app answered. False where others wrote in between, so that all has to be asked for again. */
  answered(sent, { before, revision, rows }) {
    this.forget(sent);
    for (const row of rows.map((cells) => this.row(cells))) this.rows.set(keyOf(row), row);
    const isNext = before === this.revision;
    this.revision = revision;
    return isNext;
  }

  /** These wait no longer, unless they were decided anew meanwhile. */
  forget(sent) {
    for (const row of sent) if (same(row, this.waiting.get(keyOf(row)))) this.waiting.delete(keyOf(row));
  }

  /** Everything, as the app has it. */
  replace({ revision, rows }) {
    this.revision = revision;
    this.rows = newest(rows.map((cells) => this.row(cells)));
  }

  row(cells) {
    return Object.fromEntries(this.columns.map((name, i) => [name, cells[i]]));
  }
}

function same(row, other) {
  return Boolean(other) && ["decision", "label", "reason", "reviewer", "decided_at"].every((name) => (row[name] ?? "") === (other[name] ?? ""));
}

/** The same as inBrowser(dataset), with the app behind it; settled() waits until nothing waits. */
export function inApp(dataset) {
  const store = new Waiting(dataset);
  const written = new Written(window.WINNOW_REVIEW, store.rows());
  const others = "BroadcastChannel" in window ? new BroadcastChannel(`winnow:${dataset}`) : null;
  const hearers = [];
  const trouble = new Trouble();
  let sending = null;
  let asking = null;

  const tell = () => hearers.forEach((hear) => hear());

  async function send() {
    while (written.waiting.size) {
      const sent = [...written.waiting.values()].slice(0, AT_ONCE);
      try {
        const isNext = written.answered(sent, await post(ADDRESS, { rows: sent }, (body) => body.length < BEACON));
        store.remove(sent);
        trouble.over();
        others?.postMessage(written.revision);
        if (!isNext) await ask(true);
        tell();
      } catch (error) {
        if (REFUSED.includes(error.status)) give(sent, error);
        else await patience(error);
      }
    }
  }

  function patience(error) {
    trouble.show(error, written.waiting.size);
    return new Promise((resolve) => setTimeout(resolve, RETRY));
  }

  /** The app will never take these: sent again and again, they would keep all others from the disk. */
  function give(sent, error) {
    written.forget(sent);
    store.remove(sent);
    trouble.show(error, 0);
    tell();
  }

  function start() {
    sending ??= send().finally(() => {
      sending = null;
      if (written.waiting.size) start();
    });
  }

  /** What others decided. */
  async function ask(anew = false) {
    try {
      const told = await get(ADDRESS, { since: anew ? "" : written.revision });
      trouble.over();
      if (!told.rows) return;
      written.replace(told);
      tell();
    } catch (error) {
      trouble.show(error, written.waiting.size);
    }
  }

  function look() {
    if (!document.hidden && !sending) asking ??= ask().finally(() => (asking = null));
  }

  if (written.waiting.size) start();
  return {
    note: NOTE,
    load: () => ({ made: written.made(), steps: stepsOf(dataset) }),
    save({ made, steps }) {
      store.add(written.put(made));
      keepSteps(dataset, steps);
      start();
      return true;
    },
    listen(hear) {
      hearers.push(hear);
      if (hearers.length > 1) return;
      setInterval(look, POLL);
      document.addEventListener("visibilitychange", look);
      others?.addEventListener("message", ({ data }) => data !== written.revision && look());
    },
    settled: () => sending ?? Promise.resolve(),
  };
}

/** Rows that the app has not answered yet, each under a name of its own: several windows share this storage. */
class Waiting {
  constructor(dataset) {
    this.prefix = `winnow:waiting:${dataset}:`;
  }

  rows() {
    try {
      const names = Object.keys(window.localStorage).filter((name) => name.startsWith(this.prefix));
      return names.map((name) => JSON.parse(window.localStorage.getItem(name))).filter(Boolean);
    } catch {
      return [];
    }
  }

  add(rows) {
    try {
      for (const row of rows) window.localStorage.setItem(this.prefix + keyOf(row), JSON.stringify(row));
    } catch {
      // Then they wait in this window only, for the moment that the app takes.
    }
  }

  remove(rows) {
    try {
      for (const row of rows) {
        const name = this.prefix + keyOf(row);
        if (window.localStorage.getItem(name) === JSON.stringify(row)) window.localStorage.removeItem(name);
      }
    } catch {
      // As above.
    }
  }
}

/** What can be taken back is this window's own. */
function stepsOf(dataset) {
  try {
    return JSON.parse(window.sessionStorage.getItem(`winnow:steps:${dataset}`)) ?? [];
  } catch {
    return [];
  }
}

function keepSteps(dataset, steps) {
  try {
    window.sessionStorage.setItem(`winnow:steps:${dataset}`, JSON.stringify(steps));
  } catch {
    // They then last as long as the page.
  }
}

/** A line at the foot of the window, as long as the app does not take what was decided; in the viewer where that is open. */
class Trouble {
  show({ message }, waiting) {
    this.node ??= el("p", { class: "review-trouble", role: "alert" });
    this.place();
    const left = waiting ? ` ${plural(waiting, "decision")} ${waiting === 1 ? "waits" : "wait"} in this browser, and will be sent.` : "";
    const text = `${message}${left}`;
    if (this.node.textContent !== text) this.node.textContent = text;
    this.node.hidden = false;
    this.watching ??= new MutationObserver(() => this.place());
    this.watching.observe(document.body, { attributeFilter: ["open"], subtree: true });
  }

  /** An open dialog lies on all else of the page. */
  place() {
    const home = document.querySelector(".viewer[open]") ?? document.body;
    if (this.node.parentElement !== home) home.append(this.node);
  }

  over() {
    this.watching?.disconnect();
    if (this.node) this.node.hidden = true;
  }
}
