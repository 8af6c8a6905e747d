// Keys: ? help, / search, Ctrl-K palette, g and a letter to go, j k x X Enter in lists, Esc to let go.
import { clearSelection, selectTo, toggleRow } from "./lists.js";
import { openPalette } from "./palette.js";

const SEQUENCE_MS = 1200;
let goingSince = 0;

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
const current = () => document.activeElement?.closest?.("[data-row]");

function isTyping(target) {
  return target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]") !== null;
}

function move(step) {
  const all = rows();
  if (!all.length) {
    // On the page of one thing: to its neighbour in the list that it was opened from.
    document.querySelector(`[data-step-to="${step}"]`)?.click();
    return;
  }
  const at = all.indexOf(current());
  const to = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
  const link = all[to].querySelector("[data-row-link]");
  link?.focus({ preventScroll: true, focusVisible: true });
  all[to].scrollIntoView({ block: "nearest" });
}

function go(letter) {
  const link = letter === "h" ? document.querySelector(".brand") : document.querySelector(`[data-jump="${CSS.escape(letter)}"]`);
  link?.click();
}

function search() {
  const field = document.querySelector("[data-list-search]");
  if (field) field.select();
  else openPalette();
}

const keys = {
  "?": () => document.getElementById("help")?.showModal(),
  "/": search,
  j: () => move(1),
  k: () => move(-1),
  x: () => toggleRow(current()),
  X: () => selectTo(current()),
  g: () => { goingSince = performance.now(); },
  Escape: clearSelection,
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  // On the floor a scanner types: a single letter means nothing there.
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || "scan" in document.body.dataset) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (goingSince && performance.now() - goingSince < SEQUENCE_MS) {
    goingSince = 0;
    event.preventDefault();
    go(event.key);
    return;
  }
  goingSince = 0;
  const act = keys[event.key];
  if (!act) return;
  if (event.key !== "Escape") event.preventDefault();
  act();
});

// Marks keys by the name they have on the machine.
if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  document.querySelectorAll("kbd").forEach((key) => { if (key.textContent === "Ctrl") key.textContent = "⌘"; });
}
