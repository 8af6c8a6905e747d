// Lists: selecting rows, the bar that says what is selected and its sum per currency.
import { counted, money } from "./texts.js";

const boxes = () => [...document.querySelectorAll("[data-row] [data-select]")];
let lastToggled = null;

export function toggleRow(row) {
  const box = row?.querySelector("[data-select]");
  if (!box) return;
  box.checked = !box.checked;
  lastToggled = box;
  showSelection();
}

// Everything from the row that was toggled last to this one.
export function selectTo(row) {
  const box = row?.querySelector("[data-select]");
  if (!box) return;
  const all = boxes();
  const start = lastToggled?.isConnected ? all.indexOf(lastToggled) : all.indexOf(box);
  const [from, to] = [start, all.indexOf(box)].sort((a, b) => a - b);
  all.slice(from, to + 1).forEach((other) => { other.checked = true; });
  lastToggled = box;
  showSelection();
}

export function clearSelection() {
  boxes().forEach((box) => { box.checked = false; });
  showSelection();
}

export function showSelection() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  all.forEach((box) => box.closest("[data-row]").setAttribute("aria-selected", String(box.checked)));
  const head = document.querySelector("[data-select-all]");
  if (head) {
    head.checked = chosen.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
  const bar = document.querySelector("[data-selection-bar]");
  if (!bar) return;
  bar.hidden = chosen.length === 0;
  const everything = bar.querySelector("[data-select-everything]");
  if (everything) {
    everything.hidden = chosen.length < all.length;
    if (everything.hidden) everything.querySelector("input").checked = false;
  }
  const words = bar.querySelector("[data-selection-words]");
  words.textContent = counted(JSON.parse(words.dataset.forms), chosen.length);
  bar.querySelector("[data-selection-sum]").textContent = sums(chosen.map((box) => box.closest("[data-row]")));
}

// Currencies are never added to each other.
function sums(rows) {
  const perCurrency = new Map();
  for (const { dataset } of rows) {
    if (!dataset.currency) continue;
    const sum = perCurrency.get(dataset.currency) ?? { minor: 0, exponent: Number(dataset.exponent) };
    sum.minor += Number(dataset.minor);
    perCurrency.set(dataset.currency, sum);
  }
  return [...perCurrency].map(([currency, sum]) => money(sum.minor, currency, sum.exponent)).join(" · ");
}

// Shift and a click choose everything between this box and the last one.
document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-select]");
  if (box) {
    const all = boxes();
    if (event.shiftKey && lastToggled?.isConnected) {
      const [from, to] = [all.indexOf(lastToggled), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    lastToggled = box;
    showSelection();
  }
  const head = event.target.closest("[data-select-all]");
  if (head) {
    boxes().forEach((other) => { other.checked = head.checked; });
    showSelection();
  }
  if (event.target.closest("[data-selection-clear]")) clearSelection();
});

// A click anywhere in a row opens it, unless the click meant something in the row or marked text.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || event.target.closest("a, button, input, label, summary, select")) return;
  if (String(window.getSelection()) !== "") return;
  const link = row.querySelector("[data-row-link]");
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
});

document.addEventListener("htmx:after:swap", showSelection);
window.addEventListener("pageshow", showSelection);

// On a phone tabs are pushed along: the one that is open is in sight from the start.
document.querySelectorAll(".tabs [aria-current=page]").forEach((tab) => {
  const tabs = tab.parentElement;
  const beyond = tab.getBoundingClientRect().right - tabs.getBoundingClientRect().right;
  const before = tab.getBoundingClientRect().left - tabs.getBoundingClientRect().left;
  if (beyond > 0) tabs.scrollLeft += beyond + 24;
  else if (before < 0) tabs.scrollLeft += before - 24;
});
