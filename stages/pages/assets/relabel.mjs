// Asking for a word, in a dialog that the keyboard alone can fill: the right label, or the name of a tag.

import { nameOf } from "./card.mjs";
import { el } from "./dom.mjs";
import { plural } from "./format.mjs";

/** The label chosen for the items, or null where the person thought better of it. labels: those of the data set. */
export function askLabel(items, labels) {
  const proposed = items.length === 1 && items[0].suggest?.decision === "relabel" ? items[0].suggest.label : "";
  const what = items.length === 1 ? nameOf(items[0]) : plural(items.length, "image");
  return askWord({ title: ["Relabel ", el("bdi", {}, what)], label: "The right label", action: "Relabel", proposed, known: labels });
}

/** The name of a tag for so many images, or null. */
export function askTag(count) {
  return askWord({ title: [`Tag ${plural(count, "image")}`], label: "The tag, without a semicolon", action: "Download tags.csv", pattern: "[^;]*[^;\\s][^;]*" });
}

function askWord({ title, label, action, proposed = "", known = [], pattern = ".*\\S.*" }) {
  const input = el("input", { id: "asked-word", type: "text", list: known.length ? "known-words" : null, value: proposed, required: true, pattern, maxlength: "200", autocomplete: "off" });
  const list = el("datalist", { id: "known-words" }, known.map((word) => el("option", { value: word })));
  const dialog = el(
    "dialog",
    { class: "ask", "aria-labelledby": "ask-title" },
    el(
      "form",
      { method: "dialog" },
      el("h2", { id: "ask-title" }, ...title),
      el("label", { for: "asked-word" }, label),
      input,
      list,
      el(
        "div",
        { class: "ask-actions" },
        el("button", { type: "button", class: "button", click: () => dialog.close("") }, "Cancel"),
        el("button", { type: "submit", class: "button primary", value: "ok" }, action),
      ),
    ),
  );
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  input.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const word = dialog.returnValue === "ok" ? input.value.trim() : "";
      dialog.remove();
      before?.focus();
      resolve(word || null);
    });
  });
}
