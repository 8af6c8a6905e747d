// Files: chosen or dropped ones are sent at once. Without script the form has its own button.
const form = (target) => target?.closest?.("form[data-drop]");

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-drop] input[type=file]") && event.target.files.length) form(event.target).requestSubmit();
});

const carriesFiles = (event) => event.dataTransfer?.types?.includes("Files");

document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event) || !document.querySelector("form[data-drop]")) return;
  // A file that misses the field must not open in place of the page.
  event.preventDefault();
  document.querySelectorAll("form[data-drop]").forEach((drop) => drop.toggleAttribute("data-over", drop === form(event.target)));
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.querySelectorAll("form[data-over]").forEach((drop) => drop.removeAttribute("data-over"));
});

document.addEventListener("drop", (event) => {
  const all = document.querySelectorAll("form[data-drop]");
  if (!carriesFiles(event) || !all.length) return;
  event.preventDefault();
  all.forEach((drop) => drop.removeAttribute("data-over"));
  const drop = form(event.target);
  if (!drop || "busy" in drop.dataset) return;
  drop.querySelector("input[type=file]").files = event.dataTransfer.files;
  drop.requestSubmit();
});

document.addEventListener("htmx:finally:request", (event) => {
  const sent = form(event.detail.ctx.sourceElement);
  if (sent) sent.querySelector("input[type=file]").value = "";
});
