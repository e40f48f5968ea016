"""The odd parts an input may have: their codes, and the log in which a reader collects them."""

from extractors.texts import clean_text
from extractors.units import Problem

CODES: dict[str, str] = {
    "not-text": "Something stands where a text is expected; it was left out.",
    "replaced-characters": "Characters that no database can hold (NUL, lone surrogates) became U+FFFD.",
    "unknown-property": "A property that is not one of Primero's translatable texts; it was left out.",
    "wrong-part": "A part has another shape than Primero gives it; it was left out.",
    "record-without-id": "A form or lookup has no id, so that nothing can name it; it was left out.",
    "field-without-name": "A field has no name, so that nothing can name it; it was left out.",
    "option-without-id": "An option has no id, so that nothing can name it; it was left out.",
    "duplicate-record": "A form or lookup stands twice; the first one is used.",
    "duplicate-field": "A form has two fields of one name; the first one is used.",
    "duplicate-option": "An option set has two options of one id; the first one is used.",
    "duplicate-entry": "A PO file has two entries for one unit; the first one is used.",
    "dropped-records": "Records that are neither forms nor lookups; they are not kept.",
    "out-of-scope": "Records whose texts are not translated here yet (agencies, reports, …); they are not kept.",
    "options-as-list": "Options stand as a list in a translation file, which Primero ignores; they were left out.",
    "tally-in-yaml": "A tally stands in a translation file as a mapping, which Primero's importer cannot take.",
    "empty-mapping": "Nothing stands below a key, where Primero's importer would stop.",
    "unquoted-text": "An unquoted text that Primero would read as a number, boolean, date or symbol.",
    "unquoted-key": "An unquoted id that Primero would read as a number, boolean, date, null or symbol, and skip.",
    "unknown-entry": "A PO entry whose msgctxt is not a unit key; it was left out.",
    "fuzzy-text": "A PO entry marked fuzzy; its translation was not taken.",
    "plural-entry": "A PO entry with plural forms, which no unit has; it was left out.",
    "source-differs": "Two PO files give one unit different source texts; the first one is used.",
}
"""Every problem code with its meaning in one sentence, for the documentation."""


class ProblemLog:
    """Collects the problems of one input, in the order met. Not shared between threads."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._once: set[tuple[str, str]] = set()

    def add(self, code: str, message: str, *, file: str = "", path: str = "") -> None:
        """Note a problem; ``code`` is a key of :data:`CODES`."""
        if code not in CODES:
            raise ValueError(f"{code} is not a problem code")
        self._problems.append(Problem(code, clean_text(message), clean_text(file), clean_text(path)))

    def add_once(self, code: str, about: str, message: str, *, file: str = "", path: str = "") -> None:
        """Note a problem unless one of this code ``about`` the same thing is already noted."""
        if (code, about) not in self._once:
            self._once.add((code, about))
            self.add(code, message, file=file, path=path)

    def clean(self, text: str, *, file: str, path: str) -> str:
        """Return the text with what cannot be stored replaced, noting it where something was."""
        cleaned = clean_text(text)
        if cleaned != text:
            message = "The text holds NUL or half a character; each was replaced by U+FFFD: correct it in the source."
            self.add("replaced-characters", message, file=file, path=path)
        return cleaned

    def problems(self) -> tuple[Problem, ...]:
        """Return everything noted so far."""
        return tuple(self._problems)
