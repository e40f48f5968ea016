"""Filling a country variant from its parent's approved texts."""

import pytest
from sqlmodel import col, select

from service.audit.service import Actor
from service.catalog.models import Contribution, Origin, State
from service.checks.locales import ALL_LOCALES, parent_locale
from service.deployments.models import DeploymentLocale
from service.errors import BadInput, Refused
from service.review.service import deciding
from service.review.service.inheriting import Inherited, inherit_translations
from tests.support.workshop import Workshop

VARIANT, PARENT = "ar-IQ", "ar"
SPECIALIST = Actor("", "specialist")


@pytest.fixture
def iraqi(workshop: Workshop) -> Workshop:
    """A deployment with the variant, and two texts that a volunteer wrote and Reem approved in its parent."""
    workshop.act(
        lambda s, d, now: s.add(DeploymentLocale(deployment_id=d.id or 0, locale=VARIANT, created_at=now))  # type: ignore[func-returns-value]
    )
    workshop.import_source({"agree": "I agree", "refuse": "I refuse", "age": "Age", "name": "Name"})
    workshop.pull({"agree": "أوافق", "refuse": "أرفض", "age": "العمر"}, locale=PARENT)
    for name in ("agree", "refuse"):
        workshop.approve("reem", name, locale=PARENT)
    return workshop


def inherit(workshop: Workshop, locale: str = VARIANT) -> Inherited:
    return workshop.act(lambda s, d, now: inherit_translations(s, d, locale, actor=SPECIALIST, now=now))


def test_what_is_approved_in_the_parent_fills_what_is_empty_and_waits_for_a_reviewer_in_country(
    iraqi: Workshop,
) -> None:
    """With its author, who may not approve it; nothing that is merely translated comes along."""
    assert inherit(iraqi) == Inherited(PARENT, filled=2, renewed=0, equal=0, kept=0)
    text = iraqi.translation("agree", locale=VARIANT)
    assert (text.text, text.state, text.origin, text.author_id) == (
        "أوافق",
        State.TRANSLATED,
        Origin.INHERITED,
        "volunteer",
    )
    assert iraqi.translation("agree", locale=PARENT).state is State.APPROVED
    assert [entry.action for entry in iraqi.audit()][-1] == "translations.inherit"
    with pytest.raises(Refused, match="You wrote this text"):
        iraqi.approve("volunteer", "agree", locale=VARIANT)
    iraqi.approve("omar", "agree", locale=VARIANT)
    assert iraqi.translation("agree", locale=VARIANT).state is State.APPROVED
    counted = iraqi.look(lambda s: s.exec(select(Contribution).where(col(Contribution.locale) == VARIANT)).all())
    assert counted == []


def test_a_text_of_the_variants_own_stays(iraqi: Workshop) -> None:
    """Also one that waits, and one that was rejected."""
    iraqi.import_texts({"agree": "موافق", "refuse": "أرفض"}, locale=VARIANT)
    assert inherit(iraqi) == Inherited(PARENT, filled=0, renewed=0, equal=1, kept=1)
    assert iraqi.translation("agree", locale=VARIANT).text == "موافق"
    assert iraqi.translation("refuse", locale=VARIANT).origin is Origin.IMPORT


def test_twice_changes_nothing(iraqi: Workshop) -> None:
    """The second time everything is equal."""
    inherit(iraqi)
    before = iraqi.translation("agree", locale=VARIANT)
    assert inherit(iraqi) == Inherited(PARENT, filled=0, renewed=0, equal=2, kept=0)
    assert iraqi.translation("agree", locale=VARIANT) == before


def test_a_text_that_nobody_touched_follows_its_parent(iraqi: Workshop) -> None:
    """One that was decided on in country, or written anew there, does not."""
    inherit(iraqi)
    iraqi.approve("omar", "refuse", locale=VARIANT)
    for name, better in (("agree", "نعم، أوافق"), ("refuse", "لا، أرفض")):
        iraqi.act(
            lambda s, d, now, name=name, better=better: deciding.correct(  # type: ignore[misc]
                s,
                d,
                deciding.find_pair(s, d, PARENT, f"form/consent/{name}/display_name"),
                text=better,
                actor=Actor("", "reem"),
                now=now,
            )
        )
        iraqi.approve("omar", name, locale=PARENT)
    assert inherit(iraqi) == Inherited(PARENT, filled=0, renewed=1, equal=0, kept=1)
    assert iraqi.translation("agree", locale=VARIANT).text == "نعم، أوافق"
    assert iraqi.translation("agree", locale=VARIANT).author_id == "reem"
    assert iraqi.translation("refuse", locale=VARIANT).text == "أرفض"
    assert iraqi.translation("refuse", locale=VARIANT).state is State.APPROVED


def test_what_is_blocked_in_the_parent_is_no_model(iraqi: Workshop) -> None:
    """It was approved before a check came that blocks it."""
    translation = iraqi.translation("agree", locale=PARENT)

    def block(session, _deployment, _now) -> None:  # type: ignore[no-untyped-def]
        session.get(type(translation), translation.id).blocked = True

    iraqi.act(block)
    assert inherit(iraqi).filled == 1


def test_only_a_variant_of_a_language_of_the_deployment_is_filled(iraqi: Workshop) -> None:
    """Each refusal says what is missing."""
    with pytest.raises(BadInput, match="fr is no country variant"):
        inherit(iraqi, "fr")
    iraqi.act(
        lambda s, d, now: s.add(DeploymentLocale(deployment_id=d.id or 0, locale="pt-BR", created_at=now))  # type: ignore[func-returns-value]
    )
    with pytest.raises(Refused, match="pt is not a language of this deployment"):
        inherit(iraqi, "pt-BR")


def test_variants_of_the_table() -> None:
    """Badini is no variant of Sorani, and Kenya's Swahili none of a Swahili that Primero does not have."""
    found = {info.code: parent_locale(info.code) for info in ALL_LOCALES if parent_locale(info.code)}
    assert found == {
        **dict.fromkeys(["ar-IQ", "ar-JO", "ar-LB", "ar-SD", "ar-SY"], "ar"),
        **dict.fromkeys(["es-GT", "es-ES"], "es"),
        **dict.fromkeys(["pt-BR", "pt-AO", "pt-MZ"], "pt"),
    }
    assert parent_locale("xx-YY") is None
