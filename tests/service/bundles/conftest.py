"""A deployment filled through the use cases, as far as tests of bundles need one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from extractors.load import load
from extractors.reading import Member, read_path
from service.audit.service import Actor
from service.auth.models import Person
from service.bundles.reading import Target
from service.bundles.rules.gate import Policy
from service.bundles.service import BuildOptions, Bundle, build_bundle
from service.bundles.service.signing_off import Statement, sign_off
from service.bundles.vouching import Voucher
from service.catalog.models import Decision, DecisionKind, Translation, Unit
from service.catalog.service.snapshots import import_snapshot
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import create_deployment
from service.errors import Refused
from service.review.service.deciding import approve, find_pair
from service.review.service.policies import import_translations
from service.sample import sample_path
from tests.support.people import START

LOCALES = ("fr", "ar", "pt-BR", "ku-IQ")
REVIEWERS = tuple(f"00000000-0000-4000-9000-00000000000{number}" for number in (1, 2, 3))
OPERATOR = Actor("operator@test")
NOW = START


@dataclass
class Filled:
    """A deployment in one session, and what tests do to it."""

    session: Session
    deployment: Deployment
    now: datetime = NOW

    def import_source(self, configuration: dict[str, Any], *, allow_removals: bool = True) -> None:
        """Make a configuration the current snapshot."""
        member = Member("configuration.json", json.dumps(configuration).encode())
        catalog = load((member,)).catalog
        import_snapshot(
            self.session, self.deployment, catalog,
            origin="test", allow_removals=allow_removals, actor=OPERATOR, now=self.now,
        )  # fmt: skip

    def write(self, texts: dict[str, str], locale: str = "fr") -> None:
        """Import translations by key."""
        import_translations(
            self.session, self.deployment, locale, texts, replace_approved=True, actor=OPERATOR, now=self.now
        )

    def approve(self, keys: Iterable[str], locale: str = "fr", reviewers: Iterable[str] = REVIEWERS[:1]) -> set[str]:
        """Approve as each reviewer; return the keys of those that the rules let nobody approve."""
        refused = set()
        for key in keys:
            for reviewer in reviewers:
                self.now += timedelta(seconds=1)
                pair = find_pair(self.session, self.deployment, locale, key)
                try:
                    approve(
                        self.session, self.deployment, pair,
                        actor=Actor("reviewer", reviewer), comment="", now=self.now, with_warnings=True,
                    )  # fmt: skip
                except Refused:
                    refused.add(key)
        return refused

    def approve_rows(self, locale: str = "fr") -> None:
        """Let two persons approve every text of the locale, blocked or not, by plain rows."""
        rows = self.session.exec(
            select(Unit, Translation).where(
                Unit.deployment_id == self.deployment.id,
                col(Translation.unit_id) == Unit.id,
                Translation.locale == locale,
            )
        )
        for unit, translation in rows.all():
            assert unit.id is not None
            assert translation.text_hash is not None
            self.session.add_all(
                Decision(
                    unit_id=unit.id,
                    locale=locale,
                    source_hash=unit.source_hash,
                    text_hash=translation.text_hash,
                    kind=DecisionKind.APPROVE,
                    person_id=reviewer,
                    sensitive=unit.sensitive,
                    created_at=self.now,
                )
                for reviewer in REVIEWERS[:2]
            )
        self.session.flush()

    def unit(self, key: str) -> Unit:
        """Return the row of a unit."""
        query = select(Unit).where(Unit.deployment_id == self.deployment.id, Unit.key == key)
        return self.session.exec(query).one()

    def sources(self) -> dict[str, str]:
        """Return the source texts of the units in use by key."""
        query = select(Unit).where(Unit.deployment_id == self.deployment.id, ~col(Unit.retired))
        return {unit.key: unit.source for unit in self.session.exec(query.order_by(col(Unit.position)))}

    def build(
        self,
        locale: str = "fr",
        policy: Policy = Policy.APPROVED,
        version: str = "1.2.3",
        target: Target | None = None,
        **options: Any,
    ) -> Bundle:
        """Build a bundle as version 1.2.3; parts of option sets ship unless ``partial_options=False`` is said."""
        self.session.flush()
        wanted = BuildOptions(policy, **{"partial_options": True, **options})
        return build_bundle(
            self.session, self.deployment, locale, options=wanted, version=version, target=target
        )  # fmt: skip

    def sign(self, locale: str = "fr", reviewer: str = REVIEWERS[0]) -> Voucher:
        """Sign the locale off as a reviewer."""
        self.now += timedelta(seconds=1)
        return sign_off(
            self.session, self.deployment, locale,
            Statement("Mariam Haddad", "Head of case management", "Northern Lakes", "Fit for go-live."),
            actor=Actor("reviewer", reviewer), now=self.now,
        )  # fmt: skip


def new_deployment(session: Session, slug: str = "northern-lakes", source_locale: str = "en") -> Filled:
    """Make a deployment with four locales, and the reviewers where they are not there yet."""
    for reviewer in REVIEWERS:
        if session.get(Person, reviewer) is None:
            session.add(Person(id=reviewer, created_at=NOW))
    session.flush()
    deployment = create_deployment(
        session,
        slug=slug,
        name="Northern Lakes",
        locales={locale: None for locale in LOCALES if locale != source_locale},
        known_locales={"en", *LOCALES},
        transifex_project=None,
        source_locale=source_locale,
        actor=OPERATOR,
        now=NOW,
    )
    return Filled(session, deployment)


def sample_texts(locale: str) -> dict[str, str]:
    """Return the sample's translations by key."""
    catalog = load(read_path(sample_path() / locale)).catalog
    return {str(unit.key): unit.texts[locale] for unit in catalog.units if unit.texts.get(locale)}


@pytest.fixture(scope="session")
def sample_configuration() -> dict[str, Any]:
    """The sample's configuration, as JSON gives it. Not to be changed."""
    document: dict[str, Any] = json.loads((sample_path() / "configuration.json").read_text("utf-8"))
    return document


@pytest.fixture
def filled(database: Database) -> Iterator[Filled]:
    """An empty deployment in a write transaction."""
    with database.write() as session:
        yield new_deployment(session)


@pytest.fixture(scope="session")
def small() -> Callable[..., dict[str, Any]]:
    """Make a small configuration: one form with two questions, one lookup; ``small(form=…, lookup=…)`` adds keys."""

    def make(form: dict[str, Any] | None = None, lookup: dict[str, Any] | None = None) -> dict[str, Any]:
        sex = {
            "name": "sex", "type": "select_box", "visible": True,
            "display_name_i18n": {"en": "Sex"},
            "option_strings_text_i18n": [
                {"id": "f", "display_text": {"en": "Female"}}, {"id": "m", "display_text": {"en": "Male"}},
            ],
        }  # fmt: skip
        site = {"name": "site", "type": "text_field", "visible": True, "display_name_i18n": {"en": "Site"}}
        return {
            "FormSection": [
                {
                    "unique_id": "person", "parent_form": "case", "is_nested": False,
                    "name_i18n": {"en": "Person"}, "fields_attributes": [sex, site], **(form or {}),
                }
            ],
            "Lookup": [
                {
                    "unique_id": "lookup-camp", "name_i18n": {"en": "Camp"},
                    "lookup_values_i18n": [{"id": "north", "display_text": {"en": "North"}}], **(lookup or {}),
                }
            ],
        }  # fmt: skip

    return make
