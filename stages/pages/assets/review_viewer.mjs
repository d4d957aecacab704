// One image at full size: zoom, decide, go on, and compare with its copies. All of it from the keyboard as well.

import { nameOf, tags } from "./card.mjs";
import { ICONS, KEYS, WORDS } from "./choices.mjs";
import { el, icon, unturned } from "./dom.mjs";
import { askLabel } from "./relabel.mjs";
import { get } from "./review_api.mjs";
import { Compare } from "./review_compare.mjs";
import { Zoom } from "./review_zoom.mjs";

const PAN = 60; // pixels a key moves
const NEAR = 1; // how many on are fetched before they are asked for

export class Viewer {
  /** desk: where decisions are made; progress: how many are. */
  constructor(desk, progress) {
    this.desk = desk;
    this.progress = progress;
    this.build();
    this.zoom = new Zoom(this.stage, this.sheet);
    this.compare = new Compare({
      show: (layers, width, height) => this.lay(layers, width, height),
      leave: () => this.lay([this.picture], this.told.width, this.told.height),
      say: (text) => this.say(text),
    });
    this.side.insertBefore(this.compare.node, this.values);
    desk.watch(() => this.mark());
    progress.hearers.push((text) => (this.count.textContent = text));
    this.dialog.addEventListener("keydown", (event) => this.pressed(event));
    this.dialog.addEventListener("close", () => this.closed());
  }

