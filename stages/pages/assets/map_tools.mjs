// How the map is moved without a pointer: buttons above it, and keys.

export function toolButtons(map) {
  const actions = {
    pan: () => map.tool("pan"),
    lasso: () => map.tool("lasso"),
    in: () => map.zoom(0.7),
    out: () => map.zoom(1 / 0.7),
    reset: () => map.reset(),
  };
  const found = [...document.querySelectorAll("[data-tool]")];
  for (const button of found) {
    button.addEventListener("click", () => {
      actions[button.dataset.tool]();
      if (!button.hasAttribute("aria-pressed")) return;
      for (const other of found) if (other.hasAttribute("aria-pressed")) other.setAttribute("aria-pressed", String(other === button));
    });
  }
}

/** The focused map follows the arrow keys, plus, minus and 0. */
export function keys(stage, map) {
  const actions = {
    ArrowLeft: () => map.pan(-0.1, 0),
    ArrowRight: () => map.pan(0.1, 0),
    ArrowUp: () => map.pan(0, 0.1),
    ArrowDown: () => map.pan(0, -0.1),
    "+": () => map.zoom(0.8),
    "=": () => map.zoom(0.8),
    "-": () => map.zoom(1.25),
    0: () => map.reset(),
  };
  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey || !(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  });
}
