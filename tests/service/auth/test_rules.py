"""The table of permissions and the questions asked of it."""

import pytest

from service.audit.service import Actor
from service.auth.models import Role
from service.auth.rules import BY_LOCALE, MEANINGS, PERMISSIONS, Grant, Identity, Permission, operator
from service.errors import NotFound, NotPermitted

P = Permission

#: The table once more, written from the words of the product and not from the code: a, s, r, e, o for the five roles.
TABLE = {
    "deployment.view": "asreo",
    "deployment.manage": "as",
    "source.import": "as",
    "scope.manage": "as",
    "translations.import": "as",
    "sync.run": "as",
    "review.decide": "r",
    "sign-off.sign": "r",
    "question.answer": "asr",
    "baseline.accept": "as",
    "checks.manage": "as",
    "bundle.build": "ase",
    "bundle.apply": "ae",
    "instance.manage": "ase",
    "volunteers.manage": "as",
    "people.manage": "a",
    "audit.view": "as",
}
LETTERS = {
    Role.ADMINISTRATOR: "a",
    Role.SPECIALIST: "s",
    Role.REVIEWER: "r",
    Role.RELEASE_ENGINEER: "e",
    Role.OBSERVER: "o",
}


def person(*grants: Grant) -> Identity:
    return Identity(Actor("amina", "p1"), "p1", grants)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_table_row_by_row(role: Role, permission: Permission) -> None:
    """Each role gives exactly the permissions that the product gives it."""
    expected = LETTERS[role] in TABLE[permission.value]
    assert (permission in PERMISSIONS[role]) is expected
    assert person(Grant(role, 1)).may(permission, 1) is expected


def test_table_is_complete() -> None:
    """Every role has a row, every permission a meaning and a line in this test."""
    assert set(PERMISSIONS) == set(Role)
    assert set(MEANINGS) == set(Permission)
    assert set(TABLE) == {permission.value for permission in Permission}


def test_a_membership_holds_in_its_deployment_alone() -> None:
    """A specialist of one deployment is nobody in another one, and may not create new ones."""
    amina = person(Grant(Role.SPECIALIST, 1))
    assert amina.may(P.DEPLOYMENT_MANAGE, 1)
    assert not amina.may(P.DEPLOYMENT_MANAGE, 2)
    assert not amina.may(P.DEPLOYMENT_MANAGE, None)
    assert not amina.can_see(2)


def test_a_membership_for_all_holds_everywhere() -> None:
    """A membership for all deployments holds in each, and for those to come."""
    amina = person(Grant(Role.SPECIALIST))
    assert amina.may(P.DEPLOYMENT_MANAGE, 1)
    assert amina.may(P.DEPLOYMENT_MANAGE, None)
    assert amina.can_see(77)


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (Role.REVIEWER, P.REVIEW_DECIDE),
        (Role.REVIEWER, P.QUESTION_ANSWER),
        (Role.SPECIALIST, P.TRANSLATIONS_IMPORT),
        (Role.RELEASE_ENGINEER, P.BUNDLE_BUILD),
        (Role.RELEASE_ENGINEER, P.BUNDLE_APPLY),
    ],
)
def test_locales_limit_what_is_done_by_locale(role: Role, permission: Permission) -> None:
    """A membership for some locales allows deciding, importing and building in those alone, not for "all of them"."""
    amina = person(Grant(role, 1, frozenset({"ar", "ku-IQ"})))
    assert permission in BY_LOCALE
    assert amina.may(permission, 1, "ar")
    assert amina.may(permission, 1, "ku-IQ")
    assert not amina.may(permission, 1, "ku")
    assert not amina.may(permission, 1)


def test_a_permission_for_some_locales_is_given_somewhere() -> None:
    """Somewhere means in some locale of that deployment, whatever the locale."""
    amina = person(Grant(Role.REVIEWER, 1, frozenset({"ar"})))
    assert amina.may_somewhere(P.QUESTION_ANSWER, 1)
    assert not amina.may_somewhere(P.QUESTION_ANSWER, 2)
    assert not amina.may_somewhere(P.SYNC_RUN, 1)


def test_locales_do_not_limit_the_rest() -> None:
    """A specialist for one locale sees and synchronises the whole deployment."""
    amina = person(Grant(Role.SPECIALIST, 1, frozenset({"ar"})))
    assert amina.may(P.DEPLOYMENT_VIEW, 1, "fr")
    assert amina.may(P.SYNC_RUN, 1)


def test_several_memberships_add_up() -> None:
    """A person may do what any of the memberships allows, and nothing that only a mixture of two would."""
    amina = person(Grant(Role.REVIEWER, 1, frozenset({"ar"})), Grant(Role.SPECIALIST, 2))
    assert amina.may(P.REVIEW_DECIDE, 1, "ar")
    assert amina.may(P.SYNC_RUN, 2)
    assert not amina.may(P.REVIEW_DECIDE, 2, "ar")
    assert not amina.may(P.SYNC_RUN, 1)


def test_unseen_is_not_found_before_it_is_forbidden() -> None:
    """A deployment one is no member of does not exist; in one's own, what one may not do is forbidden."""
    amina = person(Grant(Role.OBSERVER, 1))
    with pytest.raises(NotFound):
        amina.require(P.SYNC_RUN, 2)
    with pytest.raises(NotPermitted) as refusal:
        amina.require(P.SYNC_RUN, 1)
    assert "exchange texts with Transifex" in refusal.value.message
    assert "administrator or specialist" in refusal.value.message
    amina.require(P.DEPLOYMENT_VIEW, 1)


def test_refusal_names_the_locale() -> None:
    """A reviewer of Arabic who decides on French reads for which language it was refused."""
    amina = person(Grant(Role.REVIEWER, 1, frozenset({"ar"})))
    with pytest.raises(NotPermitted, match="for fr in this deployment"):
        amina.require(P.REVIEW_DECIDE, 1, "fr")


def test_without_a_deployment_nothing_is_hidden() -> None:
    """What is not about one deployment is forbidden, never "not found"."""
    with pytest.raises(NotPermitted, match="for all deployments"):
        person().require(P.PEOPLE_MANAGE, None)


def test_operator_administers_everything_and_never_reviews() -> None:
    """The command line without a token may all that an administrator may, everywhere, and is no person."""
    host = operator("server-1")
    assert host.actor == Actor("operator@server-1")
    assert host.person_id is None
    for permission in Permission:
        assert host.may(permission, 5, "ar") is (permission not in (P.REVIEW_DECIDE, P.SIGN_OFF))
        assert host.may(permission, None) is (permission not in (P.REVIEW_DECIDE, P.SIGN_OFF))


def test_nobody_reviews_without_being_a_person() -> None:
    """Even with a reviewer's membership a decision needs a person behind it."""
    machine = Identity(Actor("machine"), None, (Grant(Role.REVIEWER),))
    assert not machine.may(P.REVIEW_DECIDE, 1, "ar")
