"""The whole job, once, on sample data: what `primero-bridge demo` shows a newcomer.

It drives the job as people do, through the command line and the API alone, against a sandbox that answers as Transifex
does and a service of its own, both on free ports of this machine. Nothing outside of a temporary folder is touched.
"""

import contextlib
import io
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from extractors.load import load
from extractors.reading import read_path
from extractors.texts import is_blank
from service.errors import NotReady
from service.sample import sample_path
from service.serving import running_server
from service.sync.keys import string_key
from service.web.resources import Resources
from transifex_client import Configuration, TransifexClient
from transifex_client.ids import parse_place
from transifex_client.resources import NewProject
from transifex_client.sandbox.server import RunningSandbox
from transifex_client.sandbox.server import serve as serve_sandbox

SLUG = "northern-lakes"
PROJECT = f"o:sandbox:p:{SLUG}"
TOKEN = "sandbox-token"  # noqa: S105  # it opens nothing but the sandbox
VOLUNTEERS = {"fr": "amina", "ar": "karim"}
PASSWORD = "northern-lakes-demo"  # noqa: S105  # of users who end with the demo
LOCALE = "fr"

Run = Callable[[Sequence[str]], int]
Build = Callable[[], Resources]


@dataclass
class Demo:
    """One run of the demo.

    Attributes:
        run_command: runs one command line in this process and returns its exit code.
        build: makes the service's resources from the environment.
        say: prints one line.
        folder: where everything is put.
        tokens: the API token of each user made.
    """

    run_command: Run
    build: Build
    say: Callable[[str], None]
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)
    _step: int = 0

    def show(self, wait: Callable[[], object] | None = None) -> None:
        """Run the job; with ``wait`` the service stays up until that returns."""
        with serve_sandbox(0, token=TOKEN) as sandbox, self._environment(sandbox.url):
            self._extract()
            self._make_project(sandbox)
            self._add_deployment()
            with self._serving() as url:
                self._push()
                self._volunteer(sandbox)
                self._pull(url)
                self._add_people()
                self._review(url)
                self._bundle()
                if wait is not None:
                    self.stay(url, wait)

    @contextlib.contextmanager
    def _environment(self, transifex_url: str) -> Iterator[None]:
        wanted = {
            "BRIDGE_DATA_DIR": str(self.folder / "data"),
            "BRIDGE_TRANSIFEX_URL": transifex_url,
            "BRIDGE_TRANSIFEX_TOKEN": TOKEN,
            "BRIDGE_TRANSIFEX_USER": "bridge",
        }
        before = {name: value for name, value in os.environ.items() if name.startswith("BRIDGE_")}
        for name in before:
            del os.environ[name]
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name in [name for name in os.environ if name.startswith("BRIDGE_")]:
                del os.environ[name]
            os.environ.update(before)

    @contextlib.contextmanager
    def _step_timed(self, title: str) -> Iterator[list[str]]:
        self._step += 1
        start = time.perf_counter()
        numbers: list[str] = []
        yield numbers
        seconds = time.perf_counter() - start
        self.say(f"{self._step:>2}. {title}: {'; '.join(numbers)} ({seconds:.1f} s)")

    def _command(self, *arguments: str, user: str | None = None, expect: Sequence[int] = (0,)) -> Any:
        """Run one command with --json as a user, or as the operator; return what it printed."""
        out, err = io.StringIO(), io.StringIO()
        if user is not None:
            os.environ["BRIDGE_TOKEN"] = self.tokens[user]
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = self.run_command([*arguments, "--json"])
        finally:
            os.environ.pop("BRIDGE_TOKEN", None)
        if code not in expect:
            raise NotReady(
                f"The demo stopped: `primero-bridge {' '.join(arguments)}` ended with {code}: {err.getvalue()}"
            )
        return json.loads(out.getvalue())

    def _extract(self) -> None:
        with self._step_timed("extract the texts of a Primero configuration") as numbers:
            made = self._command("extract", str(sample_path() / "configuration.json"), "-o", str(self.folder / "texts"))
            numbers += [f"{made['texts']:,} texts", f"{made['words']:,} words", f"{made['files']} files"]

    def _make_project(self, sandbox: RunningSandbox) -> None:
        with self._step_timed("make a project on a sandbox of Transifex") as numbers, _transifex(sandbox) as client:
            new = NewProject(organization="o:sandbox", name="Northern Lakes", slug=SLUG)
            client.create_project(new)
            numbers.append(sandbox.url)

    def _add_deployment(self) -> None:
        with self._step_timed("add the deployment") as numbers:
            added = self._command(
                "deployment", "add", SLUG, "--name", "Northern Lakes", "--locales", "fr,ar", "--transifex", PROJECT,
                "--source", str(sample_path() / "configuration.json"),
            )  # fmt: skip
            tagged = self._command(
                "scope", "tag", SLUG, "form/nl_consent/*", "sensitive", "--reason", "Consent: two persons must agree."
            )
            numbers += [f"{added['units']:,} units", f"{tagged['changed']} of them sensitive"]

    @contextlib.contextmanager
    def _serving(self) -> Iterator[str]:
        with running_server(self.build()) as url:
            yield url

    def _push(self) -> None:
        with self._step_timed("push to Transifex") as numbers:
            pushed = self._command("push", SLUG)
            numbers += [pushed["message"].rstrip("."), f"{pushed['requests']} requests"]

    def _volunteer(self, sandbox: RunningSandbox) -> None:
        """Volunteers type, each in the resources of the project, what the sample holds."""
        with self._step_timed("volunteers translate on Transifex") as numbers, _transifex(sandbox) as client:
            places: dict[str, str] = {}
            for resource in client.list_resources(PROJECT):
                places |= {
                    string.key: parse_place(resource.id).resource or "" for string in client.list_strings(resource.id)
                }
            for locale, username in VOLUNTEERS.items():
                texts = _sample_texts(locale)
                by_resource: dict[str, dict[str, str]] = {}
                for key, text in texts.items():
                    if key in places:
                        by_resource.setdefault(places[key], {})[key] = text
                for slug, of_resource in by_resource.items():
                    body = {
                        "project": SLUG,
                        "resource": slug,
                        "language": locale,
                        "user": username,
                        "texts": of_resource,
                    }
                    _post(sandbox.url, "/_sandbox/translate", TOKEN, body)
                numbers.append(f"{sum(map(len, by_resource.values())):,} texts in {locale} by {username}")

    def _pull(self, url: str) -> None:
        with self._step_timed("pull and check, through the API") as numbers:
            # A person of its own: everything the API does is done by somebody.
            self._user("salma", "specialist")
            job = _post(url, f"/api/v1/deployments/{SLUG}/pull", self.tokens["salma"], {"allow_removals": False})
            while job["state"] in ("queued", "running"):
                time.sleep(0.05)
                job = _get(url, f"/api/v1/jobs/{job['id']}", self.tokens["salma"])
            if job["state"] != "done":
                raise NotReady(f"The demo stopped: the pull failed: {job['message']}")
            numbers += [job["result"]["message"].rstrip("."), f"{job['result']['requests']} requests"]
            for row in _get(url, f"/api/v1/deployments/{SLUG}", self.tokens["salma"])["locales"]:
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

    def _review(self, url: str) -> None:
        with self._step_timed("review") as numbers:
            for locale in VOLUNTEERS:
                bulk = self._command(
                    "translations", "approve", SLUG, locale, "--all-passing", "--reason", "Read in the workshop.",
                    user="mariam",
                )  # fmt: skip
                numbers.append(f"{bulk['approved']} passing texts approved in {locale}")
            sensitive = self._approve_sensitive(url)
            numbers.append(f"{sensitive} sensitive texts approved by two")
            numbers.append(f"{self._mend(url)} blocked texts corrected by one and approved by another")

    def _approve_sensitive(self, url: str) -> int:
        """Two persons approve each sensitive text that passes, one by one."""
        approved = 0
        for unit in self._units(url, "state=translated&sensitive=true&blocked=false&conflict=false"):
            for name in ("mariam", "jean"):
                answer = self._decide(url, unit, name)
            approved += answer["state"] == "approved"
        return approved

    def _mend(self, url: str) -> int:
        """One reviewer takes out what must not be there; another approves the correction."""
        mended = 0
        for unit in self._units(url, "blocked=true"):
            better = _without_faults(unit)
            if better is None:
                continue
            base = f"/api/v1/deployments/{SLUG}/locales/{LOCALE}"
            body = {name: unit[name] for name in ("key", "source_hash", "text_hash")} | {"text": better}
            corrected = _post(url, f"{base}/corrections", self.tokens["jean"], body)
            others = ("mariam",) if corrected["approvals_needed"] == 1 else ()
            for name in others:
                corrected = self._decide(url, corrected, name)
            mended += corrected["state"] == "approved"
        return mended

    def _units(self, url: str, query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        path: str | None = f"/api/v1/deployments/{SLUG}/locales/{LOCALE}/units?{query}"
        while path is not None:
            page = _get(url, path, self.tokens["mariam"])
            found += page["units"]
            path = page["next"]
        return found

    def _decide(self, url: str, unit: Mapping[str, Any], name: str) -> Any:
        body = {field: unit[field] for field in ("key", "source_hash", "text_hash")} | {"kind": "approve"}
        return _post(url, f"/api/v1/deployments/{SLUG}/locales/{LOCALE}/decisions", self.tokens[name], body)

    def _bundle(self) -> None:
        with self._step_timed("see how far each language is") as numbers:
            for locale, row in self._command("status", SLUG)["locales"].items():
                numbers.append(f"{locale} {row['approved']} of {row['total']} approved ({row['approved_percent']} %)")
        with self._step_timed("build the bundle for Primero, and check it") as numbers:
            built = self._command("bundle", "build", SLUG, LOCALE, "-o", str(self.folder), user="rosa")
            inspected = self._command("bundle", "inspect", built["file"])
            left_out = sum(built["counts"]["left_out"].values())
            numbers += [f"{inspected['texts']} texts in {len(inspected['files'])} files", f"{left_out} left out"]
            numbers.append("whole" if inspected["whole"] else "NOT whole")
        self.say(f"bundle: {built['file']} ({inspected['texts']} texts, locale {LOCALE})")

    def stay(self, url: str, wait: Callable[[], object]) -> None:
        """Give the users passwords, say where everything is, and wait until somebody interrupts."""
        for name in sorted(self.tokens):
            _set_password(url, (self.folder / f"{name}.link").read_text("utf-8").rpartition("/")[2])
        self.say(f"The service runs at {url} until you press Ctrl-C. Sign in as one of these:")
        for name in sorted(self.tokens):
            self.say(f"  {name}, password {PASSWORD}")
        with contextlib.suppress(KeyboardInterrupt):
            wait()


def run_demo(
    run_command: Run, build: Build, say: Callable[[str], None], *, keep: bool, wait: Callable[[], object]
) -> None:
    """Show the whole job; the line at its end is ``bundle: PATH (N texts, locale L)``.

    The bundle stays in a temporary folder, everything else goes. With ``keep`` the service stays up, its address and
    logins printed, until ``wait`` returns or is interrupted.
    """
    folder = Path(tempfile.mkdtemp(prefix="primero-bridge-demo-"))
    demo = Demo(run_command, build, say, folder)
    try:
        demo.show(wait if keep else None)
    finally:
        for left in folder.iterdir():
            if left.is_dir():
                shutil.rmtree(left)
            elif left.suffix != ".zip":
                left.unlink()


def _transifex(sandbox: RunningSandbox) -> TransifexClient:
    return TransifexClient(Configuration(token=TOKEN, base_url=sandbox.url))


def _sample_texts(locale: str) -> dict[str, str]:
    """Return the sample's translations by Transifex's key."""
    catalog = load(read_path(sample_path() / locale)).catalog
    texts = ((string_key(unit.key), unit.texts.get(locale, "")) for unit in catalog.units)
    return {key: text for key, text in texts if not is_blank(text)}


def _without_faults(unit: Mapping[str, Any]) -> str | None:
    """Return the text without what its blocking findings point at, as a reviewer would leave it; None where unsure."""
    text = str(unit["text"])
    blocking = [finding for finding in unit["findings"] if finding["severity"] == "B"]
    if any(finding["check"] not in ("html_introduced", "control_chars", "links_introduced") for finding in blocking):
        return None
    for finding in sorted(blocking, key=lambda finding: finding["start"], reverse=True):
        replacement = finding["replacement"]
        if replacement is None:
            replacement = " " if finding["check"] == "control_chars" else ""
        text = text[: finding["start"]] + replacement + text[finding["end"] :]
    return text


def _get(url: str, path: str, token: str) -> Any:
    return _answer(httpx.get(f"{url}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=60))


def _post(url: str, path: str, token: str, body: Mapping[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return _answer(httpx.post(f"{url}{path}", headers=headers, json=body, timeout=60))


def _answer(response: httpx.Response) -> Any:
    if response.is_error:
        raise NotReady(
            f"The demo stopped: {response.request.url.path} answered {response.status_code}: {response.text}"
        )
    return response.json()


def _set_password(url: str, secret: str) -> None:
    with httpx.Client(base_url=url, timeout=60, headers={"Origin": url}) as browser:
        form = browser.get(f"/set-password/{secret}").text
        token = re.search(r'name="form_token" value="([^"]+)"', form)
        data = {"form_token": token[1] if token else "", "password": PASSWORD, "repeated": PASSWORD}
        answer = browser.post(f"/set-password/{secret}", data=data)
        if answer.status_code != 303:
            raise NotReady(f"The demo stopped: a password could not be set ({answer.status_code}).")
