// What can be decided, as buttons: on a card, and for many images at once.

import { el, icon } from "./dom.mjs";

export const WORDS = { keep: "Keep", drop: "Drop", relabel: "Relabel" };
export const ICONS = { keep: "check", drop: "minus", relabel: "tag" };

/** Which word a key means. */
export const KEYS = { k: "keep", d: "drop", r: "relabel" };

/** A button a word, in a group. say(decision): what a click does. */
export function choices(say, name = "Decide") {
  const button = (decision) =>
    el(
      "button",
      {
        type: "button",
        class: `choice ${decision}`,
        "data-decision": decision,
        "aria-pressed": "false",
        title: `${WORDS[decision]} (${WORDS[decision][0]})`,
        click: (event) => {
          event.stopPropagation();
          say(decision);
        },
      },
      icon(ICONS[decision]),
      el("span", {}, WORDS[decision]),
    );
  return el("div", { class: "choices", role: "group", "aria-label": name }, el("div", {}, Object.keys(WORDS).map(button)));
}

/** The mark on a decided card's picture. */
export function chip({ decision, label, reviewer }) {
  const what = decision === "relabel" ? ["Relabel: ", el("bdi", {}, label)] : [WORDS[decision]];
  return [icon(ICONS[decision]), el("span", {}, ...what, reviewer ? el("span", { class: "by" }, " · ", el("bdi", {}, reviewer)) : null)];
}

/** `Drop: your decision`, for titles. */
export function told({ decision, label, reviewer }) {
  const what = decision === "relabel" ? `Relabel to ${label}` : WORDS[decision];
  return reviewer ? `${what}, says ${reviewer}` : `${what}: your decision`;
}
