// What each page starts.

import { clusters } from "./clusters.mjs";
import { duplicates } from "./duplicates.mjs";
import { index } from "./index.mjs";
import { outliers } from "./outliers.mjs";
import { quality } from "./quality.mjs";

const PAGES = { index, clusters, outliers, duplicates, quality };

PAGES[document.body.dataset.page]();
