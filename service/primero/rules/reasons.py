"""Why a text of a bundle is not given to an instance, each with one sentence that says the way on."""

from enum import StrEnum


class Why(StrEnum):
    """Why a text is left out."""

    UNKNOWN = "unknown-there"
    SOURCE_CHANGED = "source-changed"
    YAML_ONLY = "yaml-only"
    API_ONLY = "api-only"
    NO_CARRIER = "no-carrier"
    REFUSED = "refused-by-primero"
    RENAMES_OPTIONS = "renames-options"
    LOSES_LANGUAGE = "loses-language"
    INCOMPLETE_SET = "incomplete-options"
    CHANGED_SINCE = "changed-since"
    ODD = "odd-record"


MENDS = {
    Why.UNKNOWN: "The instance has no such text: import its configuration as the source anew.",
    Why.SOURCE_CHANGED: (
        "The English there is not the one that was approved: import the instance's configuration as the source, have "
        "the text approved again, and build a new bundle."
    ),
    Why.YAML_ONLY: "Only a translation file can carry it: have the bundle's files imported on the server.",
    Why.API_ONLY: "No translation file can carry it: apply the bundle by the API.",
    Why.NO_CARRIER: "Neither the API nor a translation file can carry it without damage.",
    Why.REFUSED: "Primero would refuse it, because an English text beside it is empty or holds * ! @ # % $ or ^.",
    Why.RENAMES_OPTIONS: "Writing the set would rename an option whose id looks like a time: change that id there.",
    Why.LOSES_LANGUAGE: "Writing the set would lose a language that is not enabled there: enable it or clear it.",
    Why.INCOMPLETE_SET: (
        "Other options of the same list would stay without a text: have them approved too, or use --partial-options."
    ),
    Why.CHANGED_SINCE: "Somebody changed it there since: it was left as it is.",
    Why.ODD: "The record there has parts that cannot be sent again as they are: enter the text in Primero by hand.",
}
"""What to do about each."""
