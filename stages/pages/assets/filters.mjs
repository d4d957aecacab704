// Buttons of which one is pressed; the address names it, so that other pages can link to it.

/** names: the buttons' `data-filter`. Calls show(name) at once, on a click, and when the address changes. */
export function filters(root, show) {
  const buttons = [...root.querySelectorAll("[data-filter]")];
  if (!buttons.length) return;
  const names = buttons.map((button) => button.dataset.filter);

  function press(name) {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.filter === name));
    show(name);
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      history.replaceState(null, "", `#${button.dataset.filter}`);
      press(button.dataset.filter);
    });
  }
  const fromAddress = () => (names.includes(location.hash.slice(1)) ? location.hash.slice(1) : names[0]);
  window.addEventListener("hashchange", () => names.includes(location.hash.slice(1)) && press(fromAddress()));
  press(fromAddress());
}
