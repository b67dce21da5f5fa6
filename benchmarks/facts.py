"""Facts to measure with: 200 contracts, spend, sales and visits with restatements, as they would come from Kafka."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from application.arrival import Arrival
from domain.events import Event
from schemas.header import Kafka
from store.mapper import stored
from tests.examples import PREPAID, SIGNED, at, gmv, metric, spend, terms

CONTRACTS = 200
BATCH = 500
FIRST = date(2026, 6, 15)
NOW = at(date(2026, 9, 5))


def contract_ids(count: int = CONTRACTS) -> list[str]:
    """Ids of the contracts that the facts are about."""
    return [f"bench-{number:04d}" for number in range(count)]


def signing(ids: list[str]) -> list[Arrival]:
    """What must be there before facts come: contracts of eighty days, and their prepayments."""
    window = replace(SIGNED.terms.window, last_day=FIRST + timedelta(79))
    found = []
    for number, contract_id in enumerate(ids):
        contract = replace(SIGNED, contract_id=contract_id, terms=terms(window=window))
        paid = replace(PREPAID, contract_id=contract_id, amount=10**15)
        found += [as_arrival(contract, f"sign-{number}", number), as_arrival(paid, f"paid-{number}", number)]
    return found


def batches(count: int, ids: list[str], seed: int = 1) -> Iterator[list[Arrival]]:
    """Batches of facts: six spend, three sales and one visit report in ten, days in order with some restatements."""
    chance = random.Random(seed)
    for number in range(count):
        yield [fact(chance, chance.choice(ids), number * BATCH + each) for each in range(BATCH)]


def fact(chance: random.Random, contract_id: str, number: int) -> Arrival:
    """One fact with an id of its own."""
    day = FIRST + timedelta(chance.randrange(80))
    kind = number % 10
    event: Event
    if kind < 6:
        event = replace(spend(day, chance.randrange(1, 50)), contract_id=contract_id)
    elif kind < 9:
        event = replace(gmv(day, chance.randrange(1, 9), revision=number), contract_id=contract_id)
    else:
        event = replace(
            metric("VISITS", day, chance.randrange(900), revision=number), contract_id=contract_id
        )
    return as_arrival(event, f"fact-{number}", number)


def as_arrival(event: Event, fact_id: str, number: int) -> Arrival:
    """An event as a Kafka record."""
    type_, payload = stored(event)
    topic = f"copact.facts.{type_.split('.')[0]}.v1"
    return Arrival(
        type_, f"bench.{type_.split('.')[0]}", fact_id, NOW, payload, Kafka(topic, number % 12, number)
    )
