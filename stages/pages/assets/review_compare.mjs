// A copy and its keeper laid on each other: blinking from one to the other, and what differs.

import { el } from "./dom.mjs";
import { get } from "./review_api.mjs";

const PERIOD = 500; // ms
const STILL = "(prefers-reduced-motion: reduce)";
const LAYERS = ["first", "second", "difference"];

/** Which of two lies below: the keeper, if it is one of them. pair: { first, second }, items with id and path. */
export function pairOf(item, isKeeper, other) {
  return isKeeper ? { first: item, second: other } : { first: other, second: item };
}

/** The controls beside a picture that has copies, and the layers in its place. */
export class Compare {
  /** show(nodes, width, height) puts layers into the stage; leave() puts the picture itself back; say(text) tells. */
  constructor({ show, leave, say }) {
    Object.assign(this, { show, leave, say });
    this.timer = null;
    this.node = el("section", { class: "viewer-compare", "aria-label": "Compare with its copies", hidden: true });
  }

  /** Another item is shown: { item, isKeeper, copies: [{ id, path }] }. */
  start({ item, isKeeper, copies }) {
    this.stop();
    this.item = item;
    this.isKeeper = isKeeper;
    this.copies = copies;
    this.layers = null;
    this.node.hidden = !copies.length;
    if (copies.length) this.lay();
  }

  lay() {
    const choices = this.copies.map(({ path }, i) => el("option", { value: i }, path));
    this.select = el("select", { id: "viewer-other" }, choices);
    this.select.addEventListener("change", () => this.open());
    this.buttons = Object.fromEntries(LAYERS.map((name) => [name, this.button(name)]));
    const still = window.matchMedia(STILL).matches;
    const title = still ? "Switched off: your system asks for less motion. B changes by hand." : "Twice a second";
    this.blink = el("button", { type: "button", class: "filter", "aria-pressed": "false", disabled: still, title, click: () => this.toggleBlink() }, "Blink");
    this.told = el("p", { class: "hint" });
    this.node.replaceChildren(
      el("h3", {}, this.isKeeper ? "Compare with a copy" : "Compare with the keeper"),
      el("label", { for: "viewer-other", class: this.copies.length > 1 ? "small" : "visually-hidden" }, "The other image"),
      this.select,
      el("div", { class: "filters" }, Object.values(this.buttons), this.blink),
      this.told,
    );
    this.select.hidden = this.copies.length < 2;
  }

  button(name) {
    const titles = { first: this.isKeeper ? "This" : "Keeper", second: this.isKeeper ? "Copy" : "This", difference: "Difference" };
    return el("button", { type: "button", class: "filter", "aria-pressed": "false", click: () => this.press(name) }, titles[name]);
  }

  /** B: from one to the other. */
  async change() {
    if (!this.copies?.length) return this.say("This image has no copies");
    this.pause();
    const own = this.isKeeper ? "first" : "second";
    return this.press(this.shown ? (this.shown === "first" ? "second" : "first") : own === "first" ? "second" : "first");
  }

  async press(name) {
    if (name === this.shown && !this.timer) return this.close();
    this.pause();
    if (!this.layers && !(await this.open())) return undefined;
    return this.reveal(name);
  }

  /** Ask for the layers of the present pair; false where that came to nothing. */
  async open() {
    const other = this.copies[Number(this.select.value)];
    const { first, second } = pairOf(this.item, this.isKeeper, other);
    const path = `difference/${first.id}/${second.id}`;
    const item = this.item;
    this.told.textContent = "Laying one on the other…";
    try {
      const told = await get(path);
      const layers = LAYERS.map((name) => el("img", { src: `api/${path}/${name}.png`, alt: "", class: name, draggable: "false" }));
      await Promise.all(layers.map((image) => image.decode()));
      if (item !== this.item) return false;
      this.layers = Object.fromEntries(LAYERS.map((name, i) => [name, layers[i]]));
      this.told.textContent = wordsOf(told);
      this.show(layers, told.width, told.height);
      this.reveal(this.shown ?? "first");
      return true;
    } catch (error) {
      if (item === this.item) this.told.textContent = error.message;
      return false;
    }
  }

  reveal(name) {
    this.shown = name;
    for (const layer of LAYERS) {
      // The difference stands for both; the second lies on the first, which is seen where the second does not reach.
      this.layers[layer].hidden = layer !== name && !(layer === "first" && name === "second");
      this.buttons[layer].setAttribute("aria-pressed", String(layer === name));
    }
    if (!this.timer) this.say(this.buttons[name].textContent);
  }

  async toggleBlink() {
    if (this.timer) return this.pause();
    if (!this.layers && !(await this.open())) return undefined;
    this.blink.setAttribute("aria-pressed", "true");
    this.timer = setInterval(() => this.reveal(this.shown === "first" ? "second" : "first"), PERIOD);
    return undefined;
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.blink?.setAttribute("aria-pressed", "false");
  }

  /** Back to the picture itself. */
  close() {
    this.stop();
    this.leave();
  }

  stop() {
    this.pause();
    this.layers = null;
    this.shown = null;
    for (const button of Object.values(this.buttons ?? {})) button.setAttribute("aria-pressed", "false");
  }
}

/** What the comparison says, in a sentence. */
export function wordsOf({ aligned, agreement, words, gain }) {
  const shown = `Differences are shown ${gain} times as bright.`;
  if (!aligned) return `No way was found to lay one on the other, so the second is stretched over the first. ${shown}`;
  return `${Math.floor(100 * agreement)}\u00a0% of what they show is the same${words ? `; the copy is ${words}` : ""}. ${shown}`;
}
