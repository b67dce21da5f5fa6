"""Read models: what followers may do to them, and what readers see meanwhile."""

from collections.abc import Iterator

import pytest

from store import views as views_module
from store.open import open_views, scratch
from store.views import Changes, Folded, Overtaken, Table, Views

MONEY = Table("money", (), {"currency": str, "amount": int, "overdrawn": bool})
ASSETS = Table("assets", ("asset_id",), {"asset_id": str, "title": str})
TABLES = (MONEY, ASSETS)

A, B = "contract-A", "contract-B"


def changes(amount: int, *assets: str, stream: str = A) -> Changes:
    """One row of money and some assets of a contract."""
    return {
        "money": {stream: [("EUR", amount, amount < 0)]},
        "assets": {stream: [(each, each.upper()) for each in assets]},
    }


@pytest.fixture(autouse=True)
def made(views: Views) -> None:
    """The tables are there."""
    views.create(TABLES, "shape")


def test_rows_of_a_touched_contract_are_replaced_as_a_whole(views: Views) -> None:
    """What is not named any more is gone; other contracts stay as they are; the position moves along."""
    views.apply(changes(5, "x", "y"), {A: (2, 2, b"A2")}, expected=0, position=2)
    views.apply(changes(7, "z", stream=B), {B: (1, 3, b"B1")}, expected=2, position=3)
    views.apply(changes(-1, "y"), {A: (3, 4, b"A3")}, expected=3, position=4)

    assert views.position() == 4
    assert views.rows("money", order=["amount"]) == [
        {"currency": "EUR", "amount": -1, "overdrawn": True},
        {"currency": "EUR", "amount": 7, "overdrawn": False},
    ]
    assert [row["asset_id"] for row in views.rows("assets")] == ["y", "z"]
    assert views.folded(A) == Folded(3, 4, b"A3")
    assert views.folded_streams() == [A, B]
    assert views.folded("contract-C") is None


def test_a_contract_may_lose_all_its_rows(views: Views) -> None:
    """A stream that is named with no rows has none."""
    views.apply(changes(5, "x"), {}, expected=0, position=1)
    views.apply({"money": {A: []}, "assets": {}}, {}, expected=1, position=2)
    assert views.rows("money") == []
    assert len(views.rows("assets")) == 1


def test_rows_are_asked_for_by_values(views: Views) -> None:
    """Any column, an empty one too; a column that is not there is named, whatever it contains."""
    views.apply({"assets": {A: [("x", "T"), ("y", None)]}, "money": {A: [(None, None, None)]}}, {}, 0, 1)
    assert views.rows("assets", {"title": "T"}) == [{"asset_id": "x", "title": "T"}]
    assert views.rows("assets", {"title": None, "asset_id": "y"}) == [{"asset_id": "y", "title": None}]
    assert views.rows("assets", {"stream": "contract-B"}) == []
    assert views.rows("money") == [{"currency": None, "amount": None, "overdrawn": None}]
    for wrong in ({"colour": "blue"}, {'title" = title --': "x"}):
        with pytest.raises(LookupError, match="column"):
            views.rows("assets", wrong)
    with pytest.raises(LookupError):
        views.rows("assets", order=["title; DROP TABLE assets"])


def test_questions_across_contracts_are_sql(views: Views) -> None:
    """Parameters are question marks on every database, a percent sign is itself, and nothing can be changed."""
    views.apply(changes(5, "x", "y"), {}, 0, 1)
    views.apply(changes(6, "z", stream=B), {}, 1, 2)
    sql = (
        "SELECT stream, count(*) AS assets FROM assets WHERE asset_id LIKE '%' AND asset_id <> ?"
        " GROUP BY stream ORDER BY stream"
    )
    assert views.query(sql, ["x"]) == [{"stream": A, "assets": 1}, {"stream": B, "assets": 1}]
    views.query("DELETE FROM assets RETURNING stream")
    assert len(views.rows("assets")) == 3


def test_of_two_followers_one_is_told(views: Views, database_url: str) -> None:
    """Who was overtaken changes nothing, whether the other has gone as far, less far or farther."""
    with open_views(database_url) as other:
        other.create(TABLES, "shape")
        other.apply(changes(5, "x"), {}, expected=0, position=4)
        for position in (3, 4, 5):
            with pytest.raises(Overtaken):
                views.apply(changes(9, "y"), {A: (1, 1, b"")}, expected=0, position=position)
        with pytest.raises(Overtaken):
            views.replace(changes(9, "y"), [], expected=0, position=4)
    assert views.position() == 4
    assert views.rows("assets") == [{"asset_id": "x", "title": "X"}]
    assert views.folded_streams() == []


