"""Releases: compared with Transifex first, frozen in one step, rebuilt to the byte, withdrawn, compared by texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from service.audit.models import AuditEntry
from service.audit.service import Actor
from service.bundles.models import Release, ReleasePair
from service.bundles.reading import read_bundle
from service.bundles.reconciling import Reconciler
from service.bundles.rules.gate import Policy
from service.bundles.schemas import Manifest
from service.bundles.service import BuildOptions
from service.bundles.service.giving import (
    compare,
    find_latest,
    find_previous,
    get_release,
    list_fetches,
    list_releases,
    record_fetch,
    require_served,
    withdraw,
)
from service.bundles.service.keys import list_keys, rotate_key
from service.bundles.service.releasing import Reconciled, ReleaseOrder, create_release, rebuild
from service.bundles.signing import verify_signature
from service.catalog.models import StoredText
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import find_deployment
from service.errors import BadInput, NotFound, NotReady, Refused, RemoteUnreachable
from service.jobs.service import enqueue_job
from service.sync.models import SyncRun
from service.web.secrets import SecretBox
from tests.service.bundles.conftest import REVIEWERS, Filled, new_deployment
from tests.support.people import START, MovableClock
from tests.support.syncing import BOT, World
from transifex_client.wire import httpx

if TYPE_CHECKING:
    from service.web.resources import Resources

NAME, SITE = "form/person/name", "form/person/site/display_name"
FEMALE, MALE = (f"form/person/sex/option_strings_text/{option}" for option in "fm")
TEXTS = {NAME: "Personne", FEMALE: "Femme", MALE: "Homme", SITE: "Lieu"}
SLUG = "northern-lakes"
ROSA = Actor("rosa", REVIEWERS[2])
NOTHING_THERE = Reconciled(mapped=False, at=None)


class Shop:
    """A deployment whose texts change between releases."""

    def __init__(self, resources: Resources, small: Callable[..., dict[str, Any]]) -> None:
        self.resources, self.database, self.small = resources, resources.database, small
        with self.database.write() as session:
            filled = new_deployment(session)
            filled.import_source(small())
            filled.write(TEXTS)
            filled.approve(TEXTS)

    def act(self, what: Callable[[Filled], Any]) -> Any:
        """Do something in a write transaction."""
        with self.database.write() as session:
            filled = Filled(session, find_deployment(session, SLUG), self.resources.clock())
            return what(filled)

    def release(self, job_id: int | None = None, **options: Any) -> Release:
        """Make a release, nothing lying on Transifex."""
        return create_release(
            self.database, self.resources.secrets,
            ReleaseOrder(SLUG, "fr", BuildOptions(**options), ROSA, job_id),
            reconcile=lambda: NOTHING_THERE, last_reconciled=lambda: NOTHING_THERE,
            clock=self.resources.clock, version="1.2.3",
        )  # fmt: skip

    def look(self, what: Callable[[Session, Deployment], Any]) -> Any:
        """Read something."""
        with self.database.read() as session:
            return what(session, find_deployment(session, SLUG))

    def bytes_of(self, release: Release) -> bytes:
        """Rebuild a release."""
        data: bytes = self.look(lambda session, _: rebuild(session, release))
        return data


@pytest.fixture
def shop(resources: Resources, small: Callable[..., dict[str, Any]]) -> Shop:
    """Four texts of seven approved."""
    return Shop(resources, small)


def test_a_release_freezes_what_is_approved_and_is_signed(shop: Shop) -> None:
    """Its bundle says its number, its texts are the approved ones, and its signature fits the key that is served."""
    release = shop.release()
    data = shop.bytes_of(release)
    bundle = read_bundle(data)
    assert {key: text.text for key, text in bundle.texts.items()} == TEXTS
    assert bundle.manifest.release is not None
    assert bundle.manifest.release.model_dump() == {
        "number": 1, "frozen_at": "2026-03-02T09:00:00.000000Z", "mapped": False, "reconciled_at": None,
    }  # fmt: skip
    assert bundle.sha256 == release.sha256
    assert release.name == f"northern-lakes-fr-r1-{release.sha256[:12]}.zip"
    keys = shop.look(lambda session, _: list_keys(session))
    signed = verify_signature(data, release.signature.encode(), keys[0].public_key.encode())
    assert (signed.key, signed.sha256) == (release.key_id, release.sha256)
    audited = shop.look(lambda s, _: s.exec(select(AuditEntry).where(AuditEntry.action == "release.create")).one())
    assert (audited.person_id, audited.detail["number"], audited.detail["counts"]["texts"]) == (REVIEWERS[2], 1, 4)


def test_its_bytes_stay_whatever_changes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other texts, another source, a retired unit, another key, another wording of the instructions and manifest."""
    release = shop.release()
    before = shop.bytes_of(release)

    def change(filled: Filled) -> None:
        filled.write({NAME: "Individu", SITE: "Endroit"})
        filled.import_source(shop.small(form={"fields_attributes": [], "name_i18n": {"en": "Individual"}}))
        rotate_key(filled.session, shop.resources.secrets, ROSA, START)

    shop.act(change)
    monkeypatch.setattr("service.bundles.writing.write_readme", lambda *_, **__: "Another text.")
    monkeypatch.setattr(Manifest, "canonical_bytes", lambda _: b"{}")
    assert shop.bytes_of(release) == before


