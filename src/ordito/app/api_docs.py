"""/api/docs: the API's document to read and try out, with the script that comes in the package."""

from ordito.api.answers import Answer
from ordito.web.rendering import static_files

_HTML = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache")]
_JS = [(b"content-type", b"text/javascript; charset=utf-8"), (b"cache-control", b"no-cache")]

SCRIPT = """\
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/api/v1/openapi.json",
    dom_id: "#api",
    deepLinking: true,
    defaultModelsExpandDepth: -1,
    docExpansion: "none",
    validatorUrl: null,
  });
});
"""


def docs_page() -> Answer:
    """The page; scripts and styles come from this server alone."""
    files = static_files()
    style = files.vendor_url("swagger-ui.css")
    bundle = files.vendor_url("swagger-ui-bundle.js")
    text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Ordito</title>
<link rel="stylesheet" href="{style}">
<script src="{bundle}" defer></script>
<script src="/api/docs.js" defer></script>
</head>
<body><div id="api"></div></body>
</html>
"""
    return Answer(200, _HTML, text.encode())


def docs_script() -> Answer:
    return Answer(200, _JS, SCRIPT.encode())
