"""What the documents say is there: links lead somewhere, commands and settings that are named exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from service.cli import make_app
from service.settings import Settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "service" / "sample" / "README.md"])
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_COMMAND = re.compile(r"primero-bridge((?: [a-z][a-z-]*)+)")
_SETTING = re.compile(r"\bBRIDGE_[A-Z_]+\b")
#: What the Makefile and the tests themselves read.
_OF_TESTS = re.compile(r"BRIDGE_(TEST|LIVE)_")


def _names() -> set[tuple[str, ...]]:
    """Every command, as the words after ``primero-bridge``."""
    found: set[tuple[str, ...]] = set()

    def walk(command: object, path: tuple[str, ...]) -> None:
        found.add(path)
        for name, below in getattr(command, "commands", {}).items():
            walk(below, (*path, name))

    walk(typer.main.get_command(make_app()), ())
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link and picture of a document is a file of the repository."""
    links = [link for link in _LINK.findall(document.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_exist(document: Path) -> None:
    """Every command a document names is one, at least in its first words."""
    names = _names()
    unknown = []
    for words in _COMMAND.findall(document.read_text("utf-8")):
        parts = tuple(words.split())
        groups = [name for name in names if name[:1] == parts[:1]]
        needed = 2 if any(len(name) == 2 for name in groups) else 1
        if parts[:needed] not in names:
            unknown.append(words.strip())
    assert unknown == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_settings_exist(document: Path) -> None:
    """Every BRIDGE_ setting a document names is one."""
    known = {f"BRIDGE_{name.upper()}" for name in Settings.model_fields}
    named = {name for name in _SETTING.findall(document.read_text("utf-8")) if not _OF_TESTS.match(name)}
    assert named - known == set()


def test_every_trap_is_held_by_a_test() -> None:
    """Each row of the page of Primero's traps names tests, and each of them is there."""
    page = (ROOT / "docs" / "reference" / "primero-traps.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| trap", "| ---"))]
    tests = [re.findall(r"`([\w/]+\.py)::(\w+)`", row.split(" | ")[-1]) for row in rows]
    assert [row for row, named in zip(rows, tests, strict=True) if not named] == []
    missing = [
        f"{file}::{name}"
        for file, name in {pair for named in tests for pair in named}
        if f"\ndef {name}(" not in (ROOT / "tests" / file).read_text("utf-8")
    ]
    assert missing == []
    assert len(rows) > 30
