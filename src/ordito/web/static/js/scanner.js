// A wedge scanner types like a very fast keyboard and ends with Enter. On pages with <body data-scan>
// its code is caught wherever the focus is, and becomes an `ordito:scan` event {code, field: the one that
// had the focus, or null}; unless somebody handles that, it goes into the page's [data-scan-form]. The answer's [data-outcome] flashes and sounds.
import { buzz, tick } from "./sounds.js";

// Between two letters. In a field a person may be typing, who needs more; elsewhere nobody types.
const GAP_MS_MAX = 120;
const GAP_IN_FIELD_MS_MAX = 50;
const LETTERS_MIN = 4;
const FLASH_MS = 450;

let typed = "";
let typedAt = 0;
let field = null; // the field that happened to have the focus, and what stood in it before the scan
let fieldBefore = "";

function onKey(event) {
  if (!("scan" in document.body.dataset) || event.metaKey || event.altKey) return;
  if (event.ctrlKey) {
    // Between the parts of a GS1 code scanners send the group separator, which keyboards have as Ctrl ].
    if (event.key === "]" && typed && event.timeStamp - typedAt <= GAP_MS_MAX) {
      typed += "\u001d";
      typedAt = event.timeStamp;
      event.preventDefault();
    }
    return;
  }
  const inField = event.target.matches("input, textarea");
  const together = event.timeStamp - typedAt <= (inField ? GAP_IN_FIELD_MS_MAX : GAP_MS_MAX);
  typedAt = event.timeStamp;
  if (event.key === "Enter" || event.key === "Tab") {
    const code = together && typed.length >= LETTERS_MIN ? typed : "";
    typed = "";
    if (!code) return;
    // Not also a press on whatever button has the focus.
    event.preventDefault();
    event.stopImmediatePropagation();
    if (field) field.value = fieldBefore;
    scanned(code, field);
  } else if (event.key.length === 1) {
    if (!together) {
      typed = "";
      field = inField ? event.target : null;
      fieldBefore = field?.value;
    }
    typed += event.key;
  }
}

function scanned(code, into) {
  const event = new CustomEvent("ordito:scan", { detail: { code, field: into }, cancelable: true });
  if (!document.dispatchEvent(event)) return;
  const form = document.querySelector("[data-scan-form]");
  if (!form) return;
  form.querySelector("[data-scan-input]").value = code;
  form.requestSubmit();
}

function tellOutcome() {
  const told = document.querySelector("[data-outcome]:not([data-told])");
  if (!told) return;
  told.dataset.told = "";
  const right = told.dataset.outcome === "right";
  if (right) tick();
  else buzz();
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(right ? 40 : [120, 60, 120]);
  document.body.dataset.flash = told.dataset.outcome;
  setTimeout(() => { delete document.body.dataset.flash; }, FLASH_MS);
}

document.addEventListener("keydown", onKey, true);
document.addEventListener("htmx:after:swap", tellOutcome);
document.addEventListener("DOMContentLoaded", tellOutcome);
