// A form that comes back filled, form[data-echo]: what the server says is in a field is in it.
// A morph changes attributes, and a field that was typed into doesn't look at them any more. What
// is typed while the answer is on its way stays.

const sent = new WeakMap();

const fieldsOf = (form) => [...form.elements].filter((field) => "defaultValue" in field);

document.addEventListener("htmx:config:request", (event) => {
  const form = event.detail.ctx.sourceElement?.closest?.("form[data-echo]");
  if (form) fieldsOf(form).forEach((field) => sent.set(field, field.value));
});

document.addEventListener("htmx:after:swap", () => {
  document.querySelectorAll("form[data-echo]").forEach((form) => {
    fieldsOf(form).forEach((field) => {
      if (field.type === "radio" || field.type === "hidden" || field.type === "checkbox") return;
      const typing = field === document.activeElement && field.value !== sent.get(field);
      if (!typing && field.value !== field.defaultValue) field.value = field.defaultValue;
    });
  });
});
