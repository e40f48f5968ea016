"""Archives: packed the same everywhere, read without harm."""

from __future__ import annotations

import contextlib
import hashlib
import io
import struct
import warnings
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.reading import MAX_FILE_BYTES
from service.bundles.archive import pack, unpack
from service.errors import BadInput, TooLarge

_FILES = {"forms/b.yml": "b\u00e9".encode(), "a.txt": b"", "lookups/lookup.yml": bytes(range(256))}


def test_known_files_give_known_bytes() -> None:
    """The bytes are part of the contract: another machine, Python or zlib must come to the same hash."""
    data = pack(_FILES)
    assert hashlib.sha256(data).hexdigest() == "3b470cb6dde15d8256429b20537664626d61617bcfe852239ed21db629a377e8"


def test_the_order_of_files_does_not_show() -> None:
    """Members are sorted by path."""
    assert pack(dict(reversed(_FILES.items()))) == pack(_FILES)


@given(st.dictionaries(st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}\.yml", fullmatch=True), st.binary()))
def test_what_was_packed_comes_out(files: dict[str, bytes]) -> None:
    """Reading gives back the files."""
    assert unpack(pack(files)) == files


def _zip(fill: Callable[[zipfile.ZipFile], object]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        fill(archive)
    return target.getvalue()


@pytest.mark.parametrize("member", ["../etc/passwd", "/etc/passwd", "a/../../b", "C:/x", "..\\x", "\\x"])
def test_members_that_lead_out_are_refused(member: str) -> None:
    """Nobody is led to unpack them."""
    with pytest.raises(BadInput, match="leads out of the archive"):
        unpack(_zip(lambda archive: archive.writestr(member, "x")))


def test_links_encrypted_and_double_members_are_refused() -> None:
    """A bundle holds plain files, each once."""
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with pytest.raises(BadInput, match="symbolic link"):
        unpack(_zip(lambda archive: archive.writestr(link, "/etc/passwd")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        twice = _zip(lambda archive: [archive.writestr("a", "1"), archive.writestr("a", "2")])
    with pytest.raises(BadInput, match="twice"):
        unpack(twice)
    locked = bytearray(pack({"a": b"x"}))
    place = locked.index(b"PK\x01\x02") + 8
    locked[place : place + 2] = struct.pack("<H", 1)
    with pytest.raises(BadInput, match="encrypted"):
        unpack(bytes(locked))


def test_bombs_are_refused() -> None:
    """What unpacks to two hundred times its size is a trap, whatever the archive says of it."""
    with pytest.raises(TooLarge, match="unpacks to more"):
        unpack(_zip(lambda archive: archive.writestr("a", b"\0" * (8 * 1024 * 1024))))
    with pytest.raises(TooLarge, match="holds more than 5,000 files"):
        unpack(_zip(lambda archive: [archive.writestr(str(number), "") for number in range(5001)]))
    with pytest.raises(TooLarge, match="larger than 20 MB"):
        unpack(bytes(MAX_FILE_BYTES + 1))


@pytest.mark.parametrize("data", [b"", b"no archive", pack(_FILES)[:-30], pack(_FILES)[:60]])
def test_damaged_archives_are_refused(data: bytes) -> None:
    """The sentence says to fetch it again."""
    with pytest.raises(BadInput, match="fetch the bundle again"):
        unpack(data)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_never_raises_anything_else(place: int, value: int) -> None:
    """Whatever is damaged, the answer is an expected error or files."""
    data = bytearray(pack(_FILES))
    data[place % len(data)] = value
    with contextlib.suppress(BadInput, TooLarge):
        unpack(bytes(data))
