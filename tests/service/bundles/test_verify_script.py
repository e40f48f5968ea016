"""The script in docs/ verifies a bundle without anything of the bridge, and no changed one."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.bundles.archive import pack, unpack
from service.bundles.signing import find_public_key, make_private_key, sign
from tests.service.bundles.conftest import Filled

SCRIPT = Path(__file__).resolve().parents[3] / "docs" / "verify_bundle.py"
PRIVATE, OTHER = make_private_key(), make_private_key()


@pytest.fixture
def folder(filled: Filled, small: Callable[..., dict[str, Any]], tmp_path: Path) -> Path:
    """A bundle with its signature, and two public keys of which the second one made it."""
    filled.import_source(small())
    filled.write({"form/person/name": "Personne"})
    filled.approve(["form/person/name"])
    data = filled.build().data
    (tmp_path / "b.zip").write_bytes(data)
    (tmp_path / "b.zip.sig").write_bytes(sign(PRIVATE, data))
    (tmp_path / "keys.pem").write_text(find_public_key(OTHER) + find_public_key(PRIVATE))
    return tmp_path


def _run(folder: Path, *more: str) -> tuple[int, str]:
    # -I: neither this repository nor the user's own packages can be imported by accident.
    command = [sys.executable, "-I", str(SCRIPT), "b.zip", "--key", "keys.pem", *more]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stdout + ended.stderr


def test_it_needs_cryptography_alone() -> None:
    """Every other import is Python's own."""
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    others = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
    assert others == {"cryptography"}


def test_a_signed_bundle_is_verified(folder: Path) -> None:
    """It says with which key, and how many files."""
    code, said = _run(folder)
    assert (code, said[:9]) == (0, "verified:")
    assert f", {len(unpack((folder / 'b.zip').read_bytes()))} files," in said


def test_any_changed_byte_is_found(folder: Path) -> None:
    """At the start, in the middle, at the end, and one more."""
    data = (folder / "b.zip").read_bytes()
    for place in (0, len(data) // 2, len(data) - 1):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        (folder / "b.zip").write_bytes(changed)
        assert _run(folder)[0] == 1, place
    (folder / "b.zip").write_bytes(data + b"\n")
    assert _run(folder)[0] == 1


def test_another_key_is_not_enough(folder: Path) -> None:
    """Both are named."""
    (folder / "keys.pem").write_text(find_public_key(OTHER))
    code, said = _run(folder)
    assert code == 1
    assert "none of those given" in said


def test_a_signed_archive_whose_files_disagree_is_refused(folder: Path) -> None:
    """Even whoever holds the key cannot vouch for files that the checksums do not name."""
    files = unpack((folder / "b.zip").read_bytes())
    for changed in ({**files, "README.txt": b"x"}, {**files, "more.yml": b"x"}, {"a": b""}):
        data = pack(changed)
        (folder / "b.zip").write_bytes(data)
        (folder / "b.zip.sig").write_bytes(sign(PRIVATE, data))
        code, said = _run(folder)
        assert (code, "SHA256SUMS names" in said) == (1, True)


@pytest.mark.parametrize(
    ("name", "content"),
    [("b.zip.sig", b"{}"), ("b.zip.sig", b"["), ("keys.pem", b"none"), ("b.zip", None), ("keys.pem", None)],
)
def test_files_that_are_none_of_these_are_said(folder: Path, name: str, content: bytes | None) -> None:
    """Exit code 2, and one line without a traceback."""
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    code, said = _run(folder)
    assert code == 2
    assert "Traceback" not in said
