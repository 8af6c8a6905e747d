"""Which kinds of events an endpoint wants: names with * for any letters."""

import re
from collections.abc import Iterable, Sequence

PATTERN = r"^[a-z_*]+(\.[a-z_*]+)*$"


def make_regex(patterns: Iterable[str]) -> str:
    """The patterns as one regular expression over a whole name, for PostgreSQL and Python."""
    return "^(" + "|".join(re.escape(p).replace(r"\*", ".*") for p in patterns) + ")$"


def wanted_kinds(patterns: Sequence[str], kinds: Iterable[str]) -> list[str]:
    """Those of the kinds that the patterns mean, by name."""
    regex = re.compile(make_regex(patterns))
    return sorted(kind for kind in kinds if regex.match(kind))
