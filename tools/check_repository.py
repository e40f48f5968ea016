"""Fails when a file names a package registry or a path of this machine, or when a vendored file has no papers."""

import hashlib
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from tools.repository import ROOT, list_files

# Which registry a machine uses is that machine's business: a lock or a script that names one fails behind a mirror.
REGISTRY = re.compile(
    r"(?i)\b(?:pypi|pythonhosted|npmjs|yarnpkg|rubygems|crates|deb\.debian|archive\.ubuntu)\.(?:org|com|io)\b"
)
SOMEBODYS_HOME = re.compile(r"(?<![\w.~-])/(?:home|Users)/[a-z][\w.-]*/")

VENDOR_FOLDER = "vendor"
PAPERS = "vendored.toml"
MINIFIED = (".min.js", ".min.css")


def machine_paths(root: Path, home: Path) -> re.Pattern[str] | None:
    """Return what matches the checkout's own place, its parent or this user's home; None when these say nothing."""
    folders = {str(folder) for folder in (root, root.parent, home) if len(folder.parts) > 1}
    if not folders:
        return None
    return re.compile(r"(?<![\w.~-])(?:" + "|".join(re.escape(folder) for folder in sorted(folders)) + r")/")


def find_names(root: Path, files: Iterable[PurePosixPath], patterns: Iterable[re.Pattern[str]]) -> list[str]:
    """Return a sentence for every line of a text file that one of the patterns matches."""
    patterns = tuple(patterns)
    sentences = []
    for file in files:
        try:
            text = (root / file).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found = next((match for pattern in patterns if (match := pattern.search(line))), None)
            if found:
                sentences.append(f"{file}:{number} names {found[0]}, which only this machine or registry has.")
    return sentences


def find_unpapered(root: Path, files: Iterable[PurePosixPath]) -> list[str]:
    """Return a sentence for every vendored file without version, licence or the right checksum.

    Vendored files lie in a folder ``vendor/`` beside a ``vendored.toml``: a table a component with ``version``,
    ``licence`` (its SPDX name), ``licence_file``, and ``files`` (name to SHA-256 in hex).
    """
    files = tuple(files)
    sentences = [
        f"{file} looks vendored: keep it in a folder {VENDOR_FOLDER}/ with a {PAPERS}."
        for file in files
        if file.name.endswith(MINIFIED) and VENDOR_FOLDER not in file.parts
    ]
    for folder in sorted({_vendor_folder(file) for file in files if VENDOR_FOLDER in file.parent.parts}):
        inside = [file for file in files if file.is_relative_to(folder) and file != folder / PAPERS]
        sentences += _check_folder(root, folder, inside)
    return sentences


def _vendor_folder(file: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(*file.parts[: file.parts.index(VENDOR_FOLDER) + 1])


def _check_folder(root: Path, folder: PurePosixPath, inside: list[PurePosixPath]) -> list[str]:
    papers = root / folder / PAPERS
    if not papers.is_file():
        return [f"{folder}/ has no {PAPERS}: name each component's version, licence, licence_file and files."]
    sentences: list[str] = []
    listed: set[PurePosixPath] = set()
    for name, component in tomllib.loads(papers.read_text("utf-8")).items():
        missing = [key for key in ("version", "licence", "licence_file", "files") if not component.get(key)]
        if missing:
            sentences.append(f"{folder / PAPERS}: {name} has no {', '.join(missing)}.")
            continue
        listed |= {folder / component["licence_file"], *(folder / file for file in component["files"])}
        sentences += _check_files(root, folder, component)
    return sentences + [f"{file} is not in {folder / PAPERS}." for file in inside if file not in listed]


def _check_files(root: Path, folder: PurePosixPath, component: dict[str, Any]) -> list[str]:
    wanted: dict[str, str | None] = {component["licence_file"]: None, **component["files"]}
    sentences = []
    for name, checksum in wanted.items():
        file = root / folder / name
        if not file.is_file():
            sentences.append(f"{folder / PAPERS} names {name}, which is not there.")
        elif checksum is not None and hashlib.sha256(file.read_bytes()).hexdigest() != checksum:
            sentences.append(f"{folder / name} is not the file whose SHA-256 stands in {PAPERS}.")
    return sentences


def main() -> int:
    """Print what may not be committed and return the exit code."""
    files = list_files()
    here = machine_paths(ROOT, Path.home())
    sentences = find_names(ROOT, files, [REGISTRY, SOMEBODYS_HOME, *([here] if here else [])])
    sentences += find_unpapered(ROOT, files)
    print("\n".join(sentences) or f"{len(files)} files name no registry and no path of this machine.")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
