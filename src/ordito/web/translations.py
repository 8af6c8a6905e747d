"""Samples of plural forms, for scripts that count."""

from functools import cache

from babel import Locale


@cache
def plural_samples(locale: str) -> dict[str, int]:
    """One small whole number per plural class of the locale: {"one": 1, "other": 0} in English.

    Lets a page carry every form of a counted text, from which a script picks by Intl.PluralRules.
    """
    rule = Locale.parse(locale).plural_form
    samples: dict[str, int] = {}
    for count in range(201):
        samples.setdefault(rule(count), count)
    return samples
