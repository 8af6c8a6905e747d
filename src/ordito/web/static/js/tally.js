// Scans that count: inside [data-tally], a scan of one of the codes in [data-tally-codes] (one a line)
// adds one to the number there. With data-tally-unsaved a number that was begun has to be sent first. What it did stands in [data-tally-said]; other codes are refused there,
// unless the page has a [data-scan-form] that takes them.
import { buzz, tick } from "./sounds.js";

function normal(code) {
  return code.trim().normalize("NFKC").toLowerCase();
}

function say(tally, text, right) {
  const said = tally.querySelector("[data-tally-said]");
  if (said) {
    said.querySelector("span").textContent = text;
    said.classList.toggle("floor-outcome-right", right);
    said.classList.toggle("floor-outcome-wrong", !right);
  }
  if (right) tick();
  else buzz();
}

function onScan(event) {
  const tally = document.querySelector("[data-tally]");
  if (!tally) return;
  const code = normal(event.detail.code);
  const known = [...tally.querySelectorAll("[data-tally-codes]")];
  const row = known.find((one) => one.dataset.tallyCodes.split("\n").some((each) => normal(each) === code));
  const input = row?.querySelector("input");
  if (input) {
    event.preventDefault();
    input.value = String((Number.parseInt(input.value, 10) || 0) + 1);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    say(tally, `${input.getAttribute("aria-label")}: ${input.value}`, true);
  } else if (tally.dataset.tallyUnsaved && known.some((one) => one.querySelector("input").value > 0)) {
    event.preventDefault();
    say(tally, tally.dataset.tallyUnsaved, false);
  } else if (!document.querySelector("[data-scan-form]")) {
    event.preventDefault();
    say(tally, tally.dataset.tallyWrong, false);
  }
}

document.addEventListener("ordito:scan", onScan);
