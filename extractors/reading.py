"""Bytes in: files, folders, zip archives and uploads, within bounds. The only place here that touches the file system.

Nothing an archive says about itself is trusted: sizes are counted while reading.
"""

import codecs
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from extractors.errors import BadSyntax, ExtractionError, UnknownFormat, UnsafeInput

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_TOTAL_BYTES = 200 * 1024 * 1024
MAX_MEMBERS = 5_000
MAX_RATIO = 200
"""How many times its compressed size a member may unpack to, beyond the first megabyte."""

SUFFIXES = frozenset({".yml", ".yaml", ".json", ".po", ".pot"})

_RATIO_FREE_BYTES = 1024 * 1024
_CHUNK = 64 * 1024
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_BOM16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BOM32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an input: its name (a relative path with ``/``) and its bytes."""

    name: str
    data: bytes


def read_path(path: Path) -> tuple[Member, ...]:
    """Return the members of a file, folder or zip archive.

    A folder is read to its depth, sorted by name; hidden files and other kinds of files than ``SUFFIXES`` are skipped.

    Raises:
        ExtractionError: the path is missing or cannot be read.
        UnknownFormat: a folder or archive holds no file that could be read.
        UnsafeInput: a bound is passed, or an archive holds a member it must not.
        BadSyntax: the archive is damaged.
    """
    try:
        if path.is_dir():
            return _read_folder(path)
        if not path.exists():
            raise ExtractionError(f"There is no file or folder at {path}; check the path.", file=str(path))
        if not path.is_file():
            raise ExtractionError(f"{path} is neither a file nor a folder; check the path.", file=str(path))
        return read_bytes(_read_file(path, path.name), path.name)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise ExtractionError(
            f"{path} cannot be read ({reason}); check the path and rights.", file=str(path)
        ) from error


def read_bytes(data: bytes, name: str) -> tuple[Member, ...]:
    """Return the members of an upload: those of a zip archive, or the single file itself.

    Raises: as :func:`read_path`.
    """
    if len(data) > MAX_FILE_BYTES:
        raise _too_large(name)
    if data.startswith(_ZIP_STARTS):
        return _read_zip(data, name)
    return (Member(name, data),)


def decode_text(data: bytes, name: str) -> str:
    """Return the text of a file in UTF-8 (with or without BOM) or UTF-16 with BOM.

    Raises:
        BadSyntax: the bytes are neither; the message names the first bad byte.
    """
    encoding, skip = "utf-8", 0
    if data.startswith(_BOM32):
        raise BadSyntax(f"{name} is encoded as UTF-32 (byte 0); save it as UTF-8.", file=name)
    if data.startswith(codecs.BOM_UTF8):
        skip = 3
    elif data.startswith(_BOM16):
        encoding, skip = ("utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"), 2
    try:
        return data[skip:].decode(encoding)
    except UnicodeDecodeError as error:
        place = error.start + skip
        message = f"{name} is not {encoding[:6].upper()} text: byte {place} cannot be read; save it as UTF-8."
        raise BadSyntax(message, file=name) from error


def _too_large(name: str) -> UnsafeInput:
    return UnsafeInput(f"{name} is larger than {MAX_FILE_BYTES // 1024**2} MB; give a smaller file.", file=name)


def _too_many(name: str) -> UnsafeInput:
    return UnsafeInput(f"{name} holds more than {MAX_MEMBERS:,} files; give fewer at a time.", file=name)


def _too_much(name: str) -> UnsafeInput:
    return UnsafeInput(f"{name} unpacks to more than {MAX_TOTAL_BYTES // 1024**2} MB; give fewer files.", file=name)


def _nothing_inside(name: str) -> UnknownFormat:
    return UnknownFormat(f"{name} holds no .yml, .json or .po file; check that it is the right one.", file=name)


def _read_file(path: Path, name: str) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise _too_large(name)
    return data


def _read_folder(folder: Path) -> tuple[Member, ...]:
    names: list[str] = []
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        place = Path(here).relative_to(folder)
        names += [(place / name).as_posix() for name in files]
        if len(names) > 10 * MAX_MEMBERS:
            raise _too_many(folder.name)
    wanted = [name for name in sorted(_wanted(names)) if (folder / name).is_file()]
    if len(wanted) > MAX_MEMBERS:
        raise _too_many(folder.name)
    if not wanted:
        raise _nothing_inside(str(folder))
    members, total = [], 0
    for name in wanted:
        members.append(Member(name, _read_file(folder / name, name)))
        total += len(members[-1].data)
        if total > MAX_TOTAL_BYTES:
            raise _too_much(folder.name)
    return tuple(members)


def _wanted(names: Iterable[str]) -> list[str]:
    """Return the names that are not hidden and have a suffix we read."""
    found = []
    for name in names:
        path = PurePosixPath(name)
        if path.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in path.parts):
            found.append(name)
    return found


def _read_zip(data: bytes, name: str) -> tuple[Member, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read_members(archive, name)
    # All that zipfile raises of bytes that are damaged, encrypted or packed in a way it does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        message = f"{name} is a damaged zip archive or one of a kind we do not read; pack it again."
        raise BadSyntax(message, file=name) from error


def _read_members(archive: zipfile.ZipFile, name: str) -> tuple[Member, ...]:
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise _too_many(name)
    by_name: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        _refuse_unsafe(info, name)
        if info.filename in by_name:
            message = f"{name} holds {info.filename} twice; pack it again with each file once."
            raise UnsafeInput(message, file=name, path=info.filename)
        if not info.is_dir():
            by_name[info.filename] = info
    wanted = sorted(_wanted(by_name))
    if not wanted:
        raise _nothing_inside(name)
    members, left = [], MAX_TOTAL_BYTES
    for member_name in wanted:
        member = Member(member_name, _unpack(archive, by_name[member_name], name, left))
        left -= len(member.data)
        members.append(member)
    return tuple(members)


def find_harm(info: zipfile.ZipInfo) -> str:
    """Return why a member of a zip archive must not be unpacked, as the end of a sentence; "" where it may be."""
    # orig_filename is what the archive says; filename is what Python made of it.
    member = info.orig_filename
    parts = member.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or parts[0].endswith(":") or "\0" in member:
        return "has a path that leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a symbolic link"
    return "is encrypted" if info.flag_bits & 0x1 else ""


def _refuse_unsafe(info: zipfile.ZipInfo, archive: str) -> None:
    if reason := find_harm(info):
        message = f"{archive}: the member {info.orig_filename!r} {reason}; pack plain files without a password."
        raise UnsafeInput(message, file=archive, path=info.orig_filename)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, left: int) -> bytes:
    if info.compress_type not in _METHODS:
        # As zipfile says it of a method that it does not know: to the reader it is the same.
        raise NotImplementedError(info.compress_type)
    allowed_by_ratio = _RATIO_FREE_BYTES + MAX_RATIO * info.compress_size
    data = bytearray()
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            data += chunk
            if len(data) > MAX_FILE_BYTES:
                raise _too_large(f"{name}: {info.filename}")
            if len(data) > left:
                raise _too_much(name)
            if len(data) > allowed_by_ratio:
                what = f"unpacks to over {MAX_RATIO} times its size, as only traps do; pack it again"
                message = f"{name}: {info.filename} {what}."
                raise UnsafeInput(message, file=name, path=info.filename)
    return bytes(data)
