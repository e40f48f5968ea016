"""Reading files, folders, archives and uploads within bounds."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import reading
from extractors.errors import BadSyntax, ExtractionError, UnknownFormat, UnsafeInput
from extractors.reading import Member, decode_text, read_bytes, read_path


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_file_is_one_member_whatever_its_suffix(tmp_path: Path) -> None:
    """A single file is read under its own name, also without a suffix we know."""
    (tmp_path / "config.txt").write_bytes(b"{}")
    assert read_path(tmp_path / "config.txt") == (Member("config.txt", b"{}"),)


def test_a_folder_is_read_to_its_depth_sorted_without_hidden_and_other_files(tmp_path: Path) -> None:
    """Of a folder the .yml, .yaml, .json, .po and .pot files count, in the order of their names."""
    for name in ("b.yml", "a/z.YAML", "a/y.json", "c.po", "d.pot", ".hidden.yml", ".git/x.yml", "README.md", "e.zip"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    names = [member.name for member in read_path(tmp_path)]
    assert names == ["a/y.json", "a/z.YAML", "b.yml", "c.po", "d.pot"]


def test_a_zip_is_read_from_disk_and_from_an_upload(tmp_path: Path) -> None:
    """An archive is known by its contents, and gives its members sorted, folders and system files left out."""
    data = packed({"x/b.yml": b"b", "a.json": b"a", "x/": b"", "__MACOSX/._a.json": b"?", "notes.txt": b"n"})
    (tmp_path / "archive.dat").write_bytes(data)
    expected = (Member("a.json", b"a"), Member("x/b.yml", b"b"))
    assert read_path(tmp_path / "archive.dat") == expected
    assert read_bytes(data, "upload") == expected


def test_a_missing_path_is_one_clear_sentence(tmp_path: Path) -> None:
    """A path that does not exist is named."""
    with pytest.raises(ExtractionError, match=r"There is no file or folder at .*nothing\.json; check the path\."):
        read_path(tmp_path / "nothing.json")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """What is neither file nor folder is refused instead of being read for ever."""
    os.mkfifo(tmp_path / "pipe.yml")
    with pytest.raises(ExtractionError, match="is neither a file nor a folder"):
        read_path(tmp_path / "pipe.yml")


def test_an_unreadable_path_is_one_clear_sentence(tmp_path: Path) -> None:
    """A name the system refuses is an error of ours, not of the system."""
    with pytest.raises(ExtractionError, match="cannot be read"):
        read_path(tmp_path / ("x" * 300))


@pytest.mark.parametrize("data", [packed({"a.txt": b"x"}), packed({})])
def test_an_archive_or_folder_without_files_we_read_is_refused(tmp_path: Path, data: bytes) -> None:
    """Nothing to read is said as such."""
    with pytest.raises(UnknownFormat, match=r"holds no \.yml, \.json or \.po file"):
        read_bytes(data, "x.zip")
    with pytest.raises(UnknownFormat, match=r"holds no \.yml, \.json or \.po file"):
        read_path(tmp_path)


@pytest.mark.parametrize(
    "name", ["../a.yml", "a/../../b.yml", "/etc/a.yml", "C:/a.yml", "..\\a.yml", "\\a.yml", "x/..", "../z.txt"]
)
def test_members_that_lead_out_are_refused(name: str) -> None:
    """Absolute paths and ``..`` are refused even where the member would not be read."""
    with pytest.raises(UnsafeInput, match="leads out of the archive"):
        read_bytes(packed({"ok.yml": b"x", name: b"x"}), "x.zip")


def test_symbolic_links_are_refused() -> None:
    """A member that is a symbolic link is refused."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("a.yml")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(UnsafeInput, match="is a symbolic link"):
        read_bytes(out.getvalue(), "x.zip")


