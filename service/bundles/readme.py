"""The instructions that travel in a bundle, for whoever imports it on Primero's server. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from service.bundles.schemas import Manifest

TASK = "primero:import_translation_config"
"""Primero's rake task; it takes one file."""

_SHOWN_REWRITES = 20


def write_readme(manifest: Manifest, paths: Sequence[str], *, api_only: bool = False) -> str:
    """Return the text of README.txt.

    Args:
        manifest: the bundle's, its list of files not needed.
        paths: the translation files, in the order of their paths: the forms', then the lookups'.
        api_only: whether there are texts that no translation file carries.
    """
    import_part = _import(paths, api_only=api_only)
    parts = (_head(manifest), _check(), _unpack(), import_part, _changes(manifest), _rest(manifest))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _head(manifest: Manifest) -> Iterator[str]:
    counts = manifest.counts
    title = f"Translations for Primero: {manifest.deployment}, locale {manifest.locale}"
    yield title
    yield "=" * len(title)
    yield ""
    if manifest.inverse_of is not None:
        yield "THE WAY BACK: the texts that stood in Primero before another bundle was imported, and empty ones where"
        yield f"none stood. That bundle has the SHA-256 {manifest.inverse_of}."
        yield ""
    if manifest.preview:
        yield "PREVIEW, NOT FOR USE WITH CASES: the texts in here were not all approved. Import it on a test"
        yield "instance only."
        yield ""
    yield f"{counts.texts:,} texts in {counts.forms:,} forms and {counts.lookups:,} lookups, policy {manifest.policy},"
    yield f"made from snapshot {manifest.snapshot.number} of the configuration. manifest.json says who approved each."
    if manifest.release is not None:
        yield f"It is release {manifest.release.number} of this locale."
    yield f"{counts.in_scope - counts.texts:,} texts in scope are left out; left-out.json says which, and why."


def _check() -> Iterator[str]:
    yield "1. Check that nothing was changed on the way"
    yield ""
    yield "    sha256sum -c SHA256SUMS"


def _unpack() -> Iterator[str]:
    yield "2. Put the files on Primero's server"
    yield ""
    yield "Primero decides by a file's whole path what is in it. So the folder's full path must contain neither"
    yield '"lookup" nor "system", in small letters or capitals; nor spaces, commas or brackets. Keep the names below.'


def _import(paths: Iterable[str], *, api_only: bool) -> Iterator[str]:
    yield "3. Make a backup of Primero's database, then import, forms first"
    yield ""
    yield "In the folder of Primero's application, with BUNDLE set to the full path of the folder of step 2:"
    yield ""
    for path in paths:
        yield f'    bundle exec rake "{TASK}[$BUNDLE/{path}]"'
    yield ""
    yield "Each command loads the whole application and takes some seconds. It prints no error when a form is not"
    yield "found or the locale is not enabled: compare afterwards. If it ends in an exception, the rest of that file"
    yield "was not imported: stop, and report it."
    if api_only:
        yield ""
        yield "api-texts.json holds texts that no translation file can carry, only Primero's API: they are not imported"
        yield "by these commands. Apply the bundle by the API, or enter them in Primero by hand."


def _changes(manifest: Manifest) -> Iterator[str]:
    yield "4. What changes"
    yield ""
    yield f"- The {manifest.counts.texts:,} texts get their {manifest.locale} text; an earlier one is overwritten."
    yield "- Spaces and line breaks at the ends of texts are not there; Primero strips them in any case."
    yield "- Where a file names options of a question or values of a lookup, the others of that set keep their text;"
    yield f"  those that have no {manifest.locale} text get an empty entry for it."
    yield "- A subform that had no collapsed field gets its first field as the collapsed one."
    rewrites = manifest.rewritten_by_primero
    if rewrites:
        yield "- Primero writes these texts, which look like times, in another form (2020-01-01T10:00:00.000Z):"
        for row in rewrites[:_SHOWN_REWRITES]:
            yield f"    {row.locale}  {row.key}"
        if len(rewrites) > _SHOWN_REWRITES:
            yield f"    and {len(rewrites) - _SHOWN_REWRITES:,} more, named in manifest.json"


def _rest(manifest: Manifest) -> Iterator[str]:
    yield "5. What does not change"
    yield ""
    yield f"- Every locale but {manifest.locale}, forms, fields, options, their ids and order, roles, cases."
    yield "- Texts that are not in this bundle, but for what step 4 says. Options are never added or removed."
    yield "- An import cannot be taken back by importing less: keep the backup."
