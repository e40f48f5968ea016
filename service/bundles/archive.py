"""The archive of a bundle: written so that the same files give the same bytes, read so that it can do no harm. Pure."""

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping

from extractors.reading import MAX_FILE_BYTES, MAX_MEMBERS, MAX_RATIO, MAX_TOTAL_BYTES, find_harm
from service.errors import BadInput, TooLarge

# The earliest time that the format can say; no clock may stand in a bundle.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = stat.S_IFREG | 0o644
_UNIX = 3
_RATIO_FREE_BYTES = 1024 * 1024
_CHUNK = 64 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of the files (path → bytes), sorted by path.

    Members are stored, not compressed: what zlib makes of the same bytes differs between its versions and builds.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, _TIME)
            info.create_system = _UNIX
            info.external_attr = _MODE << 16
            archive.writestr(info, files[path])
    return target.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive, path → bytes; nothing that the archive says of sizes is trusted.

    Raises:
        TooLarge: the archive, or what it unpacks to, passes the bounds of an upload.
        BadInput: it is no zip archive, is damaged, or holds a member that plain unpacking should not touch.
    """
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"The bundle is larger than {MAX_FILE_BYTES // 1024**2} MB: no bundle of this service is.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    # All that zipfile raises of bytes that are damaged, encrypted or packed in a way it does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise BadInput("The file is not a zip archive, or a damaged one: fetch the bundle again.") from error


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise TooLarge(f"The bundle holds more than {MAX_MEMBERS:,} files: no bundle of this service does.")
    files: dict[str, bytes] = {}
    left = MAX_TOTAL_BYTES
    for info in infos:
        reason = find_harm(info)
        if not reason and info.filename in files:
            reason = "stands in it twice"
        if reason:
            raise BadInput(f"The member {info.orig_filename!r} {reason}: do not unpack this archive.")
        if not info.is_dir():
            files[info.filename] = _unpack(archive, info, left)
            left -= len(files[info.filename])
    return files


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    if info.compress_type not in _METHODS:
        # As zipfile says it of a method that it does not know: to the reader it is the same.
        raise NotImplementedError(info.compress_type)
    allowed = min(MAX_FILE_BYTES, left, _RATIO_FREE_BYTES + MAX_RATIO * info.compress_size)
    data = bytearray()
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            data += chunk
            if len(data) > allowed:
                raise TooLarge(
                    f"The member {info.filename!r} unpacks to more than a bundle may hold: do not unpack this archive."
                )
    return bytes(data)
