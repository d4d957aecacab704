// Where decisions are kept until they are in data/decisions.csv: in the browser, or by the review app at once.

const NOWHERE = "This browser keeps nothing for pages opened from a folder: save before you leave the page.";
const APART = "This browser keeps the decisions of each page apart: save on every page, and winnow decide merge joins them.";

/** In the browser's own storage, by data set and by the report's folder: two projects may be set up alike. */
export function inBrowser(dataset) {
  const key = `winnow:${dataset}:${location.pathname.slice(0, location.pathname.lastIndexOf("/") + 1)}`;
  const store = storage();
  let unkept = null; // what the browser did not take lasts as long as the page
  return {
    note: store ? apart() : NOWHERE,
    load: () => unkept ?? parsed(store?.getItem(key)),
    save(kept) {
      try {
        store.setItem(key, JSON.stringify(kept));
        unkept = null;
        return true;
      } catch {
        unkept = structuredClone(kept);
        return false; // full, or forbidden
      }
    },
    listen(hear) {
      window.addEventListener("storage", (event) => event.key === key && hear());
    },
  };
}

/** What was kept; nothing where it cannot be read. */
function parsed(text) {
  const nothing = { made: [], steps: [] };
  try {
    const { made, steps } = JSON.parse(text) ?? nothing;
    return Array.isArray(made) && Array.isArray(steps) ? { made, steps } : nothing;
  } catch {
    return nothing;
  }
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
  return location.protocol === "file:" && !/Chrom(e|ium)\//.test(navigator.userAgent) ? APART : null;
}
