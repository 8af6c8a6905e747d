// A row of tabs that is wider than the window begins where the reader is.

const ROWS = ".tabs, .segmented";

for (const row of document.querySelectorAll(ROWS)) {
  const current = row.querySelector("[aria-current]");
  if (current && row.scrollWidth > row.clientWidth) {
    current.scrollIntoView({ block: "nearest", inline: "center" });
  }
}
