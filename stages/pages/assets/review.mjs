// What the review app adds to the pages of the report: a way to all images, a viewer, and the next suspect a key away.

import { data, el } from "./dom.mjs";
import { AllImages } from "./review_items.mjs";
import { Progress } from "./review_progress.mjs";
import { Viewer } from "./review_viewer.mjs";

const PAGE = "review";

// This runs before the page's own script, which then finds the app's decisions and none that the report was made with.
const { dataset, columns, labels } = data(PAGE);
window.WINNOW_REVIEW = { ...data(PAGE), start };
window.WINNOW.session = { columns, labels, ...data("session"), dataset, decided: [], unmatched: [] };

/** Called by the page's own script when it is ready, with the desk on which decisions are made. */
function start(desk) {
  link();
  let viewer = null;
  const progress = new Progress(desk, () => viewer?.nextOpen());
  document.querySelector(".header").after(progress.node);
  if (!desk) return;
  viewer = new Viewer(desk, progress);
  document.addEventListener("click", (event) => clicked(event, viewer));
  document.addEventListener("keydown", (event) => pressed(event, viewer));
  if (document.body.dataset.page === PAGE) new AllImages(desk);
}

/** The page of all images in the navigation. */
function link() {
  const nav = document.querySelector(".nav");
  const isHere = document.body.dataset.page === PAGE;
  nav?.append(el("a", { href: "review.html", "aria-current": isHere ? "page" : null }, "All images"));
}

/** A click on a card's picture opens it. */
function clicked(event, viewer) {
  if (event.shiftKey || event.ctrlKey || event.metaKey || viewer.isOpen) return;
  const picture = event.target.closest(".card[data-id] > .thumb");
  if (picture) viewer.openCard(picture.closest(".card"));
}

/** Enter opens the card that has the focus; N the next suspect. */
function pressed(event, viewer) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]") || event.target.closest("input, select, textarea")) return;
  if (event.key === "Enter" && event.target.matches(".card[data-id]")) viewer.openCard(event.target);
  else if (event.key.toLowerCase() === "n") viewer.nextOpen();
}
