"""Making and dropping databases of a server, quickly enough for one per test."""

from typing import LiteralString


def create_database(dsn_admin: str, name: str, template: str | None = None) -> None:
    """Make the database, as a copy of `template` where given (to which nobody is connected).

    dsn_admin: of another database on the server, as a role that may make databases.
    Raises psycopg.errors.DuplicateDatabase, psycopg.errors.ObjectInUse.
    """
    text = "CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log"
    _run(dsn_admin, text, name=name, template=template or "template1")


def drop_database(dsn_admin: str, name: str) -> None:
    """Drop it if it is there, ending the sessions in it."""
    _run(dsn_admin, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)


def _run(dsn_admin: str, text: LiteralString, **names: str) -> None:
    # The supervisor imports this package, and lives long: psycopg would double its memory.
    import psycopg
    from psycopg import sql

    words = {key: sql.Identifier(value) for key, value in names.items()}
    with psycopg.connect(dsn_admin, autocommit=True) as connection:
        connection.execute(sql.SQL(text).format(**words))
