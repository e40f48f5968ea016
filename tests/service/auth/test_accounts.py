"""Creating, changing and disabling accounts."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.audit.service import Actor
from service.auth.models import Account, Membership, Person, Role
from service.auth.queries import find_account, load_identity
from service.auth.rules import Grant, Identity, operator
from service.auth.service import (
    add_membership,
    create_password_link,
    create_person_with_account,
    create_token,
    disable_user,
    end_membership,
    find_identity_by_token,
    get_or_create_person_by_transifex_username,
    link_transifex_username,
    list_users,
    normalise_username,
    revoke_tokens,
    set_password_by_link,
    sign_in,
)
from service.db import Database
from service.errors import BadInput, NotFound, NotPermitted, Refused, ServiceError
from tests.support.people import MovableClock, UserMaker

HOST = operator("test")
PASSWORD = "four plain words here"

_numbers = count(1)


def new_id() -> str:
    return f"10000000-0000-4000-8000-{next(_numbers):012d}"


def create(database: Database, clock: MovableClock, username: str = "amina", by: Identity = HOST, **values: Any) -> Any:
    with database.write() as session:
        role = values.pop("role", Role.REVIEWER)
        return create_person_with_account(session, by, username, role, clock(), new_id(), **values)


def identity(database: Database, username: str) -> Identity:
    with database.read() as session:
        account = find_account(session, username)
        assert account is not None
        return load_identity(session, account)


def administrator(*deployment_ids: int | None) -> Identity:
    grants = tuple(Grant(Role.ADMINISTRATOR, deployment_id) for deployment_id in deployment_ids)
    return Identity(Actor("admin"), None, grants)


def actions(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(AuditEntry.action).order_by(AuditEntry.id)))  # type: ignore[arg-type]


def test_a_new_account_works_from_link_to_sign_in(database: Database, clock: MovableClock) -> None:
    """A created person sets a password by the link, signs in with it, and has the membership that was given."""
    made = create(database, clock, "Amina", locales=["ar"])
    with database.write() as session:
        assert set_password_by_link(session, made.link_secret, PASSWORD, clock()) == "amina"
    assert sign_in(database, "AMINA ", PASSWORD, clock()) is not None
    amina = identity(database, "amina")
    assert amina.person_id == made.person_id
    assert amina.memberships == (Grant(Role.REVIEWER, None, frozenset({"ar"})),)
    assert actions(database) == ["account.create", "account.password", "session.start"]


def test_audit_names_no_names(database: Database, clock: MovableClock) -> None:
    """What is kept of a change names the person by id, never by username, and holds no secret."""
    made = create(database, clock, "amina")
    with database.read() as session:
        (entry,) = session.exec(select(AuditEntry))
    assert entry.actor == "operator@test"
    assert entry.subject == f"person/{made.person_id}"
    assert "amina" not in str(entry)
    assert made.link_secret not in str(entry)


def test_one_account_can_have_several_deployments(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int]
) -> None:
    """A role can be given in several deployments at once, each named once."""
    one, two = make_deployment("one"), make_deployment("two")
    create(database, clock, deployment_ids=[one, two, one])
    assert {grant.deployment_id for grant in identity(database, "amina").memberships} == {one, two}


@pytest.mark.parametrize(
    ("given", "stored"), [("Amina", "amina"), (" a.m-i+n_a@x ", "a.m-i+n_a@x"), ("آمنة", "آمنة"), ("ﬁnn", "finn")]
)
def test_usernames_are_normalised(given: str, stored: str) -> None:
    """Capitals, spaces around and compatibility letters make no second username."""
    assert normalise_username(given) == stored


@pytest.mark.parametrize("username", ["", "   ", "two words", "a\x00b", "x" * 151, "<b>", "a/b"])
def test_odd_usernames_are_refused(username: str) -> None:
    """A username that could not be typed or shown is refused with the rule."""
    with pytest.raises(BadInput, match="1 to 150 letters"):
        normalise_username(username)


def test_username_taken(database: Database, clock: MovableClock) -> None:
    """A second account with the same username is refused in one sentence, and nothing of it stays."""
    create(database, clock, "amina")
    with pytest.raises(Refused, match="There is a user amina already"):
        create(database, clock, "AMINA")
    with database.read() as session:
        assert len(session.exec(select(Person)).all()) == 1
        assert len(session.exec(select(Account)).all()) == 1


def test_unknown_deployment(database: Database, clock: MovableClock) -> None:
    """A membership in a deployment that does not exist is refused."""
    with pytest.raises(Refused, match="does not exist"):
        create(database, clock, deployment_ids=[99])


@pytest.mark.parametrize("values", [{"deployment_ids": []}, {"locales": []}])
def test_empty_lists_are_not_everything(database: Database, clock: MovableClock, values: dict[str, Any]) -> None:
    """An empty list of deployments or locales is an error, not "all"."""
    with pytest.raises(BadInput):
        create(database, clock, **values)


def test_managing_people_stays_in_the_own_deployment(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int]
) -> None:
    """An administrator of one deployment creates people there: elsewhere it is not found, for all it is forbidden."""
    one, two = make_deployment("one"), make_deployment("two")
    create(database, clock, "in-one", administrator(one), deployment_ids=[one])
    with pytest.raises(NotFound):
        create(database, clock, "in-two", administrator(one), deployment_ids=[one, two])
    with pytest.raises(NotPermitted):
        create(database, clock, "in-all", administrator(one))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_others_manage_nobody(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int], role: Role
) -> None:
    """Nobody but an administrator creates, changes, lists or disables people."""
    one = make_deployment("one")
    create(database, clock, deployment_ids=[one])
    by = Identity(Actor("x", None), None, (Grant(role, one),))
    attempts: list[Callable[[Any], Any]] = [
        lambda session: create_person_with_account(
            session, by, "b", Role.OBSERVER, clock(), new_id(), deployment_ids=[one]
        ),
        lambda session: add_membership(session, by, "amina", Role.OBSERVER, clock(), deployment_id=one),
        lambda session: end_membership(session, by, "amina", Role.REVIEWER, clock(), deployment_id=one),
        lambda session: list_users(session, by),
    ]
    hidden: list[Callable[[Any], Any]] = [
        lambda session: create_password_link(session, by, "amina", clock()),
        lambda session: create_token(session, by, "amina", clock()),
        lambda session: disable_user(session, by, "amina", clock()),
    ]
    for expected, attempt in [(NotPermitted, one) for one in attempts] + [(NotFound, one) for one in hidden]:
        with pytest.raises(expected), database.write() as session:
            attempt(session)


def test_no_way_in_through_a_shared_deployment(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int]
) -> None:
    """Who manages one of a user's deployments gets no link or token for the user, who may do more elsewhere."""
    one, two = make_deployment("one"), make_deployment("two")
    create(database, clock, "amina", deployment_ids=[one, two])
    create(database, clock, "root", role=Role.ADMINISTRATOR)
    for act in (create_password_link, create_token, disable_user, revoke_tokens):
        with pytest.raises(NotPermitted, match="also a member where"), database.write() as session:
            act(session, administrator(one), "amina", clock())
        with pytest.raises(NotFound), database.write() as session:
            act(session, administrator(one), "nobody-at-all", clock())
    with database.write() as session:
        add_membership(session, administrator(one), "root", Role.OBSERVER, clock(), deployment_id=one)
    with pytest.raises(NotPermitted, match="also a member where"), database.write() as session:
        create_token(session, administrator(one), "root", clock())
    with database.write() as session:
        assert create_password_link(session, administrator(one, two), "amina", clock()).link_secret


