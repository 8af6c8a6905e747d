"""Bulk jobs and who looks after orders."""

from ordito.listings.doctor.types import Check

CHECKS = (
    Check(
        id="B1",
        title="A bulk job's counts are those of its orders",
        hint="Compare desk.job with desk.job_item; a job that says more than its orders was changed"
        " by hand.",
        sql="""
            SELECT j.id AS job_id, j.total, j.done, j.refused, i.total AS orders,
                   i.done AS orders_done, i.refused AS orders_refused
            FROM desk.job AS j
            CROSS JOIN LATERAL (
                SELECT count(*) AS total, count(*) FILTER (WHERE outcome = 'done') AS done,
                       count(*) FILTER (WHERE outcome = 'refused') AS refused
                FROM desk.job_item
                WHERE job_id = j.id
            ) AS i
            WHERE (j.total, j.done, j.refused) <> (i.total, i.done, i.refused)
               OR (j.state = 'finished') <> (j.done + j.refused = j.total)
        """,
    ),
    Check(
        id="B2",
        title="Who looks after an order is a user, and the order exists",
        hint="Delete the row of orders.assignment, or assign the order anew.",
        sql="""
            SELECT a.order_id, a.user_id
            FROM orders.assignment AS a
            WHERE NOT EXISTS (SELECT FROM orders.sales_order AS o WHERE o.id = a.order_id)
               OR NOT EXISTS (SELECT FROM platform.app_user AS u WHERE u.id = a.user_id)
        """,
    ),
    Check(
        id="B3",
        title="A file on an order is whole, and one that was removed is gone",
        hint="A file that lost bytes can't be mended: remove it on the order's page, add it anew."
        " Bytes of a removed one must be deleted from orders.file_chunk.",
        sql="""
            SELECT f.order_id, f.file_no, f.size_bytes, coalesce(c.size_bytes, 0) AS stored_bytes,
                   f.removed_at
            FROM orders.file AS f
            CROSS JOIN LATERAL (
                SELECT sum(octet_length(body)) AS size_bytes, count(*) AS n,
                       max(chunk_no) AS last
                FROM orders.file_chunk
                WHERE order_id = f.order_id AND file_no = f.file_no
            ) AS c
            WHERE CASE WHEN f.removed_at IS NULL
                       THEN c.size_bytes IS DISTINCT FROM f.size_bytes OR c.last <> c.n - 1
                       ELSE c.n > 0 END
               OR NOT EXISTS (SELECT FROM orders.sales_order AS o WHERE o.id = f.order_id)
        """,
    ),
)
