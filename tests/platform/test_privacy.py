"""The list of personal data names columns that exist."""

from ordito.platform.database import Database
from ordito.platform.privacy import PERSONAL


def test_every_column_listed_exists(db: Database) -> None:
    with db.connection() as conn:
        known = {
            (f"{schema}.{table}", column)
            for schema, table, column in conn.execute(
                "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            )
        }
    listed = {(table, column) for table, columns in PERSONAL.items() for column in columns}
    assert listed - known == set()
