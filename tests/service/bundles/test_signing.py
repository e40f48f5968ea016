"""Signatures: deterministic, checked against the key they name, and worthless for any other bytes."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from service.bundles.signing import find_public_key, key_id, make_private_key, sign, verify_signature
from service.errors import BadInput, Refused

PRIVATE, OTHER = make_private_key(), make_private_key()
KEY = find_public_key(PRIVATE).encode()
OTHER_KEY = find_public_key(OTHER).encode()
DATA = b"PK bundle"


def test_a_signature_is_verified_with_the_key_it_names() -> None:
    """Among several keys, as the service serves them, the right one is taken."""
    signature = sign(PRIVATE, DATA)
    assert verify_signature(DATA, signature, OTHER_KEY + KEY).key == key_id(KEY.decode())
    assert sign(PRIVATE, DATA) == signature


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=40))
def test_a_signature_fits_no_other_bytes(data: bytes) -> None:
    """Whatever else is put in the archive's place is refused."""
    signature = sign(PRIVATE, DATA)
    if data != DATA:
        with pytest.raises(Refused, match="changed after it was signed"):
            verify_signature(data, signature, KEY)


def test_a_signature_of_another_key_is_refused() -> None:
    """The sentence names both keys."""
    with pytest.raises(Refused, match=f"{key_id(OTHER_KEY.decode())}.*{key_id(KEY.decode())}"):
        verify_signature(DATA, sign(OTHER, DATA), KEY)


def test_a_signature_that_only_claims_a_key_is_refused() -> None:
    """The name of the key is no proof."""
    forged = {**json.loads(sign(OTHER, DATA)), "key": key_id(KEY.decode())}
    with pytest.raises(Refused, match="does not fit"):
        verify_signature(DATA, json.dumps(forged).encode(), KEY)


@pytest.mark.parametrize("change", [{"signature": "äöü"}, {"signature": "AA=A"}, {"key": "x"}, {"more": 1}])
def test_a_damaged_signature_file_is_said_to_be_one(change: dict[str, object]) -> None:
    """It is the file that is bad, not the bundle."""
    damaged = {**json.loads(sign(PRIVATE, DATA)), **change}
    with pytest.raises(BadInput, match="fetch it again"):
        verify_signature(DATA, json.dumps(damaged).encode(), KEY)


@pytest.mark.parametrize("signature", [b"", b"[]", b"\xff", b"{" * 100_000])
def test_what_is_no_signature_file_is_said_to_be_none(signature: bytes) -> None:
    """Any bytes may come."""
    with pytest.raises(BadInput, match="not one of this service"):
        verify_signature(DATA, signature, KEY)


def test_a_key_file_without_a_fitting_key_is_refused() -> None:
    """RSA keys and damaged blocks are passed over."""
    rsa = generate_private_key(65537, 2048).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    broken = b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
    with pytest.raises(BadInput, match="no Ed25519 public key"):
        verify_signature(DATA, sign(PRIVATE, DATA), rsa + broken)
    assert verify_signature(DATA, sign(PRIVATE, DATA), rsa + broken + KEY)
