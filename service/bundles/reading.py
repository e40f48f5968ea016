"""Reading a bundle, for whoever brings it into Primero: its manifest and texts, once all of it is known to be whole.

Pure: no database, no network. What an instance holds comes as an argument, as a :class:`Target`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from extractors.catalog_json import catalog_json
from extractors.formats.api_json import parse as api_json
from extractors.texts import is_blank
from extractors.units import Catalog, UnitKey
from service.bundles.inspection import inspect_bundle
from service.bundles.schemas import LeftOutRecord, Manifest, TextRecord
from service.bundles.writing import BundleText
from service.catalog.rules.carrier import Carrier
from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class OpenBundle:
    """A whole bundle.

    Attributes:
        sha256: of the archive.
        manifest: what it says of itself; found true.
        texts: what it carries, by canonical key, in the order of the manifest. A text is None in an inverse bundle
            alone (``manifest.inverse_of``), and empties what stands there.
        records: what the manifest says of each text, by the same keys.
        left_out: every text in scope that is not in it, and why.
    """

    sha256: str
    manifest: Manifest
    texts: Mapping[str, BundleText]
    records: Mapping[str, TextRecord]
    left_out: tuple[LeftOutRecord, ...]


@dataclass(frozen=True)
class Target:
    """What is known of the instance that a bundle is for.

    Attributes:
        catalog: its forms and lookups with their texts in every locale, hidden ones too where the input has them.
        enabled: the locales that are enabled on it, None where nobody could tell.
    """

    catalog: Catalog
    enabled: frozenset[str] | None = None

    @cached_property
    def source_hash(self) -> str:
        """Return the SHA-256 that names the configuration."""
        return hashlib.sha256(catalog_json(self.catalog)).hexdigest()

    def has_locale(self, locale: str) -> bool | None:
        """Return whether the locale is enabled, None where nobody could tell."""
        return None if self.enabled is None else locale in self.enabled


def target_of(catalog: Catalog) -> Target:
    """Return an instance as far as one of its exports, or an import of it, shows it.

    Only the API's answers name every locale that is enabled: each text carries all of them.
    """
    return Target(catalog, frozenset(catalog.locales) if catalog.format == api_json.NAME else None)


def texts_there(target: Target, locale: str) -> frozenset[str]:
    """Return the keys of the units that have a text in the locale on the target."""
    return frozenset(str(unit.key) for unit in target.catalog.units if not is_blank(unit.texts.get(locale)))


def read_bundle(data: bytes) -> OpenBundle:
    """Return what is in an archive.

    Raises:
        BadInput: it is no bundle, or something is wrong with it; ``details["problems"]`` names everything.
        TooLarge: it passes the bounds of an upload.
    """
    found = inspect_bundle(data)
    if found.manifest is None or found.left_out is None or found.problems:
        problems = [
            {"fault": problem.fault.value, "where": problem.where, "message": problem.message}
            for problem in found.problems
        ]
        raise BadInput(
            f"The bundle is not whole, and nothing in it is to be trusted: {found.problems[0].message}",
            details={"problems": problems},
        )
    records = {row.key: row for row in found.manifest.texts}
    return OpenBundle(
        sha256=found.sha256,
        manifest=found.manifest,
        texts={
            key: BundleText(UnitKey.parse(key), found.texts[key], Carrier(row.carrier)) for key, row in records.items()
        },
        records=records,
        left_out=tuple(found.left_out.texts),
    )
