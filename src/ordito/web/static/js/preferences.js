// How a reader wants pages: theme, density, folded rail. Kept in cookies, so that the server renders
// the next page right from its first byte; no flash, and no script needed to see it.

const YEAR_S = 365 * 24 * 3600;

function remember(name, value) {
  document.cookie = `ordito_${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

function choose(name, value) {
  document.documentElement.dataset[name] = value;
  remember(name, value);
}

document.addEventListener("click", (event) => {
  const theme = event.target.closest("[data-set-theme]");
  if (theme) {
    choose("theme", theme.dataset.setTheme);
    document.querySelectorAll("[data-set-theme]").forEach((other) => {
      other.setAttribute("aria-pressed", String(other === theme));
    });
  }
  const density = event.target.closest("[data-set-density]");
  if (density) {
    const compact = document.documentElement.dataset.density !== "compact";
    choose("density", compact ? "compact" : "comfortable");
    density.setAttribute("aria-pressed", String(compact));
  }
  if (event.target.closest("[data-fold-rail]")) {
    choose("rail", document.documentElement.dataset.rail === "narrow" ? "wide" : "narrow");
  }
});
