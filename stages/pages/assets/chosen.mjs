// What can be done with all images that are chosen on the map, by a lasso or as a group, seen or not.

import { choices } from "./choices.mjs";
import { deciding } from "./decide.mjs";
import { toCsv } from "./decisions.mjs";
import { el, icon } from "./dom.mjs";
import { download } from "./download.mjs";
import { number } from "./format.mjs";
import { askTag } from "./relabel.mjs";

const ROWS = ["path", "label", "split", "item_id", "content_id", "frame", "verdict", "rule", "cluster", "outlier_score"];
const TAGS = ["item_id", "content_id", "path", "frame", "tag"];

/** A point of the map as decisions know it. */
export function itemAt(points, i) {
  return { id: points.id(i), content: points.content(i), path: points.path(i), frame: points.frame(i), settled: points.settled(i) };
}

/** A point as a row of a file; columns that keep.csv has mean the same here. */
export function rowAt(points, i) {
  const valueOf = (key) => {
    const mode = points.mode(key);
    return mode?.groups[mode.codes[i]].value ?? "";
  };
  return {
    ...named(points, i),
    label: valueOf("label"),
    split: valueOf("split"),
    verdict: points.isRemoved(i) ? "remove" : "keep",
    rule: valueOf("issue"),
    cluster: valueOf("cluster") === "" ? -1 : valueOf("cluster"),
    outlier_score: Number(points.score[i].toPrecision(6)),
  };
}

function named(points, i) {
  return { item_id: points.id(i), content_id: points.content(i), path: points.path(i), frame: points.frame(i) ?? "" };
}

/** Fill `root` with what can be done; returns show(indices), which says with which points. */
export function chosenTools(root, points) {
  const desk = deciding();
  const text = el("b", {});
  let chosen = [];
  const say = (decision) => desk.sayAll(chosen.map((i) => itemAt(points, i)), decision);
  const act = (title, name, click) => el("button", { type: "button", class: "button", click }, icon(name), title);
  const rows = () => toCsv(chosen.map((i) => rowAt(points, i)), ROWS);
  root.append(
    text,
    desk ? choices(say, "Decide on all that are chosen") : "",
    act("Download as CSV", "save", () => download("selection.csv", rows(), "a row an image")),
    act("Tag", "tag", async () => {
      const tag = await askTag(chosen.length);
      const tagged = (i) => ({ ...named(points, i), tag });
      if (tag) download("tags.csv", toCsv(chosen.map(tagged), TAGS), "winnow decide tag folds it in");
    }),
  );
  return (indices) => {
    chosen = indices;
    root.hidden = !indices.length;
    text.textContent = indices.length === 1 ? "This image:" : `All ${number(indices.length)}:`;
  };
}
