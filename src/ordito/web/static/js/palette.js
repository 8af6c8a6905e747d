// The palette: Ctrl-K or Cmd-K, type, arrows, Enter. The server finds; nothing is indexed here.
import { csrfToken } from "./forms.js";

const PAUSE_MS = 60;
let pause = 0;
let asked = 0;

const palette = () => document.getElementById("palette");
const results = () => palette().querySelector("[data-palette-results]");
const options = () => [...results().querySelectorAll('[role="option"]')];
const chosen = () => results().querySelector('[role="option"][aria-selected="true"]');

export function openPalette() {
  const dialog = palette();
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("[data-palette-input]").select();
  find();
}

async function find() {
  const input = palette().querySelector("[data-palette-input]");
  const number = ++asked;
  const url = `${results().dataset.url}?${new URLSearchParams({ q: input.value, from: location.pathname })}`;
  const answer = await fetch(url, { headers: { "HX-Request": "true", Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || number !== asked) return; // a later question was asked meanwhile
  results().innerHTML = await answer.text();
  point(options()[0]);
}

function point(option) {
  options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
  const input = palette().querySelector("[data-palette-input]");
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

function run(option, inNewTab) {
  if (!option) return;
  if ("post" in option.dataset) post(option.href);
  else if (inNewTab) window.open(option.href, "_blank", "noopener");
  else location.href = option.href;
}

function post(url) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "_csrf";
  token.value = csrfToken();
  form.append(token);
  document.body.append(form);
  form.submit();
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-palette-input]")) return;
  clearTimeout(pause);
  pause = setTimeout(find, PAUSE_MS);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-palette-input]")) return;
  const all = options();
  const at = all.indexOf(chosen());
  if (event.key === "ArrowDown") point(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp") point(all[(at - 1 + all.length) % all.length]);
  else if (event.key === "Enter") run(chosen(), event.ctrlKey || event.metaKey);
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-palette]")) openPalette();
  const option = event.target.closest("#palette [role='option'][data-post]");
  if (option) {
    event.preventDefault();
    post(option.href);
  }
});
