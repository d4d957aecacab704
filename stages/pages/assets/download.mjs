// Files that the page makes itself.

import { announce, el } from "./dom.mjs";

/** Save `text` as a CSV file, and say what to do with it. */
export function download(name, text, then) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
  announce(`${name} saved: ${then}`);
}
