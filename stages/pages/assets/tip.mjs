// The thumbnail under the pointer. Its words are in the list and the members too, for those who use no pointer.

import { el } from "./dom.mjs";
import { thumb } from "./thumb.mjs";

/** source: Bokeh's; drawn(): which points it has now. */
export function hovering(stage, source, points, drawn) {
  const tip = el("div", { class: "map-tip", "aria-hidden": "true", hidden: true });
  stage.append(tip);
  let shown = -1;
  let at = [0, 0];
  const place = () => {
    const room = stage.getBoundingClientRect();
    const left = at[0] + 18 + tip.offsetWidth > room.width ? at[0] - 18 - tip.offsetWidth : at[0] + 18;
    tip.style.left = `${Math.max(0, left)}px`;
    tip.style.top = `${Math.min(Math.max(0, at[1] - 40), Math.max(0, room.height - tip.offsetHeight))}px`;
  };
  stage.addEventListener("pointermove", ({ clientX, clientY }) => {
    const room = stage.getBoundingClientRect();
    at = [clientX - room.left, clientY - room.top];
    if (!tip.hidden) place();
  });
  stage.addEventListener("pointerleave", () => {
    tip.hidden = true;
    shown = -1;
  });
  source.inspect.connect(() => {
    const index = drawn()[source.inspected.indices[0]] ?? -1;
    tip.hidden = index < 0;
    if (index >= 0 && index !== shown) tip.replaceChildren(...told(points, index));
    shown = index;
    if (index >= 0) place();
  });
}

function told(points, i) {
  const note = el("span", { class: "note" }, points.describe(i));
  if (!points.items) return [note];
  return [thumb(points.place(i), points.sheets, ""), el("bdi", { class: "path" }, points.path(i)), note];
}
