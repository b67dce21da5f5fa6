"""No fact stops the product: whatever a publisher's schema can say is answered, folded, rendered and ticked."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.deadlines import due
from application.intake import Intake
from domain.events import Event
from domain.terms import Commitment, Terms
from projections.reader import NotFound, Reader
from projections.runner import PROJECTIONS, Runner
from schemas.errors import Unencodable
from store.open import open_ledger, scratch
from tests.arrivals import arrival
from tests.examples import (
    AMENDED,
    ASSET,
    GMV,
    LICENCE,
    NOTICED,
    PREPAID,
    REBATE,
    SALES,
    SIGNED,
    SPEND,
    VISITS,
    at,
    gmv,
    metric,
    spend,
)

NOW = at(date(2026, 7, 1))

NUMBERS = st.sampled_from([0, 1, -1, 7, 10**12, 10**16, 10**16 + 1, 2**62, 2**63 - 1, -(2**63), -(10**16)])
DAYS = st.sampled_from(
    [
        date.min,
        date(1990, 1, 1),
        date(2026, 6, 15),
        date(2026, 6, 30),
        date(2035, 12, 31),
        date(2199, 12, 31),
        date.max,
    ]
)
TEXTS = st.sampled_from(["", "summer-1", "x", "\0", "é\n", "USD", "Asia/Tokyo", "localtime", "z" * 300])


def others(value: Any) -> st.SearchStrategy[Any]:
    """Odd values of the kind of a value."""
    match value:
        case bool():
            return st.booleans()
        case int():
            return NUMBERS
        case date():
            return DAYS
        case str():
            return TEXTS
        case list():
            return st.sampled_from([[], value * 2, value])
        case _:
            return st.just(value)


@st.composite
def odd(draw: st.DrawFn, value: Any) -> Any:
    """A fact or a part of one, with one or two fields replaced by odd values."""
    names = draw(
        st.lists(st.sampled_from([each.name for each in fields(value)]), min_size=1, max_size=2, unique=True)
    )
    changed = {}
    for name in names:
        part = getattr(value, name)
        if isinstance(part, Terms):
            changed[name] = draw(odd_terms(part))
        else:
            changed[name] = draw(others(part))
    return replace(value, **changed)


@st.composite
def odd_terms(draw: st.DrawFn, terms: Terms) -> Terms:
    """Terms with an odd window, commitment, rebate or clause."""
    [commitment] = terms.commitments
    assert terms.rebate is not None
    assert terms.prepayment is not None
    changed: Commitment = draw(odd(commitment))
    return replace(
        terms,
        window=draw(odd(terms.window)),
        commitments=draw(st.sampled_from([[changed], [changed, commitment], []])),
        rebate=draw(st.one_of(st.none(), odd(terms.rebate))),
        prepayment=draw(st.one_of(st.none(), odd(terms.prepayment))),
        breach_clauses=[draw(odd(terms.breach_clauses[0]))],
        attribution_days=draw(st.sampled_from([14, 0, 2**31 - 1])),
    )


PLAIN = [gmv(date(2026, 6, 15), 50), spend(date(2026, 6, 15), 9), metric("COMMISSION", date(2026, 6, 15), 3)]
FACTS = st.one_of(
    *(
        odd(each)
        for each in (PREPAID, REBATE, SPEND, SALES, GMV, VISITS, ASSET, LICENCE, NOTICED, AMENDED, *PLAIN)
    )
)


def said(events: list[Event]) -> Iterator[Any]:
    """Those events that their schemas can say, as arrivals."""
    for number, event in enumerate(events):
        try:
            yield arrival(event, f"f{number}")
        except Unencodable:
            continue


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.just(SIGNED), odd(SIGNED)), st.lists(FACTS, min_size=4, max_size=16))
def test_no_fact_stops_the_product(contract: Event, facts: list[Event]) -> None:
    """Every arrival has a disposition, neighbours go on, and rows, deadlines and questions still work."""
    with (
        TemporaryDirectory() as folder,
        open_ledger(f"sqlite:///{Path(folder) / 'x.db'}") as ledger,
        scratch() as views,
    ):
        intake, runner, reader = Intake(ledger), Runner(ledger, views), Reader(ledger, views)
        arrivals = list(said([contract, *facts, replace(SIGNED, contract_id="neighbour-1")]))
        outcome = intake.take(arrivals, NOW)
        assert sum(outcome.counts.values()) == len(arrivals)
        for now in (NOW, at(date(2027, 1, 1))):
            runner.follow()
            states = [seen.state for seen in reader.see_all(reader.moment())]
            intake.take(due(states, now), now)
        runner.follow()
        assert "neighbour-1" in reader.contract_ids()
        for effective in (None, date(1990, 1, 1), date(2026, 6, 20), date(2199, 12, 31)):
            moment = reader.moment(effective)
            for contract_id in reader.contract_ids():
                try:
                    seen = reader.see(contract_id, moment)
                except NotFound:
                    continue
                for each in PROJECTIONS:
                    for table in each.tables:
                        reader.rows(each, table, seen)
        runner.rebuild()
