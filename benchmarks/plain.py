"""The library as its documentation shows it: an aggregate with @event methods, JSON, one save for each fact."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from application.arrival import Arrival
from store.mapper import event_of_stored


class Account(Aggregate):
    """A contract's figures, kept the plain way."""

    @event("Opened")
    def __init__(self, contract_id: str) -> None:
        self.contract_id = contract_id
        self.total = 0
        self.facts = 0
        self.last: dict[str, Any] = {}

    @staticmethod
    def create_id(contract_id: str) -> UUID:
        """The aggregate of a contract."""
        return uuid5(NAMESPACE_URL, contract_id)

    @event("Reported")
    def report(self, figure: dict[str, Any], amount: int) -> None:
        """Take a figure in, with everything that its fact says."""
        self.last = figure
        self.total += amount
        self.facts += 1


def plain_application(
    environment: dict[str, str],
) -> tuple[Callable[[Sequence[Arrival]], None], Callable[[], None]]:
    """A function that stores facts one by one, and one that closes what it stores them in."""
    application: Application[UUID] = Application(
        env={"AGGREGATE_CACHE_MAXSIZE": "1000", "AGGREGATE_CACHE_FASTFORWARD": "n"} | environment
    )
    opened: set[str] = set()

    def store(facts: Sequence[Arrival]) -> None:
        for each in facts:
            fact: Any = event_of_stored(each.type, each.payload)
            if fact.contract_id not in opened:
                application.save(Account(fact.contract_id))
                opened.add(fact.contract_id)
            account: Account = application.repository.get(Account.create_id(fact.contract_id))
            amount: int = next(
                getattr(fact, name) for name in ("amount", "total", "value") if hasattr(fact, name)
            )
            account.report(asdict(fact), amount)
            application.save(account)

    return store, application.close
