"""A summer that never was: the facts of the contract us-summer-2026, generated from a seed, day by day.

Every source ends in `.generated`. Each day brings what is known of the day before: sales that restate one and seven
days later, advertising of two campaigns, visits, commission and new customers. Integers only and no clock, so that the
same seed gives the same facts on every machine.

The story: the launch fortnight reaches its target with little to spare, until retail finds on 10 July that orders of
its second week were cancelled after a pricing error. The season as a whole sells steadily, and too little.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

CONTRACT: Final = "us-summer-2026"
FIRST_DAY: Final = date(2026, 5, 20)
LAST_DAY: Final = date(2026, 7, 20)
"""The first and the last day on which facts arrive."""

SEED: Final = 20_260_615

_ZONE = ZoneInfo("America/Los_Angeles")
_MARKETPLACE = "ATVPDKIKX0DER"
_ONE_DAY = timedelta(days=1)
_LAUNCH = date(2026, 6, 15)
_SALE = (date(2026, 7, 14), date(2026, 7, 17))
_CANCELLED = (date(2026, 6, 22), date(2026, 6, 28))
_CANCELLED_ON = date(2026, 7, 10)
_CAMPAIGNS = {"summer-video": 62, "summer-search": 38}
"""The two campaigns and the share of each in spend, in per cent."""

_WEEKDAYS = (985, 960, 965, 990, 1_010, 1_050, 1_040)
"""Monday to Sunday, in parts per thousand of an average day."""

Event = dict[str, Any]
"""One CloudEvent as JSON, its data in the readable form."""


def days(seed: int = SEED) -> Iterator[tuple[date, list[Event]]]:
    """The facts that arrive on each day from FIRST_DAY to LAST_DAY, in ascending order."""
    chance = random.Random(seed)
    history: dict[date, _Day] = {}
    day = FIRST_DAY
    while day <= LAST_DAY:
        yesterday = day - _ONE_DAY
        history[yesterday] = _Day(yesterday, chance)
        yield (
            day,
            [*_on_occasion(day), *_sales(day, history), *_advertising(day, history), *_traffic(day, history)],
        )
        day += _ONE_DAY


class _Day:
    """What really happened on one day; amounts in cents."""

    def __init__(self, day: date, chance: random.Random) -> None:
        campaign = day >= _LAUNCH
        peak = _SALE[0] <= day <= _SALE[1]
        pace = _WEEKDAYS[day.weekday()] * (1_000 + chance.randint(-60, 60)) // 1_000
        factor = 3_000 if peak else 1_000
        self.day = day
        self.gmv = _of(412_000 if campaign else 268_000, pace, factor)
        self.units = self.gmv // 3_790
        self.visits = _of(9_300 if campaign else 4_100, pace, 2_600 if peak else 1_000)
        self.commission = self.gmv * 150 // 1_000
        self.new_customers = _of(35 if campaign else 12, pace, factor)
        self.spend = _of(57_500, 1_000 + chance.randint(-50, 50), 2_900 if peak else 1_000) if campaign else 0
        self.attributed = self.spend * (4_350 + chance.randint(-220, 220)) // 1_000


def _of(base: int, *thousandths: int) -> int:
    for factor in thousandths:
        base = base * factor // 1_000
    return base


def _sales(day: date, history: dict[date, _Day]) -> Iterator[Event]:
    """GMV of yesterday, and of the days that are restated: orders come in late, then returns are taken off."""
    for revision, age, share in ((1, 1, 980), (2, 2, 1_000), (3, 8, 993)):
        known = history.get(day - age * _ONE_DAY)
        if known:
            yield _gmv(day, known, revision, share)
    if day == _CANCELLED_ON:
        for known in history.values():
            if _CANCELLED[0] <= known.day <= _CANCELLED[1]:
                yield _gmv(day, known, 4, 905)


def _gmv(day: date, known: _Day, revision: int, share: int) -> Event:
    data = {
        "source": "retail.generated",
        "marketplace_id": _MARKETPLACE,
        "view": "",
        "basis": "ordered_revenue",
        "granularity": "day",
        **_period(known.day),
        "currency": "USD",
        "total": _money(known.gmv * share // 1_000),
        "units": known.units * share // 1_000,
        "as_of": _moment(day, 5),
        "revision": revision,
        "slices": [],
    }
    return _event(day, "retail.GmvReported.v2", "retail.generated", f"gmv-{known.day}-r{revision}", data)


def _advertising(day: date, history: dict[date, _Day]) -> Iterator[Event]:
    """Spend of yesterday, and sales attributed to it: they grow for a week, as buyers come back."""
    for campaign, percent in _CAMPAIGNS.items():
        shared = {
            "source": "ads.generated",
            "marketplace_id": _MARKETPLACE,
            "account_id": "northwind-ads",
            "campaign_id": campaign,
            "reporting": "snapshot",
        }
        yesterday = history[day - _ONE_DAY]
        if yesterday.spend:
            data = {
                **shared,
                "revision": 1,
                **_period(yesterday.day),
                "currency": "USD",
                "amount": _money(yesterday.spend * percent // 100),
            }
            fact_id = f"spend-{campaign}-{yesterday.day}"
            yield _event(day, "ads.SpendReported.v1", "ads.generated", fact_id, data)
        for revision, age, share in ((1, 1, 900), (2, 2, 950), (3, 8, 1_000)):
            known = history.get(day - age * _ONE_DAY)
            if known and known.spend:
                amount = known.attributed * percent // 100 * share // 1_000
                windows = [
                    {"days": 7, "amount": _money(amount * 9 // 10)},
                    {"days": 14, "amount": _money(amount)},
                ]
                data = {
                    **shared,
                    "revision": revision,
                    **_period(known.day),
                    "currency": "USD",
                    "windows": windows,
                }
                fact_id = f"sales-{campaign}-{known.day}-r{revision}"
                yield _event(day, "ads.AttributedSalesReported.v1", "ads.generated", fact_id, data)


def _traffic(day: date, history: dict[date, _Day]) -> Iterator[Event]:
    known = history[day - _ONE_DAY]
    for metric, unit, value in (
        ("visits", "count", known.visits),
        ("commission", "USD", _money(known.commission)),
        ("new_to_brand_customers", "count", known.new_customers),
    ):
        data = {
            "source": "retail.generated",
            "marketplace_id": _MARKETPLACE,
            "metric": metric,
            "granularity": "day",
            "reporting": "snapshot",
            "revision": 1,
            **_period(known.day),
            "unit": unit,
            "value": value,
        }
        yield _event(day, "retail.MetricReported.v1", "retail.generated", f"{metric}-{known.day}", data)


def _on_occasion(day: date) -> Iterator[Event]:
    """What happens once: the prepayment, the assets, the licence, the rebate."""
    for on, type_, source, fact_id, data in _OCCASIONS:
        if on == day:
            yield _event(day, type_, source, fact_id, data)


_OCCASIONS: Final[tuple[tuple[date, str, str, str, Event], ...]] = (
    (
        date(2026, 5, 22),
        "content.AssetCreated.v1",
        "content.generated",
        "asset-terrace-photos",
        {
            "asset_id": "terrace-photos",
            "title": "Terrace photo set, shot by the seller (generated)",
            "kind": "image",
            "created_on": "2026-05-22",
            "owner": "seller",
            "derived_from": [],
        },
    ),
    (
        date(2026, 6, 1),
        "finance.PrepaymentReceived.v1",
        "finance.generated",
        "prepayment-1",
        {"payment_id": "prepayment-1", "received_on": "2026-06-01", "currency": "USD", "amount": "50000.00"},
    ),
    (
        date(2026, 6, 5),
        "content.AssetCreated.v1",
        "content.generated",
        "asset-summer-video",
        {
            "asset_id": "summer-video",
            "title": "Summer on the terrace, co-created video (generated)",
            "kind": "video",
            "created_on": "2026-06-05",
            "owner": "by_contract",
            "derived_from": [],
        },
    ),
    (
        date(2026, 6, 8),
        "content.LicenceGranted.v1",
        "content.generated",
        "licence-summer-video",
        {
            "licence_id": "summer-video-us",
            "asset_id": "summer-video",
            "effect": "permission",
            "channels": ["marketplace"],
            "territories": ["US"],
            "first_day": "2026-06-15",
            "last_day": "2026-12-31",
            "clause": "6.4",
        },
    ),
    (
        date(2026, 6, 18),
        "content.AssetCreated.v1",
        "content.generated",
        "asset-summer-video-15s",
        {
            "asset_id": "summer-video-15s",
            "title": "Summer on the terrace, 15 second cut (generated)",
            "kind": "video",
            "created_on": "2026-06-18",
            "owner": "seller",
            "derived_from": ["summer-video"],
        },
    ),
    (
        date(2026, 7, 2),
        "content.AssetCreated.v1",
        "content.generated",
        "asset-buyer-clips",
        {
            "asset_id": "buyer-clips",
            "title": "Clips sent in by buyers (generated)",
            "kind": "video",
            "created_on": "2026-07-02",
            "owner": "unstated",
            "derived_from": [],
        },
    ),
    (
        date(2026, 7, 16),
        "finance.RebateIssued.v1",
        "finance.generated",
        "rebate-1",
        {
            "rebate_id": "rebate-1",
            "issued_on": "2026-07-16",
            "currency": "USD",
            "amount": "2900.00",
            "document_id": "credit-note-2026-0716",
        },
    ),
)


def _event(day: date, type_: str, source: str, fact_id: str, data: Event) -> Event:
    return {
        "specversion": "1.0",
        "type": f"copact.{type_}",
        "id": f"{CONTRACT}/{fact_id}",
        "source": source,
        "subject": f"contract-{CONTRACT}",
        "time": _moment(day, 6),
        "data": {"contract_id": CONTRACT, **data},
    }


def _period(day: date) -> Event:
    return {"period_start": _moment(day, 0), "period_end": _moment(day + _ONE_DAY, 0)}


def _moment(day: date, hour: int) -> str:
    return datetime.combine(day, time(hour), _ZONE).isoformat()


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