def test_a_new_link_ends_the_one_before(database: Database, clock: MovableClock) -> None:
    """Of several links for one account only the last one works."""
    made = create(database, clock)
    with database.write() as session:
        second = create_password_link(session, HOST, "amina", clock())
    with pytest.raises(Refused), database.write() as session:
        set_password_by_link(session, made.link_secret, PASSWORD, clock())
    with database.write() as session:
        set_password_by_link(session, second.link_secret, PASSWORD, clock())


def test_memberships_come_and_go(database: Database, clock: MovableClock, make_deployment: Callable[..., int]) -> None:
    """A role is added in one deployment, its locales are changed by adding it again, and it is taken away."""
    one = make_deployment("one")
    create(database, clock)
    for locales in (["ar"], ["ar", "ku"], None):
        with database.write() as session:
            add_membership(session, HOST, "amina", Role.REVIEWER, clock(), deployment_id=one, locales=locales)
        wanted = None if locales is None else frozenset(locales)
        assert identity(database, "amina").memberships[1:] == (Grant(Role.REVIEWER, one, wanted),)
    with database.write() as session:
        end_membership(session, HOST, "amina", Role.REVIEWER, clock(), deployment_id=None)
    assert identity(database, "amina").memberships == (Grant(Role.REVIEWER, one),)
    with pytest.raises(NotFound, match="no user amina with the role reviewer"), database.write() as session:
        end_membership(session, HOST, "amina", Role.REVIEWER, clock(), deployment_id=None)
    assert actions(database) == ["account.create", *["membership.add"] * 3, "membership.end"]


