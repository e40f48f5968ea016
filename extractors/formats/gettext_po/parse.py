"""Reads PO files: msgid is the source text, msgstr the text of the locale that the Language header names."""

from extractors.building import Draft, build_catalog, records_from_keys
from extractors.errors import WrongShape
from extractors.formats.gettext_po.walk import Slot, load_documents, walk_document
from extractors.parsed import Parsed, Skeleton
from extractors.problems import ProblemLog
from extractors.reading import Member

NAME = "gettext_po"


def parse(members: tuple[Member, ...], source_locale: str = "en") -> Parsed:
    """Return the catalog of one or more PO files, of one or more locales. A fuzzy msgstr counts as blank.

    Raises:
        BadSyntax: a file is not PO, or is empty.
        WrongShape: a file does not name its language, or no entry belongs to a unit.
    """
    log = ProblemLog()
    draft = Draft()
    for document in load_documents(members):
        draft.locales.setdefault(source_locale)
        if document.locale:
            draft.locales.setdefault(document.locale)
        for slot in walk_document(document, log):
            _read(slot, source_locale, draft, log)
    if not draft.texts:
        file = members[0].name if members else ""
        message = f"{file} has no entry whose msgctxt is a unit key such as form/ID/name; use a file exported here."
        raise WrongShape(message, file=file)
    draft.records = records_from_keys(draft.texts)
    return Parsed(build_catalog(NAME, source_locale, draft, log), Skeleton(members))


def translation_of(slot: Slot) -> str:
    """Return the text an entry gives its locale: none while it is marked fuzzy."""
    return "" if slot.entry.fuzzy else str(slot.entry.msgstr)


def _read(slot: Slot, source_locale: str, draft: Draft, log: ProblemLog) -> None:
    source = log.clean(str(slot.entry.msgid), file=slot.file, path=slot.path)
    texts = draft.texts.setdefault(slot.key, {source_locale: source})
    if texts[source_locale] != source:
        message = "The source text differs from that in another file; the first one is used."
        log.add("source-differs", message, file=slot.file, path=slot.path)
    if slot.entry.fuzzy:
        message = "The entry is marked fuzzy and its translation was not taken; remove the mark when it is right."
        log.add("fuzzy-text", message, file=slot.file, path=slot.path)
    if slot.locale not in ("", source_locale):
        texts[slot.locale] = log.clean(translation_of(slot), file=slot.file, path=slot.path)
