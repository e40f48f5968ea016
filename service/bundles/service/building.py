"""Building bundles, and recording that one was built."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from extractors.units import RecordKind
from service.audit.service import Actor, write_audit
from service.bundles.archive import pack
from service.bundles.queries import Candidate, list_candidates
from service.bundles.reading import Target, target_of, texts_there
from service.bundles.rules.gate import Policy, Reason, Verdict, judge_all
from service.bundles.rules.paths import README, archive_name
from service.bundles.rules.signoff import SignOffState
from service.bundles.rules.traps import find_rewrites, find_traps
from service.bundles.schemas import (
    FORMAT,
    AllowedRecord,
    ApprovalRecord,
    Counts,
    LeftOutRecord,
    Manifest,
    ReleaseRecord,
    RewriteRecord,
    SignerRecord,
    SnapshotRecord,
    TargetRecord,
    TextRecord,
    ToolRecord,
)
from service.bundles.vouching import Voucher, find_vouchers, mark_signed_off
from service.bundles.writing import BundleText, find_file, write_files
from service.catalog.models import Snapshot
from service.catalog.service.snapshots import find_current_snapshot, read_catalog
from service.checks.service.conditions import catalogue_version, find_disabled
from service.deployments.models import Deployment
from service.deployments.service import find_locale
from service.errors import Refused

TOOL = "primero-translation-bridge"

#: The one source locale that Primero's importer leaves room for.
PRIMERO_SOURCE = "en"


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What a bundle takes, and what is let pass.

    Attributes:
        policy: which texts are taken.
        partial_options: ship option sets of which only a part is ready.
        require_complete: refuse where anything in scope is missing.
        allow: the reason for which an incomplete sign-off passes, "" for none.
    """

    policy: Policy = Policy.APPROVED
    partial_options: bool = False
    require_complete: bool = False
    allow: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """An archive for Primero.

    Attributes:
        name: its file name.
        data: its bytes.
        manifest: what it says of itself.
        left_out: every text in scope that is not in it, in the order of the source.
        readme: the instructions in it.
        shipped: what is in it.
        deployment_id: whose it is.
        snapshot_id: the import it was made from.
        sign_off_id: the sign-off that it leans on, None where the policy needs none.
    """

    name: str
    data: bytes
    manifest: Manifest
    left_out: tuple[LeftOutRecord, ...]
    readme: str
    shipped: tuple[Candidate, ...]
    deployment_id: int
    snapshot_id: int
    sign_off_id: int | None = None

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the archive, 64 hex digits."""
        return hashlib.sha256(self.data).hexdigest()


def build_bundle(
    session: Session,
    deployment: Deployment,
    locale: str,
    *,
    options: BuildOptions,
    version: str,
    target: Target | None = None,
    release: ReleaseRecord | None = None,
    allowed: Sequence[AllowedRecord] = (),
) -> Bundle:
    """Return the bundle of one locale. Reads only; the same rows give the same bytes, whenever and wherever.

    Args:
        session: any session.
        deployment: whose texts.
        locale: Primero's code.
        options: which texts are taken, and what is let pass.
        version: of this service, for the manifest.
        target: the instance that it is for; None: the one that the current snapshot was made from.
        release: the release that it is to be, None for none.
        allowed: what was let pass before.

    Raises:
        NotFound: the deployment is not translated into the locale.
        Refused: the source locale is not English, nothing was imported, the locale is known not to be enabled on the
            target, no sign-off that is needed holds, something is missing that must not, or no text ships.
    """
    find_locale(session, deployment, locale)
    snapshot = _require_snapshot(session, deployment)
    catalog = read_catalog(snapshot)
    target = target or target_of(catalog)
    _require_locale(target, locale)
    candidates = list_candidates(session, deployment, locale, find_traps(catalog))
    vouched = find_vouchers(session, deployment, locale, candidates)
    leant_on, more_allowed = _choose_sign_off(vouched, deployment, locale, options)
    candidates = mark_signed_off(candidates, leant_on)
    verdicts = judge_all(
        [candidate.facts for candidate in candidates],
        options.policy,
        partial_options=options.partial_options,
        there=texts_there(target, locale),
    )
    judged = list(zip(candidates, verdicts, strict=True))
    shipped = tuple(candidate for candidate, verdict in judged if verdict.ships)
    counts = _count(judged, shipped)
    _require_texts(deployment, locale, counts, options)
    left_out = tuple(
        _left_out(candidate, verdict) for candidate, verdict in judged if verdict.outside is None and verdict.reasons
    )
    rewrites = find_rewrites(catalog, {str(candidate.key) for candidate in shipped}, locale)
    manifest = Manifest(
        format=FORMAT,
        deployment=deployment.slug,
        source_locale=deployment.source_locale,
        locale=locale,
        policy=options.policy.value,
        preview=options.policy is Policy.PREVIEW,
        snapshot=SnapshotRecord(number=snapshot.number, source_hash=snapshot.source_hash),
        tool=ToolRecord(
            name=TOOL,
            version=version,
            checks=catalogue_version(),
            checks_off=sorted(find_disabled(session, snapshot.deployment_id, locale)),
        ),
        release=release,
        inverse_of=None,
        target=TargetRecord(locale_enabled=target.has_locale(locale), source_hash=target.source_hash),
        partial_options=options.partial_options,
        allowed=[*allowed, *more_allowed],
        counts=counts,
        rewritten_by_primero=[RewriteRecord(key=row.key, locale=row.locale) for row in rewrites],
        texts=[_text_record(candidate, vouched) for candidate in shipped],
        files=[],
    )
    texts = [BundleText(each.key, each.facts.text, each.facts.carrier) for each in shipped]
    manifest, files = write_files(manifest, texts, left_out)
    data = pack(files)
    number = release.number if release else None
    assert deployment.id is not None
    assert snapshot.id is not None
    return Bundle(
        name=archive_name(
            deployment.slug, locale, options.policy, snapshot.number, hashlib.sha256(data).hexdigest(), release=number
        ),
        data=data,
        manifest=manifest,
        left_out=left_out,
        readme=files[README].decode(),
        shipped=shipped,
        deployment_id=deployment.id,
        snapshot_id=snapshot.id,
        sign_off_id=leant_on.sign_off.id if leant_on else None,
    )


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


def _require_snapshot(session: Session, deployment: Deployment) -> Snapshot:
    if deployment.source_locale != PRIMERO_SOURCE:
        raise Refused(
            f"Primero requires English as the source, but {deployment.slug!r} has {deployment.source_locale!r}: "
            "make a deployment whose source locale is en."
        )
    assert deployment.id is not None
    snapshot = find_current_snapshot(session, deployment.id)
    if snapshot is None:
        raise Refused(f"The deployment {deployment.slug!r} has no configuration yet: import its source first.")
    return snapshot


def _require_locale(target: Target, locale: str) -> None:
    if target.has_locale(locale) is False:
        enabled = ", ".join(sorted(target.enabled or ()))
        raise Refused(
            f"The locale {locale} is not enabled on the instance (enabled: {enabled}), and Primero would take nothing: "
            "enable it there, then import the source again or give a newer export of the instance."
        )


def _choose_sign_off(
    vouched: Sequence[Voucher], deployment: Deployment, locale: str, options: BuildOptions
) -> tuple[Voucher | None, list[AllowedRecord]]:
    """Return the sign-off that the bundle leans on, None where it needs none; and what was let pass for it."""
    if options.policy is not Policy.SIGNED_OFF:
        return None, []
    valid = next((row for row in vouched if row.verdict.state is SignOffState.VALID), None)
    if valid is not None:
        return valid, []
    incomplete = next((row for row in vouched if row.verdict.state is SignOffState.INCOMPLETE), None)
    if incomplete is not None and options.allow:
        what = f"sign-off {incomplete.sign_off.number} is incomplete"
        return incomplete, [AllowedRecord(what=what, reason=options.allow)]
    where = f"of {locale} of {deployment.slug!r}"
    if incomplete is not None:
        missing = len(incomplete.verdict.uncovered)
        raise Refused(
            f"The sign-off {where} does not cover {missing:,} texts in scope: have the language signed off again, or "
            "let it pass with a reason (--allow)."
        )
    if vouched:
        broken = len(vouched[0].verdict.broken)
        raise Refused(
            f"The sign-off {where} does not hold any more, because {broken:,} texts that it covers are not approved as "
            "they were signed: have the language signed off again."
        )
    raise Refused(f"There is no sign-off {where}: have a reviewer sign the language off, or take the policy approved.")


def _require_texts(deployment: Deployment, locale: str, counts: Counts, options: BuildOptions) -> None:
    missing = counts.in_scope - counts.texts
    if options.require_complete and missing:
        raise Refused(
            f"The bundle of {locale} of {deployment.slug!r} would not be complete: {missing:,} of {counts.in_scope:,} "
            f"texts in scope are missing ({_say_why(counts)}).",
            details=counts.model_dump(mode="json"),
        )
    if not counts.texts:
        raise Refused(
            f"The bundle of {locale} would be empty: of {counts.in_scope:,} texts in scope of {deployment.slug!r} none "
            f"ships ({_say_why(counts) or 'nothing is in scope'}); have texts approved first.",
            details=counts.model_dump(mode="json"),
        )


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
    Reason.NOT_SIGNED_OFF: "not signed off",
    Reason.REFUSED_BY_PRIMERO: "in records that Primero would refuse",
    Reason.RENAMES_OPTIONS: "in option sets that the import would damage",
    Reason.NO_CARRIER: "not deliverable at all",
    Reason.PARTIAL_OPTIONS: "in option sets of which only a part is ready",
}


def _say_why(counts: Counts) -> str:
    named = [(reason, words) for reason, words in _PLAIN_WORDS.items() if reason in counts.left_out]
    return ", ".join(f"{counts.left_out[reason]:,} {words}" for reason, words in named)


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


def _text_record(candidate: Candidate, vouched: Iterable[Voucher]) -> TextRecord:
    key, facts = candidate.key, candidate.facts
    return TextRecord(
        key=facts.key,
        file=find_file(key, facts.carrier),
        source_hash=candidate.source_hash,
        text_hash=candidate.text_hash,
        state=facts.state.value,
        carrier=facts.carrier.value,
        approvals=[ApprovalRecord(person=each.person, at=moment(each.at)) for each in candidate.approvals],
        signers=[
            SignerRecord(
                sign_off=row.sign_off.number, person=row.sign_off.person_id, at=moment(row.sign_off.created_at)
            )
            for row in vouched
            if row.covered.get(candidate.unit_id) == candidate.pair
        ],
        exceptions=list(candidate.exceptions),
        warnings=list(candidate.warnings),
        waived=list(candidate.waived),
    )


def moment(at: datetime) -> str:
    """Return how documents write a time: UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