def test_disabling_ends_every_way_in(database: Database, clock: MovableClock) -> None:
    """A disabled user has no password, session, token or link that works; doing it twice changes nothing."""
    made = create(database, clock)
    with database.write() as session:
        set_password_by_link(session, made.link_secret, PASSWORD, clock())
        token = create_token(session, HOST, "amina", clock())
    for _ in range(2):
        with database.write() as session:
            disable_user(session, HOST, "amina", clock())
    assert sign_in(database, "amina", PASSWORD, clock()) is None
    with database.read() as session:
        assert find_identity_by_token(session, token, clock()) is None
    with pytest.raises(Refused, match="disabled"), database.write() as session:
        create_password_link(session, HOST, "amina", clock())
    with pytest.raises(Refused, match="disabled"), database.write() as session:
        create_token(session, HOST, "amina", clock())
    assert actions(database).count("account.disable") == 1


def test_nobody_disables_the_own_account(database: Database, clock: MovableClock) -> None:
    """An administrator cannot lock the door from outside."""
    create(database, clock, "root", role=Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="own account"), database.write() as session:
        disable_user(session, identity(database, "root"), "root", clock())


def test_list_shows_whom_one_may_manage(
    database: Database, clock: MovableClock, make_deployment: Callable[..., int]
) -> None:
    """The list has the users of the own deployments, by username, with state and memberships."""
    one, two = make_deployment("one"), make_deployment("two")
    made = create(database, clock, "zara", deployment_ids=[one], transifex_username="zara_tx")
    create(database, clock, "amina", deployment_ids=[two])
    create(database, clock, "bilal")
    with database.write() as session:
        set_password_by_link(session, made.link_secret, PASSWORD, clock())
    with database.read() as session:
        assert [user.username for user in list_users(session, HOST)] == ["amina", "bilal", "zara"]
        (zara,) = list_users(session, administrator(one))
    assert (zara.username, zara.transifex_username, zara.can_sign_in) == ("zara", "zara_tx", True)
    assert zara.memberships == (Grant(Role.REVIEWER, one),)


def test_token_is_for_its_user(database: Database, clock: MovableClock, make_user: UserMaker) -> None:
    """A token is recognisable, kept as a hash only, stands for its user, and no longer once revoked."""
    create(database, clock)
    with database.write() as session:
        token = create_token(session, HOST, "amina", clock())
    assert token.startswith("ptb_")
    with database.read() as session:
        found = find_identity_by_token(session, token, clock())
        assert found == identity(database, "amina")
        assert find_identity_by_token(session, token + "x", clock()) is None
        assert token not in str(session.connection().exec_driver_sql("SELECT * FROM api_token").all())
    with database.write() as session:
        assert revoke_tokens(session, HOST, "amina", clock()) == 1
    with database.read() as session:
        assert find_identity_by_token(session, token, clock()) is None


