"""The doctor as tests call it."""

from ordito.listings.doctor.examination import everything_in, examine
from ordito.platform.database import Database


def assert_well(db: Database) -> None:
    """Every check is asked of everything, and finds nothing."""
    findings = examine(db).findings
    assert findings == [], [(f.id, f.title, f.count, f.samples[:3]) for f in findings]


def assert_well_now(db: Database) -> None:
    """The checks of orders and cells, in one statement: a few milliseconds after every step."""
    findings = examine(db, only=everything_in(db)).findings
    assert findings == [], [(f.id, f.title, f.count, f.samples[:3]) for f in findings]
