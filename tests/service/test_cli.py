"""The command line as people and pipelines meet it: help, JSON, exit codes, one sentence for every expected trouble."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service import cli, errors
from service.db import Database
from service.errors import ServiceError
from service.home.command_line import table
from service.primero.sandbox.server import serve as serve_primero
from service.sample import sample_path
from tests.support.commands_page import COMMANDS, PAGE, commands_page, find_commands
from tests.support.people import START
from tests.support.primero import PASSWORD, make_sandbox, sample_configuration
from tests.support.questions import add_question
from transifex_client import Configuration, TransifexClient
from transifex_client.resources import NewProject
from transifex_client.sandbox.server import RunningSandbox
from transifex_client.sandbox.server import serve as serve_sandbox

SOURCE = sample_path() / "configuration.json"
STAYING = ("serve", "worker", "demo", "sandbox transifex", "sandbox primero")
REFERENCE = PAGE.parent


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Return what it printed as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """Return the error of a command with --json."""
        return dict(json.loads(self.err.strip().rpartition("\n")[2])["error"])


Run = Callable[..., Ended]


@pytest.fixture
def run(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run commands in a folder of their own, on an empty database, without settings of whoever runs the tests."""
    for name in [name for name in os.environ if name.upper().startswith("BRIDGE_")]:
        monkeypatch.delenv(name)
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "bridge.sqlite3")
    monkeypatch.setenv("BRIDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def make(*arguments: str | Path, **settings: str) -> Ended:
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            code = cli.run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ended(code, captured.out, captured.err)

    return make


@pytest.fixture(scope="module")
def lakes_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the data folder with the deployment ``lakes`` is kept, once the first test has made it."""
    return tmp_path_factory.mktemp("lakes") / "data"


@pytest.fixture
def lakes(run: Run, tmp_path: Path, lakes_data: Path) -> Run:
    """Commands with the deployment ``lakes`` in the database, in French and Arabic."""
    if lakes_data.is_dir():
        shutil.copytree(lakes_data, tmp_path / "data", dirs_exist_ok=True)
        return run
    ended = run("deployment", "add", "lakes", "--name", "Lakes", "--source", SOURCE, "--locales", "fr,ar")
    assert ended.code == 0, ended.err
    shutil.copytree(tmp_path / "data", lakes_data)
    return run


# Help and documentation


@pytest.mark.parametrize("name", sorted(find_commands()))
def test_every_command_helps_and_speaks_json(name: str, run: Run) -> None:
    """Each command takes --json, each argument and option is explained, and --help says what the command is for."""
    command = find_commands()[name]
    assert "--json" in [option for param in command.params for option in getattr(param, "opts", ())]
    assert all(param.help for param in command.params)
    ended = run(*name.split(), "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: primero-bridge {name} ")
    assert command.help.split("\n")[0].rstrip(".") in " ".join(ended.out.split())


def test_the_reference_names_each_command_and_option() -> None:
    """docs/reference/commands.md is what the command line says (else: python -m tests.support.commands_page)."""
    assert {told.name for told in COMMANDS} == set(find_commands())
    text = PAGE.read_text("utf-8")
    assert text == commands_page()
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    for name, command in find_commands().items():
        options = [name for param in command.params if param.param_type_name == "option" for name in param.opts]
        assert "--json" in options
        assert all(f"`{option}`" in sections[name] for option in options)


def test_the_reference_names_each_error() -> None:
    """docs/reference/errors.md lists each code with its HTTP status, its exit code and what its class says."""
    text = (REFERENCE / "errors.md").read_text("utf-8")
    rows = {
        row[0].strip("`"): row
        for row in (re.findall(r"[^|\s][^|]*[^|\s]|\d", line) for line in text.split("\n"))
        if row
    }
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ServiceError)]
    for kind in kinds:
        if kind is not ServiceError:
            assert rows[kind.code][1:3] == [str(kind.status), str(kind.exit_code)]
    from service.web import problems

    assert all(f"`{code}`" in text for code in problems._TITLES)


def test_each_command_is_there_alone_and_among_all() -> None:
    """Mounting only what was asked for finds the same command as mounting everything."""
    assert list(cli._PARTS) == list(dict.fromkeys(cli._PARTS))
    assert {name.split()[0] for name in find_commands()} == set(cli._PARTS)


def test_extract_and_version_load_only_what_they_need() -> None:
    """``--version`` and ``extract`` load no web framework, no database layer, no HTTP client, no sandbox."""
    heavy = ("fastapi", "sqlmodel", "sqlalchemy", "uvicorn", "httpx", "alembic", "babel", "jinja2", "rich.console")
    code = (
        f"import sys; from service import cli; cli.run(sys.argv[1:]); print([n for n in {heavy!r} if n in sys.modules])"
    )
    for arguments in (["--version"], ["extract", str(SOURCE)], ["extract", str(SOURCE), "--format", "po", "--json"]):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
        assert done.stdout.strip().endswith("[]"), arguments


def test_a_command_about_the_database_does_not_wait_for_the_web_application() -> None:
    """Making every route takes over a second of CPU, which nobody who types a command should wait for."""
    code = "import sys; from service import cli; cli.run(sys.argv[1:]); print('service.app' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, "deployment", "list"], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "False"


# Expected trouble


USAGE = [
    ((), 2, ""),
    (("deployment",), 2, ""),
    (("deploymnt", "list"), 2, "Did you mean 'deployment'? Try --help."),
    (("extract",), 2, "Missing argument 'source'"),
    (("extract", "nowhere.json"), 2, "nowhere.json"),
    (("extract", SOURCE, "--format", "xml"), 2, "'xml' is not one of 'yaml', 'po', 'json'"),
    (("extract", SOURCE, "--locale", "xx"), 2, "source locale xx"),
    (("extract", SOURCE, "-o", "/dev/null/texts"), 2, "cannot be written"),
    (("extract", SOURCE, "-o", "/dev/null", "--format", "json"), 2, "not a file"),
    (("extract", SOURCE, "-o", "."), 2, "not empty"),
    (("check", "--source", SOURCE, "--target", sample_path() / "fr", "--locale", "zz"), 2, "does not ship"),
    (("check", "--source", SOURCE, "--target", sample_path() / "fr", "--locale", "ku-iq"), 2, "write ku-IQ"),
    (("check", "--source", SOURCE, "--target", sample_path() / "fr", "--locale", "en"), 2, "language of the source"),
    (("check", "--source", SOURCE, "--target", sample_path() / "fr", "--locale", "it"), 2, "no text in it; it has fr"),
    (("deployment", "show", "nowhere"), 2, "no deployment 'nowhere'"),
    (("deployment", "add", "No Slug", "--name", "x", "--source", SOURCE), 2, "cannot name a deployment"),
    (("deployment", "add", "new", "--name", "x", "--source", "nowhere.json"), 2, "nowhere.json"),
    (("deployment", "add", "lakes", "--name", "x", "--source", SOURCE), 1, "'lakes' already"),
    (("deployment", "connect", "lakes"), 2, "--token-stdin"),
    (("deployment", "connect", "lakes", "--format", "xml"), 2, "'xml' is not one of 'yml', 'structured_json', 'po'"),
    (("source", "activate", "lakes", "9"), 2, "no snapshot 9"),
    (("source", "activate", "lakes", "nine"), 2, "valid integer"),
    (("source", "import", "lakes", sample_path() / "README.md"), 2, "README.md"),
    (("scope", "tag", "lakes", "form/*", "odd", "--reason", "x"), 2, "not a tag"),
    (("scope", "tag", "lakes", "form/*", "sensitive"), 2, "--reason"),
    (("scope", "exclude", "lakes", "nothing/*"), 2, "matches"),
    (("translations", "import", "lakes", "de", sample_path() / "fr"), 2, "no locale 'de'"),
    (("translations", "import", "lakes", "fr", sample_path() / "ar"), 2, "no text in fr"),
    (("translations", "approve", "lakes", "fr", "--all-passing", "--reason", "x"), 4, "BRIDGE_TOKEN"),
    (("push", "lakes"), 1, "no Transifex project"),
    (("status", "lakes", "--require", "done=1"), 2, "approved=100"),
    (("status", "lakes", "--locale", "de"), 2, "no locale 'de'"),
    (("bundle", "build", "lakes", "fr"), 1, "empty"),
    (("bundle", "build", "lakes", "fr", "--policy", "signed-off"), 1, "sign-off"),
    (("bundle", "build", "lakes", "fr", "--release", "1"), 2, "no release 1 of fr"),
    (("bundle", "build", "lakes", "fr", "--release", "1", "--policy", "preview"), 2, "goes with -o alone"),
    (("bundle", "verify", "nowhere.zip", "--key", SOURCE), 2, "nowhere.zip"),
    (("bundle", "inverse", SOURCE, "--target", SOURCE), 2, "not a zip"),
    (
        ("signoff", "sign", "lakes", "fr", "--name", "a", "--role", "b", "--organisation", "c", "--statement", "d"),
        4,
        "BRIDGE_TOKEN",
    ),
    (("signoff", "revoke", "lakes", "fr", "1", "--reason", "x"), 4, "BRIDGE_TOKEN"),
    (("release", "create", "lakes", "fr"), 1, "empty"),
    (("release", "create", "lakes", "fr", "--policy", "preview"), 2, "never a release"),
    (("release", "show", "lakes", "fr", "1"), 2, "no release 1 of fr"),
    (("release", "withdraw", "lakes", "fr", "1", "--reason", "x"), 2, "no release 1 of fr"),
    (("signing-key", "export"), 2, "no key yet"),
    (("bundle", "inspect", "nowhere.zip"), 2, "nowhere.zip"),
    (("bundle", "inspect", SOURCE), 2, "not a zip"),
    (("user", "add", "a b", "--role", "reviewer"), 2, "username"),
    (("user", "add", "amal", "--role", "boss"), 2, "'boss' is not one of"),
    (("user", "add", "amal", "--role", "reviewer", "--deployment", "nowhere"), 2, "'nowhere'"),
    (("user", "add", "amal", "--role", "reviewer", "--locales", "fa_AF"), 2, "write fa-AF"),
    (("user", "add", "amal", "--role", "reviewer", "--locales", ","), 2, "--locales fr,ar"),
    (("token", "create", "nobody"), 2, "nobody"),
    (("backup", "/dev/null/file"), 2, "cannot be written"),
    (("restore", "nowhere.backup"), 2, "nowhere.backup"),
    (("serve", "--port", "99999"), 2, "65535"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), USAGE, ids=[" ".join(map(str, row[0])) for row in USAGE])
def test_trouble_is_one_sentence_and_a_code(lakes: Run, arguments: tuple[Any, ...], code: int, said: str) -> None:
    """Wrong arguments, missing files, unknown names: one sentence, the right exit code, as JSON too."""
    ended = lakes(*arguments)
    assert ended.code == code
    last = ended.err.strip().rpartition("\n")[2]
    assert said in last
    assert not said or re.fullmatch(r"error: .*[.?!]", last)
    if said:
        ended = lakes(*arguments, "--json")
        assert (ended.code, ended.out) == (code, "")
        assert said in ended.error["detail"]
        assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"BRIDGE_PUBLIC_URL": "ftp://x"}, 2, "BRIDGE_PUBLIC_URL: must start with http"),
        ({"BRIDGE_DATABASE_URL": "mysql://u:secret@x"}, 2, "BRIDGE_DATABASE_URL"),
        ({"BRIDGE_DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"}, 1, "The database cannot be used"),
        ({"BRIDGE_DATA_DIR": "/dev/null/data"}, 1, "BRIDGE_DATA_DIR"),
        ({"BRIDGE_TOKEN": "ptb_wrong"}, 4, "BRIDGE_TOKEN is not a valid token"),
    ],
    ids=str,
)
def test_a_broken_setting_is_named(run: Run, settings: dict[str, str], code: int, said: str) -> None:
    """A setting that cannot be used is named in one sentence, and no secret of it is printed."""
    ended = run("deployment", "list", **settings)
    assert ended.code == code
    assert said in ended.err
    assert "secret" not in ended.err
    assert run("deployment", "list", "--json", **settings).error["detail"]


def test_what_a_user_may_not_do(lakes: Run) -> None:
    """With BRIDGE_TOKEN the command line is that user: 4 for what the role does not allow, 2 for what is hidden."""
    lakes("deployment", "add", "other", "--name", "Other", "--source", SOURCE)
    lakes("user", "add", "amal", "--role", "reviewer", "--deployment", "lakes", "--locales", "ar")
    token = lakes("token", "create", "amal").out.strip()
    assert re.fullmatch(r"\S{20,}", token)
    assert lakes("status", "lakes", BRIDGE_TOKEN=token).code == 0
    assert lakes("push", "lakes", BRIDGE_TOKEN=token).code == 4
    hidden = lakes("status", "other", BRIDGE_TOKEN=token)
    missing = lakes("status", "nowhere", BRIDGE_TOKEN=token)
    assert (hidden.code, missing.code) == (2, 2)
    assert hidden.err.replace("other", "nowhere") == missing.err
    french = ("translations", "approve", "lakes", "fr", "--all-passing", "--reason", "x")
    assert lakes(*french, BRIDGE_TOKEN=token).code == 4
    assert lakes("backup", "x.backup", BRIDGE_TOKEN=token).code == 1
    lakes("token", "revoke", "amal")
    assert lakes("status", "lakes", BRIDGE_TOKEN=token).code == 4


def test_an_archived_deployment_is_read_and_not_changed(lakes: Run) -> None:
    """After archiving status still answers, and changes are refused."""
    assert lakes("deployment", "archive", "lakes").code == 0
    assert "archived" in lakes("deployment", "show", "lakes").out
    assert lakes("scope", "exclude", "lakes", "*").code == 1
    assert lakes("deployment", "archive", "lakes").code == 1


def test_a_bug_ends_with_70_and_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What nobody expected is shown as it is, called a bug, and ends with 70."""

    def broken(_arguments: object) -> None:
        raise ZeroDivisionError("by accident")

    monkeypatch.setattr(cli, "make_app", broken)
    assert cli.run(["status", "--json"]) == 70
    lines = capsys.readouterr().err.strip().split("\n")
    assert "ZeroDivisionError" in "".join(lines[:-1])
    assert json.loads(lines[-1])["error"]["code"] == "unexpected"


def test_ctrl_c_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C prints nothing and ends with 130."""

    def stop(_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "make_app", stop)
    ended = run("status", "lakes")
    assert (ended.code, ended.out, ended.err) == (130, "", "")


# What commands do


def test_extract_writes_whole_folders_and_files(run: Run, tmp_path: Path) -> None:
    """yaml and po write one file per form and one for the lookups, json one file that is a document."""
    for form, ending in (("yaml", ".yml"), ("po", ".po")):
        made = run("extract", SOURCE, "-o", form, "--format", form, "--json").data
        files = [file for file in (tmp_path / form).rglob("*") if file.is_file()]
        assert len(files) == made["files"] > 1
        assert {file.suffix for file in files} == {ending}
    assert (tmp_path / "yaml" / "lookup.yml").is_file()
    assert run("extract", SOURCE, "-o", "catalog.json", "--format", "json").code == 0
    document = json.loads((tmp_path / "catalog.json").read_text("utf-8"))
    assert document == run("extract", SOURCE, "--format", "json").data
    assert not list(tmp_path.glob(".*"))
    assert run("extract", SOURCE, "--include-hidden", "--json").data["texts"] >= made["texts"]


def test_check_blocks_on_what_must_not_reach_primero(run: Run) -> None:
    """The sample's mistakes are found; a blocking one ends with 1, and the findings are data."""
    ended = run("check", "--source", SOURCE, "--target", sample_path() / "fr", "--locale", "fr", "--json")
    assert ended.code == 1
    assert ended.data["blocking"] == sum(found["severity"] == "B" for found in ended.data["findings"]) > 0


def test_imported_texts_are_counted(lakes: Run) -> None:
    """An import says what it took; importing the same again changes nothing; both end with 0."""
    first = lakes("translations", "import", "lakes", "fr", sample_path() / "fr", "--json")
    assert (first.code, first.data["taken"]) == (0, 450)
    again = lakes("translations", "import", "lakes", "fr", sample_path() / "fr", "--json")
    assert (again.code, again.data["taken"]) == (0, 0)
    french = lakes("status", "lakes", "--json").data["locales"]["fr"]
    assert (french["translated"], french["total"]) == (450, 496)
    assert lakes("status", "lakes", "--locale", "fr", "--require", "translated=90").code == 0
    missed = lakes("status", "lakes", "--require", "translated=90", "--json")
    assert (missed.code, missed.data["missed"]) == (1, ["ar: translated is 0.0%, less than 90.0%"])


def test_columns_line_up() -> None:
    """Numbers stand at the right under their heads, words at the left."""
    assert table([("name", "n"), ("a", "1,000"), ("bcdefg", "2.5%")]) == [
        "name        n",
        "a       1,000",
        "bcdefg   2.5%",
    ]
    assert table([]) == []


# Processes


def _process(*arguments: str, env: dict[str, str], **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from service.cli import main; main()", *arguments]
    root = str(Path(__file__).resolve().parents[2])
    clean = {name: value for name, value in os.environ.items() if not name.upper().startswith("BRIDGE_")}
    return subprocess.Popen(command, text=True, env={**clean, "PYTHONPATH": root, **env}, **options)


def test_a_reader_may_go_away(tmp_path: Path) -> None:
    """``| head`` ends a command without complaint."""
    process = _process(
        "extract", str(SOURCE), "--format", "json", env={}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(60) == 0
    assert "Error" not in process.stderr.read()
    process.stderr.close()


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "latin-1"}], ids=str
)
def test_any_terminal_will_do(env: dict[str, str]) -> None:
    """On a terminal without UTF-8 JSON stays JSON, in ASCII, and Arabic ends no command with a traceback."""
    target = ("check", "--source", str(SOURCE), "--target", str(sample_path() / "ar"), "--locale", "ar")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "latin-1"}
    for more in ((), ("--json",)):
        process = _process(*target, *more, env={**env, "COLUMNS": "40"}, **pipes)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (1, "")
    assert out.isascii()
    assert json.loads(out)["checked"] == 303


