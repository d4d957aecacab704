// The desk on which decisions are made: it knows the cards on the screen, what is selected, and what was said.

import { nameOf } from "./card.mjs";
import { choices, chip, KEYS, told } from "./choices.mjs";
import { Decisions, itemOf, range, toCsv } from "./decisions.mjs";
import { announce, el } from "./dom.mjs";
import { plural } from "./format.mjs";
import { inBrowser } from "./keeping.mjs";
import { inApp } from "./keeping_app.mjs";
import { askLabel } from "./relabel.mjs";

const DONE = { keep: "kept", drop: "dropped", relabel: "relabelled", undecided: "undecided" };

export class Desk {
  constructor({ dataset, columns, decided, unmatched = [], labels }) {
    const row = (cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i]]));
    this.labels = labels;
    this.held = decided.map(row);
    this.unmatched = unmatched.map(row);
    this.isApp = Boolean(window.WINNOW_REVIEW);
    this.keeping = this.isApp ? inApp(dataset) : inBrowser(dataset);
    this.selected = new Map(); // items by id
    this.last = null; // the item from which a range runs
    this.cards = []; // those on the screen: { item, node }; an image may have several
    this.suspects = new Map(); // all items of this page that ask for a word, by id
    this.watchers = [];
    this.isAtRisk = false; // whether there is a word that lasts no longer than the page
    this.read();
    this.keeping.listen(() => this.changed(this.read()));
  }

  read() {
    const { made, steps } = this.keeping.load();
    this.decisions = new Decisions(this.held, made, steps, this.unmatched);
  }

  /** The row that counts for a card's item, or null. */
  of(item) {
    return this.decisions.of(itemOf(item));
  }

  /** Whether the report already follows a decision on the item, and nobody took it back since. */
  isSettled(item) {
    return Boolean(item.settled && this.of(item));
  }

  /** Items of this page that ask for a decision; of several cards of an image one that has a suggestion speaks for it. */
  ask(items) {
    for (const item of items) if (!this.suspects.get(item.id)?.suggest) this.suspects.set(item.id, item);
    this.changed();
  }

  /** Those of them that have no word yet. */
  open() {
    return [...this.suspects.values()].filter((item) => !this.of(item));
  }

  /** Call `hear` now and at every change. */
  watch(hear) {
    this.watchers.push(hear);
    hear();
  }

  changed() {
    for (const { item, node } of this.cards) this.mark(item, node);
    for (const hear of this.watchers) hear();
  }

  get reviewer() {
    return document.getElementById("reviewer")?.value.trim() ?? "";
  }

  /** Decide for items in one step, keep it, and say so. word(item): { decision, label, reason }. */
  decide(items, word) {
    this.read(); // another tab may have decided since
    this.decisions.decide(items.map(itemOf), word, this.reviewer, now());
    const { decision } = word(itemOf(items[0]));
    this.keep(items.length === 1 ? `${nameOf(items[0])} ${DONE[decision]}` : `${plural(items.length, "image")} decided`);
  }

  undo() {
    this.read();
    const count = this.decisions.undo(this.reviewer, now());
    if (count) this.keep(`Taken back: ${plural(count, "decision")}`);
    else announce("Nothing to take back");
  }

  keep(done) {
    this.isAtRisk = !this.keeping.save(this.decisions.kept());
    announce(done);
    this.changed();
  }

  /** A word for one item, or for all that are selected if it is among them. */
  say(item, decision) {
    return this.sayAll(this.selected.has(item.id) ? [...this.selected.values()] : [item], decision);
  }

  /** One word for several items. False where the person thought better of it. */
  async sayAll(items, decision) {
    const label = decision === "relabel" ? await askLabel(items, this.labels) : "";
    if (label === null) return false;
    this.decide(items, () => ({ decision, label }));
    this.select([]);
    return true;
  }

  /** What the page proposes; one step, so that one undo takes it back. */
  accept(items) {
    const words = new Map(items.map((item) => [itemOf(item).key, item.suggest]));
    this.decide(items, ({ key }) => words.get(key));
  }

  select(items) {
    this.selected = new Map(items.map((item) => [item.id, item]));
    this.changed();
  }

  toggle(item) {
    const others = [...this.selected.values()].filter(({ id }) => id !== item.id);
    this.select(this.selected.has(item.id) ? others : [...others, item]);
    this.last = item;
    announce(`${plural(this.selected.size, "image")} selected`);
  }

  /** Select all cards between the last one and this one. */
  extend(item) {
    const shown = new Map(this.cards.filter(({ node }) => node.isConnected).map((card) => [card.item.id, card.item]));
    const ids = range([...shown.keys()], this.last?.id, item.id);
    this.select([...this.selected.values(), ...ids.map((id) => shown.get(id))]);
    announce(`${plural(this.selected.size, "image")} selected`);
  }

  /** Give a card its buttons, keys and marks. */
  dress(item, node) {
    this.cards.push({ item, node });
    this.tidy();
    node.append(el("p", { class: "decided", hidden: true }));
    node.querySelector(".body").append(choices((decision) => this.clickedChoice(item, decision), `Decide on ${nameOf(item)}`));
    node.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault()); // selects cards, no text
    node.addEventListener("click", (event) => this.clicked(event, item));
    node.addEventListener("keydown", (event) => this.pressed(event, item, node));
    this.mark(item, node);
    return node;
  }

  /** Forget cards that have left the screen. */
  tidy() {
    this.tidying ??= Promise.resolve().then(() => {
      this.cards = this.cards.filter(({ node }) => node.isConnected);
      this.tidying = null;
    });
  }

  /** Pressing a pressed button again takes the word back. */
  clickedChoice(item, decision) {
    const isPressed = this.of(item)?.decision === decision && decision !== "relabel" && !this.selected.has(item.id);
    if (isPressed) this.decide([item], () => ({ decision: "undecided" }));
    else this.say(item, decision);
  }

  clicked(event, item) {
    if (event.target.closest("a, button, input, select")) return;
    if (event.shiftKey && this.last) this.extend(item);
    else if (event.ctrlKey || event.metaKey || event.shiftKey) this.toggle(item);
    this.last = item;
  }

  pressed(event, item, node) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    const key = event.key.toLowerCase();
    if (key in KEYS) this.sayAndGoOn(item, KEYS[key], node);
    else if (key === "u") this.undoAndGoBack();
    else if (key === "escape" && this.selected.size) this.select([]);
    else if (key === " " && event.target === node) event.shiftKey && this.last ? this.extend(item) : this.toggle(item);
    else return;
    event.preventDefault();
  }

  /** After a word the next card that waits for one has the focus, so that a thousand can be decided by keys alone. */
  async sayAndGoOn(item, decision, node) {
    if (!(await this.say(item, decision))) return;
    const isUnheard = node.dispatchEvent(new CustomEvent("winnow:onward", { bubbles: true, cancelable: true }));
    if (isUnheard) node.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  }

  /** Taking back leads to the card that it was about. */
  undoAndGoBack() {
    this.read();
    const id = this.decisions.latest();
    this.undo();
    const shown = this.cards.find(({ item, node }) => item.id === id && node.isConnected);
    if (shown) shown.node.focus();
    else if (id) document.dispatchEvent(new CustomEvent("winnow:reveal", { detail: id }));
  }

  mark(item, node) {
    const word = this.of(item);
    node.classList.toggle("is-decided", Boolean(word));
    node.classList.toggle("is-open", !word && item.asks !== false);
    node.classList.toggle("is-selected", this.selected.has(item.id));
    node.dataset.decision = word?.decision ?? "";
    for (const button of node.querySelectorAll(".choice")) {
      button.setAttribute("aria-pressed", String(button.dataset.decision === word?.decision));
    }
    const mark = node.querySelector(":scope > .decided");
    mark.hidden = !word;
    mark.title = word ? told(word) : "";
    mark.replaceChildren(...(word ? chip(word) : []));
  }

  /** All rows as a file, which is about to be saved. */
  saved() {
    this.read();
    this.isAtRisk = false;
    this.changed();
    return toCsv([...this.decisions.rows(), ...this.decisions.unmatched]);
  }
}

function now() {
  return new Date().toISOString();
}
