"""What the descriptions of all kinds share: the value of what is left alone, and ids read as codes and names."""

from enum import Enum
from typing import Final

from transifex_client.documents import Item
from transifex_client.ids import parse_language_id, parse_user_id


class Unset(Enum):
    """The value of an attribute that a change does not touch."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


def given(**values: object) -> dict[str, object]:
    """Return the attributes that a change touches: those that are not ``UNSET``."""
    return {name: value for name, value in values.items() if value is not UNSET}


def language_of(item: Item, name: str = "language") -> str:
    """Return the code of the language that a relationship names."""
    try:
        return parse_language_id(item.related(name))
    except ValueError:
        return item.wrong(name, "language id")


def username_of(item: Item, name: str) -> str | None:
    """Return the name of the user that a relationship names, or None for null."""
    related = item.related_or_none(name)
    try:
        return None if related is None else parse_user_id(related)
    except ValueError:
        return item.wrong(name, "user id")
