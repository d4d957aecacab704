// How many suspects are decided, over all pages, and the next one that is not.

import { el, icon } from "./dom.mjs";
import { number, plural } from "./format.mjs";
import { get } from "./review_api.mjs";

const SOON = 150; // ms in which several decisions are one question

/** `12 of 340 suspects decided` */
export function sentence({ decided, suspects }) {
  if (!suspects) return "Nothing here asks for a decision";
  if (decided === suspects) return suspects === 1 ? "The one suspect is decided" : `All ${plural(suspects, "suspect")} are decided`;
  return `${number(decided)} of ${plural(suspects, "suspect")} decided`;
}

export class Progress {
  /** go(): what the button does. */
  constructor(desk, go) {
    this.desk = desk;
    this.line = el("p", { class: "review-count", role: "status" });
    this.button = el("button", { type: "button", class: "button", "aria-keyshortcuts": "N", click: go }, "Next undecided (N)", icon("right"));
    this.node = el("section", { class: "review-bar", "aria-label": "Review" }, el("div", { class: "wrap" }, this.line, this.button));
    this.hearers = [];
    desk?.watch(() => this.soon());
    if (!desk) this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask().catch(({ message }) => (this.line.textContent = message)), SOON);
  }

  /** Ask once all that was decided is written. after: the item behind which the next one is looked for. */
  async ask(after = null) {
    await this.desk?.keeping.settled?.();
    const told = await get("progress", { after });
    this.line.textContent = sentence(told);
    this.button.disabled = !told.next;
    for (const hear of this.hearers) hear(this.line.textContent);
    return told;
  }
}
