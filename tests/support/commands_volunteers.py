"""What docs/reference/commands.md says of the commands about volunteers and mail."""

from tests.support.commands_told import Told

ABOUT_VOLUNTEERS = (
    Told(
        "volunteer add",
        "Register a volunteer by hand; who is known by address or username is told more of.",
        "0 · 2 · 4",
        "primero-bridge volunteer add northern-lakes --name Omar --email omar@example.org --locales ar",
    ),
    Told(
        "volunteer import",
        "Register volunteers from a CSV or XLSX file with the columns name, email, transifex, languages, role, note. "
        "Every row is answered; a second time changes nothing, and nobody is taken out.",
        "0 · 1 a row is refused · 2 · 4",
        "primero-bridge volunteer import northern-lakes volunteers.csv --dry-run",
    ),
    Told(
        "volunteer list",
        "See the volunteers and how each stands: registered, instructed, joined, active, quiet, left. Whoever works on "
        "Transifex and is not registered is named below.",
        "0 · 2 · 4",
        "primero-bridge volunteer list northern-lakes --locale ar",
    ),
    Told(
        "volunteer languages",
        "Write the languages of a volunteer anew.",
        "0 · 2 · 4",
        "primero-bridge volunteer languages northern-lakes 1 --locales ar,fr",
    ),
    Told(
        "volunteer reconcile",
        "Look who is in the project's team on Transifex, and put in whoever is registered with a username. Transifex "
        "lets no program invite by e-mail: for those without a username it says what a person has to do. Nobody is "
        "taken out, and nobody who left is put in again.",
        "0 · 1 somebody was not taken, or the project has no team · 2 · 3 · 4",
        "primero-bridge volunteer reconcile northern-lakes --dry-run || true",
    ),
    Told(
        "volunteer confirm",
        "Say who a Transifex user is that a look or a pull found: a volunteer who is registered by address, or a new "
        "one.",
        "0 · 1 the two cannot be one · 2 · 4",
        "primero-bridge volunteer confirm northern-lakes amina --locales ar || true",
    ),
    Told(
        "volunteer write",
        "Write to volunteers: each gets one welcome with links to exactly the forms that wait, and one reminder. What "
        "became of their texts is told by itself, once a day at most. Without a mail server the messages wait to be "
        "copied.",
        "0 · 2 · 4",
        "primero-bridge volunteer write northern-lakes welcome --dry-run\n"
        "primero-bridge volunteer write northern-lakes welcome",
    ),
    Told(
        "volunteer letter",
        "See a letter and the fields that are filled in, or write it anew for a language and a role. The file holds "
        "the subject on its first line, then an empty one, then the text.",
        "0 · 2 · 4",
        "primero-bridge volunteer letter northern-lakes welcome",
    ),
    Told(
        "volunteer numbers",
        "See what each translator wrote and what others decided on it, by reason; whoever wrote last stands first.",
        "0 · 2 · 4 the deployment shows it to nobody else",
        "primero-bridge volunteer numbers northern-lakes",
    ),
    Told(
        "volunteer settings",
        "Decide whether everybody in the deployment sees these numbers, and how long volunteers are kept after they "
        "were last active.",
        "0 · 2 · 4",
        "primero-bridge volunteer settings northern-lakes --hide-numbers --keep-months 24",
    ),
    Told(
        "volunteer export",
        "Write everything that is kept of a volunteer into a file, to be handed to that person.",
        "0 · 2 · 4",
        "primero-bridge volunteer export northern-lakes 1 -o person.json",
    ),
    Told(
        "volunteer erase",
        "End everything that tells who a volunteer is, in every deployment. Texts and decisions stay under a random "
        "id; on Transifex nothing changes.",
        "0 · 2 without --really · 4",
        "primero-bridge volunteer erase northern-lakes 99 --really || true",
    ),
    Told(
        "mail list",
        "See the messages that wait or failed; where no mail server is set, whole, to be copied.",
        "0 · 2 · 4",
        "primero-bridge mail list northern-lakes",
    ),
    Told(
        "mail done",
        "Note that you sent a message yourself.",
        "0 · 1 it waits no more · 2 · 4",
        "primero-bridge mail done northern-lakes 1",
    ),
    Told(
        "mail cancel",
        "Take a message back that waits.",
        "0 · 1 it waits no more · 2 · 4",
        "primero-bridge mail cancel northern-lakes 2 || true",
    ),
    Told(
        "volunteer leave",
        "Note that somebody volunteers no more.",
        "0 · 1 it is noted already · 2 · 4",
        "primero-bridge volunteer leave northern-lakes 1",
    ),
    Told(
        "webhook add",
        "Have an address told, by signed messages, when texts of a language were translated, approved, signed off or "
        "released: counts alone. Its secret is printed once. [How to receive them](webhooks.md).",
        "0 · 1 told already, or five are · 2 · 4",
        "primero-bridge webhook add northern-lakes https://hooks.example.org/bridge",
    ),
    Told(
        "webhook list",
        "See who is told, why the last try did not arrive and when the next one is, and the last events.",
        "0 · 2 · 4",
        "primero-bridge webhook list northern-lakes",
    ),
    Told(
        "webhook resume",
        "Tell an address again that was given up after seven days, or stopped by a restore; or try one at once that "
        "waits. A greeting comes first, then what it missed.",
        "0 · 2 · 4",
        "primero-bridge webhook resume northern-lakes 1",
    ),
    Told(
        "webhook remove",
        "Tell an address no more; its secret is forgotten.",
        "0 · 2 · 4",
        "primero-bridge webhook remove northern-lakes 1",
    ),
)
