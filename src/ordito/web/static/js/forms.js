// Forms: the token against forged requests, one act per send, steppers, filters that apply at once,
// and one way of telling that an htmx request failed.
import { showToast } from "./toasts.js";
import { texts } from "./texts.js";

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

// crypto.randomUUID() is missing on plain http, which a scanner in a LAN uses.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function setBusy(form, busy, submitter = null) {
  if (busy) form.dataset.busy = "";
  else delete form.dataset.busy;
  const pressed = submitter ?? form.querySelector('[type="submit"][aria-busy]');
  if (!pressed) return;
  if (busy) pressed.setAttribute("aria-busy", "true");
  else pressed.removeAttribute("aria-busy");
}

// Capturing, so that a second press is stopped before htmx queues it. data-once="place" means the
// button of that value alone: what only looks may be asked again at once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // What opens in a tab of its own leaves this page as it is.
  if (!("once" in form.dataset) || event.submitter?.formTarget === "_blank") return;
  if ("busy" in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (!form.dataset.once || event.submitter?.value === form.dataset.once) {
    setBusy(form, true, event.submitter);
  }
}, true);

// A field that changes while the act is under way would ask again, and take its answer's place.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-once]");
  if (form?.dataset.once && "busy" in form.dataset) event.stopImmediatePropagation();
}, true);

// A page that comes back from the history is as it was left: its buttons must work again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-busy]").forEach((form) => setBusy(form, false));
});

document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRF-Token"] = csrfToken();
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement?.closest?.("form");
  if (form) setBusy(form, false);
  if (!ctx.response) return;
  if (ctx.response.status < 300) {
    // The act is done: what is sent next is another one.
    form?.querySelectorAll("[data-key-field]").forEach((field) => { field.value = newKey(); });
    if (ctx.response.status === 204) ctx.sourceElement?.closest?.("dialog")?.close();
  } else if (ctx.response.status >= 400 && !toldByServer(ctx)) {
    showToast({ text: texts.failed, tone: "critical" });
  }
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !event.detail.ctx.response) {
    showToast({ text: texts.unreachable, tone: "critical" });
  }
});

function toldByServer(ctx) {
  return Boolean(ctx.hx?.trigger?.includes("ordito:toast")) || (ctx.response.status === 422 && ctx.swap !== "none");
}

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (!step) return;
  const field = step.closest("[data-stepper]").querySelector("input");
  const least = field.min === "" ? -Infinity : Number(field.min);
  const most = field.max === "" ? Infinity : Number(field.max);
  field.value = Math.min(most, Math.max(least, Number(field.value) + Number(step.dataset.step)));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

// The scope in the top bar, and any other form that applies when something in it changes.
document.addEventListener("change", (event) => {
  event.target.closest("form[data-scope], form[data-auto-submit]")?.requestSubmit();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  showToast({ text: texts.copied });
});
