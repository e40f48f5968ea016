"""What is to be written to an instance: for each form and lookup one whole request, and what is left out and why. Pure.

A form's request names every field with its place, because Primero deletes those that are not named; options go as
whole lists, because Primero replaces them. Nothing else is sent: what is not named of a field or form stays as it is.
"""

import copy
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extractors.texts import clean_text, is_blank, text_hash
from extractors.units import RecordKind, UnitKey
from service.catalog.rules.carrier import looks_like_date
from service.primero.rules.equality import Record, simplify, texts_in
from service.primero.rules.option_sets import find_obstacle, is_incomplete, write_options
from service.primero.rules.reasons import Why

_REFUSED = re.compile(r"[*!@#%$^]")
_SOURCE = "en"
_WITH_OPTIONS = ("select_box", "radio_button")


@dataclass(frozen=True, slots=True)
class Target:
    """An instance as it is: records as its API answers them, and the languages enabled, None where it does not say."""

    forms: Sequence[Mapping[str, Any]]
    lookups: Sequence[Mapping[str, Any]]
    locales: tuple[str, ...] | None = None

    def records(self) -> Iterator[tuple[RecordKind, Mapping[str, Any]]]:
        """Yield the forms, then the lookups."""
        yield from ((RecordKind.FORM, form) for form in self.forms)
        yield from ((RecordKind.LOOKUP, lookup) for lookup in self.lookups)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text to be there, None for none. ``source_hash``: of the English that it belongs to, None for any."""

    key: UnitKey
    text: str | None
    source_hash: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A text that is not given to the instance."""

    key: str
    why: Why


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """One request. ``before`` and ``after``: the record as it is and is to be, simplified; ``body``: what is sent."""

    key: str
    kind: RecordKind
    number: int
    before: Record
    after: Record
    body: Record
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done: requests in the order of the instance, texts that are there already, texts left out."""

    records: tuple[RecordPlan, ...]
    unchanged: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def plan_changes(
    target: Target, locale: str, wanted: Iterable[Wanted], *, partial_options: bool, exact: bool = False
) -> Plan:
    """Return what has to be sent so that the texts are there, and nothing else changes.

    Args:
        target: the instance as it is.
        locale: the language of the texts.
        wanted: each key once.
        partial_options: whether lists of options may be left half translated.
        exact: whether a text that differs only in what normalisation takes away is written too.
    """
    by_record: defaultdict[tuple[RecordKind, str], list[Wanted]] = defaultdict(list)
    for one in wanted:
        by_record[one.key.kind, one.key.record].append(one)
    plans, unchanged, left_out = [], [], []
    for kind, raw in target.records():
        texts = by_record.pop((kind, str(raw.get("unique_id"))), [])
        if not texts:
            continue
        work = _Work(kind, raw, locale, target.locales, partial_options=partial_options, exact=exact)
        work.put_all(texts)
        unchanged += work.unchanged
        left_out += work.left_out
        if plan := work.plan():
            plans.append(plan)
    left_out += [LeftOut(str(one.key), Why.UNKNOWN) for rest in by_record.values() for one in rest]
    return Plan(tuple(plans), tuple(unchanged), tuple(left_out))


class _Work:
    """Puts texts into one record."""

    def __init__(
        self,
        kind: RecordKind,
        raw: Mapping[str, Any],
        locale: str,
        locales: tuple[str, ...] | None,
        *,
        partial_options: bool,
        exact: bool,
    ) -> None:
        self._kind, self._raw, self._locale, self._locales = kind, raw, locale, locales
        self._partial, self._exact = partial_options, exact
        self._after: Record = copy.deepcopy(dict(raw))
        self._trouble = _find_trouble(kind, raw)
        fields = self._after.get("fields")
        self._fields: dict[str, Record] = {}
        if self._trouble is None and isinstance(fields, list):
            self._fields = {field["name"]: field for field in fields}
        self._texts: dict[tuple[str | None, str], str | None] = {}
        self._sets: set[tuple[str | None, str]] = set()
        self.keys: list[str] = []
        self.unchanged: list[str] = []
        self.left_out: list[LeftOut] = []

    def put_all(self, wanted: Iterable[Wanted]) -> None:
        """Put the texts in, options set by set."""
        sets: defaultdict[tuple[str | None, str], list[Wanted]] = defaultdict(list)
        for one in wanted:
            if self._trouble is not None:
                self._leave(one, self._trouble)
            elif one.key.option is None:
                self._put(one)
            else:
                sets[one.key.field, one.key.prop].append(one)
        for (field, prop), texts in sets.items():
            self._put_options(field, prop, texts)

    def _leave(self, one: Wanted, why: Why) -> None:
        self.left_out.append(LeftOut(str(one.key), why))

    def _owner(self, field: str | None) -> Record | None:
        return self._after if field is None else self._fields.get(field)

    def _put(self, one: Wanted) -> None:
        key, owner = one.key, self._owner(one.key.field)
        texts = texts_in(owner.get(key.prop)) if owner is not None else {}
        why = self._obstacle(one, owner, texts)
        if owner is None or why is not None:
            self._leave(one, why or Why.UNKNOWN)
        elif self._is_there(one, texts):
            self.unchanged.append(str(key))
        else:
            owner[key.prop] = _with(texts, self._locale, one.text)
            self._texts[key.field, key.prop] = one.text
            self.keys.append(str(key))

    def _obstacle(self, one: Wanted, owner: Mapping[str, Any] | None, texts: Mapping[str, Any]) -> Why | None:
        english = texts.get(_SOURCE)
        if owner is None or not isinstance(english, str) or is_blank(english):
            return Why.UNKNOWN
        if one.key.field is not None and _is_refused(owner):
            return Why.REFUSED
        if one.source_hash is not None and text_hash(clean_text(english)) != one.source_hash:
            return Why.SOURCE_CHANGED
        if self._kind is RecordKind.FORM and one.key.field is None and one.key.prop == "help_text":
            return Why.YAML_ONLY
        return None

    def _is_there(self, one: Wanted, texts: Mapping[str, Any]) -> bool:
        current = texts.get(self._locale)
        if one.text is None or not isinstance(current, str):
            return one.text is None and current is None
        return current == one.text or (not self._exact and text_hash(clean_text(current)) == text_hash(one.text))

    def _put_options(self, field: str | None, prop: str, wanted: list[Wanted]) -> None:
        owner = self._owner(field)
        options = owner.get(_attribute(prop)) if owner is not None else None
        found = {one.get("id"): one for one in options if isinstance(one, dict)} if isinstance(options, list) else {}
        put: list[Wanted] = []
        # A set is judged as a whole, so not anew for each option: only whether its id looks like a date counts beside.
        judged: dict[bool, Why | None] = {}

        def judge(option_id: str) -> Why | None:
            dated = looks_like_date(option_id)
            if dated not in judged:
                judged[dated] = find_obstacle(options, prop, option_id, self._locales)
            return judged[dated]

        for one in wanted:
            option = found.get(one.key.option)
            texts = texts_in(option.get("display_text")) if option is not None else {}
            why = self._option_obstacle(one, owner, option, texts, judge)
            if option is None or why is not None:
                self._leave(one, why or Why.UNKNOWN)
            elif self._is_there(one, texts):
                self.unchanged.append(str(one.key))
            else:
                option["display_text"] = _with(texts, self._locale, one.text)
                put.append(one)
        if put and not self._partial and is_incomplete(options or [], self._locale):
            self._take_back(owner or {}, field, prop)
            for one in put:
                self._leave(one, Why.INCOMPLETE_SET)
        elif put:
            self._sets.add((field, prop))
            self.keys += [str(one.key) for one in put]

    def _option_obstacle(
        self,
        one: Wanted,
        owner: Mapping[str, Any] | None,
        option: Mapping[str, Any] | None,
        texts: Mapping[str, Any],
        judge: Callable[[str], Why | None],
    ) -> Why | None:
        english = texts.get(_SOURCE)
        if option is None or not isinstance(english, str) or is_blank(english):
            return Why.UNKNOWN
        if one.key.field is not None and _is_refused(owner or {}):
            return Why.REFUSED
        if one.source_hash is not None and text_hash(clean_text(english)) != one.source_hash:
            return Why.SOURCE_CHANGED
        return judge(one.key.option or "")

    def _take_back(self, owner: Record, field: str | None, prop: str) -> None:
        raw: Any = self._raw
        if field is not None:
            raw = next(one for one in self._raw["fields"] if one.get("name") == field)
        owner[_attribute(prop)] = copy.deepcopy(raw[_attribute(prop)])

    def plan(self) -> RecordPlan | None:
        """Return the request, None where there is nothing to send."""
        if not self.keys:
            return None
        return RecordPlan(
            key=UnitKey(self._kind, str(self._raw["unique_id"]), "name").record_key,
            kind=self._kind,
            number=self._raw["id"],
            before=simplify(self._kind, self._raw),
            after=simplify(self._kind, self._after),
            body=self._body(),
            keys=tuple(self.keys),
        )

    def _body(self) -> Record:
        body = self._changes(None)
        if any(field is not None for field, _ in (*self._texts, *self._sets)):
            body["fields"] = [
                {"name": name, "order": field["order"], **self._changes(name)} for name, field in self._fields.items()
            ]
        return body

    def _changes(self, field: str | None) -> Record:
        owner = self._owner(field) or {}
        changes: Record = {
            prop: {self._locale: text} for (owner_field, prop), text in self._texts.items() if owner_field == field
        }
        for owner_field, prop in sorted(self._sets, key=str):
            if owner_field == field:
                changes[_attribute(prop)] = write_options(owner[_attribute(prop)])
        return changes


def _attribute(prop: str) -> str:
    """Return how the API names a property; a lookup's values have another name there."""
    return "values" if prop == "lookup_values" else prop


