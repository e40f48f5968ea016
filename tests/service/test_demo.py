"""The demo: what it prints, what its bundle does to Primero, what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from extractors.units import RecordKind, UnitKey
from service import cli
from service.demo import PASSWORD, run_demo
from service.errors import NotReady
from service.sample import sample_path
from tests.support.primero_importer import PrimeroInstance, import_bundle

pytestmark = pytest.mark.slow


@dataclass
class Shown:
    """What one run of the demo printed, and what was looked at while it stayed up."""

    lines: list[str] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)

    def step(self, words: str) -> dict[str, Any]:
        """Return the facts of the step whose title begins with these words."""
        return next(row for row in self.facts if row.get("title", "").startswith(words))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where temporary files go while the demo runs."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(folder: Path) -> Shown:
    """One run of the demo that stays up, in the environment of somebody who uses the service for real."""
    made = Shown()

    def say(line: str, facts: dict[str, Any]) -> None:
        made.lines.append(line)
        made.facts.append(facts)

    def wait() -> None:
        last = made.facts[-1]
        letters = {path.name: path.read_text("utf-8") for path in Path(last["letters"]).iterdir()}
        made.seen = {**_sign_in(last), "approved": _approved(last), "letters": letters, "told": _stopped(letters)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(folder))
        patch.setenv("BRIDGE_TOKEN", "ptb_of-somebody")
        patch.setenv("BRIDGE_DATABASE_URL", "postgresql://nowhere.invalid/x")
        patch.setenv("bridge_allowed_hosts", "nowhere.invalid")
        before = dict(os.environ)
        run_demo(cli.run, lambda: cli.build(cli.load_settings()), say, keep=True, wait=wait)
        assert dict(os.environ) == before
    return made


def _sign_in(facts: dict[str, Any]) -> dict[str, Any]:
    """Sign in with the first login that was printed, as a browser does; return what was seen."""
    login = facts["logins"][0]
    with httpx.Client(base_url=facts["url"], headers={"Origin": facts["url"]}, trust_env=False) as browser:
        token = re.search(r'name="form_token" value="([^"]+)"', browser.get("/login").text)
        assert token is not None
        data = {"form_token": token[1], "username": login["username"], "password": login["password"], "next": "/"}
        answer = browser.post("/login", data=data)
        return {"status": answer.status_code, "home": browser.get("/").text}


def _stopped(letters: dict[str, str]) -> int:
    """Open the link at the foot of a letter, by which a person gets no more; return the status."""
    found = re.search(r"^http://127\.0\.0\.1:\d+/unsubscribe/\S+$", letters["01-amina.txt"], re.MULTILINE)
    assert found is not None
    return httpx.get(found[0], trust_env=False).status_code


def _approved(facts: dict[str, Any]) -> dict[str, str]:
    """Return every approved French text by its key, as the API tells it."""
    token = next(login["token"] for login in facts["logins"] if login["username"] == "salma")
    found: dict[str, str] = {}
    path: str | None = "/api/v1/deployments/northern-lakes/locales/fr/units?state=approved"
    with httpx.Client(base_url=facts["url"], headers={"Authorization": f"Bearer {token}"}, trust_env=False) as api:
        while path is not None:
            page = api.get(path).json()
            found |= {unit["key"]: unit["text"] for unit in page["units"]}
            path = page["next"]
    return found


def _witness_key(text: str) -> str:
    key = UnitKey.parse(text)
    parts = [key.record, key.field, key.prop, key.option]
    kind = "lookup" if key.kind is RecordKind.LOOKUP else "field" if key.field else "form"
    return "|".join([kind, *(part for part in parts if part is not None)])


def test_the_bundle_puts_what_is_approved_in_place(shown: Shown) -> None:
    """A second importer of Primero's reads the bundle: each approved text arrives, and no other text changes."""
    file = next(row["bundle"] for row in shown.facts if "bundle" in row)
    with zipfile.ZipFile(file) as archive:
        left_out = {row["key"]: row["reason"] for row in json.loads(archive.read("left-out.json"))["texts"]}
        api_only = json.loads(archive.read("api-texts.json"))["texts"]
    kept_back = {key: left_out[key] for key in shown.seen["approved"] if key in left_out}
    assert set(kept_back.values()) == {"partial-options"}
    assert len(kept_back) < 10
    approved = {key: text for key, text in shown.seen["approved"].items() if key not in left_out}
    assert len(approved) == next(row["texts"] for row in shown.facts if "bundle" in row) > 400
    assert api_only == {key: approved.pop(key) for key in api_only}, "what no file can carry"
    configuration = json.loads((sample_path() / "configuration.json").read_text("utf-8"))
    instance = PrimeroInstance.from_configuration(configuration, ["en", "fr", "ar", "es"])
    before = instance.texts()
    assert all(outcome.is_clean for outcome in import_bundle(instance, Path(file)))
    after = instance.texts()
    wanted = {_witness_key(key): text for key, text in approved.items()}
    assert {key: after[key].get("fr") for key in wanted} == wanted
    changed = {key for key in after if {**after[key], "fr": None} != {**before.get(key, {}), "fr": None}}
    assert changed == set()
    assert {key for key in after if after[key].get("fr") != before[key].get("fr")} <= set(wanted)


