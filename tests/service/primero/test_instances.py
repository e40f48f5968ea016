"""The Primero servers of a deployment: kept, checked, changed, forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.errors import BadInput, NotFound, NotPermitted, Refused
from service.primero.models import PrimeroInstance
from service.primero.sandbox.core import Sandbox
from service.web.resources import Resources
from tests.support.commands import Say
from tests.support.primero import PASSWORD, URL, USER


def _row(resources: Resources) -> PrimeroInstance:
    with resources.database.read() as session:
        return session.exec(select(PrimeroInstance)).one()


def test_an_instance_is_kept_with_its_password_encrypted(main: Say, primero: Resources) -> None:
    """Nothing shows the password: not the list, not the database, not the audit."""
    (listed,) = main("instance", "list", "lakes")
    assert (listed["name"], listed["url"], listed["user"], listed["training"]) == ("main", URL, USER, False)
    row = _row(primero)
    assert PASSWORD not in row.secret
    assert primero.secrets.decrypt(row.secret) == PASSWORD
    with primero.database.read() as session:
        entries = session.exec(select(AuditEntry)).all()
    assert [entry.action for entry in entries] == ["instance.add"]
    assert PASSWORD not in str(entries[0].detail)


def test_a_check_says_what_an_apply_would_meet(main: Say, sandbox: Sandbox) -> None:
    """Languages, what the account sees, and what would be in the way; nothing is written."""
    found = main("instance", "check", "lakes", "main")
    assert (found["forms"], found["lookups"], found["obstacles"]) == (20, 18, [])
    assert found["locales"] == ["en", "fr", "ar", "es"]
    account = sandbox.accounts.get(USER)
    account.locale, account.restricted = "fr", True
    with pytest.raises(AssertionError, match="language is fr") as ended:
        main("instance", "check", "lakes", "main", plain=True)
    assert "without restriction" in str(ended.value)
    account.sees_users = False
    assert "--trust-account" in main("instance", "check", "lakes", "main")["notes"][0]
    assert {method for method, _ in sandbox.requests} == {"GET"}


def test_a_refused_password_is_not_sent_again_until_it_is_set(
    main: Say, sandbox: Sandbox, primero: Resources, tmp_path: Path
) -> None:
    """The second check sends nothing; after the right password is given it works again."""
    sandbox.accounts.get(USER).password = "another one"
    with pytest.raises(Refused, match="not tried again"):
        main("instance", "check", "lakes", "main")
    sent = len(sandbox.requests)
    with pytest.raises(Refused, match="give the right one"):
        main("instance", "check", "lakes", "main")
    assert len(sandbox.requests) == sent
    assert main("instance", "list", "lakes")[0]["password_refused_at"]
    (tmp_path / "new.txt").write_text("another one")
    main("instance", "set", "lakes", "main", "--password-file", str(tmp_path / "new.txt"))
    assert main("instance", "check", "lakes", "main")["forms"] == 20


def test_a_password_goes_to_no_other_address(main: Say, password: str) -> None:
    """Another address takes the password with it; training and user can change alone."""
    with pytest.raises(BadInput, match="another server"):
        main("instance", "set", "lakes", "main", "--url", "https://elsewhere.example.org")
    assert main("instance", "set", "lakes", "main", "--training")["training"]
    moved = main("instance", "set", "lakes", "main", "--url", "https://a.example.org", "--password-file", password)
    assert (moved["url"], moved["training"]) == ("https://a.example.org", True)


def test_a_removed_instance_leaves_its_name_and_no_secret(main: Say, primero: Resources, password: str) -> None:
    """Its secret is gone, and another instance may have its name."""
    main("instance", "remove", "lakes", "main")
    assert (_row(primero).secret, main("instance", "list", "lakes")) == ("", [])
    with pytest.raises(NotFound, match="instance list lakes"):
        main("instance", "check", "lakes", "main")
    main("instance", "add", "lakes", "main", "--url", URL, "--user", USER, "--password-file", password)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Main",), "small letters, digits and hyphens"),
        (("other", "--url", "http://primero.example.org"), "plain http"),
        (("other", "--url", "primero"), "not an address"),
        (("other", "--sign-in", "basic", "--user", ""), "Name the service account"),
        (("other", "--password-stdin"), "Give the password once"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(
    say: Say, password: str, arguments: tuple[str, ...], words: str
) -> None:
    """Names, addresses and accounts that cannot be are refused before anything is kept."""
    whole = {"--url": URL, "--user": USER, "--password-file": password}
    given = [part for name, value in whole.items() if name not in arguments for part in (name, value)]
    with pytest.raises(BadInput, match=words):
        say("instance", "add", "lakes", *arguments, *given)
    assert say("instance", "list", "lakes") == []


def test_a_name_is_taken_once(main: Say, password: str) -> None:
    """Two instances of a deployment have two names."""
    with pytest.raises(Refused, match="already"):
        main("instance", "add", "lakes", "main", "--url", URL, "--user", USER, "--password-file", password)


@pytest.mark.parametrize("command", ["add", "set", "check", "remove"])
def test_instances_are_for_those_who_manage_them(main: Say, password: str, command: str) -> None:
    """A reviewer may do none of it, and no password is asked of them; a release engineer may."""
    more = ("--url", URL, "--user", USER, "--password-file", password) if command in ("add", "set") else ()
    name = "second" if command == "add" else "main"
    with pytest.raises(NotPermitted):
        main("instance", command, "lakes", name, *more, role="reviewer")
    main("instance", command, "lakes", name, *more, role="release-engineer")


def test_a_source_is_read_as_the_deployments_own_account(main: Say, sandbox: Sandbox) -> None:
    """The address of an instance needs no account in the settings; the snapshot remembers the address."""
    imported = main("source", "import", "lakes", f"{URL}/")
    assert (imported["added"], imported["format"]) == (496, "api_json")
    assert main("source", "import", "lakes", URL)["same_as_current"]
    sandbox.faults.clear()
