// Light or dark: what the system says, until the reader says otherwise. Runs before the first paint.

const KEY = "winnow-theme";

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is closed to some local files
  }
}

function store(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice then lasts as long as the page.
  }
}

const system = matchMedia("(prefers-color-scheme: dark)");

function apply(theme) {
  document.documentElement.dataset.theme = theme;
  window.dispatchEvent(new Event("winnow:theme"));
}

const present = () => stored() ?? (system.matches ? "dark" : "light");

apply(present());
system.addEventListener("change", () => apply(present()));

document.addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("theme");
  const tell = () => button.setAttribute("aria-pressed", String(document.documentElement.dataset.theme === "dark"));
  tell();
  window.addEventListener("winnow:theme", tell);
  button.addEventListener("click", () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    store(theme);
    apply(theme);
  });
});
