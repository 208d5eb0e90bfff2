"""Types that migrations share. What is said here stays: a migration must make the same tables for ever."""

import sqlalchemy as sa


def text() -> sa.Text:
    """In the order of its bytes, as in SQLite, whatever the language of the database is: both engines sort alike, ids
    are compared as bytes, and no index breaks when a new version of the system sorts a language otherwise."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
