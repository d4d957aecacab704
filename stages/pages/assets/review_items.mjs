// The page of all images: filtered and sorted by any column, or those most like some words or like one of them.

import { card } from "./card.mjs";
import { announce, el, icon } from "./dom.mjs";
import { number, plural } from "./format.mjs";
import { pager } from "./gallery.mjs";
import { pageCount } from "./paging.mjs";
import { get } from "./review_api.mjs";
import { asked, both, COMPARISONS, condition, told } from "./review_query.mjs";
import { rove } from "./rove.mjs";

const PER_PAGE = 48;
const LONG = 1000; // ms that no search takes once the encoder is loaded

export class AllImages {
  constructor(desk) {
    this.desk = desk;
    this.root = document.getElementById("gallery");
    this.none = document.getElementById("none");
    this.error = document.getElementById("error");
    this.state = asked(location.search);
    this.searching();
    this.filtering();
    window.addEventListener("popstate", () => this.go(asked(location.search), false));
    this.go(this.state, false);
  }

  searching() {
    this.words = el("input", { id: "words", type: "search", autocomplete: "off", placeholder: "such as: a red car at night" });
    this.working = el("p", { class: "review-working" });
    this.notes = el("p", { class: "review-notes", hidden: true });
    this.example = el("p", { class: "review-example", hidden: true });
    const form = document.getElementById("search");
    form.append(el("label", { for: "words" }, "Search by words"), this.words, el("button", { type: "submit", class: "button" }, "Search"), this.working, this.notes, this.example);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.go({ ...this.state, text: this.words.value.trim(), page: 0 });
    });
  }

  filtering() {
    const select = (id) => el("select", { id });
    this.sort = select("sort");
    this.descending = el("input", { id: "descending", type: "checkbox" });
    this.where = el("input", { id: "where", type: "text", autocomplete: "off", spellcheck: "false", placeholder: "such as: split = 'train' and is_outlier" });
    [this.column, this.comparison] = [select("column"), select("comparison")];
    this.value = el("input", { id: "value", type: "text", autocomplete: "off" });
    const button = (text, click) => el("button", { type: "button", class: "button", click }, text);
    const labelled = (text, node) => el("label", { for: node.id }, el("span", {}, text), node);
    const form = document.getElementById("filter");
    form.append(
      el(
        "div",
        { class: "row" },
        labelled("Column", this.column),
        labelled("Which", this.comparison),
        labelled("Value", this.value),
        button("Add to the condition", () => this.add()),
        el("span", { class: "apart" }),
        labelled("Sort by", this.sort),
        el("label", { for: "descending", class: "check" }, this.descending, " Largest first"),
      ),
      el(
        "div",
        { class: "row" },
        el("label", { for: "where", class: "wide" }, el("span", {}, "Condition, in SQL"), this.where),
        el("button", { type: "submit", class: "button" }, "Apply"),
        button("Clear", () => this.clear()),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.go({ ...this.state, where: this.where.value.trim(), page: 0 });
    });
    this.column.addEventListener("change", () => this.compare());
    this.comparison.addEventListener("change", () => this.compare(false));
    this.sort.addEventListener("change", () => this.go({ ...this.state, sort: this.sort.value, page: 0 }));
    this.descending.addEventListener("change", () => this.go({ ...this.state, descending: this.descending.checked, page: 0 }));
  }

  /** The columns there are, once they are known. */
  offer(columns) {
    if (this.columns) return;
    this.columns = columns;
    const options = () => grouped(columns);
    this.sort.replaceChildren(...options());
    this.column.replaceChildren(...options());
    this.column.value = "label";
    this.compare();
    this.fill();
  }

  get chosen() {
    return this.columns.find(({ name }) => name === this.column.value) ?? this.columns[0];
  }

  compare(isOther = true) {
    if (isOther) this.comparison.replaceChildren(...COMPARISONS[this.chosen.kind].map(([value, text]) => el("option", { value }, text)));
    this.value.disabled = this.chosen.kind === "flag" || this.comparison.value.endsWith("null");
  }

  add() {
    this.where.value = both(this.where.value, condition(this.chosen, this.comparison.value, this.value.value));
    this.go({ ...this.state, where: this.where.value, page: 0 });
  }

  clear() {
    this.go({ ...asked(""), sort: this.state.sort, descending: this.state.descending });
  }

  /** More like one image. */
  like(id) {
    this.go({ ...this.state, text: "", item: id, page: 0 });
  }

  /** Ask for what the state says, and show it. */
  async go(state, isNew = true) {
    this.state = state;
    if (isNew) history.pushState(null, "", told(state));
    this.fill();
    this.wait(state);
    try {
      const found = await (state.text || state.item ? this.search(state) : this.browse(state));
      if (state !== this.state) return false;
      this.error.hidden = true;
      this.show(found);
      return true;
    } catch ({ message }) {
      if (state === this.state) this.fail(message);
      return false;
    } finally {
      if (state === this.state) this.waited();
    }
  }

  /** What is there belongs to another question: it is shown, but nothing can be done with it. */
  wait({ text }) {
    this.root.setAttribute("aria-busy", "true");
    this.root.inert = true;
    clearTimeout(this.longer);
    if (!text) return;
    this.work("Searching…");
    this.longer = setTimeout(() => this.work("Loading the encoder… The first search takes a few seconds more."), LONG);
  }

  work(words) {
    this.working.textContent = words;
    announce(words);
  }

  waited() {
    this.root.removeAttribute("aria-busy");
    this.root.inert = false;
    clearTimeout(this.longer);
    this.working.textContent = "";
  }

  fill() {
    const { where, sort, descending, text, item } = this.state;
    this.where.value = where;
    if (this.columns) this.sort.value = sort;
    this.descending.checked = descending;
    // What a search finds is in the order of likeness.
    this.sort.disabled = this.descending.disabled = Boolean(text || item);
    this.words.value = text;
    this.example.hidden = !item;
    const stop = el("button", { type: "button", class: "button", click: () => this.go({ ...this.state, item: "", page: 0 }) }, "Stop");
    this.example.replaceChildren(...(item ? [el("img", { src: `api/thumbnail/${item}`, alt: "" }), "More like this image", stop] : []));
  }

  async browse({ where, sort, descending, page }) {
    const found = await get("items", { where, sort, descending, offset: page * PER_PAGE, limit: PER_PAGE });
    this.offer(found.columns);
    return found;
  }

  /** The most alike of those that pass the condition; a search has one page. */
  async search({ text, item, where }) {
    if (!this.columns) this.offer((await get("items", { limit: 1 })).columns);
    const found = await get("search", { text, item, where, limit: 2 * PER_PAGE });
    return { ...found, matched: found.items.length, isSearch: true };
  }

  show({ items, sheets, matched, notes = [], isSearch = false }) {
    const { page, text, item } = this.state;
    this.none.hidden = items.length > 0;
    this.note(notes);
    const grid = el("ol", { class: "cards compact" }, items.map((item, i) => this.card(item, sheets[i])));
    const from = page * PER_PAGE;
    const shown = matched ? `${number(from + 1)}–${number(from + items.length)} of ${plural(matched, "image")}` : "No image";
    const where = isSearch ? `The ${plural(items.length, "image")} most like ${text ? (item ? "both" : "these words") : "it"}` : shown;
    const pages = isSearch ? 1 : pageCount(matched, PER_PAGE);
    const bars = Array.from({ length: pages > 1 ? 2 : 1 }, () => pager((by) => this.turn(page + by)));
    for (const bar of bars) bar.update(where, page, pages);
    const [above, ...below] = bars.map(({ node }) => node);
    this.root.replaceChildren(above, grid, ...below);
    rove(grid, (by) => this.turnFrom(by, page, pages));
    announce([where, ...notes].join(". "));
  }

  /** What a reader should know of an answer, such as words that the encoder does not. */
  note(notes) {
    this.notes.hidden = !notes.length;
    this.notes.replaceChildren(...(notes.length ? [icon("info"), notes.join(" ")] : []));
  }

  card(item, [file, w, h]) {
    const node = card({ ...item, place: item.place && [0, 0, 0, w, h] }, [[file, w, h]]);
    node.querySelector(".body").append(el("button", { type: "button", class: "link", click: () => this.like(item.id) }, "More like this"));
    return this.desk ? this.desk.dress(item, node) : node;
  }

  turn(page) {
    this.root.scrollIntoView({ block: "start" });
    return this.go({ ...this.state, page });
  }

  /** An arrow key beyond the ends: the focus follows when the next page has come. */
  turnFrom(by, page, pages) {
    if (page + by < 0 || page + by >= pages) return false;
    this.turn(page + by).then(() => {
      const cards = this.root.querySelectorAll(".card");
      cards[by < 0 ? cards.length - 1 : 0]?.focus();
    });
    return false; // the cards that are there now are the old ones
  }

  fail(message) {
    this.note([]);
    this.error.textContent = message;
    this.error.hidden = false;
    announce(message);
    if (!this.columns) this.orient();
  }

  /** The columns there are, where the first thing asked for could not be answered. */
  async orient() {
    try {
      this.offer((await get("items", { limit: 1 })).columns);
    } catch {
      // What is wrong stands there already.
    }
  }
}

/** Options by table. */
function grouped(columns) {
  const names = [...new Set(columns.map(({ table }) => table))];
  return names.map((table) => el("optgroup", { label: table }, columns.filter((one) => one.table === table).map(({ name }) => el("option", { value: name }, name))));
}
