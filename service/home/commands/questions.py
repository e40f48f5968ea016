"""Commands about what volunteers ask on Transifex."""

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from service.errors import BadInput
from service.home.command_line import JsonOption, Slug, get_command_line
from service.home.questions import QuestionView, open_question, open_questions, view_questions
from service.sync.service.answering import PUBLIC, answer_question, resolve_question

questions_app = typer.Typer(no_args_is_help=True, help="Questions: issues that volunteers opened on Transifex.")

Number = Annotated[int, typer.Argument(help="The question's number, from `questions list`.")]


@questions_app.command("list")
def list_all(
    ctx: typer.Context,
    slug: Slug,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="List the last of those that are resolved, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List what volunteers ask, the oldest open question first, as far as you may answer it."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        identity = command_line.identity(session)
        _, questions = open_questions(session, identity, slug, resolved=resolved)
    lines = [line for question in questions for line in _lines(question)]
    if not questions:
        lines = ["No question waits for an answer. `primero-bridge pull` looks for new ones."]
    command_line.show([question.as_json() for question in questions], lines, as_json=as_json)


@questions_app.command("answer")
def answer(
    ctx: typer.Context,
    slug: Slug,
    number: Number,
    text: Annotated[
        str | None, typer.Option(help="The answer. Without it the answer is read from standard input.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question: the next push writes the text on Transifex as it is, without your name."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        # Whoever may not answer hears of it before a text is asked for.
        open_question(session, command_line.identity(session), slug, number)
    if not as_json:
        typer.echo(f"note: {PUBLIC}", err=True)
    said = _read_answer() if text is None else text
    with command_line.resources.database.write() as session:
        identity = command_line.identity(session)
        question = open_question(session, identity, slug, number)
        answer_question(session, question, said, actor=identity.actor, now=command_line.resources.clock())
        (view,) = view_questions(session, [question])
    lines = [f"question {number}: the answer is noted; the next push sends it"]
    command_line.show(view.as_json(), lines, as_json=as_json)


@questions_app.command("resolve")
def resolve(ctx: typer.Context, slug: Slug, number: Number, as_json: JsonOption = False) -> None:
    """Resolve a question: the next push resolves the issue on Transifex."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        identity = command_line.identity(session)
        question = open_question(session, identity, slug, number)
        resolve_question(session, question, actor=identity.actor, now=command_line.resources.clock())
        (view,) = view_questions(session, [question])
    lines = [f"question {number}: {'the next push resolves it' if view.resolving else 'it is resolved already'}"]
    command_line.show(view.as_json(), lines, as_json=as_json)


def _read_answer() -> str:
    if sys.stdin.isatty():
        typer.echo("Type the answer, then Enter and Ctrl-D.", err=True)
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise BadInput("The answer on standard input is not UTF-8: save it as UTF-8.") from error


def _lines(question: QuestionView) -> Iterable[str]:
    state = "resolving" if question.resolving else question.state.value
    place = question.locale or f"{question.language} (no locale of ours)"
    yield f"{question.id}  {state}  {place}  {question.opened_at:%Y-%m-%d %H:%M}  {question.key}"
    if question.source is None:
        yield "    no unit of ours has this string"
    else:
        yield f"    source: {_flat(question.source)}"
    yield f"    {question.author or 'somebody'} asks: {_flat(question.text)}"
    for said in question.thread:
        name = f"{said.by or 'operator'} (here)" if said.ours else said.by or "somebody"
        waiting = f"  [not sent yet{': ' + said.problem if said.problem else ''}]" if said.sent is None else ""
        yield f"    {said.at:%Y-%m-%d %H:%M} {name}: {_flat(said.text)}{waiting}"


def _flat(text: str) -> str:
    return " ".join(text.split())


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(questions_app, name="questions")