@pytest.mark.slow
@pytest.mark.parametrize("arguments", ["serve --port 0", "worker", "sandbox transifex --project x", "sandbox primero"])
def test_what_stays_up_says_so_and_ends_when_told(arguments: str, sqlite_template: Path, tmp_path: Path) -> None:
    """Server, worker and sandbox print one line of JSON when they are up, and end with 0 on Ctrl-C."""
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "bridge.sqlite3")
    env = {"BRIDGE_DATA_DIR": str(tmp_path / "data")}
    process = _process(*arguments.split(), "--json", env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    try:
        facts = json.loads(process.stdout.readline())
        assert facts.get("url", "http://127.0.0.1:").startswith("http://127.0.0.1:")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, out, err) == (0, "", "")


def test_questions_are_listed_answered_and_resolved(
    lakes: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator sees every question, answers from standard input, and hears that the answer may be public."""
    assert "No question waits" in lakes("questions", "list", "lakes").out
    database = Database(f"sqlite:///{tmp_path / 'data' / 'bridge.sqlite3'}")
    with database.write() as session:
        add_question(session, 1, now=START, key="a.stranger", text="What is\nthis?")
    database.close()
    listed = lakes("questions", "list", "lakes").out
    assert "no unit of ours has this string" in listed
    assert "amina asks: What is this?" in listed
    monkeypatch.setattr("sys.stdin", io.StringIO("A name.\nOf a form.\n"))
    answered = lakes("questions", "answer", "lakes", "1")
    assert (answered.code, "can be public" in answered.err) == (0, True)
    assert lakes("questions", "answer", "lakes", "1", "--text", " ").code == 2
    assert "next push" in lakes("questions", "resolve", "lakes", "1").out
    (question,) = lakes("questions", "list", "lakes", "--json").data
    assert question["resolving"]
    assert [said["text"] for said in question["thread"]] == ["A name.\nOf a form."]
    assert "(here): A name. Of a form.  [not sent yet]" in lakes("questions", "list", "lakes").out
    assert lakes("questions", "resolve", "lakes", "9").code == 2


# The examples of the reference


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A Transifex with the project of the examples."""
    with serve_sandbox(0, token="sandbox-token") as running:
        with TransifexClient(Configuration(token="sandbox-token", base_url=running.url)) as client:
            client.create_project(NewProject(organization="o:sandbox", name="Lakes", slug="northern-lakes"))
        yield running


def test_the_examples_work(run: Run, sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every example of the reference, in its order, ends with 0; what stays up is tested elsewhere."""
    shutil.copy(SOURCE, tmp_path / "configuration.json")
    newer = SOURCE.read_text("utf-8").replace('"Consent"', '"Informed consent"')
    assert newer != SOURCE.read_text("utf-8")
    (tmp_path / "newer.json").write_text(newer, "utf-8")
    shutil.copytree(sample_path() / "ar", tmp_path / "translations" / "ar")
    (tmp_path / "volunteers.csv").write_text("name,email,languages\nReem,reem@example.org,ar\n", "utf-8")
    (tmp_path / "token.txt").write_text("sandbox-token\n")
    (tmp_path / "password.txt").write_text(f"{PASSWORD}\n")
    monkeypatch.setenv("BRIDGE_TRANSIFEX_URL", sandbox.url)
    monkeypatch.setenv("BRIDGE_PRIMERO_HOSTS", "127.0.0.1")
    with serve_primero(make_sandbox(sample_configuration())) as primero:
        for told in COMMANDS:
            for line in told.example.split("\n") if told.name not in STAYING else ():
                code = _run_line(line.replace("http://127.0.0.1:8500", primero.url), run, monkeypatch)
                assert code == 0 or line.endswith("|| true"), line


def _run_line(line: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a line as a shell would: settings before the command, a command inside ``$()``, ``<``, ``|| true``."""
    settings: dict[str, str] = {}
    inner = re.match(r"(\w+)=\$\(primero-bridge (.*?)\) ", line)
    if inner:
        settings[inner[1]] = run(*shlex.split(inner[2])).out.strip()
        line = line[inner.end() :]
    words = shlex.split(line.removesuffix(" || true"))
    while "=" in words[0]:
        name, _, settings[name] = words.pop(0).partition("=")
    if "<" in words:
        name = words.pop()
        words.remove("<")
        monkeypatch.setattr("sys.stdin", io.StringIO(Path(name).read_text("utf-8")))
    assert words.pop(0) == "primero-bridge"
    return run(*words, **settings).code