def test_encrypted_members_are_refused() -> None:
    """An archive with a password is refused with what to do."""
    data = bytearray(packed({"a.yml": b"x"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + offset
        data[at] |= 1
    with pytest.raises(UnsafeInput, match="is encrypted; pack plain files without a password"):
        read_bytes(bytes(data), "x.zip")


def test_a_name_twice_is_refused() -> None:
    """Two members of one name cannot both be meant."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("a.yml", b"1")
        archive.writestr("a.yml", b"2")
    with pytest.raises(UnsafeInput, match=r"holds a\.yml twice"):
        read_bytes(out.getvalue(), "x.zip")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(method: int) -> None:
    """Only stored and deflated members are read."""
    with pytest.raises(BadSyntax, match="damaged zip archive or one of a kind we do not read"):
        read_bytes(packed({"a.yml": b"x" * 100}, method), "x.zip")


@given(st.data())
def test_a_damaged_archive_is_bad_syntax_or_unsafe(data: st.DataObject) -> None:
    """However an archive is damaged or cut, the answer is members or one of our errors."""
    whole = bytearray(packed({"a.yml": b"fr: {}\n" * 50, "b/c.json": b"{}"}))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(4, len(whole)))
    for damaged in (bytes(whole), bytes(whole[:cut])):
        with contextlib.suppress(ExtractionError):
            read_bytes(damaged, "x.zip")


def test_a_bomb_is_stopped_by_its_ratio() -> None:
    """A member that unpacks to hundreds of times its size is refused while it unpacks."""
    with pytest.raises(UnsafeInput, match="unpacks to over 200 times its size"):
        read_bytes(packed({"a.yml": b"\0" * 5_000_000}), "x.zip")


def test_declared_sizes_are_not_trusted() -> None:
    """An archive that declares a member small does not get more read than is counted."""
    data = bytearray(packed({"a.yml": b"\0" * 5_000_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + offset
        data[at : at + 4] = struct.pack("<I", 10)
    with pytest.raises(ExtractionError):
        read_bytes(bytes(data), "x.zip")


def test_files_and_uploads_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file, an upload or a member over the limit is refused and named."""
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 1000)
    (tmp_path / "big.yml").write_bytes(b"x" * 1001)
    for read in (
        lambda: read_path(tmp_path / "big.yml"),
        lambda: read_path(tmp_path),
        lambda: read_bytes(b"x" * 1001, "big.yml"),
    ):
        with pytest.raises(UnsafeInput, match=r"big\.yml is larger than"):
            read()
    with pytest.raises(UnsafeInput, match=r"x\.zip: big\.yml is larger than"):
        read_bytes(packed({"big.yml": b"x" * 1001}), "x.zip")
    assert read_bytes(b"x" * 1000, "fits.yml")


def test_the_whole_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many files that are too much together are refused, in a folder as in an archive."""
    monkeypatch.setattr(reading, "MAX_TOTAL_BYTES", 150)
    members = {f"{number}.yml": b"x" * 60 for number in range(3)}
    for name, data in members.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UnsafeInput, match="unpacks to more than"):
        read_bytes(packed(members), "x.zip")
    with pytest.raises(UnsafeInput, match="unpacks to more than"):
        read_path(tmp_path)


def test_the_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many files are refused, in an archive whatever their kind."""
    monkeypatch.setattr(reading, "MAX_MEMBERS", 2)
    for number in range(3):
        (tmp_path / f"{number}.yml").write_bytes(b"x")
    with pytest.raises(UnsafeInput, match="holds more than 2 files"):
        read_path(tmp_path)
    with pytest.raises(UnsafeInput, match="holds more than 2 files"):
        read_bytes(packed({f"{number}.txt": b"x" for number in range(3)}), "x.zip")


def test_the_bounds_are_the_documented_ones() -> None:
    """20 MB a file, 200 MB unpacked, 5,000 members."""
    assert (reading.MAX_FILE_BYTES, reading.MAX_TOTAL_BYTES, reading.MAX_MEMBERS) == (20 * 2**20, 200 * 2**20, 5000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf8_and_utf16_with_bom_are_decoded(encoding: str) -> None:
    """The encodings that editors write are read alike."""
    assert decode_text("é نعم 😀\r\n".encode(encoding), "x.yml") == "é نعم 😀\r\n"
    assert decode_text(b"\xfe\xff" + "é".encode("utf-16-be"), "x.yml") == "é"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("caf\u00e9".encode("latin-1"), "x.yml is not UTF-8 text: byte 3 cannot be read; save it as UTF-8."),
        (b"\xef\xbb\xbfab\xff", "x.yml is not UTF-8 text: byte 5 cannot be read; save it as UTF-8."),
        (b"\xff\xfea\0\x00\xd8", "x.yml is not UTF-16 text: byte 4 cannot be read; save it as UTF-8."),
        ("a".encode("utf-32"), "x.yml is encoded as UTF-32 (byte 0); save it as UTF-8."),
    ],
)
def test_other_encodings_are_refused_with_the_byte(data: bytes, sentence: str) -> None:
    """Bytes of another encoding are refused, naming file, byte and what to do."""
    with pytest.raises(BadSyntax) as refused:
        decode_text(data, "x.yml")
    assert refused.value.message == sentence
