// Asking for the right label, in a dialog that the keyboard alone can fill.

import { el } from "./dom.mjs";
import { plural } from "./format.mjs";

/** The label chosen for the items, or null where the person thought better of it. labels: those of the data set. */
export function askLabel(items, labels) {
  const proposed = items.length === 1 && items[0].suggest?.decision === "relabel" ? items[0].suggest.label : "";
  const input = el("input", { id: "new-label", type: "text", list: "known-labels", value: proposed, required: true, autocomplete: "off" });
  const list = el("datalist", { id: "known-labels" }, labels.map((label) => el("option", { value: label })));
  const what = items.length === 1 ? items[0].path : plural(items.length, "image");
  const dialog = el(
    "dialog",
    { class: "ask", "aria-labelledby": "ask-title" },
    el(
      "form",
      { method: "dialog" },
      el("h2", { id: "ask-title" }, "Relabel ", el("bdi", {}, what)),
      el("label", { for: "new-label" }, "The right label"),
      input,
      list,
      el(
        "div",
        { class: "ask-actions" },
        el("button", { type: "button", class: "button", click: () => dialog.close("") }, "Cancel"),
        el("button", { type: "submit", class: "button primary", value: "ok" }, "Relabel"),
      ),
    ),
  );
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  input.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const label = dialog.returnValue === "ok" ? input.value.trim() : "";
      dialog.remove();
      before?.focus();
      resolve(label || null);
    });
  });
}
