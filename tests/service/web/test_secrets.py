"""The box of secrets."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from service.errors import NotReady
from service.web.secrets import SecretBox


@pytest.fixture
def box(tmp_path: Path) -> SecretBox:
    return SecretBox(tmp_path / "data" / "secret.key")


@given(text=st.text(st.characters(codec="utf-8")))
def test_what_goes_in_comes_out(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Any text that UTF-8 can hold comes back as it was, and does not stand in the token."""
    box = SecretBox(tmp_path_factory.getbasetemp() / "round-trip.key")
    token = box.encrypt(text)
    assert box.decrypt(token) == text
    assert token.isascii()
    assert len(text) < 8 or text not in token


def test_key_is_for_its_owner_alone(box: SecretBox) -> None:
    """The key file appears with the first secret, readable by its owner alone, and nothing else is left beside it."""
    box.encrypt("a token")
    assert stat.S_IMODE(box.key_file.stat().st_mode) == 0o600
    assert [file.name for file in box.key_file.parent.iterdir()] == ["secret.key"]


def test_an_existing_key_is_kept(box: SecretBox) -> None:
    """Another box over the same file opens what the first one closed."""
    token = box.encrypt("a token")
    before = box.key_file.read_bytes()
    assert SecretBox(box.key_file).encrypt("another") != token
    assert box.key_file.read_bytes() == before
    assert SecretBox(box.key_file).decrypt(token) == "a token"


def test_many_first_secrets_at_once_share_one_key(box: SecretBox) -> None:
    """When several processes put the first secret in at the same moment, every one of them can be opened later."""
    boxes = [SecretBox(box.key_file) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        tokens = list(pool.map(lambda one: one.encrypt("a token"), boxes))
    assert {box.decrypt(token) for token in tokens} == {"a token"}


def test_missing_key(box: SecretBox) -> None:
    """Without its key file a secret cannot be opened, and the sentence says which file and what to do."""
    token = box.encrypt("a token")
    box.key_file.unlink()
    with pytest.raises(NotReady, match="is missing: restore it from a backup") as trouble:
        box.decrypt(token)
    assert str(box.key_file) in trouble.value.message
    assert not box.key_file.exists()


def test_wrong_key(box: SecretBox) -> None:
    """With another key a secret cannot be opened, and the sentence says so."""
    token = box.encrypt("a token")
    box.key_file.write_bytes(Fernet.generate_key())
    with pytest.raises(NotReady, match="does not open a stored secret"):
        box.decrypt(token)


def test_damaged_key(box: SecretBox) -> None:
    """A key file that holds no key is reported as that, for opening and for closing."""
    token = box.encrypt("a token")
    box.key_file.write_bytes(b"no key")
    with pytest.raises(NotReady, match="holds no key"):
        box.decrypt(token)
    with pytest.raises(NotReady, match="holds no key"):
        box.encrypt("another")


def test_tampered_secret(box: SecretBox) -> None:
    """A stored secret that was changed is refused, not opened to something else."""
    token = box.encrypt("a token")
    with pytest.raises(NotReady):
        box.decrypt(token[:-6] + ("AAAA" if token[-6:-2] != "AAAA" else "BBBB") + token[-2:])


def test_unwritable_folder(tmp_path: Path) -> None:
    """Where the key cannot be written the sentence says so."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotReady, match="cannot be written"):
        SecretBox(tmp_path / "file" / "secret.key").encrypt("a token")
