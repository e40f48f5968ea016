"""The body of a request as its raw bytes, where a signature is over exactly these."""

from typing import Annotated

from fastapi import Depends, Request

from service.errors import TooLarge

LONGEST = 64_000
"""Bytes; what is read this way is short, and comes from anybody."""


async def read_raw_body(request: Request) -> bytes:
    """Dependency: the body, untouched.

    Raises:
        TooLarge: it is longer than :data:`LONGEST`; the rest is not read.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            raise TooLarge(f"The body is longer than {LONGEST:,} bytes: send less.")
    return bytes(body)


RawBodyDep = Annotated[bytes, Depends(read_raw_body)]