def test_the_whole_job_is_shown(shown: Shown) -> None:
    """Sixteen steps with their numbers and seconds, then where the bundle lies."""
    steps = [line for line in shown.lines if re.match(r" ?\d+\. ", line)]
    assert len(steps) == 16
    assert all(re.search(r": .*\d.* \(\d+\.\d s\)$", line) for line in steps if "two reviewers" not in line)
    assert "496 texts" in shown.step("extract")["numbers"]
    assert "450 texts in fr by amina" in shown.step("volunteers translate")["numbers"]
    review = " ".join(shown.step("review")["numbers"])
    assert re.search(r"[1-9]\d* rejected with a reason", review)
    assert re.search(r"[1-9]\d* blocked texts corrected by one and approved by another", review)
    assert "release 1" in shown.step("sign French off")["numbers"]
    assert shown.step("write the bundle")["numbers"][-1] == "whole, and the signature fits"


def test_the_release_goes_to_primero_and_back(shown: Shown) -> None:
    """Every text that the API can carry is given to a Primero, found there, and taken back until all is as before."""
    changes = dict(reversed(row.split(" ")) for row in shown.step("connect a sandbox")["numbers"][1:])
    texts, verified, left = (row.split(" ")[0] for row in shown.step("apply the release")["numbers"])
    assert int(texts) == int(verified) > 400
    assert int(texts) + int(left) == int(changes["added"])
    assert shown.step("take the release back")["numbers"] == [f"{texts} texts taken back", "all as before"]


def test_volunteers_are_written_to(shown: Shown) -> None:
    """A mail server of the demo's takes a welcome for everybody, and for whoever translated what became of it."""
    welcomes = "4 letters arrived, for Amina Diallo, Claire Bonnet, Huda Saleh, Karim Nasser"
    assert shown.step("register")["numbers"] == ["4 volunteers", welcomes]
    assert shown.step("tell volunteers")["numbers"] == ["2 letters arrived, for Amina Diallo, Karim Nasser"]
    letters = shown.seen["letters"]
    assert sorted(name[3:] for name in letters) == [
        "amina.txt", "amina.txt", "claire.txt", "huda.txt", "karim.txt", "karim.txt",
    ]  # fmt: skip
    french = next(text for name, text in letters.items() if name in ("05-amina.txt", "06-amina.txt"))
    approved = int(shown.step("review")["numbers"][0].split(" ")[0])
    number = re.search(r"Approuvés\s*:\s(\d+)", french)
    assert number is not None, french
    assert int(number[1]) >= approved
    assert shown.seen["told"] == 200


def test_the_last_line_names_the_bundle(shown: Shown) -> None:
    """The line after the steps is ``bundle: PATH (N texts, locale L)``, and N texts are in it."""
    line = next(line for line in shown.lines if line.startswith("bundle: "))
    assert shown.lines.index(line) == 16
    found = re.fullmatch(r"bundle: (\S+\.zip) \((\d+) texts, locale fr\)", line)
    assert found is not None
    assert f"{found[2]} texts in" in shown.step("write the bundle")["numbers"][0]
    assert Path(found[1]).is_file()


def test_printed_logins_let_in(shown: Shown) -> None:
    """With --keep somebody can sign in with what was printed, and sees the deployment."""
    assert "Northern Lakes" in shown.seen["home"]
    assert shown.seen["status"] == 303
    assert f"password {PASSWORD}" in shown.lines[-1]


def test_only_the_bundle_stays(shown: Shown, folder: Path) -> None:
    """When it has ended nothing is left but the bundle."""
    assert [path.suffix for path in folder.rglob("*") if path.is_file()] == [".zip"]


def test_a_step_that_fails_names_its_command(folder: Path) -> None:
    """Where a step fails the sentence names the command and what it said, and everything is removed."""

    def run(arguments: Any) -> int:
        if arguments[0] == "extract":
            sys.stderr.write('{"error": {"code": "bad-input", "detail": "It is broken."}}\n')
            return 2
        return cli.run(arguments)

    before = set(folder.iterdir())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(folder))
        with pytest.raises(NotReady, match=r"`primero-bridge extract \S+ .*ended with exit code 2: It is broken\."):
            run_demo(run, lambda: cli.build(cli.load_settings()), lambda *_: None, keep=False, wait=lambda: None)
    assert set(folder.iterdir()) == before


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    """Ctrl-C in the middle ends with 130, prints no traceback, and leaves nothing behind."""
    command = [sys.executable, "-c", "from service.cli import main; main()", "demo", "--json"]
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for _ in range(3):
            assert json.loads(process.stdout.readline())["step"]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, err) == (130, "")
    assert list(tmp_path.iterdir()) == []