@pytest.mark.parametrize("fingerprint", ["shape", "another shape"])
@pytest.mark.parametrize("tables", [TABLES, (ASSETS,), (MONEY, Table("assets", ("title",), ASSETS.columns))])
def test_other_definitions_begin_anew(
    views: Views, database_url: str, tables: tuple[Table, ...], fingerprint: str
) -> None:
    """Other tables, or another fold, make all rows worthless, and whoever still follows with the old ones is told."""
    views.apply(changes(5, "x"), {A: (1, 1, b"")}, expected=0, position=1)
    with open_views(database_url) as later:
        later.create(tables, fingerprint)
        if (tables, fingerprint) == (TABLES, "shape"):
            assert (later.position(), len(later.rows("assets")), later.folded_streams()) == (1, 1, [A])
            return
        assert (later.position(), later.rows("assets"), later.folded_streams()) == (0, [], [])
        later.apply({"assets": {A: [("y", "Y")]}}, {A: (1, 1, b"")}, expected=0, position=1)
        with pytest.raises(Overtaken):
            views.apply(changes(6, "z"), {}, expected=1, position=2)
        assert later.rows("assets") == [{"asset_id": "y", "title": "Y"}]


def test_the_store_keeps_some_names_for_itself(views: Views) -> None:
    """Read models may share a database with the ledger, whose tables they must not meet."""
    for name in ("events", "folded", "tracking"):
        with pytest.raises(ValueError, match=name):
            views.create([Table(name, (), {"a": str})], "shape")


def test_a_rebuild_is_seen_as_a_whole(
    views: Views, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While tables are filled beside the live ones another reader sees the old rows, and then all the new ones."""
    monkeypatch.setattr(views_module, "CHUNK", 1)
    views.apply(changes(5, "x", "y"), {A: (1, 1, b"old")}, expected=0, position=1)
    seen = []
    with open_views(database_url) as reader:
        reader.create(TABLES, "shape")

        def look() -> tuple[int, list[str], Folded | None]:
            return reader.position(), [row["asset_id"] for row in reader.rows("assets")], reader.folded(A)

        def states() -> Iterator[tuple[str, int, int, bytes]]:
            for stream in (A, B):
                seen.append(look())
                yield stream, 2, 3, b"new"
            seen.append(look())

        views.replace({"assets": {A: [("a", "A"), ("b", "B")], B: [("c", "C")]}}, states(), 1, 3)
        assert seen == [(1, ["x", "y"], Folded(1, 1, b"old"))] * 3
        assert look() == (3, ["a", "b", "c"], Folded(2, 3, b"new"))
        assert reader.rows("money") == [{"currency": "EUR", "amount": 5, "overdrawn": False}]
    views.apply(changes(6, "d"), {}, expected=3, position=4)
    assert [row["asset_id"] for row in views.rows("assets")] == ["d", "c"]


def test_one_projection_may_be_rebuilt_in_place(views: Views) -> None:
    """The position stays where it is, and folded states too where none are given."""
    views.apply(changes(5, "x"), {A: (1, 1, b"old")}, expected=0, position=1)
    for title in ("first", "second"):
        views.replace({"assets": {A: [("x", title)]}}, None, expected=1, position=1)
        assert views.rows("assets") == [{"asset_id": "x", "title": title}]
    assert (views.position(), views.folded(A)) == (1, Folded(1, 1, b"old"))


def test_a_rebuild_may_go_back(views: Views) -> None:
    """After a ledger was restored from a backup, the read models are ahead of it."""
    views.apply(changes(5, "x"), {}, expected=0, position=9)
    views.replace(changes(4), [], expected=9, position=3)
    assert views.position() == 3
    views.apply(changes(5, "x"), {}, expected=3, position=4)


def test_a_rebuild_that_failed_leaves_nothing_behind_that_hurts(views: Views) -> None:
    """The live rows are as they were, and the next rebuild begins anew."""
    views.apply(changes(5, "x"), {}, expected=0, position=1)

    def broken() -> Iterator[tuple[str, int, int, bytes]]:
        yield A, 1, 1, b"A"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        views.replace({"assets": {A: [("lost", "L")]}}, broken(), expected=1, position=2)
    assert (views.position(), views.rows("assets")) == (1, [{"asset_id": "x", "title": "X"}])
    views.replace({"assets": {A: [("new", "N")]}}, [], expected=1, position=2)
    assert views.rows("assets") == [{"asset_id": "new", "title": "N"}]


def test_of_two_rebuilds_the_later_one_wins(views: Views, database_url: str) -> None:
    """The earlier one is told as soon as it goes on, and no rows of the two are mixed."""
    with open_views(database_url) as other:
        other.create(TABLES, "shape")

        def overtaken() -> Iterator[tuple[str, int, int, bytes]]:
            other.replace({"assets": {B: [("theirs", "")]}}, [], expected=0, position=0)
            yield A, 1, 1, b"ours"

        with pytest.raises(Overtaken):
            views.replace({"assets": {A: [("ours", "")]}}, overtaken(), expected=0, position=0)
    assert [row["asset_id"] for row in views.rows("assets")] == ["theirs"]
    assert views.folded_streams() == []


def test_a_replay_uses_memory_in_the_same_way() -> None:
    """Scratch read models have every feature of kept ones."""
    with scratch() as views:
        views.create(TABLES, "shape")
        views.replace(changes(5, "x"), [(A, 1, 1, b"A")], expected=0, position=1)
        views.apply(changes(6, "y"), {}, expected=1, position=2)
        assert [row["asset_id"] for row in views.rows("assets")] == ["y"]
        assert views.folded(A) == Folded(1, 1, b"A")