def test_a_text_that_was_tampered_with_is_found_out(shop: Shop) -> None:
    """Wrong bytes are never given out under a signature."""
    release = shop.release()
    with shop.database.write() as session:
        session.execute(update(StoredText).where(StoredText.text == "Lieu").values(text="Ailleurs"))  # type: ignore[arg-type]
    with pytest.raises(NotReady, match="cannot be put together as it was"):
        shop.bytes_of(release)


def test_numbers_go_up_and_are_never_used_again(shop: Shop) -> None:
    """A withdrawn one keeps its number; other locales count for themselves."""
    shop.release()
    second = shop.release()
    shop.act(lambda filled: withdraw(filled.session, second, reason="Wrong.", actor=ROSA, now=START))
    assert shop.release().number == 3
    assert [row.number for row in shop.look(list_releases)] == [3, 2, 1]


def test_a_job_that_is_run_again_makes_no_second_release(shop: Shop) -> None:
    """Its worker may have died after the release was made."""

    def queue(filled: Filled) -> int | None:
        assert filled.deployment.id is not None
        return enqueue_job(
            filled.session, "release", deployment_id=filled.deployment.id, arguments={}, person_id=None, now=START
        ).id

    job_id = shop.act(queue)
    assert shop.release(job_id=job_id).id == shop.release(job_id=job_id).id
    assert len(shop.look(list_releases)) == 1


def test_a_preview_is_no_release(shop: Shop) -> None:
    """Nothing in it is vouched for."""
    with pytest.raises(BadInput, match="never a release"):
        shop.release(policy=Policy.PREVIEW)


def test_what_is_refused_leaves_no_number_behind(shop: Shop) -> None:
    """An incomplete language under --require complete makes no release, and the next is still the first."""
    with pytest.raises(Refused, match=r"not be complete: 3 of 7 texts in scope are missing \(3 untranslated\)"):
        shop.release(require_complete=True)
    assert shop.look(list_releases) == []
    assert shop.release().number == 1


def test_a_release_leans_on_the_sign_off(shop: Shop) -> None:
    """The policy signed-off names which."""
    voucher = shop.act(lambda filled: filled.sign())
    with pytest.raises(Refused, match="does not cover 3 texts"):
        shop.release(policy=Policy.SIGNED_OFF)
    release = shop.release(policy=Policy.SIGNED_OFF, allow="The rest comes in May.")
    assert release.sign_off_id == voucher.sign_off.id
    assert read_bundle(shop.bytes_of(release)).manifest.allowed[0].reason == "The rest comes in May."


def test_a_withdrawn_release_is_not_served(shop: Shop) -> None:
    """The one before it is the latest again; who fetched it is named; it cannot be withdrawn twice."""
    first, second = shop.release(), shop.release()
    latest = shop.look(lambda session, deployment: find_latest(session, deployment, "fr"))
    assert latest.number == 2
    shop.act(lambda filled: record_fetch(filled.session, second, actor=ROSA, client="curl/8", now=START))
    with pytest.raises(BadInput, match="Give a reason"):
        shop.act(lambda filled: withdraw(filled.session, second, reason="", actor=ROSA, now=START))
    fetched = shop.act(
        lambda filled: withdraw(
            filled.session, get_release(filled.session, filled.deployment, "fr", 2),
            reason="A word is wrong.", actor=ROSA, now=START,
        )
    )  # fmt: skip
    assert [(row.person_id, row.client) for row in fetched] == [(REVIEWERS[2], "curl/8")]
    withdrawn = shop.look(lambda session, deployment: get_release(session, deployment, "fr", 2))
    with pytest.raises(Refused, match="withdrawn on 2026-03-02: A word is wrong"):
        require_served(withdrawn)
    with pytest.raises(Refused, match="was withdrawn"):
        shop.act(lambda filled: withdraw(filled.session, withdrawn, reason="Again.", actor=ROSA, now=START))
    assert shop.look(lambda session, deployment: find_latest(session, deployment, "fr")).number == first.number
    assert len(shop.look(lambda session, _: list_fetches(session, withdrawn))) == 1


