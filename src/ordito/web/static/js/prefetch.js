// A link that is pointed at for a moment is fetched before it is pressed. live.js refreshes a page that
// was shown from such a fetch, since it may be old by then.

const POINTED_MS = 65;
const fetched = new Set();
let timer = 0;

document.addEventListener("pointerover", (event) => {
  const link = event.target.closest?.("a[data-prefetch]") ?? event.target.closest?.("[data-row]")?.querySelector("a[data-prefetch]");
  clearTimeout(timer);
  if (!link || fetched.has(link.href) || navigator.connection?.saveData) return;
  timer = setTimeout(() => {
    fetched.add(link.href);
    const hint = document.createElement("link");
    hint.rel = "prefetch";
    hint.href = link.href;
    document.head.append(hint);
  }, POINTED_MS);
});
