"""Building bundles, and recording that one was built."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from extractors.units import RecordKind
from extractors.writing import file_stem, yaml_members
from service.audit.service import Actor, write_audit
from service.bundles.archive import pack
from service.bundles.queries import Candidate, list_candidates
from service.bundles.readme import write_readme
from service.bundles.rules.gate import Policy, Reason, Verdict, judge
from service.bundles.rules.paths import FOLDERS, archive_name
from service.bundles.rules.traps import find_rewrites, find_traps
from service.bundles.schemas import (
    FORMAT,
    ApprovalRecord,
    Counts,
    FileRecord,
    LeftOut,
    LeftOutRecord,
    Manifest,
    RewriteRecord,
    SnapshotRecord,
    TextRecord,
    ToolRecord,
)
from service.catalog.models import Snapshot
from service.catalog.service.snapshots import find_current_snapshot, read_catalog
from service.deployments.models import Deployment
from service.deployments.service import find_locale
from service.errors import Refused

TOOL = "primero-translation-bridge"

#: The one source locale that Primero's importer leaves room for.
PRIMERO_SOURCE = "en"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An archive for Primero. ``left_out`` names every text in scope that is not in it, in the order of the source."""

    name: str
    data: bytes
    manifest: Manifest
    left_out: tuple[LeftOutRecord, ...]
    deployment_id: int

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the archive, 64 hex digits."""
        return hashlib.sha256(self.data).hexdigest()


def build_bundle(session: Session, deployment: Deployment, locale: str, *, policy: Policy, version: str) -> Bundle:
    """Return the bundle of one locale. Reads only; the same rows give the same bytes, whenever and wherever.

    Args:
        session: any session.
        deployment: whose texts.
        locale: Primero's code.
        policy: which texts are taken.
        version: of this service, for the manifest.

    Raises:
        NotFound: the deployment is not translated into the locale.
        Refused: the source locale is not English, nothing was imported, no sign-off covers
            the locale, or no text ships.
    """
    find_locale(session, deployment, locale)
    snapshot = _require(session, deployment, locale, policy)
    catalog = read_catalog(snapshot)
    candidates = list_candidates(session, deployment, locale, find_traps(catalog))
    judged = [(candidate, judge(candidate.facts, policy)) for candidate in candidates]
    shipped = [candidate for candidate, verdict in judged if verdict.ships]
    counts = _count(judged, shipped)
    if not shipped:
        raise _nothing_ships(deployment, locale, counts)
    left_out = tuple(
        _left_out(candidate, verdict) for candidate, verdict in judged if verdict.outside is None and verdict.reasons
    )
    rewrites = find_rewrites(catalog, {str(candidate.key) for candidate in shipped}, locale)
    manifest = Manifest(
        format=FORMAT,
        deployment=deployment.slug,
        source_locale=deployment.source_locale,
        locale=locale,
        policy=policy.value,
        preview=policy is Policy.PREVIEW,
        snapshot=SnapshotRecord(number=snapshot.number, source_hash=snapshot.source_hash),
        tool=ToolRecord(name=TOOL, version=version),
        counts=counts,
        rewritten_by_primero=[RewriteRecord(key=row.key, locale=row.locale) for row in rewrites],
        texts=[_text_record(candidate) for candidate in shipped],
        files=[],
    )
    manifest, files = _files(manifest, shipped, left_out)
    data = pack(files)
    name = archive_name(deployment.slug, locale, policy, snapshot.number, hashlib.sha256(data).hexdigest())
    assert deployment.id is not None
    return Bundle(name, data, manifest, left_out, deployment.id)


def record_build(session: Session, actor: Actor, bundle: Bundle, now: datetime) -> None:
    """Write into the audit that the bundle was built and by whom: what it is, its hash and counts, no texts."""
    manifest = bundle.manifest
    write_audit(
        session, actor, "bundle.build", now,
        deployment_id=bundle.deployment_id,
        subject=f"{manifest.locale} {bundle.name}",
        detail={
            "policy": manifest.policy,
            "sha256": bundle.sha256,
            "snapshot": manifest.snapshot.number,
            "version": manifest.tool.version,
            "counts": manifest.counts.model_dump(mode="json"),
        },
    )  # fmt: skip


def _require(session: Session, deployment: Deployment, locale: str, policy: Policy) -> Snapshot:
    if deployment.source_locale != PRIMERO_SOURCE:
        raise Refused(
            f"Primero requires English as the source, but {deployment.slug!r} has {deployment.source_locale!r}: "
            "make a deployment whose source locale is en."
        )
    if policy is Policy.SIGNED_OFF:
        raise Refused(
            f"No sign-off covers {locale} of {deployment.slug!r}: build with the policy approved, or have a reviewer "
            "sign the language off first."
        )
    assert deployment.id is not None
    snapshot = find_current_snapshot(session, deployment.id)
    if snapshot is None:
        raise Refused(f"The deployment {deployment.slug!r} has no configuration yet: import its source first.")
    return snapshot


def _count(judged: Sequence[tuple[Candidate, Verdict]], shipped: Sequence[Candidate]) -> Counts:
    left_out = Counter(verdict.reasons[0].value for _, verdict in judged if verdict.reasons)
    outside = Counter(verdict.outside.value for _, verdict in judged if verdict.outside is not None)
    records = {(candidate.key.kind, candidate.key.record) for candidate in shipped}
    return Counts(
        texts=len(shipped),
        forms=sum(1 for kind, _ in records if kind is RecordKind.FORM),
        lookups=sum(1 for kind, _ in records if kind is RecordKind.LOOKUP),
        words=sum(candidate.words for candidate in shipped),
        in_scope=len(shipped) + left_out.total(),
        left_out=dict(left_out),
        not_in_scope=dict(outside),
    )


_PLAIN_WORDS = {
    Reason.UNTRANSLATED: "untranslated",
    Reason.BLANK: "blank",
    Reason.IN_CONFLICT: "in conflict",
    Reason.BLOCKED: "blocked by a finding",
    Reason.NOT_APPROVED: "not approved",
    Reason.REFUSED_BY_PRIMERO: "in records that Primero would refuse",
    Reason.RENAMES_OPTIONS: "in option sets that the import would damage",
    Reason.API_ONLY: "deliverable by the API only",
    Reason.NO_CARRIER: "not deliverable at all",
}


def _nothing_ships(deployment: Deployment, locale: str, counts: Counts) -> Refused:
    why = ", ".join(f"{counts.left_out[reason]:,} {words}" for reason, words in _PLAIN_WORDS.items()
                    if reason in counts.left_out)  # fmt: skip
    message = (
        f"The bundle of {locale} would be empty: of {counts.in_scope:,} texts in scope of {deployment.slug!r} none "
        f"ships ({why or 'nothing is in scope'}); have texts approved first."
    )
    return Refused(message, details=counts.model_dump(mode="json"))


def _left_out(candidate: Candidate, verdict: Verdict) -> LeftOutRecord:
    facts = candidate.facts
    return LeftOutRecord(
        key=facts.key,
        reason=verdict.reasons[0].value,
        also=[reason.value for reason in verdict.reasons[1:]],
        state=facts.state.value,
        carrier=facts.carrier.value,
        checks=sorted(facts.blocking),
        mend=verdict.mend,
    )


def _path(stem: str, kind: RecordKind) -> str:
    return f"{FOLDERS[kind]}/{stem}.yml"


def _text_record(candidate: Candidate) -> TextRecord:
    key, facts = candidate.key, candidate.facts
    return TextRecord(
        key=facts.key,
        file=_path(file_stem(key.kind, key.record), key.kind),
        source_hash=candidate.source_hash,
        text_hash=candidate.text_hash,
        state=facts.state.value,
        carrier=facts.carrier.value,
        approvals=[ApprovalRecord(person=each.person, at=_moment(each.at)) for each in candidate.approvals],
        exceptions=list(candidate.exceptions),
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _files(
    manifest: Manifest, shipped: Iterable[Candidate], left_out: tuple[LeftOutRecord, ...]
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest with its list of files, and every file of the bundle."""
    files: dict[str, bytes] = {}
    texts = [(candidate.key, candidate.facts.text) for candidate in shipped]
    for kind in RecordKind:
        of_kind = [(key, text) for key, text in texts if key.kind is kind]
        for member in yaml_members(of_kind, manifest.locale):
            files[_path(member.name.removesuffix(".yml"), kind)] = member.data
    listed = LeftOut(
        format=FORMAT,
        deployment=manifest.deployment,
        locale=manifest.locale,
        policy=manifest.policy,
        texts=list(left_out),
    )
    readme = write_readme(manifest, sorted(files))
    files |= {"left-out.json": listed.canonical_bytes(), "README.txt": readme.encode()}
    whole = manifest.model_copy(update={"files": _file_records(files)})
    files["manifest.json"] = whole.canonical_bytes()
    files["SHA256SUMS"] = "".join(f"{row.sha256}  {row.path}\n" for row in _file_records(files)).encode()
    return whole, files


def _file_records(files: Mapping[str, bytes]) -> list[FileRecord]:
    return [
        FileRecord(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())
        for path, data in sorted(files.items())
    ]
