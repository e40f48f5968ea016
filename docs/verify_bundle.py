#!/usr/bin/env python3
"""Verify a bundle of primero-translation-bridge where nothing of the bridge is installed.

    python3 verify_bundle.py BUNDLE.zip --key keys.pem [--signature BUNDLE.zip.sig]

It needs Python 3.9 or newer and the package ``cryptography`` alone, and asks neither network nor database. The keys are
those of ``/api/v1/signing-keys.pem``; get them once from the service itself, not together with the bundle.

Exit code 0: signed with one of the keys, and every file in it is the one that its checksums name. 1: not so; do not
import it. 2: a file cannot be read or is none of these.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

FORMAT = "primero-translation-signature/1"
PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
SUM = re.compile(r"([0-9a-f]{64})  (.+)")
SUMS = "SHA256SUMS"
MOST_BYTES = 200 * 1024 * 1024


class Wrong(Exception):
    """The bundle is not what it should be."""


class Unusable(Exception):
    """A file is missing or is none of what was asked for."""


def main() -> int:
    """Verify what the command line names; say so; return the exit code."""
    parser = argparse.ArgumentParser(description="Verify a bundle of primero-translation-bridge.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="public keys as PEM")
    parser.add_argument("--signature", type=Path, help="without it: BUNDLE with .sig behind its name")
    arguments = parser.parse_args()
    try:
        data = read(arguments.bundle)
        signature = read(arguments.signature or arguments.bundle.with_name(f"{arguments.bundle.name}.sig"))
        key = verify_signature(data, signature, read(arguments.key))
        number = verify_files(arguments.bundle)
    except Wrong as error:
        print(f"NOT verified: {error}", file=sys.stderr)
        return 1
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    print(f"verified: signed with the key {key}, {number} files, sha256 {hashlib.sha256(data).hexdigest()}")
    return 0


def read(path: Path) -> bytes:
    """Return the bytes of a file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from error


def verify_signature(data: bytes, signature: bytes, pem: bytes) -> str:
    """Return the id of the key that signed these bytes."""
    keys = {}
    for block in PEM.findall(pem):
        try:
            key = load_pem_public_key(block)
        except (ValueError, UnsupportedAlgorithm):
            continue
        if isinstance(key, Ed25519PublicKey):
            raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
            keys[hashlib.sha256(raw).hexdigest()[:16]] = key
    if not keys:
        raise Unusable("there is no Ed25519 public key in the key file")
    try:
        stated = json.loads(signature)
        name, sealed, made = stated["key"], base64.b64decode(stated["signature"], validate=True), stated["format"]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise Unusable("the signature file is none of primero-translation-bridge") from error
    if made != FORMAT:
        raise Unusable(f"the signature file is of the format {made}, this script reads {FORMAT}")
    if name not in keys:
        raise Wrong(f"it was signed with the key {name}, which is none of those given ({', '.join(sorted(keys))})")
    try:
        keys[name].verify(sealed, data)
    except InvalidSignature as error:
        raise Wrong("the signature does not fit: it was changed after it was signed") from error
    return str(name)


def verify_files(bundle: Path) -> int:
    """Return how many files are in the bundle; each must be the one that its checksums name."""
    try:
        with zipfile.ZipFile(bundle) as archive:
            names = archive.namelist()
            if sum(info.file_size for info in archive.infolist()) > MOST_BYTES or len(set(names)) != len(names):
                raise Wrong("it holds more than a bundle may, or a file twice")
            files = {name: archive.read(name) for name in names}
    # All that zipfile raises of bytes that are damaged, encrypted or packed in a way it does not know.
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise Wrong("it is no zip archive, or a damaged one") from error
    stated = {}
    for line in files.pop(SUMS, b"").decode("utf-8", "replace").splitlines():
        match = SUM.fullmatch(line)
        if match is None:
            raise Wrong(f"{SUMS} holds a line that is no checksum")
        stated[match[2]] = match[1]
    if {name: hashlib.sha256(data).hexdigest() for name, data in files.items()} != stated:
        raise Wrong(f"its files are not those that {SUMS} names")
    return len(names)


if __name__ == "__main__":
    sys.exit(main())
