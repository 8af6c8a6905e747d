"""What can go wrong with the embedded database, told so that a shopkeeper can act on it."""

from ordito.platform.problems import Problem


class PostgresNotFound(Problem):
    """No PostgreSQL 17 or newer was found. Install Ordito's wheel again, or name a bin folder."""

    slug = "postgres-not-found"
    title = "No PostgreSQL was found to run the embedded database"
    status = 503


class EmbeddedUnavailable(Problem):
    """The embedded database could not be started; the detail says why and what to do."""

    slug = "embedded-database-unavailable"
    title = "The embedded database could not be started"
    status = 503
    retry_after_s = 5
