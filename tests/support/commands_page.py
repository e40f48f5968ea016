"""docs/reference/commands.md, made from the command line itself; ``python -m tests.support.commands_page`` writes it.

What a command is for and an example of it are told here; its arguments and options tell themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from service.cli import make_app
from tests.support.commands_told import ABOUT_INSTANCES, Told
from tests.support.commands_volunteers import ABOUT_VOLUNTEERS

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
        "primero-bridge deployment add training --name Training --source configuration.json --format PO",
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
        "deployment set",
        "Change the name, whether a lone reviewer may approve an own text (recorded as an exception), and what becomes "
        "of texts that change on both sides. What is not named stays; the audit keeps old and new.",
        "0 · 1 it is archived · 2 nothing named · 4",
        "primero-bridge deployment set northern-lakes --lone-reviewer yes --conflict-policy ask",
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
        "source adopt-moved",
        "List the units that changed their place in an earlier import and took nothing along, and with --apply let "
        "them take their translations now. Only what has no text is filled, with its author; it waits for a reviewer. "
        "Doing it twice changes nothing.",
        "0 · 1 it is archived · 2 · 4",
        "primero-bridge source adopt-moved northern-lakes\nprimero-bridge source adopt-moved northern-lakes --apply",
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
        "user address",
        "Say where messages to somebody who signs in go, such as reminders of deadlines; people can say it themselves "
        "on the page of their account. The audit tells that it was changed, not what it is.",
        "0 · 2 · 4",
        "primero-bridge user address amal amal@example.org",
    ),
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
        "conflict list",
        "Which texts changed here and on Transifex since the last sync, and wait for a person to choose; with both.",
        "0 · 2 · 4",
        "primero-bridge conflict list northern-lakes",
    ),
    Told(
        "conflict resolve",
        "Choose one of both texts, in the name of the user of BRIDGE_TOKEN. `--seen` is the mark that `conflict list` "
        "shows beside Transifex's text: when that has changed since, nothing is done.",
        "0 · 1 there is no conflict, or Transifex's text is another by now · 2 · 4",
        "primero-bridge conflict resolve northern-lakes ar form/intake/name --keep ours --seen 3f2a9c01b7de || true",
    ),
    Told(
        "conflict policy",
        "What becomes of texts that change on both sides from now on: `ask` (the default) leaves them to a person, "
        "`keep-ours` sends ours with the next push, `take-theirs` takes Transifex's. Sensitive texts always wait for a "
        "person; so do an approved text that theirs would replace, theirs where it was written on an older source "
        "text, and ours where it is stale or rejected. Both texts stay in the record, and the audit names the policy.",
        "0 · 1 · 2 · 4",
        "primero-bridge conflict policy northern-lakes keep-ours",
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
        "translations inherit",
        "Fill a country variant from its parent: what is approved in `ar` becomes the text of `ar-IQ` where that has "
        "none, as translated by its author, and is decided on in country like any other. Primero itself never falls "
        "back from `ar-IQ` to `ar`. Given again it fills what was approved since, and renews what came this way before "
        "and nobody touched; every other text stays.",
        "0 · 1 the parent is not a language of the deployment · 2 · 4",
        "primero-bridge translations inherit northern-lakes ar || true",
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
        "questions list",
        "See what volunteers ask on Transifex: the open issues on texts that others opened, and what was said since. "
        "`pull` looks for new ones.",
        "0 · 2 · 4",
        "primero-bridge questions list northern-lakes",
    ),
    Told(
        "questions answer",
        "Answer a question. The next push writes the text on Transifex as it is, without your name; comments there can "
        "be public.",
        "0 · 1 · 2 there is no such question, or no text · 4",
        "primero-bridge questions answer northern-lakes 3 --text 'The parent or whoever cares for the child.' || true",
    ),
    Told(
        "questions resolve",
        "Say that a question is settled: the next push resolves the issue on Transifex. One that somebody resolves "
        "there is resolved here by the next pull.",
        "0 · 1 · 2 there is no such question · 4",
        "primero-bridge questions resolve northern-lakes 3 || true",
    ),
    Told(
        "sync activity",
        "See by language who translated, edited and reviewed how many words on Transifex, to thank and to plan. "
        "Transifex counts words of the source, once a day, and not in every plan: where the plan has no such reports "
        "one sentence says so.",
        "0 · 1 the plan has no reports · 2 · 3 · 4",
        "primero-bridge sync activity northern-lakes --days 90",
    ),
    Told(
        "sync restore-marks",
        "Mark on Transifex again as reviewed whatever is approved here, as after somebody deleted a project and made "
        "it anew. Sends what waits to be sent, too.",
        "0 · 1 some texts failed · 2 · 3 · 4",
        "primero-bridge sync restore-marks northern-lakes",
    ),
    Told(
        "checks list",
        "See the checks, which block, and which are switched off where.",
        "0 · 2 · 4",
        "primero-bridge checks list northern-lakes",
    ),
    Told(
        "checks disable",
        "Switch a check off for a deployment, or for one language. What blocks and cannot be waived stays on.",
        "0 · 1 it cannot be off · 2 · 4",
        'primero-bridge checks disable northern-lakes numbers --locale ar --reason "Written in words."',
    ),
    Told(
        "checks enable",
        "Switch a check on again. A language that has a switch of its own keeps it.",
        "0 · 2 · 4",
        "primero-bridge checks enable northern-lakes numbers --locale ar",
    ),
    Told(
        "checks choose",
        "Choose how a check looks at the texts of a deployment or of one language: `digits_policy own` or `latin`; "
        "`bidi_unbalanced` with the direction controls that may stand in pairs (LRE, RLE, LRI, RLI, FSI); `max_length` "
        "with 50 to 300 percent of the shipped limits. `default` is: as it is shipped.",
        "0 · 2 · 4",
        'primero-bridge checks choose northern-lakes digits_policy own --locale ar --reason "As in schools."',
    ),
    Told(
        "checks run",
        "Check texts again now. The service does that by itself after an upgrade, and when switches or the "
        "glossary change. What was done stays done when it is interrupted.",
        "0 · 2 · 4",
        "primero-bridge checks run northern-lakes --recheck",
    ),
    Told(
        "checks findings",
        "See what the checks found, counted and one by one, with the number of each finding.",
        "0 · 2 · 4",
        "primero-bridge checks findings northern-lakes --locale ar --severity B",
    ),
    Told(
        "checks source",
        "Say what is wrong with the source texts themselves: labels that Primero refuses, words that are hard to "
        "translate, texts in which the checks find something in several languages, texts left untranslated for 90 "
        "days. It is for whoever keeps the configuration; nothing in it holds a translation up.",
        "0 · 2 · 4",
        "primero-bridge checks source northern-lakes -o source.csv",
    ),
    Told(
        "checks dismiss",
        "Say that a warning is none on exactly these two texts: approving then needs no confirmation. It "
        "takes the reviewer whom BRIDGE_TOKEN names, and is kept with the reason.",
        "0 · 1 · 2 · 4",
        'primero-bridge checks dismiss northern-lakes ar 17 --reason "The same in Arabic." || true',
    ),
    Told(
        "checks waive",
        "Let a text pass with a blocking finding that can be waived. It takes a specialist, who then cannot "
        "approve the text.",
        "0 · 1 · 2 · 4",
        'primero-bridge checks waive northern-lakes ar 18 --reason "Our own hotline." || true',
    ),
    Told(
        "checks undo",
        "Take a dismissal or a waiver back.",
        "0 · 1 · 2 · 4",
        "primero-bridge checks undo northern-lakes ar 18 || true",
    ),
    Told(
        "checks fix",
        "Put the replacement of a finding into the text: a correction like any other, which another person approves.",
        "0 · 1 there is no safe replacement · 2 · 4",
        "primero-bridge checks fix northern-lakes ar 19 || true",
    ),
    Told(
        "glossary add",
        "Say how a term of the source has to be translated, and how it must not. The term is written anew as "
        "a whole; earlier versions are kept.",
        "0 · 2 · 4",
        "primero-bridge glossary add northern-lakes ar survivor --form survivors --accept ناج --forbid ضحية "
        '--reason "It blames."',
    ),
    Told(
        "glossary list",
        "See the terms of a language.",
        "0 · 2 · 4",
        "primero-bridge glossary list northern-lakes ar",
    ),
    Told(
        "glossary export",
        "Write the terms into a CSV file for a spreadsheet.",
        "0 · 2 · 4",
        "primero-bridge glossary export northern-lakes ar -o glossary.csv",
    ),
    Told(
        "glossary import",
        "Take terms in from a CSV file with the same columns; several forms in a cell stand between `|`. "
        "Every row is answered, a second time changes nothing, and no term is removed.",
        "0 · 1 a row is refused · 2 · 4",
        "primero-bridge glossary import northern-lakes ar glossary.csv --dry-run",
    ),
    Told(
        "glossary remove",
        "Take a term out.",
        "0 · 2 there is no such term · 4",
        "primero-bridge glossary remove northern-lakes ar survivor",
    ),
    Told(
        "wording list",
        "See which words in the source make texts sensitive, and how many texts each concerns.",
        "0 · 2 · 4",
        "primero-bridge wording list northern-lakes",
    ),
    Told(
        "wording add",
        "Let a word make texts sensitive here, now and in later configurations: two persons must approve them.",
        "0 · 2 · 4",
        'primero-bridge wording add northern-lakes tracing --reason "It says where a child is."',
    ),
    Told(
        "wording remove",
        "Let a word make no text sensitive here. Tags of `primero-bridge scope tag` stay.",
        "0 · 2 there is no such term · 4",
        'primero-bridge wording remove northern-lakes tracing --reason "Too many texts."',
    ),
    Told(
        "suggestions",
        "See approved texts of the same or a similar source text, here first and then in other deployments "
        "that you may see. They are to start from, never approvals.",
        "0 · 2 · 4",
        "primero-bridge suggestions northern-lakes ar form/nl_consent/name",
    ),
    Told(
        "status",
        "See how far each language is; for a pipeline, fail until a level is reached.",
        "0 · 1 a required level is not met · 2 · 4",
        "primero-bridge status northern-lakes --locale ar --require translated=50",
    ),
    Told(
        "progress show",
        "See how far each language is, how fast it is translated and reviewed, when it may be done, and what needs "
        "someone. The forecast is a range that holds the end four times out of five; it takes four whole weeks of "
        "history, and says so where there is less. [How it is made](../guides/progress.md).",
        "0 · 4",
        "primero-bridge progress show northern-lakes",
    ),
    Told(
        "progress export",
        "Write the same numbers into a file for a spreadsheet or a program; with `--locale` the forms of a language, "
        "or with `--what days` its days of the last year.",
        "0 · 1 the file cannot be written · 2 · 4",
        "primero-bridge progress export northern-lakes languages.xlsx",
    ),
    Told(
        "deadline list",
        "See by when languages are to be done.",
        "0 · 4",
        "primero-bridge deadline list northern-lakes",
    ),
    Told(
        "deadline set",
        "Say by when a language is to be approved whole. Whoever can act is reminded 14, 7 and 2 days before.",
        "0 · 2 no such day · 4",
        "primero-bridge deadline set northern-lakes ar 2035-12-31 --note Go-live",
    ),
    Told(
        "deadline drop",
        "Take the deadline of a language away.",
        "0 · 4",
        "primero-bridge deadline drop northern-lakes ar",
    ),
    Told(
        "progress recount",
        "Prove the counters behind every number that pages, `status` and the API show: all texts are counted anew and "
        "compared. Only a fault of the service can make a difference; `--repair` sets the counters right.",
        "0 · 1 a counter was wrong and `--repair` was not given · 4",
        "primero-bridge progress recount northern-lakes",
    ),
    Told(
        "signoff show",
        "See what whoever signs a language off now would vouch for: how many texts are approved, what is missing, what "
        "leans on an exception, what is sensitive or waived.",
        "0 · 2 · 4",
        "primero-bridge signoff show northern-lakes ar",
    ),
    Told(
        "signoff sign",
        "Vouch for every text of a language that is approved now. It takes the token of a reviewer of the language. "
        "The sign-off holds while these texts are approved as they were signed.",
        "0 · 1 nothing is approved, or something else than the digest says · 2 · 4",
        "BRIDGE_TOKEN=$(primero-bridge token create amal) primero-bridge signoff sign northern-lakes ar "
        '--name "Amal Karim" --role "Head of case management" --organisation "Northern Lakes" '
        '--statement "Read in the workshop, fit for go-live."',
    ),
    Told(
        "signoff list",
        "See the sign-offs of a language: valid, incomplete (texts came that it does not cover), invalid (a text that "
        "it covers is not approved any more) or revoked.",
        "0 · 2 · 4",
        "primero-bridge signoff list northern-lakes ar",
    ),
    Told(
        "release create",
        "Compare a language with Transifex, then freeze and number exactly what is approved. Where Transifex does not "
        "answer there is no release, unless a reason is given. [How releases work](../guides/release-engineer.md).",
        "0 · 1 refused · 2 · 3 Transifex cannot be reached · 4",
        "primero-bridge release create northern-lakes ar --partial-options\n"
        'primero-bridge release create northern-lakes ar --partial-options --policy signed-off --allow "The rest '
        'comes in May."',
    ),
    Told(
        "release list",
        "See the releases of a deployment, withdrawn ones too.",
        "0 · 2 · 4",
        "primero-bridge release list northern-lakes --locale ar",
    ),
    Told(
        "release show",
        "See one release: its texts in numbers, what was let pass, who fetched it.",
        "0 · 2 there is no such release · 4",
        "primero-bridge release show northern-lakes ar 1",
    ),
    Told(
        "release withdraw",
        "Have a release served no more. Its number is not used again; who fetched it is named.",
        "0 · 1 it was withdrawn before · 2 · 4",
        'primero-bridge release withdraw northern-lakes ar 1 --reason "A wrong word in the consent form."',
    ),
    Told(
        "signoff revoke",
        "Take a sign-off back. It stays to be seen, with the reason.",
        "0 · 1 it was revoked before · 2 · 4",
        "BRIDGE_TOKEN=$(primero-bridge token create amal) primero-bridge signoff revoke northern-lakes ar 1 "
        '--reason "Two texts are to be read again."',
    ),
    Told(
        "bundle build",
        "Package the approved texts of one language for Primero, or write a release as it was frozen. The same "
        "approvals give the same bytes. The signature goes beside it, FILE.sig; a preview gets none. "
        "[What is in it](../guides/release-engineer.md).",
        "0 · 1 nothing is approved, or refused · 2 · 4",
        "primero-bridge bundle build northern-lakes ar -o bundle.zip --partial-options\n"
        "primero-bridge bundle build northern-lakes ar --release 2 -o release-2.zip",
    ),
    Told(
        "bundle inspect",
        "Check a bundle before it goes to a server: every checksum, every count, every file.",
        "0 · 1 something does not agree · 2",
        "primero-bridge bundle inspect bundle.zip",
    ),
    Told(
        "bundle merge",
        "Put a bundle's texts into a configuration JSON, for whoever promotes configurations. It is refused unless the "
        "configuration has exactly the forms and lookups of the instance, because applying one destroys every form, "
        "lookup and report that it does not name. `apply` is the safer way.",
        "0 · 1 the forms or lookups are not those of the instance · 2 · 3",
        "primero-bridge bundle merge bundle.zip configuration.json --target configuration.json -o merged.json",
    ),
    *ABOUT_INSTANCES,
    Told(
        "signing-key export",
        "Take the public keys along, as they are served at `/api/v1/signing-keys.pem`.",
        "0 · 2 there is none yet · 4",
        "primero-bridge signing-key export -o keys.pem",
    ),
    Told(
        "bundle verify",
        "Check who signed a bundle, and that it is whole: that needs the file, its signature and the public keys "
        "alone. With `--against`, look for its texts in an export of the instance: each is verified, differs, or is "
        "not visible by this route.",
        "0 · 1 the signature does not fit, or a text differs · 2 it is no whole bundle",
        "primero-bridge bundle verify release-2.zip --key keys.pem\n"
        "primero-bridge bundle verify release-2.zip --against configuration.json || true",
    ),
    Told(
        "bundle inverse",
        "Build the way back before a bundle is imported on the server: from an export of the instance, the texts that "
        "stand there now, and empty ones where none stands.",
        "0 · 1 the export holds none of its texts · 2",
        "primero-bridge bundle inverse release-2.zip --target configuration.json -o back.zip",
    ),
    Told(
        "signing-key list",
        "See the keys that ever signed a bundle.",
        "0 · 4",
        "primero-bridge signing-key list",
    ),
    Told(
        "signing-key rotate",
        "Sign with a new key from now on, as after the old one may have been seen by somebody. What was signed before "
        "is still verified with the old one.",
        "0 · 4",
        "primero-bridge signing-key rotate",
    ),
    Told("token revoke", "End every API token of a user.", "0 · 2 · 4", "primero-bridge token revoke amal"),
    *ABOUT_VOLUNTEERS,
    Told(
        "audit list",
        "See who did what, the newest first. A specialist sees the own deployments, an administrator everything.",
        "0 · 2 · 4",
        "primero-bridge audit list --deployment northern-lakes --action deployment --limit 5",
    ),
    Told(
        "audit export",
        "Take the audit along, whole or what a filter finds. `jsonl` holds all that the hashes are over: "
        "without filters `audit verify --file` proves it anywhere. `csv` is for a spreadsheet, and names people.",
        "0 · 2 · 4",
        "primero-bridge audit export -o audit.jsonl",
    ),
    Told(
        "audit verify",
        "Prove that nobody changed, removed, added or reordered an entry. It prints the last place: note it elsewhere "
        "and give it to `--expect` later, which also finds a chain that was written anew as a whole.",
        "0 · 1 a place does not hold · 2 · 4",
        "primero-bridge audit verify\nprimero-bridge audit verify --file audit.jsonl",
    ),
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
        "Show the whole job on sample data. With --json each step is one line. The bundle stays, everything else goes. "
        "With --keep the letters to volunteers can be read where the last line says.",
        "0 · 1 a step failed · 130",
        "primero-bridge demo",
    ),
    Told(
        "sandbox transifex",
        "Answer as Transifex does until it is stopped, for trying out. With --json the first line holds its address.",
        "0 · 2",
        "primero-bridge sandbox transifex --port 8400 --project northern-lakes",
    ),
    Told(
        "sandbox primero",
        "Answer as Primero does, traps included, until it is stopped, for trying out. It holds the sample's "
        "configuration or another one; what it is told is forgotten at the end. With --json the first line "
        "holds its address.",
        "0 · 2",
        "primero-bridge sandbox primero --port 8500 --locales en,fr,ar",
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
