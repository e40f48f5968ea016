"""The whole job, once, on sample data: what `primero-bridge demo` shows a newcomer.

It drives the job as people do, through the command line and the API alone, against a sandbox that answers as Transifex
does and a service of its own, both on free ports of this machine. Nothing outside of a temporary folder is touched.
"""

import contextlib
import io
import json
import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from service.demo.parts import (
    PASSWORD,
    TOKEN,
    bridge_settings,
    by_resource,
    demo_settings,
    pair,
    read_answer,
    replace_settings,
    sample_texts,
    sentence,
    serve_primero,
    set_password,
    transifex,
    without_faults,
)
from service.demo.post import FOLDER, Mailbox, begin_telling, free_port, running_mailbox, tell_a_day_later
from service.errors import NotReady
from service.primero.sandbox.server import RunningSandbox as RunningPrimero
from service.sample import sample_path
from service.serving import running_server
from service.web.resources import Resources
from transifex_client.ids import parse_place
from transifex_client.resources import NewProject
from transifex_client.sandbox.server import RunningSandbox
from transifex_client.sandbox.server import serve as serve_sandbox

__all__ = ["PASSWORD", "TOKEN", "Demo", "run_demo"]

SLUG = "northern-lakes"
PROJECT = f"o:sandbox:p:{SLUG}"
VOLUNTEERS = {"fr": "amina", "ar": "karim"}
LOCALE = "fr"
INSTANCE = "live"
_BASE = f"/api/v1/deployments/{SLUG}/locales/{LOCALE}"

STOPPED = 130

Run = Callable[[Sequence[str]], int]
Build = Callable[[], Resources]
Say = Callable[[str, dict[str, Any]], None]


