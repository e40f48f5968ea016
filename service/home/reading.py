"""Reading what people hand in, from disk or uploaded: configurations and translations. No database is needed."""

from collections.abc import Callable, Sequence
from pathlib import Path

from extractors.errors import ExtractionError
from extractors.load import load, load_source
from extractors.reading import Member, read_bytes, read_path
from extractors.texts import is_blank
from extractors.units import Catalog, Problem
from service.errors import BadInput

_Reader = Callable[[], tuple[Member, ...]]


def read_source(path: Path, source_locale: str) -> Catalog:
    """Return the catalog of a configuration on disk.

    Raises:
        BadInput: it cannot be used as a source; the message says what to do.
    """
    return _as_source(lambda: read_path(path), source_locale)


def read_uploaded_source(data: bytes, name: str, source_locale: str) -> Catalog:
    """Return the catalog of an uploaded configuration; as :func:`read_source`."""
    return _as_source(lambda: read_bytes(data, name), source_locale)


def read_uploaded_export(data: bytes, name: str, source_locale: str) -> Catalog:
    """Return the catalog of an uploaded export, which may hold one language alone; as :func:`read_source`."""
    try:
        return load(read_bytes(data, name), source_locale).catalog
    except ExtractionError as error:
        raise bad_input(error) from error


def _as_source(read: _Reader, source_locale: str) -> Catalog:
    try:
        return load_source(read(), source_locale).catalog
    except ExtractionError as error:
        raise bad_input(error) from error


def read_translations(path: Path, names: Sequence[str], source_locale: str) -> dict[str, str]:
    """Return key → text of a file or folder of translations.

    Args:
        path: where it lies.
        names: the codes that its locale may have in it: Primero's, and Transifex's where that differs.
        source_locale: the locale the configuration is written in.

    Raises:
        BadInput: it cannot be read, or holds no text in the locale.
    """
    return _as_translations(lambda: read_path(path), names, source_locale)


def read_uploaded_translations(data: bytes, name: str, names: Sequence[str], source_locale: str) -> dict[str, str]:
    """Return key → text of uploaded translations; as :func:`read_translations`."""
    return _as_translations(lambda: read_bytes(data, name), names, source_locale)


def _as_translations(read: _Reader, names: Sequence[str], source_locale: str) -> dict[str, str]:
    try:
        catalog = load(read(), source_locale).catalog
    except ExtractionError as error:
        raise bad_input(error) from error
    texts: dict[str, str] = {}
    for unit in catalog.units:
        text = next((unit.texts[name] for name in names if name in unit.texts), None)
        if text is not None:
            texts[str(unit.key)] = text
    if all(is_blank(text) for text in texts.values()):
        present = ", ".join(catalog.locales) or "none"
        raise BadInput(f"There is no text in {names[0]} in it; the locales present are {present}.")
    return texts


def bad_input(error: ExtractionError) -> BadInput:
    """Return what the service says of an input that cannot be used."""
    return BadInput(error.message, details={"file": error.file, "path": error.path})


def problem_data(problem: Problem) -> dict[str, str]:
    """Return one problem of an input as plain values."""
    return {"code": problem.code, "message": problem.message, "file": problem.file, "path": problem.path}
