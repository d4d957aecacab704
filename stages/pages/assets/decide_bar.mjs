// The bar at the top of a page: how many are decided, and what can be done with all of them.

import { choices } from "./choices.mjs";
import { deciding, progress } from "./decide.mjs";
import { download } from "./download.mjs";
import { el, icon } from "./dom.mjs";
import { number, plural } from "./format.mjs";

const REVIEWER = "winnow:reviewer";
const AT_RISK = "The browser has no room for all of this and did not keep it: save before you leave the page.";
const KEYS = [["K", "keep"], ["D", "drop"], ["R", "relabel"], ["U", "undo"], ["Space", "select"], ["← →", "move"]];

export function decisionBar(root) {
  const desk = deciding();
  if (!root || !desk) return;
  const count = el("p", { class: "decide-count", role: "status" });
  const since = el("span", { class: "muted" });
  const undo = button("Undo", "undo", () => desk.undo());
  const accept = button("", null, () => desk.accept(proposed(desk)));
  const save = button("Save decisions", "save", () => saveAll(desk), "button primary");
  const reviewer = el("input", { id: "reviewer", type: "text", autocomplete: "name", maxlength: "80", placeholder: "your name", value: remembered() });
  reviewer.addEventListener("change", () => remember(reviewer.value.trim()));
  const hint = el("p", { class: "decide-hint" });
  const many = selection(desk);
  root.append(
    el("div", { class: "decide-told" }, count, since),
    el("div", { class: "decide-actions" }, el("label", { class: "reviewer" }, "Reviewer ", reviewer), undo, accept, desk.isApp ? "" : save),
    many.node,
    hint,
  );
  if (desk.keeping.note) root.append(note(desk.keeping.note));
  const risk = note(AT_RISK, { role: "alert", hidden: true });
  root.append(risk);
  window.addEventListener("beforeunload", (event) => desk.isAtRisk && event.preventDefault());
  const isAlways = desk.suspects.size > 0 || "always" in root.dataset;
  desk.watch(() => {
    const found = proposed(desk);
    put(count, progress(desk));
    put(since, desk.isApp || !desk.decisions.since() ? "" : `${number(desk.decisions.since())} since this report was made`);
    undo.disabled = !desk.decisions.steps.length;
    save.disabled = !desk.decisions.rows().length;
    accept.hidden = !found.length;
    accept.textContent = `Accept ${plural(found.length, "suggestion")}`;
    hint.replaceChildren(keys(), ...(found.length ? [el("span", {}, meaning(found))] : []));
    many.update();
    risk.hidden = !desk.isAtRisk;
    root.hidden = !isAlways && !desk.decisions.rows().length;
  });
}

function note(text, more = {}) {
  return el("p", { class: "decide-note", ...more }, icon("info"), text);
}

function button(text, name, click, kind = "button") {
  return el("button", { type: "button", class: kind, click }, name ? icon(name) : null, text);
}

/** A status is read out whenever it is written, so it is only written when it changes. */
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function proposed(desk) {
  return desk.open().filter((item) => item.suggest);
}

/** What accepting does: it reaches further than the eye. */
function meaning(found) {
  const drops = found.filter(({ suggest }) => suggest.decision === "drop").length;
  const does = [drops ? `drops ${number(drops)}` : "", drops < found.length ? `relabels ${number(found.length - drops)}` : ""];
  return `Accepting ${does.filter(Boolean).join(" and ")}: every undecided suspect of this page that has a suggestion, in view or not.`;
}

function keys() {
  return el("span", { class: "keys" }, "On a card: ", KEYS.flatMap(([key, does]) => [el("kbd", {}, key), ` ${does} `]));
}

/** What can be done with the selected images. */
function selection(desk) {
  const text = el("b", {});
  const clear = button("Clear", null, () => desk.select([]));
  const say = (decision) => desk.sayAll([...desk.selected.values()], decision);
  const node = el("div", { class: "decide-many", hidden: true }, text, choices(say, "Decide on the selected images"), clear);
  return {
    node,
    update() {
      node.hidden = !desk.selected.size;
      text.textContent = `${plural(desk.selected.size, "image")} selected`;
    },
  };
}

function saveAll(desk) {
  download("decisions.csv", desk.saved(), "winnow decide merge folds it in");
}

function remembered() {
  try {
    return window.localStorage.getItem(REVIEWER) ?? "";
  } catch {
    return "";
  }
}

function remember(name) {
  try {
    window.localStorage.setItem(REVIEWER, name);
  } catch {
    // A name that is not remembered is typed again.
  }
}
