"""What may not be committed is found, and ordinary files pass."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

import pytest

from tools.check_repository import REGISTRY, SOMEBODYS_HOME, find_names, find_unpapered, machine_paths
from tools.check_sizes import find_long_files


def _write(root: Path, name: str, content: str | bytes) -> PurePosixPath:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return PurePosixPath(name)


@pytest.mark.parametrize(
    ("name", "lines", "long"),
    [
        ("service/a.py", 400, False),
        ("service/a.py", 401, True),
        ("tests/a.py", 800, False),
        ("tests/a.py", 801, True),
        ("alembic/versions/a.py", 2000, False),
        ("alembic/env.py", 401, True),
        ("docs/a.md", 900, False),
    ],
)
def test_a_file_may_be_as_long_as_its_place_allows(tmp_path: Path, name: str, lines: int, long: bool) -> None:
    """400 lines for code, 800 for tests; migrations and other files are free."""
    assert bool(find_long_files(tmp_path, [_write(tmp_path, name, "x\n" * lines)])) is long


@pytest.mark.parametrize(
    "line",
    [
        "index-url = https://" + "py" + "pi.org/simple",
        "https://files." + "python" + "hosted.org/packages/a.whl",
        "registry=https://registry.npm" + "js.org",
        "see /ho" + "me/amina/project/a.py",
    ],
)
def test_a_registry_or_somebodys_home_is_found(tmp_path: Path, line: str) -> None:
    """The sentence names file, line and what was found."""
    file = _write(tmp_path, "notes.txt", f"first\n{line}\n")
    (sentence,) = find_names(tmp_path, [file], [REGISTRY, SOMEBODYS_HOME])
    assert sentence.startswith("notes.txt:2 names ")


def test_ordinary_addresses_and_binary_files_pass(tmp_path: Path) -> None:
    """Transifex's address, a route named home, relative paths and bytes that are no text are no trouble."""
    files = [
        _write(tmp_path, "a.txt", "https://rest.api.transifex.com ../home/status/ /data /opt/bridge"),
        _write(tmp_path, "b.bin", b"\xff\xfe\x00"),
    ]
    assert find_names(tmp_path, files, [REGISTRY, SOMEBODYS_HOME]) == []


def test_the_place_of_the_checkout_is_found_but_a_root_says_nothing() -> None:
    """The checkout, the folder around it and the user's home are private; "/" would match everything."""
    pattern = machine_paths(Path("/srv/build/bridge"), Path("/var/amina"))
    assert pattern is not None
    assert [bool(pattern.search(text)) for text in ("/srv/build/x", "=/var/amina/.netrc", "/srv/other/x")] == [1, 1, 0]
    assert machine_paths(Path("/"), Path("/")) is None


PAPERS = '[htmx]\nversion = "4.0.1"\nlicence = "0BSD"\nlicence_file = "LICENSE"\nfiles = {{ "htmx.js" = "{}" }}\n'


def _vendored(root: Path, papers: str, *extra: str) -> list[str]:
    names = ["web/vendor/htmx.js", "web/vendor/LICENSE", *extra]
    files = [_write(root, name, "code") for name in names]
    return find_unpapered(root, [*files, _write(root, "web/vendor/vendored.toml", papers)])


def test_a_vendored_file_with_all_its_papers_passes(tmp_path: Path) -> None:
    """Version, licence, its text and the checksum are there and right."""
    assert _vendored(tmp_path, PAPERS.format(hashlib.sha256(b"code").hexdigest())) == []


@pytest.mark.parametrize(
    ("papers", "extra", "sentence"),
    [
        (PAPERS.format("0" * 64), (), "is not the file whose SHA-256"),
        (PAPERS.replace("version", "revision"), (), "has no version"),
        (PAPERS.replace('"LICENSE"', '"COPYING"'), (), "names COPYING, which is not there"),
        (PAPERS, ("web/vendor/other.js",), "web/vendor/other.js is not in"),
        (PAPERS, ("web/static/other.min.js",), "looks vendored"),
    ],
)
def test_a_vendored_file_without_papers_is_found(tmp_path: Path, papers: str, extra: tuple[str], sentence: str) -> None:
    """Each missing or wrong paper has a sentence of its own."""
    papers = papers.replace("{{", "{").replace("}}", "}").replace('"{}"', f'"{hashlib.sha256(b"code").hexdigest()}"')
    assert any(sentence in found for found in _vendored(tmp_path, papers, *extra))


def test_a_vendor_folder_without_papers_is_found(tmp_path: Path) -> None:
    """The papers themselves are asked for."""
    (sentence,) = find_unpapered(tmp_path, [_write(tmp_path, "web/vendor/a.js", "code")])
    assert sentence.startswith("web/vendor/ has no vendored.toml")
