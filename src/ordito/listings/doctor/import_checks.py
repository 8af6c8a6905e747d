"""Files that people bring in."""

from ordito.listings.doctor.types import Check

CHECKS = (
    Check(
        id="U1",
        title="An import counts as many rows as became so",
        hint="Compare uploads.job with uploads.row; an import that says more than its rows was"
        " changed by hand.",
        sql="""
            SELECT j.id AS import_id, j.state, j.phase, c.outcome, c.rows, r.rows AS rows_there
            FROM uploads.job AS j
            CROSS JOIN LATERAL (
                SELECT key AS outcome, value::int AS rows
                FROM jsonb_each_text(coalesce(j.counts -> j.phase, '{}'))
            ) AS c
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS rows
                FROM uploads.row
                WHERE job_id = j.id AND phase = j.phase AND outcome = c.outcome
            ) AS r
            WHERE c.rows <> r.rows
              AND EXISTS (SELECT FROM uploads.row WHERE job_id = j.id)
        """,
    ),
    Check(
        id="U2",
        title="An import that is done has been through all its rows",
        hint="Let the import go on (resume), or look in the worker's log why it ended early.",
        sql="""
            SELECT j.id AS import_id, j.state, j.total, c.rows
            FROM uploads.job AS j
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(value::int), 0) AS rows
                FROM jsonb_each_text(coalesce(j.counts -> 'run', '{}'))
            ) AS c
            WHERE j.state = 'finished' AND c.rows <> j.total
        """,
    ),
)
