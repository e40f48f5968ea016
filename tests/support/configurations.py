"""Configurations for property tests: realistic ones with everything in them that has ever gone wrong."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

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


def localised(text: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[dict[str, str | None] | None]:
    """``{locale: text}`` as Primero stores it: some locales, blanks and nulls among them, or null altogether."""
    value = st.one_of(text or storable_texts(), st.just(""), st.none())
    return st.one_of(st.none(), st.dictionaries(st.sampled_from(LOCALES), value, max_size=3))


@st.composite
def _options(draw: st.DrawFn) -> list[dict[str, Any]] | None:
    ids = draw(st.one_of(st.none(), st.lists(option_ids(), max_size=4, unique=True)))
    if ids is None:
        return None
    options = []
    for option_id in ids:
        option: dict[str, Any] = {"id": option_id, "display_text": draw(localised())}
        option |= draw(st.sampled_from(({}, {}, {"disabled": True}, {"disabled": False}, {"tags": ["one", "two"]})))
        options.append(option)
    return options


@st.composite
def _field(draw: st.DrawFn, name: str) -> dict[str, Any]:
    kinds = ("text_field", "select_box", "radio_button", "tick_box", "tally_field", "separator", "subform")
    kind = draw(st.sampled_from(kinds))
    field: dict[str, Any] = {
        "name": name,
        "type": kind,
        "visible": draw(st.sampled_from((True, True, False))),
        "required": draw(st.booleans()),
        "multi_select": draw(st.booleans()),
        "display_name_i18n": draw(localised()),
        "help_text_i18n": draw(localised()),
        "guiding_questions_i18n": draw(localised()),
        "tick_box_label_i18n": draw(localised()),
        "signature_provided_by_label_i18n": draw(localised()),
        "option_strings_text_i18n": None,
        "option_strings_source": None,
        "tally_i18n": None,
        "subform_unique_id": None,
    }
    if kind in ("select_box", "radio_button"):
        if draw(st.booleans()):
            field["option_strings_text_i18n"] = draw(_options())
        else:
            field["option_strings_source"] = "lookup " + draw(st.sampled_from(LOOKUP_IDS))
    elif kind == "tally_field":
        field["tally_i18n"] = draw(_options())
    elif kind == "subform":
        field["subform_unique_id"] = draw(st.sampled_from(FORM_IDS))
    return field


@st.composite
def _form(draw: st.DrawFn, form_id: str) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(FIELD_NAMES), max_size=4, unique=True))
    return {
        "unique_id": form_id,
        "parent_form": draw(st.sampled_from(("case", "incident", "tracing_request", "family"))),
        "is_nested": draw(st.booleans()),
        "visible": draw(st.booleans()),
        "order": draw(st.integers(0, 200)),
        "order_form_group": draw(st.integers(0, 200)),
        "form_group_id": draw(st.sampled_from((None, "identification", "true"))),
        "module_ids": draw(st.sampled_from(([], ["primeromodule-cp"], ["primeromodule-gbv", "primeromodule-cp"]))),
        "name_i18n": draw(localised()),
        "description_i18n": draw(localised()),
        "help_text_i18n": draw(localised()),
        "fields_attributes": [draw(_field(name)) for name in names],
    }


@st.composite
def _lookup(draw: st.DrawFn, lookup_id: str) -> dict[str, Any]:
    return {
        "unique_id": lookup_id,
        "locked": draw(st.booleans()),
        "name_i18n": draw(localised()),
        "lookup_values_i18n": draw(_options()),
    }


@st.composite
def configurations(draw: st.DrawFn, *, max_forms: int = 4, max_lookups: int = 3) -> dict[str, Any]:
    """A configuration as ``json.loads`` gives it: forms and lookups with ids that stand once, and nothing else."""
    forms = draw(st.lists(st.sampled_from(FORM_IDS), max_size=max_forms, unique=True))
    lookups = draw(st.lists(st.sampled_from(LOOKUP_IDS), max_size=max_lookups, unique=True))
    return {
        "FormSection": [draw(_form(form_id)) for form_id in forms],
        "Lookup": [draw(_lookup(lookup_id)) for lookup_id in lookups],
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
