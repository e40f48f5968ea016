"""YML, Rails' YAML with the locale as its only root key: the shape of Primero's own translation files. Pure.

Transifex names a text by its path below the root key, joined by dots.
"""

from collections.abc import Iterable, Sequence

from extractors.units import (
    FIELD_PROPERTIES,
    FORM_PROPERTIES,
    LOOKUP_OPTION_PROPERTY,
    LOOKUP_PROPERTIES,
    OPTION_PROPERTIES,
    RecordKind,
    UnitKey,
)
from extractors.writing import translation_documents
from extractors.yaml_text import Tree, dump_yaml
from service.deployments.rules import ResourceFormat
from service.sync.rules.formats.model import Line
from transifex_client.ids import escape_yml_key

BRIDGE_KEY = "_bridge"
"""A key with an empty text that we set beside options whose ids could be read as plural forms; never a unit's."""

_DOT = "<TX_DOT>"
_PLURAL_NAMES = frozenset({"zero", "one", "two", "few", "many", "other"})


class RailsYaml:
    """YML. Every text is quoted, so that numbers, dates and yes or no stay texts; comments are not written."""

    name = ResourceFormat.YML
    escaped = None

    def string_key(self, key: UnitKey) -> str:
        """Return the unit's path, joined by dots, a dot within a part as ``<TX_DOT>``."""
        return escape_yml_key(_path(key))

    def parse_string_key(self, text: str, kind: RecordKind) -> UnitKey | None:
        """Return the unit that stands under this string key in a resource of this kind, None where none can stand.

        An id that itself holds the letters ``<TX_DOT>`` cannot be told from one with a dot.
        """
        parts = [part.replace(_DOT, ".") for part in text.split(".")]
        return _lookup_key(parts) if kind is RecordKind.LOOKUP else _form_key(parts)

    def find_objection(self, text: str) -> str:  # noqa: ARG002
        """Return "": quoted YAML carries every text."""
        return ""

    def serialize(self, lines: Iterable[Line], locale: str) -> bytes:
        """Return the file with these texts."""
        texts = ((line.key, line.text) for line in lines)
        (document,) = translation_documents(texts, locale, tally=True).values()
        return dump_yaml(guard_plurals(document)).encode()

    def is_filler(self, string_key: str) -> bool:
        """Return whether a string key ends in :data:`BRIDGE_KEY`, which names no unit."""
        return string_key.rpartition(".")[2] == BRIDGE_KEY

    def filler_beside(self, key: UnitKey) -> str | None:
        """Return the string key that :data:`BRIDGE_KEY` beside this option would have."""
        return None if key.option is None else escape_yml_key((*_path(key)[:-1], BRIDGE_KEY))


def guard_plurals(tree: Tree) -> Tree:
    """Return the tree with :data:`BRIDGE_KEY` beside texts whose keys are all names of plural forms.

    Transifex reads a map of nothing but plural names as one plural text when it holds every form of its language, and
    options may well be called ``one`` and ``other``. The added key has an empty text, which is not taken for a string.
    """
    if not isinstance(tree, dict):
        return tree
    guarded = {key: guard_plurals(value) for key, value in tree.items()}
    if guarded and guarded.keys() <= _PLURAL_NAMES and all(isinstance(value, str) for value in guarded.values()):
        guarded[BRIDGE_KEY] = ""
    return guarded


def _path(key: UnitKey) -> tuple[str, ...]:
    """Return the path of the unit's text in translation YAML, below the root key (the locale)."""
    parts: list[str] = [key.record]
    if key.field is not None:
        parts += ["fields", key.field]
    parts.append(key.prop)
    if key.option is not None:
        parts.append(key.option)
    return tuple(parts)


def _form_key(parts: Sequence[str]) -> UnitKey | None:
    match parts:
        case [record, prop] if prop in FORM_PROPERTIES:
            return UnitKey(RecordKind.FORM, record, prop)
        case [record, "fields", name, prop] if prop in FIELD_PROPERTIES:
            return UnitKey(RecordKind.FORM, record, prop, field=name)
        case [record, "fields", name, prop, option] if prop in OPTION_PROPERTIES:
            return UnitKey(RecordKind.FORM, record, prop, field=name, option=option)
    return None


def _lookup_key(parts: Sequence[str]) -> UnitKey | None:
    match parts:
        case [record, prop] if prop in LOOKUP_PROPERTIES:
            return UnitKey(RecordKind.LOOKUP, record, prop)
        case [record, prop, option] if prop == LOOKUP_OPTION_PROPERTY:
            return UnitKey(RecordKind.LOOKUP, record, prop, option=option)
    return None
