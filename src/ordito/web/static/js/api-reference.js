// Starts the API's own page; the document's address stands on the element.
const page = document.getElementById("api-reference");
window.SwaggerUIBundle({
  url: page.dataset.openapi,
  domNode: page,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null, // its default would send our document to somebody else's server
});
