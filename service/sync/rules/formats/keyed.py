"""Formats whose files name each text by the unit's canonical key. Pure."""

from extractors.units import RecordKind, UnitKey


def parse_canonical(text: str, kind: RecordKind) -> UnitKey | None:
    """Return the unit with this canonical key if it is of this kind, else None."""
    try:
        key = UnitKey.parse(text)
    except ValueError:
        return None
    return key if key.kind is kind else None


class WithoutFillers:
    """A format whose files hold nothing but the units' texts."""

    def is_filler(self, string_key: str) -> bool:  # noqa: ARG002
        """Return False."""
        return False

    def filler_beside(self, key: UnitKey) -> str | None:  # noqa: ARG002
        """Return None."""
        return None
