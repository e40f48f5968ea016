"""Answering with bytes that may be large: conditional requests, parts, and a digest to compare with."""

import base64
import hashlib
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from service.web.middleware import WAS_HEAD
from service.web.tags import matches

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def answer_content(
    request: Request, data: bytes, *, media_type: str, name: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the answer to a request for bytes that are named by their SHA-256.

    304 where the client has them already (``If-None-Match``), 206 for one part (``Range``, ``If-Range``), 416 for a
    part that is not there, else 200. ``Repr-Digest`` (RFC 9530) is that of the whole in each case.
    """
    digest = hashlib.sha256(data)
    etag = f'"{digest.hexdigest()}"'
    common = {
        **(headers or {}),
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Repr-Digest": f"sha-256=:{base64.b64encode(digest.digest()).decode('ascii')}:",
        "Cache-Control": "private, no-cache",
        # The name is made of letters, digits, dots and hyphens alone.
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=common)
    part = _find_part(request, len(data), etag)
    if part is None:
        return Response(data, media_type=media_type, headers=common)
    start, stop = part
    if start >= stop:
        return Response(status_code=416, headers={**common, "Content-Range": f"bytes */{len(data)}"})
    common["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return Response(data[start:stop], status_code=206, media_type=media_type, headers=common)


def gives_out(request: Request, answer: Response) -> bool:
    """Return whether an answer of :func:`answer_content` begins to give the bytes out, to whoever had none of them."""
    if request.scope.get(WAS_HEAD) or answer.status_code not in (200, 206):
        return False
    return answer.status_code == 200 or answer.headers["Content-Range"].startswith("bytes 0-")


def _find_part(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """Return first byte and the one behind the last of the part asked for; None where all of it is to be sent."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").strip())
    # Several parts at once, and units that we do not know, may be ignored.
    if asked is None or not (asked[1] or asked[2]):
        return None
    if request.headers.get("if-range", etag) != etag:
        return None
    if not asked[1]:
        wanted = int(asked[2])
        return (max(0, size - wanted), size) if wanted else (size, size)
    start = int(asked[1])
    stop = min(size, int(asked[2]) + 1) if asked[2] else size
    if asked[2] and int(asked[2]) < start:
        # Not a range at all, says RFC 9110.
        return None
    return start, stop
