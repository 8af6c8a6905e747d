// Texts that scripts show, translated by the server and handed over in <meta name="ordito-texts">.

const meta = document.querySelector('meta[name="ordito-texts"]');
export const texts = meta ? JSON.parse(meta.content) : {};

const language = document.documentElement.lang || "en";
const plural = new Intl.PluralRules(language);
const digits = new Intl.NumberFormat(language);

/** A counted text. forms: by plural class, with "%(num)s" where the number goes. */
export function counted(forms, number) {
  const form = forms[plural.select(number)] ?? forms.other ?? Object.values(forms)[0];
  return form.replace("%(num)s", digits.format(number));
}

/** Minor units with their currency sign; `exponent` digits after the point. */
export function money(minor, currency, exponent) {
  const format = new Intl.NumberFormat(language, {
    style: "currency", currency, minimumFractionDigits: exponent, maximumFractionDigits: exponent,
  });
  return format.format(minor / 10 ** exponent);
}
