"""docs/reference/commands.md, made from the command line itself; ``python -m tests.support.commands_page`` writes it.

What a command is for and an example of it are told here; its arguments and options tell themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from service.cli import make_app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "commands.md"

HEAD = """# Commands

Every command has `--help`, and `--json`: then standard output holds one JSON document and nothing else (one on each \
line from what stays up: `serve`, `worker`, `sandbox`, `demo`), and an error is one JSON line on the error stream, \
`{"error": {"code": …, "detail": …}}`. The codes: [errors.md](errors.md). Settings come from the environment: \
[settings.md](settings.md).

With `BRIDGE_TOKEN` set the command line acts as that user; without it as the operator of the machine, who may \
administer but not review.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | refused, or a required level is not met |
| 2 | bad input or usage |
| 3 | Transifex or Primero cannot be reached |
| 4 | not permitted, or not signed in |
| 70 | a bug of ours |
| 130 | ended by Ctrl-C |

The examples can be read from top to bottom; the tests run them in this order. `primero-bridge --version` prints the
version. This page is made from the command line itself.
"""


@dataclass(frozen=True)
class Told:
    """What the page says of a command beside its arguments: purpose, exit codes, and lines of a shell."""

    name: str
    purpose: str
    codes: str
    example: str


COMMANDS = (
    Told(
        "extract",
        "See which texts of a configuration can be translated, and write them as files. Nothing is stored. What is odd "
        "in the configuration is said on the error stream and does not stop it. yaml and po write a folder with one "
        "file per form and one for the lookups; json writes one file.",
        "0 · 2",
        "primero-bridge extract configuration.json -o texts",
    ),
    Told(
        "check",
        "Find what is wrong in translations before anybody imports them: lost placeholders, other numbers, HTML that "
        "Primero would show raw. [What the checks mean](../checks/README.md).",
        "0 · 1 a finding blocks · 2",
        "primero-bridge check --source configuration.json --target translations/ar --locale ar || true",
    ),
    Told(
        "deployment add",
        "Begin the translation of one Primero instance: a name, its configuration, its languages, its Transifex "
        "project.",
        "0 · 1 the name is taken · 2 · 4",
        'primero-bridge deployment add northern-lakes --name "Northern Lakes" --source configuration.json '
        "--locales fr,ar --transifex o:sandbox:p:northern-lakes\n"
        "primero-bridge deployment add training --name Training --source configuration.json",
    ),
    Told(
        "deployment list",
        "See every deployment you may see, with how much of each language is approved.",
        "0 · 4",
        "primero-bridge deployment list",
    ),
    Told(
        "deployment show",
        "See where one deployment comes from, where it goes, and how each language stands.",
        "0 · 2 · 4",
        "primero-bridge deployment show northern-lakes",
    ),
    Told(
        "deployment connect",
        "Say which Transifex project a deployment uses, and give it a Transifex token of its own. The token is read "
        "from standard input, never from an argument, and stored encrypted.",
        "0 · 1 · 2 · 3 · 4",
        "primero-bridge deployment connect northern-lakes --token-stdin < token.txt",
    ),
    Told(
        "deployment locales",
        "Take more languages into a deployment, or say which language of Transifex one of them is.",
        "0 · 1 · 2 · 4",
        "primero-bridge deployment locales northern-lakes ku-IQ=ku_IQ",
    ),
    Told(
        "deployment webhook",
        "Have Transifex tell the service when a language of a resource is finished or changed, so that the next pull "
        "need not be waited for. Each call gives the webhook a fresh secret, stored encrypted; `--remove` ends it. "
        "Transifex has to reach BRIDGE_PUBLIC_URL, by https.",
        "0 · 1 · 2 · 3 · 4",
        "primero-bridge deployment webhook northern-lakes",
    ),
    Told(
        "deployment archive",
        "End a deployment without losing anything: it stays readable, and refuses every change.",
        "0 · 1 it is archived already · 2 · 4",
        "primero-bridge deployment archive training",
    ),
    Told(
        "source import",
        "Bring in a newer configuration, or with --dry-run see what it would change. What would retire more than a "
        "tenth of the texts stops: most often it is the wrong file. Changed texts are shown word by word, "
        "`[-old-]{+new+}`; units that were retired and added with the same text are offered as moved.",
        "0 · 1 it would retire too much · 2 · 4",
        "primero-bridge source import northern-lakes newer.json --dry-run\n"
        "primero-bridge source import northern-lakes newer.json",
    ),
    Told(
        "source activate",
        "Go back to an earlier import; translations and approvals of what comes back are still there.",
        "0 · 1 · 2 · 4",
        "primero-bridge source activate northern-lakes 1",
    ),
    Told(
        "scope exclude",
        "Leave texts out of the translation, in this configuration and in later ones.",
        "0 · 1 · 2 nothing matches · 4",
        "primero-bridge scope exclude northern-lakes 'form/nl_documents/*'",
    ),
    Told(
        "scope include",
        "Take texts in again that were left out.",
        "0 · 1 · 2 nothing matches · 4",
        "primero-bridge scope include northern-lakes 'form/nl_documents/*'",
    ),
    Told(
        "scope tag",
        "Mark texts as sensitive (two persons must approve) or as not to be translated, or order them by priority.",
        "0 · 1 · 2 · 4",
        "primero-bridge scope tag northern-lakes 'form/nl_consent/*' sensitive --reason \"Two persons must agree.\"",
    ),
    Told(
        "scope untag",
        "Take a tag away again.",
        "0 · 1 · 2 · 4",
        "primero-bridge scope untag northern-lakes 'form/nl_consent/name' sensitive --reason \"Only a heading.\"",
    ),
    Told(
        "user add",
        "Let somebody in: prints a one-time link with which the person sets a password. "
        "[Who may do what](permissions.md).",
        "0 · 1 the name is taken · 2 · 4",
        "primero-bridge user add sara --role specialist\n"
        "primero-bridge user add amal --role reviewer --deployment northern-lakes --locales ar",
    ),
    Told(
        "user link",
        "Give somebody who lost the password a new one-time link; earlier links end.",
        "0 · 1 · 2 · 4",
        "primero-bridge user link amal",
    ),
    Told("user list", "See the users whom you may manage.", "0 · 4", "primero-bridge user list"),
    Told(
        "user transifex",
        "Say which Transifex user somebody is, so that nobody approves an own translation.",
        "0 · 1 · 2 · 4",
        "primero-bridge user transifex amal amal_translates",
    ),
    Told(
        "token create",
        "Make an API token for a user and print it, alone; it is shown this once. With it in BRIDGE_TOKEN the command "
        "line acts as that user.",
        "0 · 1 · 2 · 4",
        "primero-bridge token create amal",
    ),
    Told(
        "translations import",
        "Take in translations that arrive as files. Texts that are approved or in conflict are kept and listed; that "
        "is no error.",
        "0 · 1 · 2 · 4",
        "primero-bridge translations import northern-lakes ar translations/ar",
    ),
    Told(
        "translations approve",
        "Approve at once every waiting text that no check objects to, that is not sensitive and not your own: in the "
        "name of the user of BRIDGE_TOKEN, with the reason on each decision.",
        "0 · 1 · 2 · 4",
        "BRIDGE_TOKEN=$(primero-bridge token create amal) primero-bridge translations approve northern-lakes ar "
        '--all-passing --reason "Read in the workshop."',
    ),
    Told(
        "translations baseline",
        "Accept texts that Primero shows already as they are, on the record; sensitive ones are passed over. In the "
        "name of the user of BRIDGE_TOKEN.",
        "0 · 1 · 2 · 4",
        "BRIDGE_TOKEN=$(primero-bridge token create sara) primero-bridge translations baseline northern-lakes fr "
        '--reason "In use since 2023."',
    ),
    Told(
        "push",
        "Send the source texts to Transifex, as far as they changed: one resource per form, one for the lookups. "
        "Missing languages are added to the project, and volunteers are told what each text is for. From a resource "
        "that stood there before, translations that the push would drop are fetched first and kept as stale. Then what "
        "was decided here goes up: corrected texts, the mark of reviewed texts, and an issue for each rejection.",
        "0 · 1 some resources failed · 2 · 3 · 4",
        "primero-bridge push northern-lakes",
    ),
    Told(
        "pull",
        "Fetch what volunteers wrote on Transifex since the last time, and check it.",
        "0 · 1 some resources failed · 2 · 3 · 4",
        "primero-bridge pull northern-lakes",
    ),
    Told(
        "job list",
        "See what the service does or did by itself for a deployment: how far each exchange is, and how it ended.",
        "0 · 2 · 4",
        "primero-bridge job list northern-lakes",
    ),
    Told(
        "job cancel",
        "End an exchange: one that waits ends at once, one that runs stops between two resources or languages. What "
        "was done until then is kept, and the next exchange does the rest.",
        "0 · 1 it has ended · 2 there is no such job · 4",
        "primero-bridge job cancel 12 || true",
    ),
    Told(
        "sync restore-marks",
        "Mark on Transifex again as reviewed whatever is approved here, as after somebody deleted a project and made "
        "it anew. Sends what waits to be sent, too.",
        "0 · 1 some texts failed · 2 · 3 · 4",
        "primero-bridge sync restore-marks northern-lakes",
    ),
    Told(
        "status",
        "See how far each language is; for a pipeline, fail until a level is reached.",
        "0 · 1 a required level is not met · 2 · 4",
        "primero-bridge status northern-lakes --locale ar --require translated=50",
    ),
    Told(
        "bundle build",
        "Package the approved texts of one language for Primero. The same approvals give the same bytes. "
        "[What is in it](../guides/release-engineer.md).",
        "0 · 1 nothing is approved · 2 · 4",
        "primero-bridge bundle build northern-lakes ar -o bundle.zip",
    ),
    Told(
        "bundle inspect",
        "Check a bundle before it goes to a server: every checksum, every count, every file.",
        "0 · 1 something does not agree · 2",
        "primero-bridge bundle inspect bundle.zip",
    ),
    Told("token revoke", "End every API token of a user.", "0 · 2 · 4", "primero-bridge token revoke amal"),
    Told(
        "db upgrade",
        "Bring the database to the schema of this version. The embedded one is upgraded by itself; for PostgreSQL run "
        "this after a backup.",
        "0 · 1",
        "primero-bridge db upgrade",
    ),
    Told(
        "backup",
        "Write everything into one file. It is the operator's: BRIDGE_TOKEN must not be set. "
        "[More on backups](../guides/backup.md).",
        "0 · 1 · 2",
        "primero-bridge backup bridge.backup",
    ),
    Told(
        "restore",
        "Fill an empty database from a backup.",
        "0 · 1 it is not empty · 2",
        "BRIDGE_DATA_DIR=elsewhere primero-bridge restore bridge.backup",
    ),
    Told(
        "serve",
        "Run the service until it is stopped: pages, API, and a worker of its own. With --json the first line holds "
        "its address.",
        "0 · 1 · 2",
        "primero-bridge serve --port 8000",
    ),
    Told(
        "worker",
        "Run jobs in a process of its own until it is stopped, beside others on PostgreSQL.",
        "0 · 1",
        "primero-bridge worker",
    ),
    Told(
        "demo",
        "Show the whole job on sample data. With --json each step is one line. The bundle stays, everything else goes.",
        "0 · 1 a step failed · 130",
        "primero-bridge demo",
    ),
    Told(
        "sandbox transifex",
        "Answer as Transifex does until it is stopped, for trying out. With --json the first line holds its address.",
        "0 · 2",
        "primero-bridge sandbox transifex --port 8400 --project northern-lakes",
    ),
)


def find_commands() -> dict[str, Any]:
    """Return every command of the command line by its whole name."""
    return dict(_walk(typer.main.get_command(make_app()), ()))


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield " ".join(path), command
        return
    for name, found in inner.items():
        yield from _walk(found, (*path, name))


def commands_page() -> str:
    """Return docs/reference/commands.md."""
    commands = find_commands()
    return "\n".join([HEAD, *(_section(told, commands[told.name]) for told in COMMANDS)]).rstrip() + "\n"


def _section(told: Told, command: Any) -> str:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option"]
    usage = " ".join(["primero-bridge", told.name, *(param.name.upper() for param in arguments), "[OPTIONS]"])
    rows = [f"| `{param.name.upper()}` | {param.help} |" for param in arguments]
    rows += [f"| {', '.join(f'`{name}`' for name in param.opts)} | {_describe(param)} |" for param in options]
    table = "\n".join(["| | |", "| --- | --- |", *rows])
    example = f"```sh\n{told.example}\n```"
    return f"## {told.name}\n\n{told.purpose}\n\n`{usage}`\n\n{table}\n\nExit codes: {told.codes}\n\n{example}\n"


def _describe(option: Any) -> str:
    parts = [option.help]
    kind = option.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        parts.append(f"One of {', '.join(f'`{choice.value}`' for choice in kind)}.")
    if option.required:
        parts.append("Required.")
    elif option.default not in (None, False, "", ()) and not callable(option.default):
        parts.append(f"Without it: `{getattr(option.default, 'value', option.default)}`.")
    return " ".join(parts)


if __name__ == "__main__":
    PAGE.write_text(commands_page(), "utf-8")
