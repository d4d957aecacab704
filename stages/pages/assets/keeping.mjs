// Where decisions are kept until they are in data/decisions.csv: in the browser, or by the review app at once.

const NOWHERE = "This browser keeps nothing for pages opened from a folder: save before you leave the page.";
const APART = "This browser keeps the decisions of each page apart: save on every page, and winnow decide merge joins them.";

/** In the browser's own storage, by data set; other tabs hear of it. */
export function inBrowser(dataset) {
  const key = `winnow:${dataset}`;
  const store = storage();
  return {
    note: store ? apart() : NOWHERE,
    load: () => JSON.parse(store?.getItem(key) ?? "null") ?? { made: [], steps: [] },
    save(kept) {
      try {
        store?.setItem(key, JSON.stringify(kept));
        return true;
      } catch {
        return false; // full, or forbidden
      }
    },
    listen(hear) {
      window.addEventListener("storage", (event) => event.key === key && hear());
    },
  };
}

function storage() {
  try {
    window.localStorage.setItem("winnow", "1");
    return window.localStorage;
  } catch {
    return null;
  }
}

/** Chromium gives all local files one storage; Firefox and Safari give each file its own. */
function apart() {
  return location.protocol === "file:" && !("chrome" in window) ? APART : null;
}
