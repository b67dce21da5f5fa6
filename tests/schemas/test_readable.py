"""The readable form: what people write is read exactly or refused with the line and the rule."""

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec
from schemas.errors import UnknownSchema
from schemas.readable import MAX_ERRORS, ContractFileErrors, Node, from_json, to_readable, to_record
from tests.schemas.records import CONTRACT_JSON, CURRENT, LONGS, records

SPEND = "ads.SpendReported.v1"
CONTRACT = "contracts.ContractSigned.v1"
METRIC = "retail.MetricReported.v1"

SPEND_JSON: dict[str, Any] = {
    "contract_id": "C-1",
    "source": "amazon-ads",
    "marketplace_id": "ATVPDKIKX0DER",
    "account_id": "A-1",
    "campaign_id": "K-1",
    "reporting": "delta",
    "revision": 0,
    "period_start": "2026-06-15T00:00:00-07:00",
    "period_end": "2026-06-15T08:00:00Z",
    "currency": "USD",
    "amount": "-12.34",
}


def written(text: str) -> Node:
    """A document of lines `name: value`, indented by two blanks for what is inside; `- ` begins an item."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    return _block(lines, 0, lines[0][0])


def _block(lines: list[tuple[int, str]], indent: int, number: int) -> Node:
    children: dict[str, Node] = {}
    while lines and len(lines[0][1]) - len(lines[0][1].lstrip()) >= indent:
        at, line = lines.pop(0)
        name, _, value = line.strip().partition(": ")
        if value:
            children[name] = Node(value, at)
        else:
            children[name.removesuffix(":")] = _block(lines, indent + 2, at)
    return Node(dict(children), number)


def errors_of(type_: str, data: dict[str, Any] | Node) -> list[tuple[str, str]]:
    """Path and rule of every error in a document."""
    with pytest.raises(ContractFileErrors) as caught:
        to_record(type_, data) if isinstance(data, Node) else from_json(type_, data)
    return [(error.path, error.rule) for error in caught.value.errors]


def rule_of(**field: Any) -> str:
    """The rule by which one changed field of a spend report is refused."""
    ((path, rule),) = errors_of(SPEND, SPEND_JSON | field)
    assert [path] == list(field)
    return rule


# There and back


@pytest.mark.parametrize("type_", CURRENT)
def test_the_readable_form_comes_back(type_: str) -> None:
    """Any record survives being shown, written as JSON text, parsed and read."""

    @settings(max_examples=25, deadline=None)
    @given(records(type_))
    def check(record: dict[str, Any]) -> None:
        shown = json.loads(json.dumps(to_readable(type_, record)), parse_float=Decimal)
        assert from_json(type_, shown) == record

    check()


def test_a_spend_report_is_read_exactly() -> None:
    """Symbols, instants with offsets and amounts are what the schema means by them."""
    record = from_json(SPEND, SPEND_JSON)
    assert record["reporting"] == "DELTA"
    assert record["period_start"] == 1_781_506_800_000_000
    assert record["period_end"] == record["period_start"] + 3_600_000_000
    assert record["amount"] == -12_340_000
    assert codec.decode(SPEND, codec.encode(SPEND, record)) == record


def test_what_is_left_out_takes_its_default() -> None:
    """The smallest contract file gives a whole record, with lists of its own."""
    first, second = from_json(CONTRACT, CONTRACT_JSON), from_json(CONTRACT, CONTRACT_JSON)
    terms = first["terms"]
    assert terms["attribution_days"] == 14
    assert terms["prepayment"] is None
    assert terms["ip"] == {"owner": "UNSTATED", "rules": [], "clause": ""}
    assert terms["window"]["first_day"] == date(2026, 6, 15)
    assert codec.decode(CONTRACT, codec.encode(CONTRACT, first)) == first
    terms["ip"]["rules"].append("changed")
    assert second["terms"]["ip"]["rules"] == []


def test_null_is_shown_by_leaving_out() -> None:
    """A field that is null does not appear, and may be given as null in JSON."""
    shown = to_readable(CONTRACT, from_json(CONTRACT, CONTRACT_JSON))
    assert "prepayment" not in shown["terms"]
    given_null = CONTRACT_JSON | {"terms": CONTRACT_JSON["terms"] | {"prepayment": None}}
    assert from_json(CONTRACT, given_null) == from_json(CONTRACT, CONTRACT_JSON)


@given(LONGS)
def test_any_instant_can_be_shown(instant: int) -> None:
    """Showing never fails; an instant outside the calendar stays a number."""
    shown = to_readable(
        "clock.DeadlinePassed.v1", {"contract_id": "", "kind": "MATURED", "subject": "", "instant": instant}
    )
    assert shown["instant"] == instant or from_json("clock.DeadlinePassed.v1", shown)["instant"] == instant


# Numbers


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("50000.00", 50_000_000_000),
        ("0", 0),
        ("-0.00", 0),
        ("0.000001", 1),
        ("-0.000001", -1),
        ("1.5", 1_500_000),
        ("9223372036854.775807", 2**63 - 1),
        ("-9223372036854.775808", -(2**63)),
    ],
)
def test_money_is_read_to_the_last_micro(text: str, micros: int) -> None:
    """Decimal text in the major unit becomes micros exactly, as text or as a JSON number."""
    assert from_json(SPEND, SPEND_JSON | {"amount": text})["amount"] == micros
    assert from_json(SPEND, SPEND_JSON | {"amount": Decimal(text)})["amount"] == micros


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("50,000.00", "no separators between digits"),
        ("50.000,00", "no separators between digits"),
        ("50'000", "no separators between digits"),
        ("50 000", "no separators between digits"),
        ("50_000", "no separators between digits"),
        ("1e3", "no exponents"),
        ("1.5E-2", "no exponents"),
        ("0.0000001", "at most 6 decimals"),
        ("1.0000000", "at most 6 decimals"),
        ("NaN", "amount in the major unit"),
        ("Infinity", "amount in the major unit"),
        ("USD 5", "amount in the major unit"),
        ("5 USD", "amount in the major unit"),
        ("", "amount in the major unit"),
        ("+5", "amount in the major unit"),
        ("05", "amount in the major unit"),
        (".5", "amount in the major unit"),
        ("5.", "amount in the major unit"),
        ("\u0665", "amount in the major unit"),
        ("5\n", "amount in the major unit"),
        ("9223372036854.775808", "too large"),
        ("9" * 100_000, "too large"),
        (None, "single value"),
        (["5"], "single value"),
    ],
)
def test_money_in_any_other_form_is_refused_with_the_rule(text: Any, words: str) -> None:
    """What could be read in two ways, or not exactly, is not read."""
    assert words in rule_of(amount=text)


@pytest.mark.parametrize(
    ("text", "ppm"),
    [
        ("15 %", 150_000),
        ("15%", 150_000),
        ("12.5 %", 125_000),
        ("0.0001 %", 1),
        ("-3 %", -30_000),
        ("0.15", 150_000),
        ("0.000001", 1),
        ("2.5", 2_500_000),
        ("1", 1_000_000),
        ("0", 0),
        ("300 %", 3_000_000),
    ],
)
def test_rates_are_read_exactly(text: str, ppm: int) -> None:
    """A rate is a percentage or a decimal, never rounded."""
    assert from_json(CONTRACT, with_rebate(cap_rate=text))["terms"]["rebate"]["cap_rate"] == ppm


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("15", 'write "15 %"'),
        ("150000", 'write "150000 %"'),
        ("15  %", "15 %"),
        ("15 % ", "15 %"),
        ("%", "15 %"),
        ("15 pct", "15 % or 0.15"),
        ("0.00001 %", "at most 4 decimals"),
        ("0.0000001", "at most 6 decimals"),
        ("0,15", "no separators"),
        ("1e-2", "no exponents"),
    ],
)
def test_a_rate_that_could_mean_something_else_is_refused(text: str, words: str) -> None:
    """A bare 15 would be fifteen times the whole, so it must be written as what is meant."""
    ((path, rule),) = errors_of(CONTRACT, with_rebate(cap_rate=text))
    assert path == "terms.rebate.cap_rate"
    assert words in rule


def with_rebate(**more: Any) -> dict[str, Any]:
    """A contract with a rebate."""
    rebate = {"base": "commission", "effect": "visits", "tiers": [], "cap_rate": "15 %"} | more
    return CONTRACT_JSON | {"terms": CONTRACT_JSON["terms"] | {"rebate": rebate}}


@pytest.mark.parametrize(("effect", "threshold", "read"), [("gmv", "1.5", 1_500_000), ("visits", "15", 15)])
def test_a_threshold_is_in_the_unit_of_its_effect(effect: str, threshold: str, read: int) -> None:
    """The same field is money or a count, as a field of the record around it says."""
    data = with_rebate(effect=effect, tiers=[{"threshold": threshold, "rate": "10 %"}])
    record = from_json(CONTRACT, data)
    assert record["terms"]["rebate"]["tiers"][0]["threshold"] == read
    assert (
        str(to_readable(CONTRACT, record)["terms"]["rebate"]["tiers"][0]["threshold"]).rstrip("0")
        == threshold
    )


def test_a_count_has_no_decimals() -> None:
    """Half a visit is refused where visits decide."""
    data = with_rebate(tiers=[{"threshold": "1000.5", "rate": "10 %"}])
    assert errors_of(CONTRACT, data) == [
        ("terms.rebate.tiers[0].threshold", "a whole number expected, such as 1200")
    ]


def test_the_unit_of_a_metric_decides_how_its_value_reads() -> None:
    """A value with a currency is money, one that is counted is a count, in both directions."""
    metric = {key: SPEND_JSON[key] for key in ("contract_id", "source", "marketplace_id", "revision")} | {
        "metric": "commission",
        "granularity": "day",
        "reporting": "snapshot",
        "period_start": "2026-06-15T00:00:00Z",
        "period_end": "2026-06-16T00:00:00Z",
    }
    money = from_json(METRIC, metric | {"unit": "USD", "value": "7"})
    count = from_json(METRIC, metric | {"unit": "count", "value": "7"})
    assert (money["value"], count["value"]) == (7_000_000, 7)
    assert (to_readable(METRIC, money)["value"], to_readable(METRIC, count)["value"]) == ("7.00", 7)


@pytest.mark.parametrize("count", ["1.0", "1e3", "1,000", "", "x", "0x10", "--1"])
def test_a_count_is_a_whole_number(count: str) -> None:
    """No other way of writing a number passes for a count."""
    assert "whole number" in rule_of(revision=count)


def test_a_number_beyond_its_bits_is_refused() -> None:
    """Counts have 64 bits, or 32 where the schema says int."""
    assert rule_of(revision=2**63) == "too large"
    data = CONTRACT_JSON | {"terms": CONTRACT_JSON["terms"] | {"attribution_days": 2**31}}
    assert errors_of(CONTRACT, data) == [("terms.attribution_days", "too large")]


# Text, symbols, days, instants


@pytest.mark.parametrize("value", [5, True, Decimal("1.5")])
def test_a_json_number_is_not_text(value: Any) -> None:
    """Where text is expected, a bare number or truth value is refused in JSON."""
    assert rule_of(source=value) == "text expected, in quotes"


def test_a_truth_value_is_not_a_number() -> None:
    """True is not 1."""
    assert "whole number" in rule_of(revision=True)
    assert "amount" in rule_of(amount=True)


def test_a_float_is_a_mistake_of_the_caller() -> None:
    """JSON is parsed with decimals; a float has lost the digits already."""
    with pytest.raises(TypeError, match="parse_float=Decimal"):
        from_json(SPEND, SPEND_JSON | {"amount": 0.1})


def test_half_a_surrogate_pair_is_refused() -> None:
    """Text that no encoder can write is refused at the door."""
    assert "surrogate" in rule_of(source="\ud800")


@pytest.mark.parametrize("symbol", ["DELTA", "Delta", "dleta", "", "snap-shot"])
def test_symbols_are_in_lower_case(symbol: str) -> None:
    """A symbol is one of those named, in lower case."""
    assert rule_of(reporting=symbol).startswith("one of delta, snapshot expected")


def test_a_near_miss_is_answered_with_the_word_meant() -> None:
    """A misspelt symbol or key comes back with the right one."""
    assert rule_of(reporting="snap-shot").endswith("did you mean snapshot?")
    renamed = {("amuont" if key == "amount" else key): value for key, value in SPEND_JSON.items()}
    assert errors_of(SPEND, renamed) == [
        ("amuont", "no such field; did you mean amount?"),
        ("amount", "missing"),
    ]


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        ("2026-02-29", "no such day in the calendar"),
        ("2026-13-01", "no such day in the calendar"),
        ("0000-01-01", "no such day in the calendar"),
        ("20260501", "a day expected, such as 2026-07-01"),
        ("2026-W18-5", "a day expected, such as 2026-07-01"),
        ("2026-05-01T00:00:00Z", "a day expected, such as 2026-07-01"),
        ("1/5/2026", "a day expected, such as 2026-07-01"),
        ("", "a day expected, such as 2026-07-01"),
    ],
)
def test_a_day_is_written_in_one_way(day: str, rule: str) -> None:
    """Days are ISO calendar dates, and exist."""
    assert errors_of(CONTRACT, CONTRACT_JSON | {"signed_on": day}) == [("signed_on", rule)]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T01:30:00+01:30", 0),
        ("2026-06-15T00:00:00.5-07:00", 1_781_506_800_500_000),
        ("0001-01-01T00:00:00+14:00", -62_135_596_800_000_000 - 14 * 3_600_000_000),
        ("9999-12-31T23:59:59.999999-12:00", 253_402_300_799_999_999 + 12 * 3_600_000_000),
    ],
)
def test_instants_are_read_to_the_microsecond(text: str, instant: int) -> None:
    """RFC 3339 with Z or an offset becomes microseconds UTC exactly."""
    assert from_json(SPEND, SPEND_JSON | {"period_start": text})["period_start"] == instant


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-06-15T00:00:00", "needs Z or an offset"),
        ("2026-06-15", "an instant expected"),
        ("2026-06-15T00:00:00.0000001Z", "at most 6 decimals"),
        ("2026-06-15T24:00:00Z", "no such day, time or offset"),
        ("2026-06-15T23:59:60Z", "no such day, time or offset"),
        ("2026-02-30T00:00:00Z", "no such day, time or offset"),
        ("2026-06-15T00:00:00+25:00", "no such day, time or offset"),
        ("2026-06-15 00:00:00Z", "an instant expected"),
        ("1781506800", "an instant expected"),
        (1_781_506_801, "an instant expected"),
    ],
)
def test_an_instant_without_its_place_in_time_is_refused(text: Any, words: str) -> None:
    """An instant that depends on where it is read, or that no clock shows, is refused."""
    assert words in rule_of(period_start=text)


# Documents


def test_every_error_of_a_file_is_reported_with_its_line() -> None:
    """All errors come at once, in the order of lines, each with path, value and rule."""
    tree = written("""\
