"""A sandbox of Primero for tests, and a client for it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from extractors.load import load
from extractors.reading import Member
from extractors.texts import normalise_text, text_hash
from extractors.units import Catalog, RecordKind, Unit, UnitKey
from service.bundles.reading import OpenBundle
from service.bundles.schemas import FORMAT, Counts, Manifest, ReleaseRecord, SnapshotRecord, TextRecord, ToolRecord
from service.bundles.writing import BundleText
from service.catalog.rules.carrier import Carrier
from service.primero.client import Configuration, PrimeroClient, SignIn
from service.primero.sandbox.columns import read
from service.primero.sandbox.core import Account, Sandbox
from service.primero.sandbox.http import Request, Response
from service.primero.sandbox.transport import sandbox_transport
from service.sample import sample_path
from tests.support.primero_importer import PrimeroInstance, diff_structure

USER, PASSWORD = "bridge", "the password"
URL = "https://primero.example.org"


class Ticking:
    """A monotonic clock that only sleeping moves."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.time += seconds


def sample_configuration() -> dict[str, Any]:
    """Return the sample's configuration."""
    document: dict[str, Any] = json.loads((sample_path() / "configuration.json").read_text("utf-8"))
    return document


def make_sandbox(
    configuration: Mapping[str, Any] | None = None,
    locales: Sequence[str] = ("en", "fr", "ar", "es"),
    *,
    clock: Ticking | None = None,
    **account: Any,
) -> Sandbox:
    """Return a sandbox, of the sample unless said otherwise, with one account."""
    return Sandbox(
        sample_configuration() if configuration is None else configuration,
        locales,
        [Account(USER, PASSWORD, **account)],
        clock=clock or Ticking(),
    )


def make_client(
    sandbox: Sandbox, *, clock: Ticking | None = None, password: str = PASSWORD, sign_in: SignIn = SignIn.BASIC
) -> PrimeroClient:
    """Return a client of a sandbox, without a network; it waits on the clock."""
    time = clock or Ticking()
    return PrimeroClient(
        Configuration(URL, USER, password, sign_in),
        transport=sandbox_transport(sandbox),
        sleep=time.sleep,
        clock=time,
        chance=lambda: 0.0,
    )


def ask(
    sandbox: Sandbox, method: str, target: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Send the sandbox a request as its account, by Basic unless headers are given."""
    if headers is None:
        headers = {"authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
    return sandbox.handle(Request(method, target, headers, b"" if body is None else json.dumps(body).encode()))


def form_number(sandbox: Sandbox, unique_id: str) -> int:
    """Return the number of a form."""
    return next(number for number, form in sandbox.store.forms.items() if form["unique_id"] == unique_id)


def lookup_number(sandbox: Sandbox, unique_id: str) -> int:
    """Return the number of a lookup."""
    return next(number for number, one in sandbox.store.lookups.items() if one["unique_id"] == unique_id)


def read_catalog(sandbox: Sandbox) -> Catalog:
    """Return everything translatable that a sandbox shows through its API."""
    members = tuple(
        Member(f"{kind}.json", ask(sandbox, "GET", f"/api/v2/{kind}?per=1000").body) for kind in ("forms", "lookups")
    )
    return load(members).catalog


def make_bundle(
    catalog: Catalog,
    text_of: Callable[[Unit], str | None],
    *,
    locale: str = "fr",
    deployment: str = "lakes",
    preview: bool = False,
    sha256: str = "b" * 64,
    inverse: bool = False,
    release: int | None = None,
) -> OpenBundle:
    """Return a bundle with a text for every unit that has an English one and for which ``text_of`` gives one."""
    units = list(catalog.translatable(include_hidden=True))
    pairs = [(unit, text) for unit in units if (text := text_of(unit)) is not None or inverse]
    records = {
        str(unit.key): TextRecord(
            key=str(unit.key), file="x", source_hash=text_hash(unit.source), text_hash=text_hash(text or ""),
            state="approved", carrier="both", approvals=[], signers=[], exceptions=[], warnings=[], waived=[],
        )
        for unit, text in pairs
    }  # fmt: skip
    counts = Counts(texts=len(pairs), forms=0, lookups=0, words=0, in_scope=0, left_out={}, not_in_scope={})
    manifest = Manifest(
        format=FORMAT, deployment=deployment, source_locale="en", locale=locale, policy="approved", preview=preview,
        snapshot=SnapshotRecord(number=1, source_hash="0" * 64),
        tool=ToolRecord(name="test", version="1", checks="0" * 64, checks_off=[]),
        release=release and ReleaseRecord(number=release, frozen_at="", mapped=True, reconciled_at=None),
        inverse_of="1" * 64 if inverse else None, target=None, partial_options=False, allowed=[], counts=counts,
        rewritten_by_primero=[], texts=list(records.values()), files=[],
    )  # fmt: skip
    texts = {str(unit.key): BundleText(unit.key, text, Carrier.BOTH) for unit, text in pairs}
    return OpenBundle(sha256, manifest, texts, records, ())


def in_french(unit: Unit) -> str:
    """Return a translation that shows whose it is."""
    return normalise_text(f"FR {unit.source}")


def in_arabic(unit: Unit) -> str:
    """Return a text from right to left, with marks of direction and digits of its own beside Latin letters."""
    return normalise_text(f"\u200fالترجمة ٣: {unit.source}، نعم؟")


class Witness:
    """What a sandbox holds, read without the code that is tested, to be compared later."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._before = self._read()

    def _read(self) -> PrimeroInstance:
        return PrimeroInstance.from_configuration(self._sandbox.store.configuration(), self._sandbox.store.locales)

    def changed_texts(self) -> dict[str, dict[str, Any]]:
        """Return the texts that are others now, where none, null and blank are one, and a time in any form."""
        now = self._read()
        before, after = self._before.texts(), now.texts()
        found: dict[str, dict[str, Any]] = {}
        for key in {**before, **after}:
            was, is_now = before.get(key, {}), after.get(key, {})
            names = [
                name for name in {**was, **is_now} if read(was.get(name) or None) != read(is_now.get(name) or None)
            ]
            if names:
                found[key] = {name: is_now.get(name) for name in names}
        return found

    def changed_structure(self) -> list[dict[str, Any]]:
        """Return what else is another now."""
        return diff_structure(self._before.structure(), self._read().structure())


def witness_key(key: UnitKey) -> str:
    """Return a unit's key as the witness writes it."""
    kind = "lookup" if key.kind is RecordKind.LOOKUP else "field" if key.field is not None else "form"
    parts = (kind, key.record, key.field, key.prop, key.option)
    return "|".join(part for part in parts if part is not None)
