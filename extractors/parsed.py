"""What parsing one input gives, and what serializing it again needs."""

from dataclasses import dataclass

from extractors.reading import Member
from extractors.units import Catalog


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The input as it came, in which the texts of a catalog can be put back.

    It may hold parts that are never stored, such as users: keep it in memory only.
    """

    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A catalog together with the skeleton it was read from."""

    catalog: Catalog
    skeleton: Skeleton
