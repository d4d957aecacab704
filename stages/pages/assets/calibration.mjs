// The calibration page: what another threshold would give, told as the reader moves the slider.

import { data } from "./dom.mjs";

export function calibration() {
  const slider = document.getElementById("try");
  if (!slider) return; // too few to tell
  const { tried } = data("calibration");
  const told = document.getElementById("tried");
  const mark = document.getElementById("tried-at");
  const [first, last] = [tried[0].threshold, tried[tried.length - 1].threshold];

  function show() {
    const { threshold, text } = tried[Number(slider.value)];
    told.textContent = text;
    slider.setAttribute("aria-valuetext", text);
    mark.style.left = `${(100 * (threshold - first)) / (last - first)}%`;
  }

  slider.addEventListener("input", () => {
    mark.hidden = false;
    show();
  });
  show();
}
