// Messages at the edge of the page, from `ordito:toast` events: {text, tone, undo_url}.
// The server sends them in the answer's header: HX-Trigger: {"ordito:toast": {…}}.
import { csrfToken } from "./forms.js";
import { texts } from "./texts.js";

const SHOWN_MS = 6000;
const SHOWN_WITH_UNDO_MS = 12000;

export function showToast({ text, tone = "success", undo_url: undo = "" }) {
  const template = document.querySelector(`[data-toast-template="${CSS.escape(tone)}"]`);
  const toast = template.content.firstElementChild.cloneNode(true);
  const button = toast.querySelector("[data-undo]");
  if (undo) button.dataset.undo = undo;
  else button.remove();
  // Into the page first: a status is spoken when it changes there.
  document.getElementById("toasts").append(toast);
  toast.querySelector("[data-toast-text]").textContent = text;
  leaveLater(toast);
}

// A failure stays until it is dismissed; so does whatever is being pointed at or focused.
function leaveLater(toast) {
  if (toast.classList.contains("toast-critical")) return;
  const shown = toast.querySelector("[data-undo]") ? SHOWN_WITH_UNDO_MS : SHOWN_MS;
  let timer = setTimeout(() => toast.remove(), shown);
  const stay = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => toast.remove(), shown / 2); };
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("focusout", go);
}

async function undo(button) {
  button.disabled = true;
  const body = new URLSearchParams({ _csrf: csrfToken() });
  try {
    const answer = await fetch(button.dataset.undo, {
      method: "POST", body, headers: { "X-CSRF-Token": csrfToken(), "HX-Request": "true" },
    });
    const trigger = answer.headers.get("HX-Trigger");
    const events = trigger?.startsWith("{") ? JSON.parse(trigger) : {};
    for (const [name, detail] of Object.entries(events)) {
      document.dispatchEvent(new CustomEvent(name, { detail }));
    }
    if (!answer.ok && !events["ordito:toast"]) showToast({ text: texts.failed, tone: "critical" });
  } catch {
    showToast({ text: texts.unreachable, tone: "critical" });
  }
  button.closest("[data-toast]")?.remove();
}

document.addEventListener("ordito:toast", (event) => showToast(event.detail));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-undo], [data-toast-close]");
  if (!button) return;
  if ("undo" in button.dataset) undo(button);
  else button.closest("[data-toast]").remove();
});

document.querySelectorAll("#toasts > [data-toast]").forEach(leaveLater);
