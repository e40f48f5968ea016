"""What can be wrong with an input as a whole.

Trouble with *parts* of an input is data (:class:`extractors.units.Problem`), not an exception.

    ExtractionError
    ├── UnknownFormat      nothing here is a format we read
    ├── BadSyntax          not valid YAML, JSON, PO, zip or text encoding
    ├── WrongShape         valid syntax, but not the shape of a Primero configuration or translation
    ├── UnsafeInput        zip bombs, ``../`` members, aliases, absurd nesting, over the size limits
    └── NoSourceTexts      a source without a single text in the source locale
"""


class ExtractionError(Exception):
    """The input cannot be used at all; the message is one sentence naming file, place and what to do."""

    def __init__(self, message: str, *, file: str = "", path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.path = path


class UnknownFormat(ExtractionError):
    """Nothing in the input is a format that we read."""


class BadSyntax(ExtractionError):
    """The bytes are not valid YAML, JSON, PO, zip, or text in a known encoding."""


class WrongShape(ExtractionError):
    """The syntax is valid but it is not a Primero configuration or translation file."""


class UnsafeInput(ExtractionError):
    """The input is larger, deeper or odder than any real one, and reading on could do harm."""


class NoSourceTexts(ExtractionError):
    """A source was asked for, and it has no text in the source locale."""
