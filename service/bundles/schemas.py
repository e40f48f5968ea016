"""The documents inside a bundle. They are a contract: a bundle of one version is read by every later one."""

import json
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = "primero-translation-bundle/1"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def canonical_bytes(self) -> bytes:
        """Return the one way to write this document: JSON in UTF-8, keys sorted, no white space, a line break last."""
        document = self.model_dump(mode="json")
        text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return f"{text}\n".encode()


class ApprovalRecord(_Document):
    """A standing approval: the person's random id, and when it was made (UTC, ISO 8601)."""

    person: str
    at: str


class TextRecord(_Document):
    """One text that ships. Hashes are those of the normalised texts; ``file`` is where it stands."""

    key: str
    file: str
    source_hash: Sha256
    text_hash: Sha256
    state: str
    carrier: str
    approvals: list[ApprovalRecord]
    exceptions: list[str]


class FileRecord(_Document):
    """One file of the bundle; ``size`` in bytes."""

    path: str
    size: Count
    sha256: Sha256


class RewriteRecord(_Document):
    """A text that Primero will write in another form by itself, because it looks like a time."""

    key: str
    locale: str


class Counts(_Document):
    """What is in the bundle and what is not. ``words`` are those of the source texts of what ships.

    Each text that is left out counts once, under the reason to mend first.
    """

    texts: Count
    forms: Count
    lookups: Count
    words: Count
    in_scope: Count
    left_out: dict[str, Count]
    not_in_scope: dict[str, Count]


class SnapshotRecord(_Document):
    """The import of the configuration that the bundle was made from."""

    number: Count
    source_hash: Sha256


class ToolRecord(_Document):
    """What wrote the bundle."""

    name: str
    version: str


class Manifest(_Document):
    """``manifest.json``: what the bundle is, what is in it, and who approved it. It names persons by id only.

    ``files`` are all files but the manifest itself and ``SHA256SUMS``.
    """

    format: Literal["primero-translation-bundle/1"]
    deployment: str
    source_locale: str
    locale: str
    policy: str
    preview: bool
    snapshot: SnapshotRecord
    tool: ToolRecord
    counts: Counts
    rewritten_by_primero: list[RewriteRecord]
    texts: list[TextRecord]
    files: list[FileRecord]


class LeftOutRecord(_Document):
    """One text in scope that does not ship: why, what else stands in its way, and the way to mend the first reason."""

    key: str
    reason: str
    also: list[str]
    state: str
    carrier: str
    checks: list[str]
    mend: str


class LeftOut(_Document):
    """``left-out.json``: every text in scope that does not ship, in the order of the source."""

    format: Literal["primero-translation-bundle/1"]
    deployment: str
    locale: str
    policy: str
    texts: list[LeftOutRecord]
