"""What the demo does beside its steps: its settings, the sample's texts, answers turned into sentences."""

import contextlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from extractors.load import load
from extractors.reading import read_path
from extractors.texts import is_blank
from service.errors import NotReady
from service.primero.sandbox.core import Account as PrimeroAccount
from service.primero.sandbox.core import Sandbox as PrimeroSandbox
from service.primero.sandbox.server import RunningSandbox as RunningPrimero
from service.primero.sandbox.server import serve as serve_sandbox
from service.sample import sample_path
from service.sync.rules.formats.rails_yaml import RailsYaml
from transifex_client import Configuration, TransifexClient
from transifex_client.sandbox.server import RunningSandbox

TOKEN = "sandbox-token"  # noqa: S105  # it opens nothing but the sandbox
PASSWORD = "northern-lakes-demo"  # noqa: S105  # of users who end with the demo


def bridge_settings() -> dict[str, str]:
    """Return the settings of the service in the environment, whatever their case."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper().startswith("BRIDGE_") or name.upper() == "NO_PROXY"
    }


def replace_settings(wanted: Mapping[str, str]) -> None:
    """Put these settings in place of those in the environment."""
    for name in bridge_settings():
        del os.environ[name]
    os.environ.update(wanted)


def demo_settings(folder: Path, port: int, transifex_url: str, smtp_url: str) -> dict[str, str]:
    """Return the demo's own settings: a service on this port, with everything it stores in a folder."""
    return {
        "BRIDGE_DATA_DIR": str(folder / "data"),
        "BRIDGE_TRANSIFEX_URL": transifex_url,
        "BRIDGE_TRANSIFEX_TOKEN": TOKEN,
        "BRIDGE_TRANSIFEX_USER": "bridge",
        "BRIDGE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BRIDGE_SMTP_URL": smtp_url,
        "BRIDGE_MAIL_FROM": "Northern Lakes <bridge@northern-lakes.example>",
        "BRIDGE_PRIMERO_HOSTS": "127.0.0.1",
        "BRIDGE_PRIMERO_PASSWORD": PASSWORD,
        # All sides listen on this machine: a proxy of the user's could not reach them.
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def serve_primero() -> RunningPrimero:
    """Start a sandbox of Primero that holds the sample, with every language of it enabled."""
    configuration = json.loads((sample_path() / "configuration.json").read_text("utf-8"))
    sandbox = PrimeroSandbox(configuration, ["en", "fr", "ar", "es"], [PrimeroAccount("bridge", PASSWORD)])
    return serve_sandbox(sandbox)


def transifex(sandbox: RunningSandbox) -> TransifexClient:
    """Return a client of the sandbox."""
    return TransifexClient(Configuration(token=TOKEN, base_url=sandbox.url))


def sample_texts(locale: str) -> dict[str, str]:
    """Return the sample's translations by Transifex's key."""
    catalog = load(read_path(sample_path() / locale)).catalog
    texts = ((RailsYaml().string_key(unit.key), unit.texts.get(locale, "")) for unit in catalog.units)
    return {key: text for key, text in texts if not is_blank(text)}


def without_faults(unit: Mapping[str, Any]) -> str | None:
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


def pair(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Return what names the two texts that a decision is about."""
    return {name: unit[name] for name in ("key", "source_hash", "text_hash")}


def by_resource(texts: Mapping[str, str], places: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the texts that have a place, by their resource."""
    found: dict[str, dict[str, str]] = {}
    for key, text in texts.items():
        if key in places:
            found.setdefault(places[key], {})[key] = text
    return found


def sentence(printed: str) -> str:
    """Return what a command said on its error stream, as a sentence."""
    last = printed.strip().rpartition("\n")[2]
    with contextlib.suppress(ValueError, LookupError, TypeError):
        return str(json.loads(last)["error"]["detail"])
    return printed.strip()


def read_answer(response: httpx.Response) -> Any:
    """Return what the service answered, as JSON gives it."""
    if response.is_error:
        raise NotReady(
            f"The demo stopped: {response.request.url.path} answered {response.status_code}: {response.text}"
        )
    return response.json()


def set_password(url: str, secret: str) -> None:
    """Set the demo's password as somebody does who opened the link."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False, headers={"Origin": url}) as browser:
        form = browser.get(f"/set-password/{secret}").text
        token = re.search(r'name="form_token" value="([^"]+)"', form)
        data = {"form_token": token[1] if token else "", "password": PASSWORD, "repeated": PASSWORD}
        answer = browser.post(f"/set-password/{secret}", data=data)
        if answer.status_code != 303:
            raise NotReady(f"The demo stopped: a password could not be set ({answer.status_code}).")
