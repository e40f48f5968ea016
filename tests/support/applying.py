"""An instance that bundles are given to and taken back from, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlmodel import select

from service.audit.service import Actor
from service.bundles.reading import OpenBundle
from service.primero.client import SignIn
from service.primero.models import InstanceRunRecord, PrimeroInstance
from service.primero.sandbox.core import Sandbox
from service.primero.sandbox.transport import sandbox_transport
from service.primero.service.applying import ApplyOptions, apply_bundle
from service.primero.service.rolling_back import roll_back
from service.primero.service.runs import InstanceReport
from service.web.resources import Resources
from tests.support.primero import PASSWORD, URL, USER, in_french, make_bundle, read_catalog, witness_key

ACTOR = Actor("operator@test")
EVERYTHING = ApplyOptions(partial_options=True)


class World:
    """An instance and what tests do to it."""

    def __init__(self, resources: Resources, sandbox: Sandbox, deployment_id: int) -> None:
        self.sandbox = sandbox
        self.resources = replace(resources, primero_transport=sandbox_transport(sandbox))
        self.bundle = make_bundle(read_catalog(sandbox), in_french)
        with resources.database.write() as session:
            instance = PrimeroInstance(
                deployment_id=deployment_id,
                name=f"i{len(session.exec(select(PrimeroInstance)).all())}",
                url=URL,
                sign_in=SignIn.BASIC,
                username=USER,
                secret=resources.secrets.encrypt(PASSWORD),
                created_at=resources.clock(),
            )
            session.add(instance)
            session.flush()
            self.instance = instance

    def apply(self, bundle: OpenBundle | None = None, options: ApplyOptions = EVERYTHING) -> InstanceReport:
        """Give a bundle, the world's own unless said otherwise, to the instance."""
        return apply_bundle(
            self.resources, self.instance, "b.zip", bundle or self.bundle, options,
            actor=ACTOR, on_progress=lambda *_: None,
        )  # fmt: skip

    def rollback(self, run: int, *only: str) -> InstanceReport:
        """Take a run back, or what a pattern of keys names of it."""
        done = roll_back(
            self.resources, self.instance, run, only, actor=ACTOR, on_progress=lambda *_: None
        )  # fmt: skip
        assert isinstance(done, InstanceReport)
        return done

    def records(self, run: int) -> list[InstanceRunRecord]:
        """Return the records of a run."""
        with self.resources.database.read() as session:
            return list(session.exec(select(InstanceRunRecord).where(InstanceRunRecord.run_id == run)))

    def expected(self, report: InstanceReport) -> dict[str, dict[str, Any]]:
        """Return the texts that must have come, as the witness names them."""
        left, locale = {row["key"] for row in report.left_out}, self.bundle.manifest.locale
        return {
            witness_key(given.key): {locale: given.text} for key, given in self.bundle.texts.items() if key not in left
        }
