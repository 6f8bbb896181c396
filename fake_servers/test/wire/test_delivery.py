"""Each delivery variant cuts where it says and loses nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_servers.wire.delivery import HEAD, TAIL, VARIANTS


@pytest.mark.parametrize("name", list(VARIANTS))
@given(st.binary(max_size=HEAD + TAIL + 40))
def test_the_pieces_are_the_write(name: str, octets: bytes) -> None:
    """Joined, the pieces are the write again, and no piece is empty."""
    pieces = VARIANTS[name].pieces(octets)
    assert b"".join(pieces) == octets
    assert all(pieces)


def test_octets_leaves_the_middle_whole() -> None:
    """2 KiB at the start and 64 octets at the end are sent one at a time."""
    pieces = VARIANTS["octets"].pieces(bytes(HEAD + TAIL + 7))
    assert [len(piece) for piece in pieces] == [1] * HEAD + [7] + [1] * TAIL
    assert len(VARIANTS["octets"].pieces(bytes(HEAD + TAIL))) == HEAD + TAIL


@pytest.mark.parametrize(
    "octets, pieces",
    [
        (b"a\r\nb\r\n", [b"a\r", b"\nb\r", b"\n"]),
        (b"\r\n", [b"\r", b"\n"]),
        (b"a\rb\n", [b"a\rb\n"]),
        (b"a\r", [b"a\r"]),
        (b"", []),
    ],
)
def test_crlf_cuts_inside_each_crlf(octets: bytes, pieces: list[bytes]) -> None:
    """And nowhere else."""
    assert VARIANTS["crlf"].pieces(octets) == pieces
