"""The database itself: what is committed stays, indexes and constraints hold, clocks agree."""

from ordito.listings.doctor.types import Check
from ordito.platform.migrations import read_migrations

CLOCK_S_MAX = 2


def _expected_migrations() -> str:
    return ",\n                    ".join(
        f"({m.version}, '{m.checksum}')" for m in read_migrations()
    )


CHECKS = (
    Check(
        id="I40",
        title="What is committed survives a power cut",
        hint="Turn fsync, full_page_writes and synchronous_commit on in PostgreSQL's settings.",
        sql="""
            SELECT s.name, s.setting
            FROM pg_settings AS s
            WHERE (s.name IN ('fsync', 'full_page_writes') AND s.setting <> 'on')
               OR (s.name = 'synchronous_commit' AND s.setting IN ('off', 'local'))
        """,
    ),
    Check(
        id="I40b",
        title="Every index and constraint of ours is whole and in force",
        hint="Rebuild an index with REINDEX INDEX CONCURRENTLY; make a constraint hold with ALTER"
        " TABLE … VALIDATE CONSTRAINT; switch triggers on with ALTER TABLE … ENABLE TRIGGER ALL.",
        sql="""
            SELECT 'index' AS kind, i.indexrelid::regclass::text AS name
            FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE NOT (i.indisvalid AND i.indisready)
              AND c.relnamespace::regnamespace::text !~ '^pg_'
            UNION ALL
            SELECT 'constraint', n.conname || ' of ' || n.conrelid::regclass::text
            FROM pg_constraint AS n
            WHERE NOT n.convalidated AND n.connamespace::regnamespace::text !~ '^pg_'
            UNION ALL
            SELECT 'trigger', t.tgname || ' of ' || t.tgrelid::regclass::text
            FROM pg_trigger AS t
            JOIN pg_class AS c ON c.oid = t.tgrelid
            WHERE t.tgenabled = 'D' AND c.relnamespace::regnamespace::text !~ '^pg_'
        """,
    ),
    Check(
        id="I40c",
        title="The database's clock and this machine's agree",
        hint="Synchronise the clocks: promises and times of the timeline depend on them.",
        severity="warning",
        sql=f"""
            SELECT clock_timestamp() AS database_clock, %(now)s::timestamptz AS our_clock
            WHERE abs(extract(epoch FROM clock_timestamp() - %(now)s::timestamptz)) > {CLOCK_S_MAX}
        """,  # noqa: S608 (a constant of this module)
    ),
    Check(
        id="Y1",
        title="The schema is the one that this program was made for",
        hint="Run `ordito db upgrade`; if a migration was changed after it had been applied,"
        " restore the program's file.",
        sql=f"""
            SELECT e.version, m.version IS NOT NULL AS applied
            FROM (
                VALUES
                    {_expected_migrations()}
            ) AS e (version, checksum)
            LEFT JOIN public.ordito_migration AS m ON m.version = e.version
            WHERE m.checksum IS DISTINCT FROM e.checksum
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="Y2",
        title="The installation says what it is for",
        hint="Restore the row of platform.installation from a backup.",
        sql="""
            SELECT count(*) AS rows
            FROM platform.installation
            HAVING count(*) <> 1
        """,
    ),
)
