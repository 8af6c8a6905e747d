// Dialogs and menus. data-dialog="url" fetches a form into the page's dialog, data-open="id" opens one
// that is there, data-dialog-close closes. Menus are <details data-menu>: one open at a time.

export async function openDialog(url) {
  const dialog = document.getElementById("dialog");
  dialog.replaceChildren();
  await window.htmx.ajax("GET", url, { target: dialog, swap: "innerHTML" });
  if (dialog.childElementCount && !dialog.open) dialog.showModal();
  dialog.querySelector(".dialog-body :is(input:not([type=hidden]), select, textarea)")?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    closeMenus();
    openDialog(link.dataset.dialog);
    return;
  }
  const opener = event.target.closest("[data-open]");
  if (opener) {
    closeMenus();
    document.getElementById(opener.dataset.open)?.showModal();
    return;
  }
  if (event.target.closest("[data-dialog-close]")) {
    event.target.closest("dialog").close();
    return;
  }
  if (event.target instanceof HTMLDialogElement && isBeside(event.target, event)) {
    event.target.close();
  }
});

// A press on a role="button" link by the space bar, as on a real button.
document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches?.('a[role="button"]')) {
    event.preventDefault();
    event.target.click();
  }
});

// A form with something typed into it isn't thrown away by a slip of the pointer.
function isBeside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right
    && event.clientY >= box.top && event.clientY <= box.bottom;
  const typed = [...dialog.querySelectorAll("input, textarea")].some((field) => field.value !== field.defaultValue);
  return !inside && !typed;
}

function closeMenus(except = null) {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary").focus();
});

// In an open menu the arrows go from entry to entry.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu || event.target.matches("input, select, textarea")) return;
  const entries = [...menu.querySelectorAll(".menu-item")];
  if (!entries.length) return;
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = entries.indexOf(document.activeElement);
  entries[(at + step + entries.length) % entries.length].focus();
});
