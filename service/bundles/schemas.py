"""The documents inside a bundle. They are a contract: a bundle of one version is read by every later one."""

import json
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = "primero-translation-bundle/1"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


def canonical_bytes(model: BaseModel) -> bytes:
    """Return the one way to write a document: JSON in UTF-8, keys sorted, no white space, a line break last."""
    document = model.model_dump(mode="json")
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode()


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def canonical_bytes(self) -> bytes:
        """Return the one way to write this document."""
        return canonical_bytes(self)


class ApprovalRecord(_Document):
    """A standing approval: the person's random id, and when it was made (UTC, ISO 8601)."""

    person: str
    at: str


class SignerRecord(_Document):
    """Who vouched for a text: the number of the sign-off, the person's random id, and when it was signed."""

    sign_off: Count
    person: str
    at: str


class TextRecord(_Document):
    """One text that ships. Hashes are those of the normalised texts; ``file`` is where it stands.

    ``text_hash`` is None in an inverse bundle alone: there was no text, and the file empties it again. ``warnings``
    are the checks that warn of the text, ``waived`` those of which a person said that they are wrong here.
    """

    key: str
    file: str
    source_hash: Sha256
    text_hash: Sha256 | None
    state: str
    carrier: str
    approvals: list[ApprovalRecord]
    signers: list[SignerRecord]
    exceptions: list[str]
    warnings: list[str]
    waived: list[str]


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
    """What wrote the bundle. ``checks`` names the checks of that version by the SHA-256 of their code."""

    name: str
    version: str
    checks: Sha256
    checks_off: list[str]


class ReleaseRecord(_Document):
    """Which release the bundle is, when its pairs were frozen, and when they were last compared with Transifex.

    ``reconciled_at`` is None where the locale is not mapped to a language of Transifex, or never was compared.
    """

    number: Count
    frozen_at: str
    mapped: bool
    reconciled_at: str | None


class AllowedRecord(_Document):
    """What would have refused the bundle, and the reason for which it was let pass."""

    what: str
    reason: str


class TargetRecord(_Document):
    """What was known of the instance that the bundle is for. ``locale_enabled`` is None where nobody could tell.

    ``source_hash`` names the configuration in which was looked for texts that stand there already.
    """

    locale_enabled: bool | None
    source_hash: Sha256


class Manifest(_Document):
    """``manifest.json``: what the bundle is, what is in it, and who approved it. It names persons by id only.

    ``files`` are all files but the manifest itself and ``SHA256SUMS``. ``release`` stands in a release's bundle alone.
    ``inverse_of`` is the SHA-256 of the archive that an inverse bundle takes back: its texts are those that stood in
    the target before, which nobody approved.
    """

    format: Literal["primero-translation-bundle/1"]
    deployment: str
    source_locale: str
    locale: str
    policy: str
    preview: bool
    snapshot: SnapshotRecord
    tool: ToolRecord
    release: ReleaseRecord | None
    inverse_of: Sha256 | None
    target: TargetRecord | None
    partial_options: bool
    allowed: list[AllowedRecord]
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


class ApiTexts(_Document):
    """``api-texts.json``: the texts that no translation file can carry, only Primero's API. Key → text.

    A text is None in an inverse bundle alone.
    """

    format: Literal["primero-translation-bundle/1"]
    locale: str
    texts: dict[str, str | None]
