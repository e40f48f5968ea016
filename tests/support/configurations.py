"""Configurations for property tests: realistic ones with everything in them that has ever gone wrong."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from random import Random
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Localised: TypeAlias = "dict[str, str | None] | None"

# What YAML readers take for something else than a text, or cannot carry unquoted: the option ids and values of
# Primero's tables, and the strings that other emitters got wrong.
NASTY_TEXTS = (
    *(
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "Yes",
        "NO",
        "1e3",
        "=",
        "<<",
        "-",
        "?",
        "null",
        "Null",
        "~",
    ),
    *(
        "1",
        "01",
        "010",
        "1_000",
        "1,000",
        "1.5",
        "0x1F",
        "0b11",
        "0777",
        "0o17",
        "1.0",
        "123",
        "+.5",
        ".5",
        "5.",
        "1__0",
    ),
    *(
        "1_",
        "685.230_15e+03",
        "12e03",
        "-2.",
        "+1",
        "-1",
        "12:30",
        "0:00",
        "190:20:30",
        "1:2",
        "12:30:45",
        ".inf",
        ".nan",
    ),
    *("2020-01-01", "2024-1-1", "2020-01-01 10:00:00", "2001-12-14t21:59:43.10-05:00", "2020-01-01T10:00:00.000Z"),
    *(
        ":sym",
        ":hello",
        ":sym bol",
        ':"q"',
        ":",
        "::",
        ": x",
        "with space",
        "a: b",
        "x:",
        "#x",
        "x # y",
        "Ünï",
        "&x",
        "*x",
    ),
    *(
        "!x y",
        "!!str 123",
        "!ruby/object:Object {}",
        "[a]",
        "{a: b}",
        "@at",
        "%p",
        "%{name}",
        "| pipe",
        "> fold",
        "|",
        ">",
    ),
    *(
        '"quoted"',
        "'single'",
        '"',
        "'",
        "\\",
        "\\n",
        "a\\",
        "`tick`",
        "---",
        "...",
        "--- x",
        "- item",
        "? key",
        ",",
        "a, b",
    ),
    *(
        " lead",
        "trail ",
        "\ttab",
        "tab\t",
        "two\nlines",
        "ends\n",
        "\nstarts",
        "a\r\nb",
        "lone\rcr",
        "\r",
        "\n",
        " ",
        "  ",
    ),
    *(
        "a\x85b",
        "a\u2028b",
        "a\u2029b",
        "\ufeffbom",
        "a\ufeffb",
        "\x07bell",
        "\x1b[0m",
        "\x7f",
        "\x80",
        "\x9f",
        "\ufffe",
    ),
    *(
        "😀",
        "\U0010ffff",
        "é",
        "e\u0301",
        "’",
        "\xa0nbsp\xa0",
        "\u200frlm",
        "zw\u200bsp",
        "نعم",
        "\u202eoverride",
        "সাড়া",
    ),
    "x" * 200,
    "word " * 60,
)

REALISTIC_TEXTS = (
    *(
        "Yes",
        "No",
        "Other",
        "Name",
        "Date of birth",
        "Consent Obtained From",
        "Is the survivor a minor?",
        "Type of Service",
    ),
    "This includes consent for sharing information with other organizations providing services",
)

FORM_IDS = (
    *("basic_identity", "consent", "services_section", "gbv_incident_form", "Upper_Form", "upper_form"),
    *(
        "case_lookup_form",
        "LookUps",
        "system_form",
        "a/b",
        "..",
        "con",
        "form with space",
        "Ünï",
        "x" * 120,
        "trailing.",
    ),
)
FIELD_NAMES = ("name", "sex", "age", "consent_given", "help_text", "display_name", "fields", "notes", "no", "<<")
LOOKUP_IDS = ("lookup-gender", "lookup-yes-no", "lookup-country", "lookup-odd ünï/id", "gender")
LOCALES = ("en", "fr", "ar", "pt-BR", "ku-IQ")


def texts() -> st.SearchStrategy[str]:
    """Texts: what forms say, what breaks readers, and anything at all (NUL too, but no lone surrogates)."""
    return st.one_of(st.sampled_from(REALISTIC_TEXTS), st.sampled_from(NASTY_TEXTS), st.text(max_size=30))


def storable_texts() -> st.SearchStrategy[str]:
    """Texts without NUL, which come out of reading as they went in."""
    return texts().filter(lambda text: "\0" not in text)


def option_ids() -> st.SearchStrategy[str]:
    """Option ids: ordinary ones, YAML's words and numbers, dates, and odd characters."""
    plain = st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True)
    return st.one_of(plain, st.sampled_from(NASTY_TEXTS), st.text(min_size=1, max_size=8)).filter(
        lambda text: bool(text) and "\0" not in text
    )


def localised(text: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Localised]:
    """``{locale: text}`` as Primero stores it: some locales, blanks and nulls among them, or null altogether."""
    value = st.one_of(text or storable_texts(), st.just(""), st.none())
    return st.one_of(st.none(), st.dictionaries(st.sampled_from(LOCALES), value, max_size=3))


