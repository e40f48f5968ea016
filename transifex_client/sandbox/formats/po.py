"""PO, gettext's format: msgid as key, msgctxt as context."""

from collections.abc import Sequence

import polib

from transifex_client.sandbox.formats.model import Entry, Filling, ParseTrouble
from transifex_client.sandbox.languages import CLDR_CATEGORIES


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:")


def _key(entry: polib.POEntry) -> str:
    key = _escape(entry.msgid)
    return f"{key}:{_escape(entry.msgid_plural)}" if entry.msgid_plural else key


def _read(text: str) -> polib.POFile:
    try:
        # polib takes a text without a line end for the name of a file if there is one of that name.
        return polib.pofile(text + "\n", check_for_duplicates=True)
    except (OSError, ValueError) as error:
        raise ParseTrouble(f"The PO file cannot be read: {' '.join(str(error).split())}") from error


def _forms(entry: polib.POEntry, categories: Sequence[str]) -> dict[str, str]:
    """Return the translations of an entry by plural category; gettext numbers them in CLDR's order."""
    if not entry.msgid_plural:
        return {"other": entry.msgstr}
    texts = [text for _, text in sorted(entry.msgstr_plural.items())]
    if len(texts) != len(categories):
        raise ParseTrouble(f"The entry '{entry.msgid}' has {len(texts)} plural forms instead of {len(categories)}")
    return dict(zip(categories, texts, strict=True))


def _is_empty(entry: polib.POEntry) -> bool:
    return not entry.msgstr and not any(entry.msgstr_plural.values())


def parse(text: str, categories: Sequence[str], *, source: bool) -> list[Entry]:
    """Return the entries of a PO file; a source file is all empty (a POT) or all filled."""
    entries = [entry for entry in _read(text) if not entry.obsolete]
    if any(not entry.msgid for entry in entries):
        raise ParseTrouble("An entry has an empty msgid")
    template = source and all(_is_empty(entry) for entry in entries)
    if source and not template and any(_is_empty(entry) for entry in entries):
        raise ParseTrouble("Some entries have a msgstr and others have none")
    used = [entry for entry in entries if source or not (_is_empty(entry) or entry.fuzzy)]
    return [_entry(entry, categories, template=template) for entry in used]


def _entry(entry: polib.POEntry, categories: Sequence[str], *, template: bool) -> Entry:
    if not template:
        strings = _forms(entry, categories)
    elif entry.msgid_plural:
        strings = {name: entry.msgid if name == "one" else entry.msgid_plural for name in categories}
    else:
        strings = {"other": entry.msgid}
    return Entry(
        key=_key(entry),
        strings=strings,
        context=entry.msgctxt or "",
        pluralized=bool(entry.msgid_plural),
        developer_comment=f"{entry.comment}\n{entry.tcomment}",
        occurrences=", ".join(f"{file}:{line}" if line else file for file, line in entry.occurrences) or None,
    )


def compile_file(template: str, filling: Filling) -> str:
    """Return the template with other texts in it; untranslated entries are empty."""
    document = _read(template)
    order = [name for name in CLDR_CATEGORIES if name in filling.categories]
    document.metadata["Language"] = filling.language
    document.metadata.setdefault("Content-Type", "text/plain; charset=UTF-8")
    for entry in document:
        strings = filling.texts.get((_key(entry), entry.msgctxt or ""), {})
        if entry.msgid_plural:
            entry.msgstr_plural = {index: strings.get(name, "") for index, name in enumerate(order)}
        else:
            entry.msgstr = strings.get("other", "")
    return str(document)
