"""Reads translation YAML: any number of files, forms and locales, one locale a file."""

from extractors.building import Draft, build_catalog, records_from_keys
from extractors.errors import WrongShape
from extractors.formats.translation_yaml.walk import Walk, load_documents
from extractors.parsed import Parsed, Skeleton
from extractors.problems import ProblemLog
from extractors.reading import Member
from extractors.units import Catalog

NAME = "translation_yaml"


def parse(members: tuple[Member, ...], source_locale: str = "en") -> Parsed:
    """Return the catalog of translation files; a key without a text is a unit with a blank text.

    Raises:
        BadSyntax: a file is not YAML, is empty, or has a key twice.
        UnsafeInput: a file holds aliases, tags that make objects, or absurd nesting.
        WrongShape: a file has two roots or documents, or nothing in the input is a form or lookup.
    """
    log = ProblemLog()
    walk = Walk(log)
    draft = Draft()
    for document in load_documents(members):
        walk.add(document)
        draft.locales.setdefault(document.locale)
    for slot in walk.slots:
        value = slot.owner[slot.attribute]
        text = log.clean(str(value), file=slot.file, path=slot.path) if isinstance(value, str) else ""
        draft.texts.setdefault(slot.key, {})[slot.locale] = text
    _refuse_strangers(walk, log, members)
    draft.records = records_from_keys(draft.texts)
    draft.group_names = {form: label for (locale, form), label in walk.group_names.items() if locale == source_locale}
    catalog: Catalog = build_catalog(NAME, source_locale, draft, log)
    return Parsed(catalog, Skeleton(members))


def _refuse_strangers(walk: Walk, log: ProblemLog, members: tuple[Member, ...]) -> None:
    """Refuse files of some other kind that has a locale at its top, such as an application's own texts."""
    if not walk.slots and any(problem.code in ("unknown-property", "wrong-part") for problem in log.problems()):
        file = members[0].name
        raise WrongShape(
            f"{file} has a locale at its top but no form or lookup below; check that it is the right file.", file=file
        )