  build() {
    const act = (title, name, click, more = {}) => el("button", { type: "button", class: "button", title, click, ...more }, name ? icon(name) : null, title);
    this.name = el("h2", { id: "viewer-name" });
    this.count = el("p", { class: "muted small" });
    this.sheet = el("div", { class: "viewer-sheet" });
    this.note = el("p", { class: "viewer-note", hidden: true });
    this.stage = el("div", { class: "viewer-stage", tabindex: 0, role: "group", "aria-label": "The image" }, this.sheet, this.note);
    this.decided = el("p", { class: "decided" });
    this.tags = el("div", {});
    this.values = el("details", { class: "viewer-values" });
    this.side = el("div", { class: "viewer-side" }, this.decided, this.tags, this.values);
    this.status = el("p", { class: "visually-hidden", role: "status" });
    this.choices = Object.keys(WORDS).map((word) =>
      act(WORDS[word], ICONS[word], () => this.press(word), { class: `button choice ${word}`, "data-decision": word, "aria-pressed": "false", "aria-keyshortcuts": word[0] }),
    );
    const close = act("Close", null, () => this.dialog.close(), { title: "Close (Escape)" });
    const head = el("header", { class: "viewer-head" }, this.name, this.count, close);
    this.back = act("Previous", "left", () => this.step(-1));
    this.on = act("Next", "right", () => this.step(1));
    const foot = el(
      "footer",
      { class: "viewer-foot" },
      el("div", { role: "group", "aria-label": "Go on" }, this.back, this.on, act("Next undecided (N)", null, () => this.nextOpen())),
      el("div", { role: "group", "aria-label": "Decide" }, this.choices, act("Undo", "undo", () => this.desk.undo())),
      el(
        "div",
        { role: "group", "aria-label": "Zoom" },
        act("Out", "less", () => this.zoom.by(0.7)),
        act("In", "plus", () => this.zoom.by(1 / 0.7)),
        act("Fit", "reset", () => this.zoom.fit()),
        act("1:1", null, () => this.zoom.full(), { title: "One pixel is one pixel of the screen" }),
      ),
    );
    const hint = el("p", { class: "hint" }, "K keep, D drop, R relabel, U undo, N next undecided, B and X compare, + − 0 1 zoom, arrows go on");
    this.dialog = el("dialog", { class: "viewer", "aria-labelledby": "viewer-name" }, head, this.stage, this.side, foot, hint, this.status);
    document.body.append(this.dialog);
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** Open on a card of the page; the arrows then go through the cards that are on the screen. */
  openCard(card) {
    this.inQueue = false;
    this.before = card;
    return this.show(card.dataset.id);
  }

  /** Open on the next suspect that nobody decided on, wherever it is; decisions then lead from one to the next. */
  async nextOpen() {
    const { next } = await this.progress.ask(this.isOpen ? this.told?.item.id : this.last).catch(({ message }) => this.say(message) ?? {});
    if (!next) return this.isOpen ? this.say("All suspects are decided") : undefined;
    if (!this.isOpen) this.before = document.activeElement;
    this.inQueue = true;
    return this.show(next);
  }

  async show(id) {
    this.wanted = id;
    if (!this.isOpen) {
      this.dialog.showModal();
      this.stage.focus();
    }
    try {
      const told = await get(`items/${id}`);
      if (id === this.wanted) this.fill(told);
    } catch ({ message }) {
      if (id === this.wanted) this.fail(message);
    }
  }

  fill(told) {
    this.told = told;
    this.last = told.item.id;
    const { item } = told;
    this.name.replaceChildren(el("bdi", { class: "path" }, nameOf(item)));
    this.tags.replaceChildren(...[tags(item.tags)].filter(Boolean), ...whyOf(item, told.grounds));
    this.values.replaceChildren(el("summary", {}, "All values"), valuesOf(told.values));
    this.note.hidden = true;
    this.picture = el("img", { src: `api/original/${item.id}`, alt: nameOf(item), draggable: "false" });
    this.picture.addEventListener("error", () => this.picture.isConnected && this.failOriginal(item.id));
    this.lay([this.picture], told.width ?? 1, told.height ?? 1);
    this.compare.start({ item, isKeeper: told.keeper, copies: told.copies });
    const { at, cards } = this.place();
    this.back.disabled = at <= 0;
    this.on.disabled = at < 0 || at === cards.length - 1;
    for (const card of cards.slice(at + 1, at + 1 + NEAR)) new Image().src = `api/original/${card.dataset.id}`;
    this.mark();
    const why = told.grounds.map(([title, text]) => `. ${title}: ${text}`).join("");
    this.say(`${nameOf(item)}${at < 0 ? "" : `, ${at + 1} of ${cards.length}`}${why}`);
  }

  lay(nodes, width, height) {
    this.sheet.replaceChildren(...nodes);
    this.zoom.start(width, height);
  }

  fail(message) {
    this.sheet.replaceChildren();
    this.note.textContent = unturned(message);
    this.note.hidden = false;
  }

  /** Why there is no picture: an <img> does not tell. */
  async failOriginal(id) {
    const why = await get(`original/${id}`).then(() => "The image cannot be shown.", ({ message }) => message);
    if (id === this.told.item.id) this.fail(why);
  }

  /** The cards on the screen, and which of them is shown; -1 for one that is elsewhere. */
  place() {
    const cards = [...document.querySelectorAll(".card[data-id]")].filter((card) => card.offsetParent);
    const own = cards.indexOf(this.before);
    const isOwn = own >= 0 && cards[own].dataset.id === this.told?.item.id;
    return { cards, at: isOwn ? own : cards.findIndex((card) => card.dataset.id === this.told?.item.id) };
  }

  step(by) {
    const { cards, at } = this.place();
    const to = cards[at + by];
    if (at < 0 || !to) return this.say(by < 0 ? "This is the first on the page" : "This is the last on the page");
    this.inQueue = false;
    this.before = to;
    return this.show(to.dataset.id);
  }

  /** A word for what is shown, and on to the next. Nothing is decided on a picture that is only on its way. */
  async decide(decision) {
    if (this.isBusy || !this.told || this.wanted !== this.told.item.id) return;
    this.isBusy = true;
    try {
      if (await this.put(decision)) await (this.inQueue ? this.nextOpen() : this.step(1));
    } finally {
      this.isBusy = false;
    }
  }

  async put(decision) {
    const { item } = this.told;
    const label = decision === "relabel" ? await askLabel([item], this.desk.labels) : "";
    if (label === null) return false;
    this.desk.decide([item], () => ({ decision, label }));
    return true;
  }

  /** A button that is pressed already takes its word back. */
  press(decision) {
    const { item } = this.told;
    if (decision === "relabel" || this.desk.of(item)?.decision !== decision) return this.decide(decision);
    return this.desk.decide([item], () => ({ decision: "undecided", label: "" }));
  }

  mark() {
    if (!this.told) return;
    const word = this.desk.of(this.told.item);
    for (const button of this.choices) button.setAttribute("aria-pressed", String(button.dataset.decision === word?.decision));
    this.decided.textContent = word ? unturned(said(word)) : "Not decided yet";
  }

  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    if (document.querySelector("dialog.ask[open]")) return;
    const action = this.actions(event)[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  actions({ shiftKey }) {
    const arrows = {
      ArrowLeft: () => (shiftKey ? this.zoom.move(PAN, 0) : this.step(-1)),
      ArrowRight: () => (shiftKey ? this.zoom.move(-PAN, 0) : this.step(1)),
      ArrowUp: () => this.zoom.move(0, PAN),
      ArrowDown: () => this.zoom.move(0, -PAN),
    };
    const zoom = { "+": () => this.zoom.by(1.25), "=": () => this.zoom.by(1.25), "-": () => this.zoom.by(0.8), 0: () => this.zoom.fit(), 1: () => this.zoom.full() };
    const decide = Object.fromEntries(Object.entries(KEYS).map(([key, word]) => [key, () => this.decide(word)]));
    return { ...arrows, ...zoom, ...decide, u: () => this.desk.undo(), n: () => this.nextOpen(), b: () => this.compare.change(), x: () => this.compare.copies?.length && this.compare.press("difference") };
  }

  closed() {
    this.compare.stop();
    this.wanted = null;
    const { cards, at } = this.place();
    (cards[at] ?? this.before)?.focus?.();
  }

  say(text) {
    this.status.textContent = text;
  }
}

function said({ decision, label, reviewer }) {
  const what = decision === "relabel" ? `Relabelled to ${label}` : { keep: "Kept", drop: "Dropped" }[decision];
  return reviewer ? `${what} by ${reviewer}` : what;
}

/** Why it is a suspect: each finding with its sentence; then why it was removed, unless that is one of them. */
function whyOf({ why }, grounds) {
  const found = grounds.length ? [el("dl", { class: "grounds" }, grounds.map(([title, text]) => [el("dt", {}, title), el("dd", {}, text)]).flat())] : [];
  return why && !grounds.some(([, text]) => text === why) ? [...found, el("p", { class: "small" }, why)] : found;
}

function valuesOf(values) {
  return el("dl", {}, values.map(([table, name, value]) => el("div", {}, el("dt", { title: table }, name), el("dd", {}, el("bdi", {}, value)))));
}