def test_no_release_is_said_with_the_way_to_one(shop: Shop) -> None:
    """Both the latest and a number that is not there."""
    with pytest.raises(NotFound, match="primero-bridge release create northern-lakes fr"):
        shop.look(lambda session, deployment: find_latest(session, deployment, "fr"))
    with pytest.raises(NotFound, match="no release 7 of fr"):
        shop.look(lambda session, deployment: get_release(session, deployment, "fr", 7))


def test_two_releases_are_compared_text_by_text(shop: Shop) -> None:
    """Changed, added, gone; a withdrawn one between is passed over."""
    first, withdrawn = shop.release(), shop.release()
    shop.act(lambda filled: withdraw(filled.session, withdrawn, reason="Wrong.", actor=ROSA, now=START))

    def change(filled: Filled) -> None:
        filled.write({SITE: "Endroit", "lookup/lookup-camp/name": "Camp", NAME: "Individu"})
        filled.approve([SITE, "lookup/lookup-camp/name"])

    shop.act(change)
    third = shop.release()

    def look(session: Session, _: Deployment) -> Any:
        before = find_previous(session, third)
        assert before is not None
        return before.number, [(row.key, row.before, row.after) for row in compare(session, before, third)]

    assert shop.look(look) == (
        first.number,
        [(SITE, "Lieu", "Endroit"), ("lookup/lookup-camp/name", None, "Camp"), (NAME, "Personne", None)],
    )
    everything = shop.look(lambda session, _: compare(session, None, first))
    assert {row.key: row.after for row in everything} == TEXTS


def test_pairs_are_kept_beside_the_bundle(shop: Shop) -> None:
    """The table says what the manifest says, in the same order."""
    release = shop.release()
    rows = shop.look(lambda s, _: s.exec(select(ReleasePair).order_by(ReleasePair.position)).all())
    texts = read_bundle(shop.bytes_of(release)).manifest.texts
    assert [(row.source_hash, row.text_hash) for row in rows] == [(row.source_hash, row.text_hash) for row in texts]


def test_keys_are_replaced_and_verify_what_they_signed(shop: Shop) -> None:
    """A new release is signed with the new key, the old one's signature still fits the old key."""
    first = shop.release()
    new = shop.act(lambda filled: rotate_key(filled.session, shop.resources.secrets, ROSA, START)).id
    second = shop.release()
    assert (second.key_id, first.key_id) == (new, first.key_id)
    assert first.key_id != new
    keys = shop.look(lambda session, _: list_keys(session))
    pem = "".join(key.public_key for key in keys).encode()
    for release in (first, second):
        verify_signature(shop.bytes_of(release), release.signature.encode(), pem)
    assert [key.is_current for key in keys] == [True, False]
    assert all("PRIVATE" not in key.private_key for key in keys), "the private half is encrypted"


def test_a_lost_key_file_stops_signing_and_is_said(shop: Shop, tmp_path: Any) -> None:
    """What was made before can still be given out."""
    first = shop.release()
    shop.resources.secrets.key_file.unlink()
    with pytest.raises(NotReady, match="key file"):
        shop.release()
    assert shop.bytes_of(first)
    assert len(shop.look(list_releases)) == 1


# With a Transifex


class Connected:
    """A world whose texts come from Transifex."""

    def __init__(self, database: Database, clock: MovableClock, box: SecretBox, locale: str | None = "fr") -> None:
        self.world = World(database, clock, locales={"fr": locale, "ar": "ar"})
        self.box = box

    def release(self, *, allow: str = "", locale: str = "fr") -> Release:
        """Make a release, compared with the world's Transifex."""
        world = self.world
        world.clock.move(minutes=5)
        reconciler = Reconciler(
            world.database, lambda _deployment: nullcontext(world.client), world.clock, world.new_id, own_user=BOT
        )
        actor = world.reviewer("rosa")
        return create_release(
            world.database, self.box, ReleaseOrder(world.slug, locale, BuildOptions(allow=allow), actor),
            reconcile=lambda: reconciler.reconcile(world.slug, locale, actor),
            last_reconciled=lambda: reconciler.find_last(world.slug, locale),
            clock=world.clock, version="1.2.3",
        )  # fmt: skip

    def manifest(self, release: Release) -> Manifest:
        """Return a release's manifest."""
        with self.world.database.read() as session:
            return read_bundle(rebuild(session, release)).manifest

    def releases(self) -> int:
        """Return how many there are."""
        with self.world.database.read() as session:
            return len(session.exec(select(Release)).all())


