"""Files that people bring in: their rows, what the columns mean, what became of each row.

Schema owned: uploads. Events out: data_import.* (see events.py).
Invariants: a row is carried out in the transaction that writes its outcome, so that a worker that
is killed does nothing twice; counts equal the outcomes of the rows; a file of receipts that was
taken is taken once. Rows hold personal data and are forgotten after some weeks.
"""
