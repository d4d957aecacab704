// Deciding on cards: buttons and keys, several at a time, taken back, counted, saved.

import { Decisions, itemOf, range, toCsv } from "./decisions.mjs";
import { announce, data, el, icon } from "./dom.mjs";
import { number, plural } from "./format.mjs";
import { inBrowser } from "./keeping.mjs";
import { inApp } from "./keeping_app.mjs";
import { askLabel } from "./relabel.mjs";

const WORDS = { keep: "Keep", drop: "Drop", relabel: "Relabel" };
const ICONS = { keep: "check", drop: "minus", relabel: "tag" };
const KEYS = { k: "keep", d: "drop", r: "relabel" };
const DONE = { keep: "kept", drop: "dropped", relabel: "relabelled" };

let desk;

/** The desk of this page; null on pages that were made without a data set to decide on. */
export function deciding() {
  if (desk === undefined) desk = data("session") ? new Desk(data("session")) : null;
  return desk;
}

class Desk {
  constructor({ dataset, columns, decided, labels }) {
    this.labels = labels;
    this.held = decided.map((cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i]])));
    this.keeping = window.WINNOW_REVIEW ? inApp(dataset) : inBrowser(dataset);
    this.selected = new Set();
    this.last = null;
    this.cards = new Map(); // the items on the screen, by id: { item, node }
    this.suspects = new Map(); // all items of this page that ask for a word, by id
    this.watchers = [];
    this.read();
    this.keeping.listen(() => this.changed(this.read()));
  }

  read() {
    const { made, steps } = this.keeping.load();
    this.decisions = new Decisions(this.held, made, steps);
  }

  /** The row that counts for a card's item, or null. */
  of(item) {
    return this.decisions.of(itemOf(item));
  }

  /** Whether the report already follows a decision on the item. */
  isSettled(item) {
    return Boolean(item.settled);
  }

  /** Items of this page that ask for a decision. */
  ask(items) {
    for (const item of items) this.suspects.set(item.id, item);
    this.changed();
  }

  /** Call `hear` at every change. */
  watch(hear) {
    this.watchers.push(hear);
    hear();
  }

  changed() {
    for (const { item, node } of this.cards.values()) this.mark(item, node);
    for (const hear of this.watchers) hear();
  }

  get reviewer() {
    return document.getElementById("reviewer")?.value.trim() ?? "";
  }

  /** Decide for items in one step, keep it, and say so. */
  decide(items, word) {
    this.read(); // another tab may have decided since
    this.decisions.decide(items.map(itemOf), word, this.reviewer, now());
    this.keep();
    const first = word(itemOf(items[0])).decision;
    announce(items.length === 1 ? `${items[0].path} ${DONE[first]}` : `${plural(items.length, "image")} decided`);
  }

  undo() {
    this.read();
    const count = this.decisions.undo(this.reviewer, now());
    if (!count) return announce("Nothing to take back");
    this.keep();
    return announce(`Taken back: ${plural(count, "decision")}`);
  }

  keep() {
    if (!this.keeping.save(this.decisions.kept())) announce("The browser could not keep this decision: save now");
    this.changed();
  }

  /** A word for one item, or for all that are selected if it is among them. */
  async say(item, decision) {
    const chosen = this.selected.has(item.id) ? [...this.selected].map((id) => this.cards.get(id)?.item ?? this.suspects.get(id)) : [item];
    const items = chosen.filter(Boolean);
    const label = decision === "relabel" ? await askLabel(items, this.labels) : "";
    if (label === null) return false;
    this.decide(items, () => ({ decision, label }));
    this.select([]);
    return true;
  }

  /** What the pages propose, for those not decided yet; one step, so that one undo takes it back. */
  accept(items) {
    const words = new Map(items.map((item) => [itemOf(item).key, item.suggest]));
    this.decide(items, ({ key }) => words.get(key));
  }

  /** Those of this page that have a suggestion and no word yet. */
  open() {
    return [...this.suspects.values()].filter((item) => !this.isSettled(item) && !this.of(item));
  }

  select(ids) {
    this.selected = new Set(ids);
    this.changed();
  }

  /** Give a card its buttons, keys and marks. */
  dress(item, node) {
    this.cards.set(item.id, { item, node });
    node.querySelector(".body").append(this.controls(item));
    node.addEventListener("click", (event) => this.clicked(event, item));
    node.addEventListener("keydown", (event) => this.pressed(event, item, node));
    this.mark(item, node);
    return node;
  }

  controls(item) {
    const button = (decision) =>
      el(
        "button",
        { type: "button", class: `choice ${decision}`, "data-decision": decision, "aria-pressed": "false", title: `${WORDS[decision]} (${decision[0].toUpperCase()})`, click: (event) => this.buttonClicked(event, item, decision) },
        icon(ICONS[decision]),
        el("span", {}, WORDS[decision]),
      );
    return el("div", { class: "choices", role: "group", "aria-label": "Decide" }, Object.keys(WORDS).map(button), el("p", { class: "decided", hidden: true }));
  }

  buttonClicked(event, item, decision) {
    event.stopPropagation();
    if (this.of(item)?.decision === decision && decision !== "relabel" && !this.selected.has(item.id)) this.takeBack(item);
    else this.say(item, decision);
  }

  /** Pressing a pressed button again takes the word back. */
  takeBack(item) {
    this.decide([item], () => ({ decision: "undecided", label: "" }));
    announce(`${item.path} undecided`);
  }

  clicked(event, item) {
    if (event.target.closest("a, button, input, select")) return;
    const ids = [...this.cards].filter(([, { node }]) => node.isConnected).map(([id]) => id);
    if (event.shiftKey && this.last) this.select(new Set([...this.selected, ...range(ids, this.last, item.id)]));
    else if (event.ctrlKey || event.metaKey) this.select(toggled(this.selected, item.id));
    this.last = item.id;
  }

  async pressed(event, item, node) {
    if (event.target !== node || event.altKey || event.ctrlKey || event.metaKey) return;
    const decision = KEYS[event.key.toLowerCase()];
    if (event.key === " ") {
      event.preventDefault();
      this.select(toggled(this.selected, item.id));
    } else if (event.key.toLowerCase() === "u") this.undo();
    else if (decision && (await this.say(item, decision))) next(node);
  }

  mark(item, node) {
    const word = this.of(item);
    node.classList.toggle("is-decided", Boolean(word));
    node.classList.toggle("is-selected", this.selected.has(item.id));
    node.dataset.decision = word?.decision ?? "";
    for (const button of node.querySelectorAll(".choice")) {
      button.setAttribute("aria-pressed", String(button.dataset.decision === word?.decision));
    }
    const told = node.querySelector(".decided");
    told.hidden = !word;
    told.textContent = word ? said(word) : "";
  }

  csv() {
    return toCsv(this.decisions.rows());
  }
}

