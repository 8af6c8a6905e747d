// Messages at the edge of the page, from `ordito:toast` events: {text, tone, undo_url}.
// The server sends them in the answer's header: HX-Trigger: {"ordito:toast": {…}}.
import { csrfToken } from "./forms.js";
import { texts } from "./texts.js";

const SHOWN_MS = 6000;
const SHOWN_WITH_UNDO_MS = 12000;

export function showToast({ text, tone = "success", undo_url: undo = "" }) {
  const toast = document.createElement("div");
  toast.className = `toast toast-${tone}`;
  toast.setAttribute("role", tone === "critical" ? "alert" : "status");
  toast.dataset.toast = "";
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = text;
  toast.append(words);
  if (undo) toast.append(makeButton(texts.undo, "button button-undo", { undo }));
  toast.append(makeButton(texts.dismiss, "button", { toastClose: "" }));
  document.getElementById("toasts").append(toast);
  leaveLater(toast);
}

function makeButton(label, classes, data) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = classes;
  button.textContent = label;
  Object.assign(button.dataset, data);
  return button;
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