ONE, TWO = "form/f1/name", "form/f2/name"


@pytest.fixture
def connected(database: Database, clock: MovableClock, resources: Resources) -> Connected:
    """Two forms, pushed, translated by a volunteer, pulled and approved."""
    made = Connected(database, clock, resources.secrets)
    world = made.world
    world.bring({ONE: "One", TWO: "Two"})
    world.push()
    world.translate({ONE: "Un", TWO: "Deux"})
    world.pull()
    for key in (ONE, TWO):
        world.approve(key)
    return made


def _down(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("unreachable")


def test_a_text_that_changed_on_transifex_since_is_not_shipped(connected: Connected) -> None:
    """The approval stays with the old text; the new one waits, and the manifest says when that was looked at."""
    connected.world.translate({ONE: "Une"})
    release = connected.release()
    manifest = connected.manifest(release)
    assert [row.key for row in manifest.texts] == [TWO]
    assert manifest.release is not None
    assert manifest.release.mapped
    assert manifest.release.reconciled_at == f"{connected.world.clock():%Y-%m-%dT%H:%M:%S.%fZ}"


def test_only_the_locale_is_compared(connected: Connected) -> None:
    """Another language's pull is not this release's business, and the run says which it was."""
    world = connected.world
    world.translate({ONE: "واحد"}, language="ar")
    world.requests.clear()
    connected.release()
    assert world.text(ONE, "ar") is None
    with world.database.read() as session:
        assert session.exec(select(SyncRun.locale).order_by(SyncRun.id.desc())).first() == "fr"  # type: ignore[union-attr]
    asked = [str(request.url) for request in world.requests]
    assert all("l%3Aar" not in url and "l:ar" not in url for url in asked)


def test_an_unreachable_transifex_makes_no_release(connected: Connected) -> None:
    """It is said with exit code 3; nothing is numbered."""
    connected.world.intercept = _down
    with pytest.raises(RemoteUnreachable, match="No release was made") as caught:
        connected.release()
    assert caught.value.exit_code == 3
    assert connected.releases() == 0


def test_with_a_reason_it_goes_on_and_says_when_it_was_compared_last(connected: Connected) -> None:
    """The manifest carries the reason and the end of the last pull that took in all of the locale."""
    last: datetime | None = connected.world.runs()[0].ended_at
    assert last is not None
    connected.world.intercept = _down
    release = connected.release(allow="Transifex is down, go-live is tonight.")
    manifest = connected.manifest(release)
    assert manifest.release is not None
    assert manifest.release.reconciled_at == f"{last:%Y-%m-%dT%H:%M:%S.%fZ}"
    assert [row.model_dump() for row in manifest.allowed] == [
        {"what": "Transifex could not be reached", "reason": "Transifex is down, go-live is tonight."}
    ]


def test_a_resource_that_failed_makes_no_release(connected: Connected) -> None:
    """Half a comparison is none."""
    connected.world.intercept = lambda request: httpx.Response(500) if "translations" in request.url.path else None
    with pytest.raises(RemoteUnreachable):
        connected.release()
    assert connected.releases() == 0


def test_a_token_that_transifex_refuses_is_an_unreachable_transifex(connected: Connected) -> None:
    """Exit code 3, and a reason lets it pass like a lost line."""
    connected.world.intercept = lambda _request: httpx.Response(401, json={"errors": []})
    with pytest.raises(RemoteUnreachable, match="does not take the token"):
        connected.release()
    assert connected.release(allow="The token ended.").number == 1


def test_an_unmapped_locale_has_nothing_to_compare(
    database: Database, clock: MovableClock, resources: Resources
) -> None:
    """No request is sent, and the manifest says so."""
    made = Connected(database, clock, resources.secrets, locale=None)
    made.world.bring({ONE: "One"})
    made.world.bring_texts({ONE: "Un"})
    made.world.approve(ONE)
    made.world.requests.clear()
    manifest = made.manifest(made.release())
    assert made.world.requests == []
    assert manifest.release is not None
    assert (manifest.release.mapped, manifest.release.reconciled_at) == (False, None)
    assert json.loads(manifest.canonical_bytes())["allowed"] == []
