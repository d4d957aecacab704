// Copying a path: the report may be far from the images, so a path is what one can take along.

import { announce, el, icon } from "./dom.mjs";

export function copyButton(path) {
  const button = el(
    "button",
    {
      type: "button",
      class: "icon-button copy",
      "aria-label": "Copy path",
      title: "Copy path",
      click: async () => {
        await copy(path);
        button.replaceChildren(icon("check"));
        announce("Path copied");
        setTimeout(() => button.replaceChildren(icon("copy")), 1600);
      },
    },
    icon("copy"),
  );
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Some browsers give no clipboard to local files.
    const area = el("textarea", { style: { position: "fixed", opacity: "0" } });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