def _with(texts: Mapping[str, Any], locale: str, text: str | None) -> Record:
    changed = dict(texts)
    if text is None:
        changed.pop(locale, None)
    else:
        changed[locale] = text
    return changed


def _find_trouble(kind: RecordKind, raw: Mapping[str, Any]) -> Why | None:
    """Return why nothing of a record may be sent: it could be refused, or not all of it can be named."""
    number = raw.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        return Why.ODD
    if kind is RecordKind.LOOKUP:
        return None
    fields = raw.get("fields")
    if not isinstance(fields, list) or not all(_is_named(field) for field in fields):
        return Why.ODD
    names = [field["name"] for field in fields]
    if len(set(names)) != len(names):
        return Why.ODD
    return Why.REFUSED if _bad_label(texts_in(raw.get("name"))) else None


def _is_named(field: Any) -> bool:
    """Return whether a field can be named in a request with its place, so that it stays where it is."""
    return (
        isinstance(field, dict)
        and isinstance(field.get("name"), str)
        and bool(field["name"])
        and isinstance(field.get("order"), int)
    )


def _is_refused(field: Mapping[str, Any]) -> bool:
    """Return whether Primero would refuse a change of the field, and the whole form's request with it."""
    if _bad_label(texts_in(field.get("display_name"))):
        return True
    options = field.get("option_strings_text") if field.get("type") in _WITH_OPTIONS else None
    # In an answer '' stands for no English too.
    return any(
        isinstance(one, dict) and is_blank(texts_in(one.get("display_text")).get(_SOURCE)) for one in options or ()
    )


def _bad_label(texts: Mapping[str, Any]) -> bool:
    english = texts.get(_SOURCE)
    return not isinstance(english, str) or is_blank(english) or bool(_REFUSED.search(english))
