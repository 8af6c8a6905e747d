// Scans that count: inside [data-tally], a scan of one of the codes in [data-tally-codes] (one a line)
// adds one to the number there. With data-tally-unsaved a number that was begun has to be sent first. What it did stands in [data-tally-said]; other codes are refused there,
// unless the page has a [data-scan-form] that takes them. With the focus in a [data-lots] field, a scan is of a lot or
// a serial number: a line of it with one unit, or one more unit on its line.
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

function addLot(field, code) {
  const lines = field.value.split("\n").filter((line) => line.trim());
  const at = lines.findIndex((line) => line === code || line.startsWith(`${code} `));
  const rest = at < 0 ? "" : lines[at].slice(code.length).trim();
  const said = /^\d+(?=\s|$)/.exec(rest)?.[0] ?? "";
  const units = at < 0 ? 1 : Number(said || 1) + 1;
  lines[at < 0 ? lines.length : at] = [code, units, rest.slice(said.length).trim()].join(" ").trim();
  field.value = `${lines.join("\n")}\n`;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return units;
}

function onScan(event) {
  const tally = document.querySelector("[data-tally]");
  if (!tally) return;
  const { field } = event.detail;
  if (field?.matches("[data-lots]")) {
    event.preventDefault();
    say(tally, `${event.detail.code}: ${addLot(field, event.detail.code)}`, true);
    return;
  }
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
