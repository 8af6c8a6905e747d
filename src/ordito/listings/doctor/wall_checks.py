"""The walls in the database: the log is as sealed, nobody may change it, readers are bound."""

from ordito.listings.doctor.types import Check
from ordito.platform.scopes import APPEND_ONLY, POLICIES, SECRETS
from ordito.platform.seals import CONTENT, POSITIONS


def _names(tables: object) -> str:
    assert isinstance(tables, frozenset | dict), "caller names tables"
    return ", ".join(f"'{table}'" for table in sorted(tables))


_COMPUTED = CONTENT % {"positions": POSITIONS}

CHECKS = (
    Check(
        id="I39",
        title="The log is as it was sealed: no event was changed, added or taken away later",
        hint="Somebody changed events in the database. Compare the positions before and in the"
        " first broken seal with a backup; the timelines in between can't be trusted.",
        sql=f"""
            SELECT s.no AS seal, p.last_position + 1 AS first_position, s.last_position
            FROM platform.seal AS s
            CROSS JOIN LATERAL (
                SELECT b.last_position, b.hash
                FROM platform.seal AS b
                WHERE b.no = s.no - 1
                UNION ALL
                SELECT 0, ''::bytea
                WHERE s.no = 1
            ) AS p
            WHERE s.hash IS DISTINCT FROM {_COMPUTED}
               OR s.last_position <> p.last_position + {POSITIONS}
            UNION ALL
            SELECT s.no, NULL, s.last_position
            FROM platform.seal AS s
            WHERE s.no > 1 AND NOT EXISTS (SELECT FROM platform.seal AS b WHERE b.no = s.no - 1)
            ORDER BY seal
        """,  # noqa: S608 (constants)
    ),
    Check(
        id="I39b",
        title="What is only added to is guarded by its triggers and by the rights of the program",
        hint="Run `ordito db upgrade` after deleting the row of platform.wall; a lost trigger comes"
        " back with the migration's text.",
        sql=f"""
            SELECT c.oid::regclass::text AS "table", t.oid IS NOT NULL AS has_trigger,
                   coalesce(r.may_change, false) AS may_change
            FROM unnest(ARRAY[{_names(APPEND_ONLY)}]::regclass[]) AS c (oid)
            LEFT JOIN pg_trigger AS t
                ON t.tgrelid = c.oid AND t.tgname = 'append_only' AND t.tgenabled <> 'D'
            LEFT JOIN LATERAL (
                SELECT has_table_privilege(a.oid, c.oid, 'UPDATE, DELETE, TRUNCATE') AS may_change
                FROM pg_roles AS a
                WHERE a.rolname = 'ordito_app'
            ) AS r ON true
            WHERE t.oid IS NULL OR r.may_change
        """,  # noqa: S608 (constants)
    ),
    Check(
        id="I40d",
        title="Readers who see a part are bound to it by the database too",
        hint="Run `ordito db upgrade` after deleting the row of platform.wall.",
        sql=f"""
            SELECT c.oid::regclass::text AS "table", 'no policy' AS fault
            FROM unnest(ARRAY[{_names(POLICIES)}]::regclass[]) AS c (oid)
            JOIN pg_class AS t ON t.oid = c.oid
            CROSS JOIN pg_roles AS r
            WHERE r.rolname = 'ordito_read'
              AND (NOT t.relrowsecurity
                   OR NOT EXISTS (SELECT FROM pg_policy AS p
                                  WHERE p.polrelid = c.oid AND p.polname = 'seen'))
            UNION ALL
            SELECT c.oid::regclass::text, 'secrets can be read'
            FROM unnest(ARRAY[{_names(SECRETS)}]::regclass[]) AS c (oid)
            CROSS JOIN pg_roles AS r
            WHERE r.rolname = 'ordito_read' AND has_table_privilege(r.oid, c.oid, 'SELECT')
        """,  # noqa: S608 (constants)
    ),
    Check(
        id="I40e",
        title="The program's roles are there and can do no more than they should",
        hint="Let a login that may make roles run `ordito db upgrade`; take superuser, ownership"
        " and the passing of policies from the roles. docs/operator-guide.md says how.",
        severity="warning",
        sql="""
            SELECT w.name AS role,
                   CASE WHEN r.oid IS NULL THEN 'missing' ELSE 'too mighty' END AS fault
            FROM unnest(ARRAY['ordito_app', 'ordito_read']) AS w (name)
            LEFT JOIN pg_roles AS r ON r.rolname = w.name
            WHERE r.oid IS NULL
               OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb
               OR NOT has_schema_privilege(r.oid, 'platform', 'USAGE')
               OR EXISTS (SELECT FROM pg_class AS c
                          WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p'))
        """,
    ),
)
