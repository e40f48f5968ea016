"""Reads the texts that are checked together with others: those of the same form or list, and of equal source texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from extractors.texts import normalise_text
from extractors.units import UnitKey
from service.catalog.models import Translation, Unit
from service.checks.findings import TextPair

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Peer:
    """One unit in use with its text in a locale, as far as checks over groups need it; ``text`` None: it has none."""

    unit_id: int
    key: str
    source: str
    source_hash: str
    in_scope: bool
    translation_id: int | None
    text: str | None
    text_hash: str | None
    checked_on: str | None
    checked_with: str | None

    def up_to_date(self, fingerprint: str) -> bool:
        """Return whether its findings were made on the texts as they are, with what is in force."""
        return self.text is not None and (self.checked_on, self.checked_with) == (self.source_hash, fingerprint)

    def pair(self, locale: str, source_locale: str) -> TextPair:
        """Return the two texts as the checks see them."""
        return TextPair.of(UnitKey.parse(self.key), self.source, self.text or "", locale, source_locale=source_locale)


def find_record_peers(session: Session, deployment_id: int, locale: str, records: Iterable[str]) -> list[Peer]:
    """Return all units in use of these forms and lists, those without a text too, in the order of the source."""
    return _find(session, deployment_id, locale, Unit.record_key, records)


def find_source_peers(session: Session, deployment_id: int, locale: str, hashes: Iterable[str]) -> list[Peer]:
    """Return all units in use with these source texts, those without a text too, in the order of the source."""
    return _find(session, deployment_id, locale, Unit.source_hash, hashes)


def _find(session: Session, deployment_id: int, locale: str, column: str, values: Iterable[str]) -> list[Peer]:
    wanted = sorted(set(values))
    found: list[Peer] = []
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(
                Unit.id, Unit.key, Unit.source, Unit.source_hash, ~(col(Unit.excluded) | col(Unit.do_not_translate)),
                Translation.id, Translation.text, Translation.text_hash, Translation.checked_on,
                Translation.checked_with,
            )  # type: ignore[call-overload, misc]
            .outerjoin(Translation, (col(Translation.unit_id) == Unit.id) & (col(Translation.locale) == locale))
            .where(
                Unit.deployment_id == deployment_id,
                col(column).in_(wanted[start : start + _CHUNK]),
                ~col(Unit.retired),
            )
            .order_by(col(Unit.position), col(Unit.id))
        )  # fmt: skip
        found.extend(Peer(*row) for row in session.exec(query))
    return found


def untranslated_options(peers: Sequence[Peer]) -> dict[str, list[str]]:
    """Return, by option set, the source texts of the options in scope that have no text."""
    missing: dict[str, list[str]] = {}
    for peer in peers:
        if peer.text is None and peer.in_scope:
            option_set = UnitKey.parse(peer.key).option_set
            if option_set is not None:
                missing.setdefault(option_set, []).append(normalise_text(peer.source))
    return missing
