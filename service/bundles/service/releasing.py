"""Releases: frozen and numbered in one transaction, rebuilt to the byte, withdrawn with a reason, fetched on record."""

import hashlib
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, select

from extractors.units import UnitKey
from service.audit.service import Actor, write_audit
from service.bundles.archive import pack
from service.bundles.models import Release, ReleasePair
from service.bundles.reading import Target
from service.bundles.rules.gate import Policy
from service.bundles.rules.paths import LEFT_OUT, MANIFEST, README
from service.bundles.schemas import AllowedRecord, LeftOut, Manifest, ReleaseRecord
from service.bundles.service.building import BuildOptions, Bundle, build_bundle, moment
from service.bundles.service.keys import sign_data
from service.bundles.writing import BundleText, seal_files, write_text_files
from service.catalog.rules.carrier import Carrier
from service.catalog.service.locks import lock_deployment
from service.catalog.service.texts import find_texts, store_texts
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import find_active_deployment
from service.errors import BadInput, NotReady, RemoteUnreachable
from service.web.secrets import SecretBox


@dataclass(frozen=True, slots=True)
class Reconciled:
    """When the texts of a locale were last compared with Transifex.

    ``mapped``: whether the locale has a language there at all. ``at`` is None where nothing lies there, or where it
    was never compared.
    """

    mapped: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """What somebody asks for.

    Attributes:
        deployment_slug: which deployment.
        locale: Primero's code.
        options: which texts are taken; ``options.allow`` lets also an unreachable Transifex pass.
        actor: who asks.
        job_id: the job that this is the work of, None for none.
    """

    deployment_slug: str
    locale: str
    options: BuildOptions
    actor: Actor
    job_id: int | None = None


def create_release(
    database: Database,
    secrets: SecretBox,
    order: ReleaseOrder,
    *,
    reconcile: Callable[[], Reconciled],
    last_reconciled: Callable[[], Reconciled],
    clock: Callable[[], datetime],
    version: str,
    target: Target | None = None,
) -> Release:
    """Compare the locale with Transifex, then freeze and number what is approved.

    Safe to run again after it died anywhere: a job that made a release makes no second one.

    Args:
        database: where everything is.
        secrets: opens the key that signs.
        order: what somebody asks for.
        reconcile: compares the locale with Transifex; no transaction is open meanwhile.
        last_reconciled: says when that was done last, for when it cannot be done now.
        clock: the time.
        version: of this service, for the manifest.
        target: the instance that it is for; None: the one that the current snapshot was made from.

    Raises:
        NotFound: there is no such deployment, or it is not translated into the locale.
        BadInput: a preview is asked for, which is never a release.
        RemoteUnreachable: Transifex does not answer, and no reason was given to go on without it.
        Refused: as :func:`build_bundle` says, or the deployment is archived.
    """
    if order.options.policy is Policy.PREVIEW:
        raise BadInput("A preview is never a release: build it with `primero-bridge bundle build … --policy preview`.")
    if order.job_id is not None:
        with database.read() as session:
            made = _find_made(session, order.job_id)
        if made is not None:
            return made
    allowed: list[AllowedRecord] = []
    try:
        reconciled = reconcile()
    except RemoteUnreachable as error:
        if not order.options.allow:
            raise RemoteUnreachable(
                f"No release was made, because the locale could not be compared with Transifex: {error.message} Try "
                "again, or go on without it and give a reason (--allow).",
                details=error.details,
            ) from error
        reconciled = last_reconciled()
        allowed.append(AllowedRecord(what="Transifex could not be reached", reason=order.options.allow))
    with database.write() as session:
        return _freeze(session, secrets, order, reconciled, allowed, now=clock(), version=version, target=target)


def _find_made(session: Session, job_id: int) -> Release | None:
    return session.exec(select(Release).where(Release.job_id == job_id)).first()


