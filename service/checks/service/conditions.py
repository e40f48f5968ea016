"""What the checks of a deployment and locale run with: which are on, which terms the glossary has, and their name."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from sqlmodel import Session, col, func, select

from extractors.units import UnitKey
from service.catalog.models import Translation, Unit
from service.catalog.service.wording_terms import load_wording
from service.checks.choices import Choices, read_choices
from service.checks.engine import CHECKS, Finding, TextPair, run_checks
from service.checks.models import CheckChoice, CheckSwitch, GlossaryEntry
from service.checks.terms import Glossary, Term
from service.deployments.models import Deployment
from service.deployments.service import list_locales

_NOT_PURE = ("models.py", "queries.py", "rules.py", "glossary_csv.py", "source_lint.py")


@dataclass(frozen=True)
class Conditions:
    """What texts of one deployment and locale are checked with.

    ``fingerprint`` changes when a check, a switch or the glossary does: findings made with another one are outdated.
    """

    locale: str
    source_locale: str
    disabled: frozenset[str]
    choices: Choices
    glossary: Glossary | None
    fingerprint: str

    def pair(self, unit: Unit, translation: Translation) -> TextPair:
        """Return the two texts as the checks see them."""
        return TextPair.of(
            UnitKey.parse(unit.key),
            unit.source,
            translation.text or "",
            self.locale,
            source_locale=self.source_locale,
            field_type=unit.context.get("field_type"),
            nested=bool(unit.context.get("subform_of")),
            choices=self.choices,
            glossary=self.glossary,
        )

    def run(self, rows: Iterable[tuple[Unit, Translation]]) -> Mapping[str, tuple[Finding, ...]]:
        """Return what is wrong with each text by the unit's key; rows without a text are passed over."""
        pairs = (self.pair(unit, translation) for unit, translation in rows if translation.text is not None)
        return run_checks(pairs, self.locale, disabled=self.disabled)


def load_conditions(session: Session, deployment: Deployment, locale: str) -> Conditions:
    """Return what this locale of the deployment is checked with now."""
    assert deployment.id is not None
    disabled = find_disabled(session, deployment.id, locale)
    chosen = find_chosen(session, deployment.id, locale)
    version = session.exec(
        select(func.max(GlossaryEntry.id)).where(
            GlossaryEntry.deployment_id == deployment.id, GlossaryEntry.locale == locale
        )
    ).one()
    terms = _load_terms(session, deployment.id, locale) if version else ()
    glossary = _compiled(terms, locale, deployment.source_locale) if terms else None
    parts = [catalogue_version(), sorted(disabled), sorted(chosen.items()), version or 0, deployment.source_locale]
    return Conditions(locale, deployment.source_locale, disabled, read_choices(chosen), glossary, _digest(parts))


def find_chosen(session: Session, deployment_id: int, locale: str) -> dict[str, str]:
    """Return what was chosen of checks in the locale, by check: its own choice counts before the deployment's."""
    query = select(CheckChoice).where(
        CheckChoice.deployment_id == deployment_id, col(CheckChoice.locale).in_(["", locale])
    )
    rows = session.exec(query.order_by(col(CheckChoice.locale)))
    return {check: value for check, value in {row.check_id: row.value for row in rows}.items() if value}


def find_disabled(session: Session, deployment_id: int, locale: str) -> frozenset[str]:
    """Return the checks that are off in the locale: its own switch counts before the deployment's."""
    query = select(CheckSwitch).where(
        CheckSwitch.deployment_id == deployment_id, col(CheckSwitch.locale).in_(["", locale])
    )
    switches: dict[str, bool] = {}
    for row in session.exec(query.order_by(col(CheckSwitch.locale))):
        switches[row.check_id] = row.is_on
    return frozenset(check.id for check in CHECKS if not switches.get(check.id, True))


def list_terms(session: Session, deployment_id: int, locale: str) -> list[GlossaryEntry]:
    """Return the terms in force, by term."""
    query = select(GlossaryEntry).where(
        GlossaryEntry.deployment_id == deployment_id,
        GlossaryEntry.locale == locale,
        col(GlossaryEntry.superseded_at).is_(None),
        ~col(GlossaryEntry.removed),
    )
    return list(session.exec(query.order_by(col(GlossaryEntry.term_key))))


def _load_terms(session: Session, deployment_id: int, locale: str) -> tuple[Term, ...]:
    return tuple(
        Term(row.term, tuple(row.inflections), tuple(row.accepted), tuple(row.forbidden), row.reason)
        for row in list_terms(session, deployment_id, locale)
    )


@lru_cache(maxsize=64)
def _compiled(terms: tuple[Term, ...], locale: str, source_locale: str) -> Glossary:
    return Glossary(terms, locale, source_locale)


@lru_cache(maxsize=1)
def catalogue_version() -> str:
    """Return a name for the checks as they are in this version of the service.

    It is made from their code, so that nobody can change a check and forget to say so.
    """
    folder = resources.files("service.checks")
    families = folder.joinpath("families")
    found = [*folder.iterdir(), *families.iterdir()]
    code = (file for file in found if file.name.endswith(".py") and file.name not in _NOT_PURE)
    files = sorted(code, key=lambda file: file.name)
    files.append(resources.files("service.catalog").joinpath("rules", "words.py"))
    files.append(resources.files("service.web").joinpath("telling.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def deployment_fingerprint(session: Session, deployment: Deployment) -> str:
    """Return a name for all that the texts of the deployment are checked with, its sensitive wording too."""
    assert deployment.id is not None
    locales = [
        [row.locale, load_conditions(session, deployment, row.locale).fingerprint]
        for row in list_locales(session, deployment)
    ]
    return _digest([load_wording(session, deployment.id).fingerprint, locales])


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
