// What each page starts.

import { calibration } from "./calibration.mjs";
import { clusters } from "./clusters.mjs";
import { deciding } from "./decide.mjs";
import { decisionBar } from "./decide_bar.mjs";
import { duplicates } from "./duplicates.mjs";
import { index } from "./index.mjs";
import { labels } from "./labels.mjs";
import { outliers } from "./outliers.mjs";
import { quality } from "./quality.mjs";

const PAGES = { index, clusters, outliers, labels, duplicates, quality, calibration };

// On a narrow screen the navigation is wider than the window: the present page has to be seen in it.
const nav = document.querySelector(".nav");
const here = nav?.querySelector("[aria-current]");
if (here) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;

PAGES[document.body.dataset.page]?.();
decisionBar(document.getElementById("decide"));
window.WINNOW_REVIEW?.start(deciding());