def test_everybody_makes_own_tokens(database: Database, clock: MovableClock) -> None:
    """A reviewer makes and revokes tokens for the own account, and for nobody else's."""
    create(database, clock, "amina")
    create(database, clock, "bilal")
    amina = identity(database, "amina")
    with database.write() as session:
        create_token(session, amina, "Amina", clock())
        assert revoke_tokens(session, amina, "amina", clock()) == 1
    with pytest.raises(NotFound), database.write() as session:
        create_token(session, amina, "bilal", clock())


def test_translator_is_one_person(database: Database, clock: MovableClock) -> None:
    """A Transifex username leads to one person, whom an account created later belongs to as well."""
    first, second = new_id(), new_id()
    with database.write() as session:
        assert get_or_create_person_by_transifex_username(session, "zara_tx", clock(), first) == first
        assert get_or_create_person_by_transifex_username(session, "zara_tx", clock(), second) == first
    assert create(database, clock, "zara", transifex_username="zara_tx").person_id == first
    with pytest.raises(Refused):
        create(database, clock, "zara2", transifex_username="zara_tx")


def test_linking_a_transifex_user(database: Database, clock: MovableClock) -> None:
    """An account can be linked to a Transifex user nobody else is; translations never change hands by it."""
    create(database, clock, "amina")
    with database.write() as session:
        link_transifex_username(session, HOST, "amina", "amina_tx", clock())
        link_transifex_username(session, HOST, "amina", "amina_tx", clock())
        get_or_create_person_by_transifex_username(session, "zara_tx", clock(), new_id())
    with pytest.raises(Refused, match="kept as another person"), database.write() as session:
        link_transifex_username(session, HOST, "amina", "zara_tx", clock())
    assert actions(database) == ["account.create", "person.link"]


def together(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Return what ``act`` returned or raised in as many threads at the same moment."""
    barrier = Barrier(number)

    def run(index: int) -> Any:
        barrier.wait(timeout=10)
        try:
            return act(index)
        except ServiceError as error:
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_one_username_created_at_once(database: Database, clock: MovableClock) -> None:
    """Of several who create the same user at the same moment one succeeds, the others are refused in a sentence."""
    results = together(6, lambda _: create(database, clock, "amina"))
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 5
    with database.read() as session:
        assert len(session.exec(select(Account)).all()) == 1
        assert len(session.exec(select(Person)).all()) == 1
        assert len(session.exec(select(Membership)).all()) == 1


def test_one_translator_met_at_once(database: Database, clock: MovableClock) -> None:
    """Several runs that meet the same new translator at the same moment agree on one person."""

    def meet(_: int) -> str:
        with database.write() as session:
            return get_or_create_person_by_transifex_username(session, "zara_tx", clock(), new_id())

    assert len(set(together(6, meet))) == 1


def test_tokens_made_at_once(database: Database, clock: MovableClock) -> None:
    """Several tokens made for one user at the same moment all work."""
    create(database, clock)

    def make(_: int) -> str:
        with database.write() as session:
            return create_token(session, HOST, "amina", clock())

    tokens = together(6, make)
    with database.read() as session:
        assert all(find_identity_by_token(session, token, clock()) for token in tokens)


def test_one_link_used_at_once(database: Database, clock: MovableClock) -> None:
    """Of several who use the same link at the same moment one sets the password."""
    made = create(database, clock)

    def use(index: int) -> str:
        with database.write() as session:
            return set_password_by_link(session, made.link_secret, f"{PASSWORD} {index}", clock())

    results = together(4, use)
    assert sum(result == "amina" for result in results) == 1
    winner = results.index("amina")
    assert sign_in(database, "amina", f"{PASSWORD} {winner}", clock()) is not None
