// Everything a page does by itself. Each module listens on the document, so that what htmx swaps in
// later works without being set up again.
import "./forms.js";
import "./dialogs.js";
import "./files.js";
import "./echo.js";
import "./toasts.js";
import "./preferences.js";
import "./tabs.js";
import "./lists.js";
import "./live.js";
import "./palette.js";
import "./keyboard.js";
import "./prefetch.js";
import "./scanner.js";
import "./tally.js";
