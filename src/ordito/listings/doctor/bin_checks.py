"""Bin stock: what lies in the bins of a location is what its cells have on the shelf."""

from ordito.listings.doctor.types import Check

_NOT_BUILT_IN = "NOT IN ('@receiving', '@unplaced')"

CHECKS = (
    Check(
        id="SB1",
        title="Where bin stock is kept, the bins hold what is on hand and not picked",
        hint="Count the item at the location, bin by bin; or switch bin stock off and on again,"
        " which begins the record anew.",
        reach="cells",
        sql="""
            SELECT s.item_id, s.location_id, s.on_hand, s.picked, b.in_bins
            FROM inventory.stock AS s
            JOIN inventory.binned AS k ON k.location_id = s.location_id
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(b.qty), 0) AS in_bins
                FROM inventory.bin_stock AS b
                WHERE b.item_id = s.item_id AND b.location_id = s.location_id
            ) AS b
            WHERE s IN CELLS AND s.on_hand - s.picked <> b.in_bins
        """,
    ),
    Check(
        id="SB2",
        title="What lies in bins belongs to a cell of a location that keeps bin stock",
        hint="Rows of inventory.bin_stock were left behind; switch bin stock on and off again.",
        reach="cells",
        sql="""
            SELECT b.item_id, b.location_id, b.bin, b.qty
            FROM inventory.bin_stock AS b
            LEFT JOIN inventory.binned AS k ON k.location_id = b.location_id
            LEFT JOIN inventory.stock AS s
              ON s.item_id = b.item_id AND s.location_id = b.location_id
            WHERE b IN CELLS AND (k.location_id IS NULL OR s.item_id IS NULL)
        """,
    ),
    Check(
        id="SB3",
        title="Every bin holds what its moves brought and left",
        hint="A bin was changed without a move, or a move was lost. Count the bin.",
        reach="cells",
        sql="""
            SELECT coalesce(b.item_id, m.item_id) AS item_id,
                   coalesce(b.location_id, m.location_id) AS location_id,
                   coalesce(b.bin, m.bin) AS bin, b.qty, m.moved
            FROM (SELECT b.item_id, b.location_id, b.bin, b.qty
                  FROM inventory.bin_stock AS b
                  WHERE b IN CELLS) AS b
            FULL JOIN (
                SELECT d.item_id, d.location_id, d.bin, sum(d.qty) AS moved
                FROM (SELECT m.item_id, m.location_id, m.to_bin AS bin, m.qty
                      FROM inventory.bin_move AS m
                      WHERE m IN CELLS AND m.to_bin IS NOT NULL
                      UNION ALL
                      SELECT m.item_id, m.location_id, m.from_bin, -m.qty
                      FROM inventory.bin_move AS m
                      WHERE m IN CELLS AND m.from_bin IS NOT NULL) AS d
                GROUP BY d.item_id, d.location_id, d.bin
            ) AS m ON m.item_id = b.item_id AND m.location_id = b.location_id AND m.bin = b.bin
            WHERE coalesce(b.qty, 0) <> coalesce(m.moved, 0)
        """,
    ),
    Check(
        id="SB4",
        title="Units lie in bins that the location has, and levels are of bins for picking",
        hint="Add the bin to the location again, then move what lies in it.",
        sql=f"""
            SELECT f.location_id, f.item_id, f.bin, f.what
            FROM (
                SELECT b.location_id, b.item_id, b.bin, 'stock' AS what
                FROM inventory.bin_stock AS b
                WHERE b.qty > 0 AND b.bin {_NOT_BUILT_IN}
                UNION ALL
                SELECT v.location_id, v.item_id, v.bin, 'level'
                FROM inventory.pick_level AS v
            ) AS f
            LEFT JOIN locations.bin AS n ON n.location_id = f.location_id AND n.code = f.bin
            WHERE n.code IS NULL OR (f.what = 'level' AND n.purpose <> 'pick')
        """,  # noqa: S608 (a constant of this module)
    ),
    Check(
        id="SB5",
        title="Pick bins are filled only where bin stock is kept, and never after they are full",
        hint="The list of bins to be filled shows work that is none; raise it anew.",
        sql="""
            SELECT r.id, r.location_id, r.item_id, r.units, r.moved
            FROM inventory.replenishment AS r
            LEFT JOIN inventory.binned AS k ON k.location_id = r.location_id
            WHERE r.ended_at IS NULL AND (k.location_id IS NULL OR r.moved >= r.units)
        """,
    ),
)
