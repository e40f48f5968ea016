"""The names of a bundle and of the files in it. Pure.

Primero's importer tells by a file's whole path what is in it: "system" anywhere makes it a theme, else "lookup"
anywhere makes it lookups, else it is a form; case does not count.
"""

import re

from extractors.units import RecordKind
from service.bundles.rules.gate import Policy

FOLDERS = {RecordKind.FORM: "forms", RecordKind.LOOKUP: "lookups"}
"""The folder of each kind of record."""

MANIFEST = "manifest.json"
LEFT_OUT = "left-out.json"
API_TEXTS = "api-texts.json"
"""The file of the texts that no translation file can carry."""
SUMS = "SHA256SUMS"
README = "README.txt"

_MISREAD = re.compile(r"lookup|system", re.IGNORECASE)


def read_as(path: str) -> RecordKind | None:
    """Return what Primero takes the file at this path for, None for a theme."""
    words = {word.lower() for word in _MISREAD.findall(path)}
    if "system" in words:
        return None
    return RecordKind.LOOKUP if words else RecordKind.FORM


def archive_name(
    slug: str, locale: str, policy: Policy, snapshot: int, sha256: str, *, release: int | None = None
) -> str:
    """Return the archive's name, which is also that of the folder that many programs unpack it into."""
    kind = "-preview" if policy is Policy.PREVIEW else ""
    safe = _MISREAD.sub(lambda word: f"{word[0][0]}-{word[0][1:]}", slug)
    made_from = f"s{snapshot}" if release is None else f"r{release}"
    return f"{safe}-{locale}{kind}-{made_from}-{sha256[:12]}.zip"