contract_id: summer-1
title: Summer
seller_id: acme
counterpart: Marketplace LLC
signed_on: 2026-02-30
terms_version: one
effective_from: 2026-06-15
terms:
  programme: seasonal
  category: Home
  currency: USD
  window: 2026
  prepayment:
    amount: 50,000.00
    purpose: ads
    unspent: refund
""")
    with pytest.raises(ContractFileErrors) as caught:
        to_record(CONTRACT, tree)
    assert str(caught.value).splitlines() == [
        "line 1: counterparty: missing",
        "line 4: counterpart: no such field; did you mean counterparty?",
        "line 5: signed_on: '2026-02-30': no such day in the calendar",
        "line 6: terms_version: 'one': a whole number expected, such as 1200",
        "line 12: terms.window: '2026': a mapping of fields expected",
        (
            "line 14: terms.prepayment.amount: '50,000.00': no separators between digits, and a point before "
            "decimals: an amount in the major unit expected, such as 50000.00"
        ),
        (
            "line 16: terms.prepayment.unspent: 'refund': one of refunded, forfeited, rolled_over, unstated "
            "expected; did you mean refunded?"
        ),
    ]


def test_text_of_a_file_may_look_like_a_number() -> None:
    """In a contract file every scalar is text, so that a clause 4.20 stays 4.20."""
    tree = written("contract_id: 1\nsource: 2\n")
    assert ("contract_id", "text expected, in quotes") not in errors_of(SPEND, tree)


@pytest.mark.parametrize("value", ["x", None, []])
def test_a_document_is_a_mapping(value: Any) -> None:
    """A document that is a list, a word or nothing is refused without more."""
    assert errors_of(SPEND, Node(value, 1)) == [("", "a mapping of fields expected")]


def test_a_list_is_a_list() -> None:
    """A single word is not taken for a list of one."""
    data = CONTRACT_JSON | {"terms": CONTRACT_JSON["terms"] | {"modules": "joint_content"}}
    assert errors_of(CONTRACT, data) == [("terms.modules", "a list expected")]


def test_deep_nesting_is_refused() -> None:
    """A document nested a thousand levels deep is refused, not followed."""
    deep: Any = []
    for _ in range(1_000):
        deep = [deep]
    assert errors_of(SPEND, SPEND_JSON | {"amount": deep}) == [("", "nested more than 32 levels deep")]


def test_a_hopeless_document_is_given_up() -> None:
    """After a thousand errors reading stops, so that a bad document costs little."""
    assert len(errors_of(SPEND, {f"key{number}": 1 for number in range(100_000)})) == MAX_ERRORS


def test_an_unknown_type_is_the_callers_business() -> None:
    """A type without a schema is not an error of the document."""
    with pytest.raises(UnknownSchema):
        from_json("ads.Nothing.v1", {})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_breaks_the_reader(data: Any) -> None:
    """Any JSON value in any place is read or refused, and nothing else happens."""
    for name in ("amount", "reporting", "source", "period_start"):
        with suppress(ContractFileErrors):
            from_json(SPEND, SPEND_JSON | {name: data})


def test_a_header_has_no_readable_form() -> None:
    """Headers are bytes for machines: asking for their readable form is a mistake of the caller."""
    with pytest.raises(TypeError, match="no readable form"):
        to_record("envelope.Header.v1", Node({"schema": Node("0" * 64, 1)}, 1))