def _freeze(
    session: Session,
    secrets: SecretBox,
    order: ReleaseOrder,
    reconciled: Reconciled,
    allowed: Sequence[AllowedRecord],
    *,
    now: datetime,
    version: str,
    target: Target | None,
) -> Release:
    deployment = find_active_deployment(session, order.deployment_slug)
    assert deployment.id is not None
    # Nobody decides on a text, and nobody takes a number, between what is looked at here.
    session.exec(select(Deployment.id).where(Deployment.id == deployment.id).with_for_update()).one()
    lock_deployment(session, deployment.id)
    made = None if order.job_id is None else _find_made(session, order.job_id)
    if made is not None:
        return made
    record = ReleaseRecord(
        number=_next_number(session, deployment.id, order.locale),
        frozen_at=moment(now),
        mapped=reconciled.mapped,
        reconciled_at=None if reconciled.at is None else moment(reconciled.at),
    )
    bundle = build_bundle(
        session, deployment, order.locale,
        options=order.options, version=version, target=target, release=record, allowed=allowed,
    )  # fmt: skip
    signed = sign_data(session, secrets, bundle.data, now)
    release = Release(
        deployment_id=deployment.id,
        locale=order.locale,
        number=record.number,
        policy=order.options.policy.value,
        snapshot_id=bundle.snapshot_id,
        sign_off_id=bundle.sign_off_id,
        job_id=order.job_id,
        person_id=order.actor.person_id,
        created_at=now,
        name=bundle.name,
        sha256=bundle.sha256,
        size=len(bundle.data),
        documents=_pack_documents(bundle),
        signature=signed.signature.decode("ascii"),
        key_id=signed.key_id,
    )
    session.add(release)
    session.flush()
    _freeze_pairs(session, release, bundle)
    detail = {
        "number": release.number,
        "policy": release.policy,
        "sha256": release.sha256,
        "key": release.key_id,
        "snapshot": bundle.manifest.snapshot.number,
        "reconciled_at": record.reconciled_at,
        "allowed": [row.model_dump() for row in bundle.manifest.allowed],
        "counts": bundle.manifest.counts.model_dump(mode="json"),
    }
    write_audit(
        session, order.actor, "release.create", now, deployment_id=deployment.id, subject=order.locale, detail=detail
    )
    return release


def _next_number(session: Session, deployment_id: int, locale: str) -> int:
    query = select(func.max(Release.number)).where(Release.deployment_id == deployment_id, Release.locale == locale)
    return (session.exec(query).one() or 0) + 1


def _pack_documents(bundle: Bundle) -> bytes:
    left_out = LeftOut(
        format=bundle.manifest.format,
        deployment=bundle.manifest.deployment,
        locale=bundle.manifest.locale,
        policy=bundle.manifest.policy,
        texts=list(bundle.left_out),
    )
    documents = {
        MANIFEST: bundle.manifest.canonical_bytes().decode(),
        LEFT_OUT: left_out.canonical_bytes().decode(),
        README: bundle.readme,
    }
    return zlib.compress(json.dumps(documents).encode())


def _freeze_pairs(session: Session, release: Release, bundle: Bundle) -> None:
    assert release.id is not None
    store_texts(session, (row.facts.text or "" for row in bundle.shipped))
    session.add_all(
        ReleasePair(
            release_id=release.id, unit_id=row.unit_id, position=position,
            source_hash=row.source_hash, text_hash=row.text_hash,
        )
        for position, row in enumerate(bundle.shipped)
    )  # fmt: skip
    session.flush()


def read_documents(release: Release) -> tuple[Manifest, LeftOut, str]:
    """Return the papers of a release's bundle: manifest, what was left out, instructions."""
    documents = json.loads(zlib.decompress(release.documents))
    return (
        Manifest.model_validate_json(documents[MANIFEST]),
        LeftOut.model_validate_json(documents[LEFT_OUT]),
        documents[README],
    )


def rebuild(session: Session, release: Release) -> bytes:
    """Return the archive of a release, byte for byte as it was made, whatever changed since.

    Raises:
        NotReady: the database does not hold all of it any more.
    """
    documents = json.loads(zlib.decompress(release.documents))
    manifest = Manifest.model_validate_json(documents[MANIFEST])
    kept = find_texts(session, [row.text_hash for row in manifest.texts if row.text_hash is not None])
    texts = [
        BundleText(UnitKey.parse(row.key), kept[row.text_hash], Carrier(row.carrier))
        for row in manifest.texts
        if row.text_hash in kept
    ]
    files = write_text_files(texts, manifest.locale)
    files |= {LEFT_OUT: documents[LEFT_OUT].encode(), README: documents[README].encode()}
    # Its own bytes, not those that this version would write of it.
    data = pack(seal_files(documents[MANIFEST].encode(), files))
    if hashlib.sha256(data).hexdigest() != release.sha256:
        raise NotReady(
            f"Release {release.number} of {release.locale} cannot be put together as it was: its texts in the database "
            "are not what was frozen. Restore the database from a backup."
        )
    return data
