"""The bytes of a leaf, which may never change."""

import hashlib
import struct

import pytest

from store.leaf import entry, leaf

GOLDEN = (
    b"copact-ev1\n"
    b"\x00\x00\x00\x00\x00\x00\x01\x02"
    b"\x00\x0bcontract-\xc3\xa9"
    b"\x00\x00\x00\x03"
    b"\x08ads.S.v1"
    b"\xff\xff\xff\xff\xff\xff\xff\xfe"
    b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
    b"\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad"
)


def test_an_entry_has_these_very_bytes() -> None:
    """Version line, position, stream, version, topic, instant, digest of the state."""
    assert entry(258, "contract-é", 3, "ads.S.v1", -2, b"abc") == GOLDEN


def test_a_leaf_is_hashed_as_in_rfc_6962() -> None:
    """A zero byte stands before the entry, so that no inner node can pass for a leaf."""
    assert leaf(258, "contract-é", 3, "ads.S.v1", -2, b"abc") == hashlib.sha256(b"\0" + GOLDEN).digest()
    assert (
        leaf(1, "s", 1, "t", 0, b"").hex()
        == "aa3e387b26c5d85d65059a3592e1e29624ee0448c3bfaa3ae62a5b5d6f24d6c1"
    )


@pytest.mark.parametrize(
    "other",
    [
        (2, "ab", 3, "c", 4, b"d"),
        (1, "a", 3, "c", 4, b"d"),
        (1, "ab", 4, "c", 4, b"d"),
        (1, "ab", 3, "bc", 4, b"d"),
        (1, "ab", 3, "c", 5, b"d"),
        (1, "ab", 3, "c", 4, b"e"),
        (1, "a", 3, "bc", 4, b"d"),
    ],
)
def test_every_part_of_an_event_is_bound(other: tuple[int, str, int, str, int, bytes]) -> None:
    """To change, move or cut any column of an event is to change its leaf."""
    assert leaf(*other) != leaf(1, "ab", 3, "c", 4, b"d")


def test_what_does_not_fit_is_refused() -> None:
    """A length is never cut."""
    for wrong in (
        (1, "s" * 65_536, 1, "t", 0),
        (1, "s", 1, "t" * 256, 0),
        (-1, "s", 1, "t", 0),
        (1, "s", 2**32, "t", 0),
    ):
        with pytest.raises(struct.error):
            entry(*wrong, b"")
