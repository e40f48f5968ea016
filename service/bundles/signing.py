"""Signatures of bundles: Ed25519 over the bytes of the archive, in a small file beside it. Pure.

A signature file is one line of JSON; the signature in it is that of plain Ed25519 (RFC 8032), so that any tool can
check it against a public key in the PEM format.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Annotated, Final, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractors.errors import ExtractionError
from extractors.json_text import load_json
from service.bundles.schemas import Sha256, canonical_bytes
from service.errors import BadInput, Refused

SIGNATURE_FORMAT: Final = "primero-translation-signature/1"
SUFFIX = ".sig"
"""What is put behind the name of a bundle to name its signature file."""

_ID_LENGTH = 16
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


class SignatureFile(BaseModel):
    """A signature: with which key (its id), over what (SHA-256 of the archive), and the 64 bytes in base64."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["primero-translation-signature/1"]
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    sha256: Sha256
    signature: str

    def canonical_bytes(self) -> bytes:
        """Return the one way to write it."""
        return canonical_bytes(self)


def make_private_key() -> str:
    """Return a new private key as PEM (PKCS 8, not encrypted)."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def find_public_key(private_key: str) -> str:
    """Return the public key of a private one, both as PEM."""
    public = _load_private(private_key).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def key_id(public_key: str) -> str:
    """Return the short name of a public key: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    key = load_pem_public_key(public_key.encode("ascii"))
    assert isinstance(key, Ed25519PublicKey)
    return _id_of(key)


def sign(private_key: str, data: bytes) -> bytes:
    """Return the signature file for an archive; the same key and bytes always give the same file."""
    key = _load_private(private_key)
    return SignatureFile(
        format=SIGNATURE_FORMAT,
        key=_id_of(key.public_key()),
        sha256=hashlib.sha256(data).hexdigest(),
        signature=base64.b64encode(key.sign(data)).decode("ascii"),
    ).canonical_bytes()


def verify_signature(data: bytes, signature: bytes, public_keys: bytes) -> SignatureFile:
    """Return what the signature file says, once it is known to be true of the archive.

    Args:
        data: the archive.
        signature: the signature file.
        public_keys: one or more public keys as PEM, such as the service serves; the one that the file names is taken.

    Raises:
        BadInput: there is no Ed25519 key in ``public_keys``, or the signature file is none.
        Refused: the archive is not what was signed, or it was signed with another key.
    """
    known = {_id_of(key): key for key in _load_public(public_keys)}
    if not known:
        raise BadInput("There is no Ed25519 public key in the PEM format in the key file: fetch it from the service.")
    stated = _read_signature(signature)
    if stated.key not in known:
        ids = ", ".join(sorted(known))
        raise Refused(
            f"The bundle was signed with the key {stated.key}, which is none of those given ({ids}): "
            "do not import it, unless you fetch that key from the service itself."
        )
    try:
        known[stated.key].verify(base64.b64decode(stated.signature, validate=True), data)
    except ValueError as error:
        raise BadInput("The signature file is damaged: fetch it again.") from error
    except InvalidSignature as error:
        raise Refused(
            "The signature does not fit: the bundle was changed after it was signed; do not import it."
        ) from (error)
    return stated


def _read_signature(signature: bytes) -> SignatureFile:
    try:
        return SignatureFile.model_validate(load_json(signature, "The signature file"))
    except (ExtractionError, ValidationError) as error:
        raise BadInput("The signature file is not one of this service: fetch it again.") from error


def _load_public(public_keys: bytes) -> Iterable[Ed25519PublicKey]:
    for block in _PEM.findall(public_keys):
        try:
            key = load_pem_public_key(block)
        except (ValueError, UnsupportedAlgorithm):
            continue
        if isinstance(key, Ed25519PublicKey):
            yield key


def _load_private(private_key: str) -> Ed25519PrivateKey:
    key = load_pem_private_key(private_key.encode("ascii"), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def _id_of(key: Ed25519PublicKey) -> str:
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:_ID_LENGTH]