@dataclass
class Demo:
    """One run of the demo.

    Attributes:
        run_command: runs one command line in this process and returns its exit code.
        build: makes the service's resources from the environment.
        say: prints one line; its second argument is the same for machines.
        folder: where everything is put.
        tokens: the API token of each user made.
        bundle: where the bundle lies, once it is built.
    """

    run_command: Run
    build: Build
    say: Say
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)
    bundle: Path | None = None
    _step: int = 0

    def show(self, wait: Callable[[], object] | None = None) -> None:
        """Run the job; with ``wait`` the service stays up until that returns."""
        port = free_port()
        with (
            serve_sandbox(0, token=TOKEN) as sandbox, serve_primero() as primero,
            running_mailbox(self.folder) as (mailbox, mail),
            self._environment(demo_settings(self.folder, port, sandbox.url, mail)),
        ):  # fmt: skip
            self._extract()
            self._make_project(sandbox)
            self._add_deployment()
            resources = self.build()
            with running_server(resources, port=port) as url:
                # One client for all requests: opening a connection for each takes longer than the answers do.
                with httpx.Client(base_url=url, timeout=60, trust_env=False) as api:
                    self._push()
                    self._welcome(resources, mailbox)
                    self._volunteer(sandbox)
                    self._pull(api)
                    self._add_people()
                    self._review(api)
                    self._tell(resources, mailbox)
                    built = self._bundle()
                    self._apply(primero, built["file"])
                    self.bundle = Path(built["file"])
                    line = f"bundle: {built['file']} ({built['texts']} texts, locale {LOCALE})"
                    self.say(line, {"bundle": built["file"], "texts": built["texts"], "locale": LOCALE})
                if wait is not None:
                    self.stay(url, wait)

    @contextlib.contextmanager
    def _environment(self, wanted: Mapping[str, str]) -> Iterator[None]:
        """Put the demo's settings in place of the user's own, whatever their case, and put those back afterwards."""
        before = bridge_settings()
        replace_settings(wanted)
        try:
            yield
        finally:
            replace_settings(before)

    @contextlib.contextmanager
    def _step_timed(self, title: str) -> Iterator[list[str]]:
        self._step += 1
        start = time.perf_counter()
        numbers: list[str] = []
        yield numbers
        seconds = round(time.perf_counter() - start, 1)
        facts = {"step": self._step, "title": title, "numbers": numbers, "seconds": seconds}
        self.say(f"{self._step:>2}. {title}: {'; '.join(numbers)} ({seconds:.1f} s)", facts)

    def _command(self, *arguments: str, user: str | None = None) -> Any:
        """Run one command with --json as a user, or as the operator; return what it printed."""
        out, err = io.StringIO(), io.StringIO()
        if user is not None:
            os.environ["BRIDGE_TOKEN"] = self.tokens[user]
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = self.run_command([*arguments, "--json"])
        finally:
            os.environ.pop("BRIDGE_TOKEN", None)
        if code == STOPPED:
            raise KeyboardInterrupt
        if code != 0:
            raise NotReady(
                f"The demo stopped: `primero-bridge {shlex.join(arguments)}` ended with exit code {code}: "
                f"{sentence(err.getvalue())}"
            )
        return json.loads(out.getvalue())

    def _extract(self) -> None:
        with self._step_timed("extract the texts of a Primero configuration") as numbers:
            made = self._command("extract", str(sample_path() / "configuration.json"), "-o", str(self.folder / "texts"))
            numbers += [f"{made['texts']:,} texts", f"{made['words']:,} words", f"{made['files']} files"]

    def _make_project(self, sandbox: RunningSandbox) -> None:
        with self._step_timed("make a project on a sandbox of Transifex") as numbers, transifex(sandbox) as client:
            client.create_project(NewProject(organization="o:sandbox", name="Northern Lakes", slug=SLUG))
            numbers.append(sandbox.url)

    def _add_deployment(self) -> None:
        with self._step_timed("add the deployment") as numbers:
            added = self._command(
                "deployment", "add", SLUG, "--name", "Northern Lakes", "--locales", "fr,ar", "--transifex", PROJECT,
                "--source", str(sample_path() / "configuration.json"),
            )  # fmt: skip
            self._command(
                "scope", "tag", SLUG, "form/nl_consent/*", "sensitive", "--reason", "Consent: two persons must agree."
            )
            sensitive = self._command("wording", "list", SLUG)["sensitive_units"]
            numbers += [f"{added['units']:,} units", f"{sensitive} of them sensitive"]

    def _push(self) -> None:
        with self._step_timed("push to Transifex") as numbers:
            pushed = self._command("push", SLUG)
            numbers += [pushed["message"].rstrip("."), f"{pushed['requests']} requests"]

    def _welcome(self, resources: Resources, mailbox: Mailbox) -> None:
        """Register who translates, and write to each where to begin."""
        with self._step_timed("register volunteers, and welcome them by mail") as numbers:
            listed = self._command("volunteer", "import", SLUG, str(sample_path() / "volunteers.csv"))
            begin_telling(resources)
            queued = self._command("volunteer", "write", SLUG, "welcome")["queued"]
            mailbox.wait_for(queued)
            numbers += [f"{listed['added']} volunteers", *self._arrived(mailbox, 0)]

    def _tell(self, resources: Resources, mailbox: Mailbox) -> None:
        """Write to those whose texts were decided on; by itself the service does so once a day."""
        with self._step_timed("tell volunteers, a day later, what became of their texts") as numbers:
            before = len(mailbox.taken)
            mailbox.wait_for(before + tell_a_day_later(resources, SLUG))
            numbers += self._arrived(mailbox, before)

    def _arrived(self, mailbox: Mailbox, start: int) -> list[str]:
        names = {row["email"]: row["name"] for row in self._command("volunteer", "list", SLUG)["volunteers"]}
        found = [names[address] for address in mailbox.recipients(start)]
        return [f"{len(found)} letters arrived, for {', '.join(found)}"]

    def _volunteer(self, sandbox: RunningSandbox) -> None:
        """Volunteers type, each in the resources of the project, what the sample holds."""
        with self._step_timed("volunteers translate on Transifex") as numbers:
            places = self._find_places(sandbox)
            headers = {"Authorization": f"Bearer {TOKEN}"}
            with httpx.Client(base_url=sandbox.url, timeout=60, trust_env=False, headers=headers) as client:
                for locale, username in VOLUNTEERS.items():
                    typed = 0
                    for slug, texts in by_resource(sample_texts(locale), places).items():
                        body = {"project": SLUG, "resource": slug, "language": locale, "user": username, "texts": texts}
                        read_answer(client.post("/_sandbox/translate", json=body))
                        typed += len(texts)
                    numbers.append(f"{typed:,} texts in {locale} by {username}")

    def _find_places(self, sandbox: RunningSandbox) -> dict[str, str]:
        """Return the resource of each string on Transifex by the string's key."""
        with transifex(sandbox) as client:
            return {
                string.key: parse_place(resource.id).resource or ""
                for resource in client.list_resources(PROJECT)
                for string in client.list_strings(resource.id)
            }

    def _pull(self, api: httpx.Client) -> None:
        with self._step_timed("pull and check, through the API") as numbers:
            # A person of its own: everything the API does is done by somebody.
            self._user("salma", "specialist")
            job = self._post(api, "salma", f"/api/v1/deployments/{SLUG}/pull", {})
            while job["state"] in ("queued", "running"):
                time.sleep(0.05)
                job = self._get(api, "salma", f"/api/v1/jobs/{job['id']}")
            if job["state"] != "done":
                raise NotReady(f"The demo stopped: the pull failed: {job['message']}")
            numbers += [job["result"]["message"].rstrip("."), f"{job['result']['requests']} requests"]
            for row in self._get(api, "salma", f"/api/v1/deployments/{SLUG}")["locales"]:
                numbers.append(f"{row['locale']}: {row['blocked']} blocked, {row['warned']} with warnings")

    def _user(self, name: str, role: str, *options: str) -> None:
        made = self._command("user", "add", name, "--role", role, *options)
        self.tokens[name] = self._command("token", "create", name)["token"]
        (self.folder / f"{name}.link").write_text(made["link"], "utf-8")

    def _add_people(self) -> None:
        with self._step_timed("add two reviewers and a release engineer") as numbers:
            for name, role in (("mariam", "reviewer"), ("jean", "reviewer"), ("rosa", "release-engineer")):
                self._user(name, role, "--deployment", SLUG, "--locales", "fr,ar")
            numbers.append("mariam, jean, rosa")

    def _review(self, api: httpx.Client) -> None:
        with self._step_timed("review") as numbers:
            for locale in VOLUNTEERS:
                bulk = self._command(
                    "translations", "approve", SLUG, locale, "--all-passing", "--reason", "Read in the workshop.",
                    user="mariam",
                )  # fmt: skip
                numbers.append(f"{bulk['approved']} passing texts approved in {locale}")
            numbers.append(f"{self._approve_sensitive(api)} sensitive texts approved by two")
            mended, rejected = self._mend(api)
            numbers.append(f"{mended} blocked texts corrected by one and approved by another")
            numbers.append(f"{rejected} rejected with a reason")

    def _approve_sensitive(self, api: httpx.Client) -> int:
        """Two persons approve each sensitive text that passes, one by one."""
        approved = 0
        for unit in self._units(api, "state=translated&sensitive=true&blocked=false&conflict=false"):
            for name in ("mariam", "jean"):
                answer = self._decide(api, unit, name, kind="approve")
            approved += answer["state"] == "approved"
        return approved

    def _mend(self, api: httpx.Client) -> tuple[int, int]:
        """Mend or reject each text that a check blocks; return how many of each.

        What must not be there one reviewer takes out, and another approves the correction; what only the translator
        can mend goes back with a reason.
        """
        mended = rejected = 0
        for unit in self._units(api, "blocked=true"):
            better = without_faults(unit)
            if better is None:
                comment = unit["findings"][0]["message"]
                answer = self._decide(api, unit, "jean", kind="reject", reason="meaning", comment=comment)
                rejected += answer["state"] == "rejected"
                continue
            answer = self._post(api, "jean", f"{_BASE}/corrections", {**pair(unit), "text": better})
            if answer["approvals_needed"] == 1:
                answer = self._decide(api, answer, "mariam", kind="approve")
            mended += answer["state"] == "approved"
        return mended, rejected

    def _units(self, api: httpx.Client, query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        path: str | None = f"{_BASE}/units?{query}"
        while path is not None:
            page = self._get(api, "mariam", path)
            found += page["units"]
            path = page["next"]
        return found

    def _decide(self, api: httpx.Client, unit: Mapping[str, Any], name: str, **decision: str) -> Any:
        return self._post(api, name, f"{_BASE}/decisions", {**pair(unit), **decision})

    def _get(self, api: httpx.Client, name: str, path: str) -> Any:
        return read_answer(api.get(path, headers={"Authorization": f"Bearer {self.tokens[name]}"}))

    def _post(self, api: httpx.Client, name: str, path: str, body: Mapping[str, Any]) -> Any:
        return read_answer(api.post(path, headers={"Authorization": f"Bearer {self.tokens[name]}"}, json=body))

    def _bundle(self) -> dict[str, Any]:
        with self._step_timed("see how far each language is") as numbers:
            for locale, row in self._command("status", SLUG)["locales"].items():
                numbers.append(f"{locale} {row['approved']} of {row['total']} approved ({row['approved_percent']} %)")
        with self._step_timed("sign French off, and freeze what is signed as a release") as numbers:
            signed = self._command(
                "signoff", "sign", SLUG, LOCALE, "--name", "Mariam Haddad", "--role", "Head of case management",
                "--organisation", "Northern Lakes", "--statement", "Read in the workshop; fit for go-live.",
                user="mariam",
            )  # fmt: skip
            reason = "What is not approved yet comes with the next release."
            release = self._command(
                "release", "create", SLUG, LOCALE, "--policy", "signed-off", "--allow", reason, user="rosa"
            )
            numbers += [f"sign-off {signed['number']} covers {signed['covered']} texts", f"release {release['number']}"]
        with self._step_timed("write the bundle of the release, and verify it") as numbers:
            built = self._command(
                "bundle", "build", SLUG, LOCALE, "--release", str(release["number"]), "-o", str(self.folder),
                user="rosa",
            )  # fmt: skip
            keys = str(self.folder / "keys.pem")
            self._command("signing-key", "export", "-o", keys)
            verified = self._command("bundle", "verify", built["file"], "--key", keys)
            inspected = self._command("bundle", "inspect", built["file"])
            left_out = sum(release["counts"]["left_out"].values())
            numbers += [f"{verified['texts']} texts in {len(inspected['files'])} files", f"{left_out} left out"]
            numbers.append("whole, and the signature fits" if verified["verified"] else "NOT verified")
        return {"file": built["file"], "texts": inspected["texts"]}

    def _apply(self, primero: RunningPrimero, bundle: str) -> None:
        """Give the bundle to a sandbox of Primero, look whether it arrived, and take it back."""
        with self._step_timed("connect a sandbox of Primero, and see what the release would change") as numbers:
            self._command("instance", "add", SLUG, INSTANCE, "--url", primero.url, "--user", "bridge", user="rosa")
            checked = self._command("instance", "check", SLUG, INSTANCE, user="rosa")
            counts = self._command("diff", bundle, "--instance", INSTANCE, user="rosa")["counts"]
            numbers.append(f"{checked['forms']} forms and {checked['lookups']} lookups")
            numbers += [f"{number} {change}" for change, number in counts.items()]
        with self._step_timed("apply the release by Primero's API, and verify it") as numbers:
            applied = self._command("apply", SLUG, INSTANCE, bundle, user="rosa")
            there = self._command("diff", bundle, "--instance", INSTANCE, user="rosa")["counts"]
            numbers += [f"{applied['texts']} texts in {len(applied['records'])} records", f"{there['same']} verified"]
            numbers.append(f"{len(applied['left_out'])} for the server's files alone")
        with self._step_timed("take the release back") as numbers:
            undone = self._command("rollback", SLUG, INSTANCE, str(applied["run"]), user="rosa")
            again = self._command("diff", bundle, "--instance", INSTANCE, user="rosa")["counts"]
            numbers.append(f"{undone['texts']} texts taken back")
            numbers.append("all as before" if again == counts else "NOT as before")

    def stay(self, url: str, wait: Callable[[], object]) -> None:
        """Give the users passwords, say where everything is, and wait until somebody interrupts."""
        names = sorted(self.tokens)
        for name in names:
            set_password(url, (self.folder / f"{name}.link").read_text("utf-8").rpartition("/")[2])
        logins = [{"username": name, "password": PASSWORD, "token": self.tokens[name]} for name in names]
        data, letters = self.folder / "data", self.folder / FOLDER
        lines = [
            f"The service runs at {url} until you press Ctrl-C. Sign in as one of these:",
            *(f"  {name}, password {PASSWORD}" for name in names),
            f"The letters to volunteers lie in {letters}, and stand at {url}/deployments/{SLUG}/letters",
            f"On the command line: BRIDGE_DATA_DIR={shlex.quote(str(data))} primero-bridge status {SLUG}",
        ]
        self.say("\n".join(lines), {"url": url, "logins": logins, "data_dir": str(data), "letters": str(letters)})
        with contextlib.suppress(KeyboardInterrupt):
            wait()


def run_demo(run_command: Run, build: Build, say: Say, *, keep: bool, wait: Callable[[], object]) -> None:
    """Show the whole job; the line at its end is ``bundle: PATH (N texts, locale L)``.

    The bundle stays in a temporary folder, everything else goes; all of it where the job does not come to its end.
    With ``keep`` the service stays up, its address and logins printed, until ``wait`` returns or is interrupted.
    """
    folder = Path(tempfile.mkdtemp(prefix="primero-bridge-demo-"))
    demo = Demo(run_command, build, say, folder)
    try:
        demo.show(wait if keep else None)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif left != demo.bundle:
            left.unlink()
