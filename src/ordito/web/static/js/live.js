// Live pages. One event stream for all tabs of a browser says what changed (never what it is now);
// whatever shows a changed thing fetches itself again and is morphed, so that scroll, focus, selection
// and typed text stay. See docs/front-end.md.
import { counted, texts } from "./texts.js";

const GATHER_MS = 150; // changes come in bursts; one fetch serves the burst
const CALM_MS = 3000; // a shorter break of the connection isn't worth a word

const changed = new Set(); // "kind:id", not yet fetched
const fresh = new Map(); // kind -> ids of new things that no row shows yet
let gathering = 0;
let calming = 0;

document.addEventListener("ordito:changed", (event) => {
  const { kind, id, new: isNew = false } = event.detail;
  const key = `${kind}:${id}`;
  if (isNew && !shows(key)) addFresh(kind, id);
  changed.add(key);
  gather();
});

function shows(key) {
  return document.querySelector(`[data-live~="${CSS.escape(key)}"]`) !== null;
}

// A hidden tab waits until it is looked at, then fetches once.
function gather() {
  if (gathering || document.hidden) return;
  gathering = setTimeout(() => { gathering = 0; refreshChanged(); }, GATHER_MS);
}
document.addEventListener("visibilitychange", () => { if (changed.size) gather(); });

function refreshChanged() {
  const keys = new Set(changed);
  changed.clear();
  // "order:*" stands for every order: for counts and boards.
  for (const key of [...keys]) keys.add(`${key.split(":", 1)[0]}:*`);
  refresh((element) => element.dataset.live.split(" ").some((key) => keys.has(key)));
}

function refresh(wanted) {
  const rowsByList = new Map();
  for (const element of document.querySelectorAll("[data-live]")) {
    if (!wanted(element)) continue;
    const list = element.closest("[data-live-rows]");
    if (list && list !== element) {
      rowsByList.set(list, [...(rowsByList.get(list) ?? []), element]);
    } else {
      refreshElement(element);
    }
  }
  rowsByList.forEach((rows, list) => refreshRows(list, rows));
}

async function refreshElement(element) {
  const before = cells(element);
  const url = element.dataset.liveUrl ?? location.pathname + location.search;
  const { id } = element;
  // The answer may be the part or the whole page: only the part goes in, never a page in a page.
  const select = id ? `#${CSS.escape(id)}` : undefined;
  await window.htmx.ajax("GET", url, { source: element, target: element, swap: "outerMorph", select });
  const after = id ? document.getElementById(id) : element;
  if (after) glow(after, before);
}

// All changed rows of a list in one request; the answer's rows say by hx-swap-oob where they go.
async function refreshRows(list, rows) {
  const before = cells(list);
  const url = new URL(list.dataset.liveRows, location.origin);
  rows.forEach((row) => url.searchParams.append("id", row.dataset.id));
  await window.htmx.ajax("GET", url.pathname + url.search, { source: list, target: list, swap: "none" });
  glow(list, before);
}

function cells(root) {
  return new Map([...root.querySelectorAll("[data-cell]")].map((cell) => [cell.dataset.cell, cell.textContent.trim()]));
}

function glow(root, before) {
  for (const cell of root.querySelectorAll("[data-cell]")) {
    const was = before.get(cell.dataset.cell);
    if (was === undefined || was === cell.textContent.trim()) continue;
    cell.classList.add("glow");
    cell.addEventListener("animationend", () => cell.classList.remove("glow"), { once: true });
  }
}

function addFresh(kind, id) {
  const ids = fresh.get(kind) ?? new Set();
  fresh.set(kind, ids.add(id));
  for (const banner of document.querySelectorAll(`[data-live-new="${CSS.escape(kind)}"]`)) {
    banner.textContent = counted(JSON.parse(banner.dataset.forms), ids.size);
    banner.hidden = false;
  }
}

// The stream: in a worker that all tabs share where the browser has it, else one per tab.

function connect() {
  const { stream, streamWorker } = document.body.dataset;
  if (!stream) return;
  if (window.SharedWorker) {
    // Named after the session, so that another login never listens with the first one's rights.
    const session = document.querySelector('meta[name="csrf-token"]').content.slice(0, 8);
    const worker = new SharedWorker(streamWorker, { name: `ordito-${session}` });
    worker.port.onmessage = (message) => hear(message.data);
    worker.port.postMessage({ open: stream });
    window.addEventListener("pagehide", () => worker.port.postMessage({ close: true }));
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) worker.port.postMessage({ open: stream });
    });
  } else {
    listen(stream);
  }
}

function listen(url) {
  const source = new EventSource(url);
  let opened = false;
  source.onopen = () => { hear({ state: "live", again: opened }); opened = true; };
  source.addEventListener("changed", (event) => hear({ changed: JSON.parse(event.data) }));
  source.onerror = () => {
    hear({ state: "lost" });
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(url), 5000);
  };
}

function hear({ state, again, changed: what }) {
  if (what) document.dispatchEvent(new CustomEvent("ordito:changed", { detail: what }));
  if (state) showState(state);
  if (again) refresh(() => true); // what was missed meanwhile
}

function showState(state) {
  clearTimeout(calming);
  const show = () => document.querySelectorAll("[data-connection]").forEach((sign) => {
    sign.dataset.state = state;
    sign.querySelector(".connection-word").textContent = texts[state];
  });
  if (state === "lost") calming = setTimeout(show, CALM_MS);
  else show();
}

// A page from the history or from a prefetch may be minutes old.
window.addEventListener("pageshow", (event) => {
  const [navigation] = performance.getEntriesByType("navigation");
  if (event.persisted || (navigation?.transferSize === 0 && navigation.type === "navigate")) {
    refresh(() => true);
  }
});

connect();
