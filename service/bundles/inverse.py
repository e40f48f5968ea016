"""The inverse of a bundle: a bundle that puts back what stood in an instance before. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.texts import is_blank, text_hash
from extractors.units import RecordKind, Unit
from service.bundles.archive import pack
from service.bundles.reading import OpenBundle, Target
from service.bundles.rules.traps import find_rewrites
from service.bundles.schemas import (
    Counts,
    LeftOutRecord,
    Manifest,
    RewriteRecord,
    TargetRecord,
    TextRecord,
)
from service.bundles.writing import BundleText, write_files
from service.errors import BadInput, Refused

INVERSE = "inverse"
"""What stands as the policy of an inverse bundle."""

UNKNOWN_THERE = "unknown-there"
"""Why a text has no way back."""

_MEND = "The export does not show it (a hidden field, a tally, a form in no module, or it is gone): use a backup."


@dataclass(frozen=True, slots=True)
class InverseBundle:
    """The way back. ``left_out`` names what the target does not show, so that nobody can say what stood there."""

    data: bytes
    manifest: Manifest
    left_out: tuple[LeftOutRecord, ...]


def find_former_texts(bundle: OpenBundle, target: Target) -> dict[str, str | None]:
    """Return what stands in the target for each text of the bundle, None for nothing, by canonical key.

    The texts are as they are written there, not normalised. What the target does not have, or does not show, is not
    named.
    """
    units = {str(unit.key): unit for unit in target.catalog.units}
    locale = bundle.manifest.locale
    return {key: _text_of(units[key], locale, target) for key in bundle.texts if key in units}


def _text_of(unit: Unit, locale: str, target: Target) -> str | None:
    text = unit.source if locale == target.catalog.source_locale else unit.texts.get(locale)
    # An empty text shows as one that is not there; Primero's API cannot tell the two apart.
    return None if is_blank(text) else text


def build_inverse(bundle: OpenBundle, target: Target, *, version: str) -> InverseBundle:
    """Return the bundle that takes another one back, given what the instance holds before that one is imported.

    Args:
        bundle: the one to be taken back.
        target: what the instance holds now.
        version: of this service, for the manifest.

    Raises:
        BadInput: the bundle is itself an inverse one.
        Refused: the target has none of the bundle's texts.
    """
    if bundle.manifest.inverse_of is not None:
        raise BadInput("This is a way back itself: to go forward again, import the bundle that it took back.")
    former = find_former_texts(bundle, target)
    if not former:
        raise Refused(
            f"The configuration given holds none of the {len(bundle.texts):,} texts of this bundle: give an export of "
            "the instance that the bundle is for."
        )
    texts = [BundleText(bundle.texts[key].key, text, bundle.texts[key].carrier) for key, text in former.items()]
    left_out = tuple(_left_out(bundle, former))
    sources = {str(unit.key): unit.source for unit in target.catalog.units}
    rewrites = find_rewrites(target.catalog, set(former), bundle.manifest.locale)
    manifest = bundle.manifest.model_copy(
        update={
            "policy": INVERSE,
            "preview": False,
            "release": None,
            "inverse_of": bundle.sha256,
            "tool": bundle.manifest.tool.model_copy(update={"version": version}),
            "target": TargetRecord(
                locale_enabled=target.has_locale(bundle.manifest.locale),
                source_hash=target.source_hash,
            ),
            "allowed": [],
            "counts": _count(texts, sources, left_out),
            "rewritten_by_primero": [RewriteRecord(key=row.key, locale=row.locale) for row in rewrites],
            "texts": [_record(text, sources[str(text.key)]) for text in texts],
        }
    )
    manifest, files = write_files(manifest, texts, left_out)
    return InverseBundle(pack(files), manifest, left_out)


def _record(text: BundleText, source: str) -> TextRecord:
    return TextRecord(
        key=str(text.key),
        file=text.file,
        source_hash=text_hash(source),
        text_hash=None if text.text is None else text_hash(text.text),
        state="absent" if text.text is None else "live",
        carrier=text.carrier.value,
        approvals=[],
        signers=[],
        exceptions=[],
        warnings=[],
        waived=[],
    )


def _left_out(bundle: OpenBundle, former: dict[str, str | None]) -> Iterator[LeftOutRecord]:
    for key, text in bundle.texts.items():
        if key not in former:
            yield LeftOutRecord(
                key=key, reason=UNKNOWN_THERE, also=[], state="", carrier=text.carrier.value, checks=[],
                mend=_MEND,
            )  # fmt: skip


def _count(texts: list[BundleText], sources: dict[str, str], left_out: tuple[LeftOutRecord, ...]) -> Counts:
    records = {(text.key.kind, text.key.record) for text in texts}
    return Counts(
        texts=len(texts),
        forms=sum(1 for kind, _ in records if kind is RecordKind.FORM),
        lookups=sum(1 for kind, _ in records if kind is RecordKind.LOOKUP),
        words=sum(len(sources[str(text.key)].split()) for text in texts),
        in_scope=len(texts) + len(left_out),
        left_out=dict(Counter(row.reason for row in left_out)),
        not_in_scope={},
    )
