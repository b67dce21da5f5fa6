"""Amazon Marketing Stream: `sp-traffic` to SpendReported, `sp-conversion` to AttributedSalesReported.

Messages are hourly adjustments: they are added, negative ones as well, and a repeated one has the same id. They come as
they are or wrapped in an SNS notification. Fields that are not used are ignored, since new ones may appear at any time;
the topic that a wrapper names is never followed.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from application.arrival import Arrival
from connectors.errors import Unusable, bad_value
from connectors.figures import micros
from connectors.instants import instant
from connectors.jsontext import parse
from connectors.records import LONGEST_ID, Place, read_or_park
from connectors.routing import Routes
from schemas import codec

SOURCE: Final = "amazon.marketing-stream"
"""How feeds name this source."""

HOUR: Final = 3_600_000_000
WINDOWS: Final = (1, 7, 14, 30)
"""Days after the click within which a sale is attributed; the windows contain each other."""

METRICS: Final = {"sp-traffic": "SPEND", "sp-conversion": "ATTRIBUTED_SALES"}
"""What each dataset that is read reports."""

NOT_RECORDS: Final = ("SubscriptionConfirmation", "UnsubscribeConfirmation")


def arrivals_of(raw: bytes, place: Place, routes: Routes) -> list[Arrival]:
    """The facts in one message, one for each contract; none where it belongs to no contract."""
    return read_or_park(place, raw, lambda: list(_arrivals(raw, place, routes)), SOURCE)


def _arrivals(raw: bytes, place: Place, routes: Routes) -> Iterator[Arrival]:
    message = _unwrapped(parse(raw))
    if message is None:
        return
    dataset = _text(message, "dataset_id")
    if dataset not in METRICS:
        return
    marketplace, account, campaign = (
        _text(message, name) for name in ("marketplace_id", "advertiser_id", "campaign_id")
    )
    contracts = routes.campaigns(METRICS[dataset], marketplace, account, campaign)
    if not contracts:
        return
    start = instant(message.get("time_window_start"), "time_window_start")
    record: dict[str, Any] = {
        "contract_id": "",
        "source": SOURCE,
        "marketplace_id": marketplace,
        "account_id": account,
        "campaign_id": campaign,
        "reporting": "DELTA",
        "revision": 0,
        "period_start": start,
        "period_end": start + HOUR,
        "currency": _text(message, "currency"),
    }
    if dataset == "sp-traffic":
        type_ = "ads.SpendReported.v1"
        record["amount"] = micros(message.get("cost"), "cost")
    else:
        type_ = "ads.AttributedSalesReported.v1"
        record["windows"] = _windows(message)
    idempotency_id = _text(message, "idempotency_id")
    document = hashlib.sha256(raw).digest()
    for contract_id in contracts:
        record["contract_id"] = contract_id
        fact_id = f"{dataset}/{idempotency_id}/{contract_id}"
        if len(fact_id) > LONGEST_ID:
            raise bad_value(
                "idempotency_id", idempotency_id, f"too long: an id has at most {LONGEST_ID} characters"
            )
        yield Arrival(
            type=type_,
            source=f"{SOURCE}/{dataset}",
            fact_id=fact_id,
            occurred_at=start,
            payload=codec.encode(type_, record),
            origin=place.origin,
            document=document,
        )


def _unwrapped(message: Any) -> Mapping[str, Any] | None:
    """The message itself; None for what SNS says about a subscription."""
    if isinstance(message, dict) and "dataset_id" not in message and "Type" in message:
        if message["Type"] in NOT_RECORDS:
            return None
        body = message.get("Message")
        if message["Type"] != "Notification" or not isinstance(body, str):
            raise bad_value("Type", message["Type"], "an SNS notification with a message expected")
        try:
            message = parse(body.encode())
        except UnicodeEncodeError:
            raise Unusable("not_text", "Message: half of a surrogate pair is not text") from None
        except Unusable as error:
            raise Unusable(error.code, f"Message: {error}") from None
    if not isinstance(message, dict):
        raise Unusable("bad_value", "a message is a JSON object")
    return message


def _windows(message: Mapping[str, Any]) -> list[dict[str, int]]:
    """What is attributed within each window; a window that is left out or null is not known, which is not zero."""
    names = {days: f"attributed_sales_{days}d" for days in WINDOWS}
    found = [
        {"days": days, "amount": micros(message[name], name)}
        for days, name in names.items()
        if message.get(name) is not None
    ]
    if not found:
        raise Unusable("bad_value", f"{', '.join(names.values())}: missing, all of them")
    return found


def _text(message: Mapping[str, Any], name: str) -> str:
    """A name or id; some senders write ids as integers."""
    value = message.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63:
        return str(value)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not value.isprintable():
        raise bad_value(name, value, f"text of at most {LONGEST_ID} printable characters expected")
    return value
