"""mypy compares the store with what the use cases need of it."""

from watchbill.store.database import Database
from watchbill.store.transaction import Transaction
from watchbill.usecases import ports


def as_database(database: Database) -> ports.Database:
    return database


def as_transaction(transaction: Transaction) -> ports.Tx:
    return transaction


def test_the_store_fits_the_ports() -> None:
    assert callable(as_database)
    assert callable(as_transaction)
