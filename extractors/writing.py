"""Writes texts as files: translation YAML in the shape Primero's importer takes, and PO for translators' tools.

Facts about the importer (it decides by the path what a file is, reads one locale and one form per file, and drops
what is unquoted) were measured on Primero 2.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

import polib

from extractors.problems import ProblemLog
from extractors.reading import Member
from extractors.texts import is_blank
from extractors.units import Catalog, Problem, RecordKind, Unit, UnitKey
from extractors.yaml_text import Tree, dump_yaml

LOOKUP_STEM = "lookup"
"""The file of all lookups; Primero knows lookups by this word in the path."""

MAX_STEM = 100

# Upper case is left out, so that two names never differ by case alone; so is what ends like our own suffix.
_SAFE_STEM = re.compile(rf"[a-z0-9_][a-z0-9_-]{{0,{MAX_STEM - 1}}}")
_OWN_SUFFIX = re.compile(r"-[0-9a-f]{12}$")
_MISREAD = re.compile(r"lookup|system", re.IGNORECASE)
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
_SLUG_LENGTH = 60


def file_stem(kind: RecordKind, record_id: str) -> str:
    """Return the name, without suffix, of the file a record's texts are written to.

    The id itself where Primero and every file system take it; else a readable part and twelve hex digits of its
    SHA-256. The same id always gives the same name, different ids different ones.
    """
    if kind is RecordKind.LOOKUP:
        return LOOKUP_STEM
    safe = _SAFE_STEM.fullmatch(record_id) and not _OWN_SUFFIX.search(record_id)
    if safe and not _MISREAD.search(record_id) and not _RESERVED.fullmatch(record_id):
        return record_id
    slug = re.sub(r"[^a-z0-9_]+", "-", record_id.lower())[:_SLUG_LENGTH].strip("-")
    slug = _MISREAD.sub(lambda word: f"{word[0][0]}-{word[0][-2:]}", slug) or "form"
    return f"{slug}-{hashlib.sha256(record_id.encode()).hexdigest()[:12]}"


def texts_in(catalog: Catalog, locale: str, *, include_hidden: bool = False) -> Iterator[tuple[UnitKey, str]]:
    """Yield key and text of everything that has a text in the locale, the source locale included."""
    for unit in catalog.units:
        text = unit.source if locale == catalog.source_locale else unit.texts.get(locale)
        if text is not None and not is_blank(text) and (include_hidden or not unit.hidden):
            yield unit.key, text


def translation_documents(
    texts: Iterable[tuple[UnitKey, str | None]], locale: str, *, tally: bool = False
) -> dict[str, Tree]:
    """Return file stem → document of translation YAML: one per form, and one for all lookups.

    Args:
        texts: unit keys and their texts, in the order wanted. Blank texts are left out, because Primero would store
            them; None is written as null, which empties a text (for the way back of a bundle).
        locale: the top key of every document.
        tally: write tally options as a mapping. Primero's importer cannot take that: only for files for Transifex.
            Otherwise they are left out; :func:`left_out` says which.
    """
    documents: dict[str, Tree] = {}
    for key, text in texts:
        if (key.prop == "tally" and not tally) or (text is not None and is_blank(text)):
            continue
        document = documents.setdefault(file_stem(key.kind, key.record), {locale: {}})
        assert isinstance(document, dict)
        records = document[locale]
        assert isinstance(records, dict)
        place_text(records, key, text)
    return documents


def place_text(records: dict[str, Tree], key: UnitKey, text: str | None) -> None:
    """Put a text at its place below the locale's mapping, making the mappings on the way."""
    path = [key.record]
    if key.field is not None:
        path += ["fields", key.field]
    last = key.prop
    if key.option is not None:
        path.append(key.prop)
        last = key.option
    node = records
    for part in path:
        below = node.get(part)
        if not isinstance(below, dict):
            below = node[part] = {}
        node = below
    node[last] = text


def left_out(keys: Iterable[UnitKey]) -> tuple[Problem, ...]:
    """Return a Problem for each tally whose options translation YAML for Primero leaves out."""
    log = ProblemLog()
    for where, count in Counter(key.option_set for key in keys if key.prop == "tally").items():
        message = f"{count} tally options were left out, because Primero's importer cannot take them; use the API."
        log.add("tally-in-yaml", message, path=str(where))
    return log.problems()


def yaml_members(
    texts: Iterable[tuple[UnitKey, str | None]], locale: str, *, tally: bool = False
) -> tuple[Member, ...]:
    """Return the files of :func:`translation_documents`, every key and value quoted, sorted by name."""
    documents = translation_documents(texts, locale, tally=tally)
    return tuple(Member(f"{stem}.yml", dump_yaml(tree).encode()) for stem, tree in sorted(documents.items()))


def po_members(catalog: Catalog, locale: str, *, include_hidden: bool = False) -> tuple[Member, ...]:
    """Return one PO file per form and one for all lookups, sorted by name.

    An entry's msgctxt is the canonical unit key, its msgid the source text, its msgstr the text of the locale (empty
    for the source locale), its extracted comments what a translator should know. The Language header is ``locale``.
    """
    files: dict[str, polib.POFile] = {}
    for unit in catalog.translatable(include_hidden=include_hidden):
        stem = file_stem(unit.key.kind, unit.key.record)
        if stem not in files:
            files[stem] = new_po(locale)
        text = "" if locale == catalog.source_locale else unit.texts.get(locale, "")
        comment = "\n".join(_comment_lines(unit))
        files[stem].append(polib.POEntry(msgctxt=str(unit.key), msgid=unit.source, msgstr=text, comment=comment))
    return tuple(Member(f"{stem}.po", dump_po(file)) for stem, file in sorted(files.items()))


def dump_po(file: polib.POFile) -> bytes:
    """Return the file as UTF-8, its lines not wrapped, so that a changed word changes one line."""
    file.wrapwidth = 0
    return (str(file).rstrip("\n") + "\n").encode()


def new_po(locale: str) -> polib.POFile:
    """Return a file without entries whose Language header is ``locale``."""
    file = polib.POFile(wrapwidth=0)
    file.metadata = {
        "Language": locale,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return file


def _comment_lines(unit: Unit) -> Iterator[str]:
    context = unit.context
    facts = (
        ("Form" if unit.key.kind is RecordKind.FORM else "Lookup", context.record_name),
        ("Group", context.group),
        ("Question", context.question),
        ("Field type", context.field_type),
        ("Help", context.help_text),
        ("Other options", ", ".join(context.siblings)),
        ("Opened by", ", ".join(context.subform_of)),
        ("Used by", ", ".join(context.used_by)),
    )
    for label, value in facts:
        if value:
            yield f"{label}: {' '.join(value.split())}"