class _Builder:
    """Puts a configuration together from drawn texts and ids; drawing every attribute by itself would be slow."""

    def __init__(self, random: Random, texts: list[Localised], option_ids: list[str]) -> None:
        self._random = random
        self._texts = texts
        self._option_ids = option_ids

    def some(self, values: Sequence[T], at_most: int) -> list[T]:
        """Return some different values in some order."""
        return self._random.sample(values, self._random.randint(0, min(at_most, len(values))))

    def text(self) -> Localised:
        """Return a copy of one of the drawn texts, often null as in real configurations."""
        chosen = self._random.choice([None, *self._texts])
        return dict(chosen) if chosen is not None else None

    def options(self) -> list[dict[str, Any]] | None:
        """Return an option list, or null."""
        extras: tuple[dict[str, Any], ...] = ({}, {}, {"disabled": True}, {"disabled": False}, {"tags": ["one", "two"]})
        if self._random.random() < 0.1:
            return None
        return [
            {"id": option_id, "display_text": self.text(), **self._random.choice(extras)}
            for option_id in self.some(self._option_ids, 4)
        ]

    def field(self, name: str) -> dict[str, Any]:
        """Return a field of some type."""
        choice = self._random.choice
        kind = choice(("text_field", "select_box", "radio_button", "tick_box", "tally_field", "separator", "subform"))
        field: dict[str, Any] = {
            "name": name,
            "type": kind,
            "visible": choice((True, True, False)),
            "required": choice((True, False)),
            "multi_select": choice((True, False)),
            "display_name_i18n": self.text(),
            "help_text_i18n": self.text(),
            "guiding_questions_i18n": self.text(),
            "tick_box_label_i18n": self.text(),
            "signature_provided_by_label_i18n": self.text(),
            "option_strings_text_i18n": None,
            "option_strings_source": None,
            "tally_i18n": None,
            "subform_unique_id": None,
        }
        if kind in ("select_box", "radio_button"):
            field["option_strings_text_i18n"] = self.options()
            if not field["option_strings_text_i18n"]:
                field["option_strings_source"] = "lookup " + choice(LOOKUP_IDS)
        elif kind == "tally_field":
            field["tally_i18n"] = self.options()
        elif kind == "subform":
            field["subform_unique_id"] = choice(FORM_IDS)
        return field

    def form(self, form_id: str) -> dict[str, Any]:
        """Return a form with some fields."""
        choice = self._random.choice
        return {
            "unique_id": form_id,
            "parent_form": choice(("case", "incident", "tracing_request", "family")),
            "is_nested": choice((True, False)),
            "visible": choice((True, False)),
            "order": self._random.randint(0, 200),
            "order_form_group": self._random.randint(0, 200),
            "form_group_id": choice((None, "identification", "true")),
            "module_ids": choice(([], ["primeromodule-cp"], ["primeromodule-gbv", "primeromodule-cp"])),
            "name_i18n": self.text(),
            "description_i18n": self.text(),
            "help_text_i18n": self.text(),
            "fields_attributes": [self.field(name) for name in self.some(FIELD_NAMES, 4)],
        }

    def lookup(self, lookup_id: str) -> dict[str, Any]:
        """Return a lookup with some values."""
        return {
            "unique_id": lookup_id,
            "locked": self._random.choice((True, False)),
            "name_i18n": self.text(),
            "lookup_values_i18n": self.options(),
        }


@st.composite
def configurations(draw: st.DrawFn, *, max_forms: int = 4, max_lookups: int = 3) -> dict[str, Any]:
    """A configuration as ``json.loads`` gives it: forms and lookups with ids that stand once, and nothing else."""
    random = Random(draw(st.integers(0, 2**32)))
    builder = _Builder(
        random,
        draw(st.lists(localised(), max_size=6)),
        draw(st.lists(option_ids(), max_size=6, unique=True)),
    )
    return {
        "FormSection": [builder.form(form_id) for form_id in builder.some(FORM_IDS, max_forms)],
        "Lookup": [builder.lookup(lookup_id) for lookup_id in builder.some(LOOKUP_IDS, max_lookups)],
    }


def api_answers(
    configuration: dict[str, Any], locales: tuple[str, ...] = LOCALES
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a configuration as the API answers it for forms and for lookups: every locale filled with ''.

    A property without any text is missing; subforms are named by number.
    """
    configuration = copy.deepcopy(configuration)
    numbers = {form["unique_id"]: number for number, form in enumerate(configuration["FormSection"], 1)}
    forms = []
    for form in configuration["FormSection"]:
        fields = [_as_answer(field, locales) for field in form.pop("fields_attributes")]
        for field in fields:
            subform = field.pop("subform_unique_id", None)
            if subform in numbers:
                field["subform_section_id"] = numbers[subform]
        forms.append({"id": numbers[form["unique_id"]], **_as_answer(form, locales), "fields": fields})
    lookups = []
    for number, lookup in enumerate(configuration["Lookup"], 1):
        values = _filled_options(lookup.pop("lookup_values_i18n") or [], locales)
        lookups.append({"id": number, **_as_answer(lookup, locales), "values": values})
    return {"data": forms}, {"data": lookups, "metadata": {"total": len(lookups), "per": 1000, "page": 1}}


def _as_answer(record: dict[str, Any], locales: tuple[str, ...]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name, value in record.items():
        if not name.endswith("_i18n"):
            answer[name] = value
        elif isinstance(value, list):
            answer[name.removesuffix("_i18n")] = _filled_options(value, locales)
        elif value and any(value.values()):
            answer[name.removesuffix("_i18n")] = _filled(value, locales)
    return answer


def _filled(texts: dict[str, str | None] | None, locales: tuple[str, ...]) -> dict[str, str | None]:
    return {**(texts or {}), **{locale: "" for locale in locales if locale not in (texts or {})}}


def _filled_options(options: list[dict[str, Any]], locales: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{**option, "display_text": _filled(option["display_text"], locales)} for option in options]