function said({ decision, label, reviewer }) {
  const what = decision === "relabel" ? `Relabel to ${label}` : WORDS[decision];
  return reviewer ? `${what}, says ${reviewer}` : `${what}: your decision`;
}

function toggled(set, id) {
  const found = new Set(set);
  if (!found.delete(id)) found.add(id);
  return found;
}

/** After a word the next card has the focus, so that a thousand can be decided from the keyboard. */
function next(node) {
  const event = new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true });
  node.dispatchEvent(event);
}

function now() {
  return new Date().toISOString();
}

/** The bar at the top of a page: how many are decided, and what can be done with all of them. */
export function decisionBar(root) {
  const own = deciding();
  if (!root || !own) return;
  const count = el("p", { class: "decide-count", role: "status" });
  const undo = el("button", { type: "button", class: "button", click: () => own.undo() }, icon("undo"), "Undo");
  const accept = el("button", { type: "button", class: "button", click: () => own.accept(own.open().filter((item) => item.suggest)) });
  const save = el("button", { type: "button", class: "button primary", click: () => download("decisions.csv", own.csv()) }, icon("save"), "Save decisions");
  const reviewer = el("input", { id: "reviewer", type: "text", autocomplete: "name", maxlength: "80", placeholder: "your name", value: remembered() });
  reviewer.addEventListener("change", () => remember(reviewer.value));
  const note = own.keeping.note ? el("p", { class: "decide-note" }, icon("info"), own.keeping.note) : null;
  root.append(count, el("div", { class: "decide-actions" }, el("label", { class: "reviewer" }, "Reviewer ", reviewer), undo, accept, save), note ?? "");
  root.hidden = false;
  own.watch(() => {
    const all = own.suspects.size;
    const left = own.open();
    const proposed = left.filter((item) => item.suggest).length;
    count.textContent = all ? `${number(all - left.length)} of ${plural(all, "suspect")} on this page decided` : "Nothing on this page asks for a decision";
    undo.disabled = !own.decisions.steps.length;
    accept.textContent = `Accept ${plural(proposed, "suggestion")} on this page`;
    accept.hidden = !proposed;
  });
}

function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = el("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
  announce(`${name} saved: winnow decide merge folds it in`);
}

function remembered() {
  try {
    return window.localStorage.getItem("winnow:reviewer") ?? "";
  } catch {
    return "";
  }
}

function remember(name) {
  try {
    window.localStorage.setItem("winnow:reviewer", name);
  } catch {
    // A name that is not remembered is typed again.
  }
}
