"""What docs/reference/commands.md says of a command, and of those about Primero instances; see ``commands_page``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """What the page says of a command beside its arguments: purpose, exit codes, and lines of a shell."""

    name: str
    purpose: str
    codes: str
    example: str


ABOUT_INSTANCES = (
    Told(
        "instance add",
        "Add a Primero server of a deployment. The password comes from standard input, a file, or "
        "`BRIDGE_PRIMERO_PASSWORD`, never from an argument, and is stored encrypted. Addresses on private networks and "
        "on this machine are refused unless `BRIDGE_PRIMERO_HOSTS` allows them.",
        "0 · 1 · 2 · 4",
        "primero-bridge instance add northern-lakes trial --url http://127.0.0.1:8500 --user bridge --training "
        "--password-stdin < password.txt",
    ),
    Told(
        "instance list",
        "List the Primero servers of a deployment.",
        "0 · 2",
        "primero-bridge instance list northern-lakes",
    ),
    Told(
        "instance check",
        "Sign in and say what an apply would meet: languages, the account's language and rights, how many forms it "
        "sees. Nothing is written.",
        "0 · 1 something would keep an apply from beginning · 2 · 3 · 4",
        "primero-bridge instance check northern-lakes trial",
    ),
    Told(
        "instance set",
        "Change a Primero server. A new address takes the password with it. A password that Primero refused is not "
        "tried again until it is set anew.",
        "0 · 2 · 4",
        "primero-bridge instance set northern-lakes trial --user bridge --password-stdin < password.txt",
    ),
    Told(
        "diff",
        "See what a bundle would change, word by word: on an instance, on the Primero at an address, in an export, or "
        "since an older bundle. Added, changed, cleared, unknown there, not deliverable, not visible in such an "
        "export, and texts whose English changed there since they were approved.",
        "0 · 1 · 2 · 3 · 4",
        "primero-bridge diff bundle.zip --instance trial\nprimero-bridge diff bundle.zip configuration.json",
    ),
    Told(
        "apply",
        "Give a bundle to an instance by Primero's API. Everything that is touched is saved first. Each form and "
        "lookup is read, written whole, read again and compared; one that somebody changed meanwhile is left and said; "
        "the first difference that nobody can explain stops the run. After a kill the same command goes on. "
        "[How it goes, and what can go wrong](../guides/apply.md).",
        "0 · 1 refused, stopped, or not everything was written · 2 · 3 nothing is lost: repeat it · 4",
        "primero-bridge apply northern-lakes trial bundle.zip --dry-run\n"
        "primero-bridge apply northern-lakes trial bundle.zip",
    ),
    Told(
        "instance show",
        "See which bundle an instance has in each language, and every run that wrote to it.",
        "0 · 2",
        "primero-bridge instance show northern-lakes trial",
    ),
    Told(
        "instance saved",
        "Write what stood on an instance before a run into a file: the forms and lookups that it touched, as Primero's "
        "API answers them, without blank fillers.",
        "0 · 2 · 4",
        "primero-bridge instance saved northern-lakes trial 1 -o saved.json",
    ),
    Told(
        "rollback",
        "Put back what stood on an instance before a run, whole or in part. A text that somebody changed since is left "
        "and said. It works after a kill, of the apply or of itself.",
        "0 · 1 refused, stopped, or not everything was taken back · 2 · 3 nothing is lost: repeat it · 4",
        "primero-bridge rollback northern-lakes trial 1",
    ),
    Told(
        "instance remove",
        "Forget a Primero server and its password. What was written to it stays on record.",
        "0 · 2 · 4",
        "primero-bridge instance remove northern-lakes trial",
    ),
)
