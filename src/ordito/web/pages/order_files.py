"""Files of orders: the columns that were chosen, as CSV or Excel."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from ordito.api.answers import Answer
from ordito.listings.order_columns import COLUMNS
from ordito.web.table_files import Rows, Table, answer_table


def answer_file(columns: Sequence[str], rows: Rows, form: str, zone: ZoneInfo) -> Answer:
    """The file to be kept; form: csv or xlsx."""
    table = Table("orders", [(name, COLUMNS[name].kind) for name in columns])
    return answer_table(table, rows, form, zone)
