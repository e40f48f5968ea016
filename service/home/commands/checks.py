"""Commands about the checks of a deployment: switches, findings, and what people say about them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from service.auth.rules import Permission
from service.checks.engine import Severity
from service.checks.service import switches
from service.checks.service.listing import FindingFilter, count_by_check, list_by_check
from service.checks.service.rechecking import recheck
from service.checks.service.source_report import report_source
from service.checks.service.switches import CheckStatus, list_checks, may_be_off, switch_check
from service.deployments.service import find_locale
from service.home.command_line import CommandLine, JsonOption, Locale, Slug, get_command_line, table
from service.home.commands.checking import one_line
from service.home.commands.writing import write_file
from service.home.source_reporting import source_csv, source_data
from service.home.units import one_unit_answer, placed_data
from service.review.service import findings

checks_app = typer.Typer(no_args_is_help=True, help="The checks of a deployment, and what they find.")

CheckId = Annotated[str, typer.Argument(help="The check's id, such as links_introduced.")]
OneLocale = Annotated[str | None, typer.Option(help="This language alone; without it every one.")]
FindingId = Annotated[int, typer.Argument(help="The finding's number, from `checks findings`.")]
_AGAIN = ("the texts are checked again by the service, or now with `primero-bridge checks run`",)
Why = Annotated[str, typer.Option(help="Why; shown to reviewers and kept.")]


@checks_app.command("list")
def list_all(ctx: typer.Context, slug: Slug, as_json: JsonOption = False) -> None:
    """List the checks, and where they are switched off."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        rows = list_checks(session, deployment)
    data = [
        {
            "check": row.check.id,
            "severity": row.check.severity.value,
            "sentence": row.check.sentence,
            "may_be_off": may_be_off(row.check),
            "off": row.off,
            "locales": row.locales,
            "reason": row.reason,
            "chosen": row.chosen,
        }
        for row in rows
    ]
    lines = [("check", "severity", "state", "reason")]
    lines += [(row.check.id, row.check.severity.value, _state(row), row.reason) for row in rows]
    command_line.show(data, table(lines), as_json=as_json)


def _state(row: CheckStatus) -> str:
    return ", ".join(
        [
            "off" if row.off else "on",
            *(f"{'on' if on else 'off'} in {locale}" for locale, on in row.locales.items()),
            *(f"{value} in {locale}" if locale else value for locale, value in row.chosen.items()),
        ]
    )


@checks_app.command("choose")
def choose(
    ctx: typer.Context,
    slug: Slug,
    check: CheckId,
    value: Annotated[str, typer.Argument(help="What to choose, or `default`: as it is shipped.")],
    reason: Annotated[str, typer.Option(help="Why; shown to reviewers and kept. Not needed for `default`.")] = "",
    locale: OneLocale = None,
    as_json: JsonOption = False,
) -> None:
    """Choose digits (digits_policy), allowed direction controls (bidi_unbalanced) or lengths (max_length)."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.CHECKS_MANAGE, locale)
        changed = switches.choose(
            session, deployment, check, value, locale=locale, reason=reason, actor=identity.actor,
            now=command_line.resources.clock(),
        )  # fmt: skip
    where = f" in {locale}" if locale else ""
    data = {"check": check, "value": value, "locale": locale, "changed": changed}
    line = f"{check} is {value}{where}" if changed else f"{check} was {value}{where} already"
    command_line.show(data, [line, *_AGAIN] if changed else [line], as_json=as_json)


@checks_app.command("disable")
def disable(
    ctx: typer.Context, slug: Slug, check: CheckId, reason: Why, locale: OneLocale = None, as_json: JsonOption = False
) -> None:
    """Switch a check off; what blocks and cannot be waived stays on."""
    _switch(ctx, slug, check, on=False, locale=locale, reason=reason, as_json=as_json)


@checks_app.command("enable")
def enable(
    ctx: typer.Context, slug: Slug, check: CheckId, locale: OneLocale = None, as_json: JsonOption = False
) -> None:
    """Switch a check on again."""
    _switch(ctx, slug, check, on=True, locale=locale, reason="", as_json=as_json)


def _switch(
    ctx: typer.Context, slug: str, check: str, *, on: bool, locale: str | None, reason: str, as_json: bool
) -> None:
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        deployment, identity = command_line.deployment(session, slug, Permission.CHECKS_MANAGE, locale)
        changed = switch_check(
            session, deployment, check, on=on, locale=locale, reason=reason, actor=identity.actor,
            now=command_line.resources.clock(),
        )  # fmt: skip
    where = f" in {locale}" if locale else ""
    state = "on" if on else "off"
    line = f"{check} is {state}{where}" if changed else f"{check} was {state}{where} already"
    data = {"check": check, "on": on, "locale": locale, "changed": changed}
    command_line.show(data, [line, *_AGAIN] if changed else [line], as_json=as_json)


@checks_app.command("run")
def run(
    ctx: typer.Context,
    slug: Slug,
    locale: OneLocale = None,
    again: Annotated[
        bool, typer.Option("--recheck", help="Look at every text, whatever it was checked with before.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the texts that were checked with something else than what is in force now."""
    command_line = get_command_line(ctx)
    resources = command_line.resources
    with resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.CHECKS_MANAGE, locale)
    draw = command_line.progress("checks")
    report = recheck(
        resources.database, deployment.id or 0, clock=resources.clock, locale=locale, everything=again,
        progress=lambda done, total: draw(done, total),
    )  # fmt: skip
    data = {"checked": report.checked, "tagged": report.tagged, "untagged": report.untagged}
    lines = [f"{sum(report.checked.values()):,} texts checked"]
    lines += [f"  {number:,} in {name}" for name, number in report.checked.items()]
    if report.tagged or report.untagged:
        lines.append(f"{report.tagged:,} units became sensitive, {report.untagged:,} are no more")
    command_line.show(data, lines, as_json=as_json)


@checks_app.command("findings")
def list_findings(
    ctx: typer.Context,
    slug: Slug,
    check: Annotated[str | None, typer.Option(help="Findings of this check alone.")] = None,
    locale: OneLocale = None,
    severity: Annotated[Severity | None, typer.Option(help="B blocks, W warns, I informs.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="List so many; the counts are of all.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """Show what the checks found, with the numbers of the findings."""
    command_line = get_command_line(ctx)
    wanted = FindingFilter(check, locale, severity)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
        counts = count_by_check(session, deployment.id or 0, wanted)
        rows = [placed_data(*row) for row in list_by_check(session, deployment.id or 0, wanted, limit=limit)]
    head = ("locale", "check", "severity", "findings", "dismissed")
    lines = table([head, *((c.locale, c.check, c.severity, str(c.number), str(c.dismissed)) for c in counts)])
    for row in rows:
        said = f" (dismissed: {row['dismissed_reason']})" if row["dismissed_at"] else ""
        lines.append(f"{row['id']} {row['severity']} {row['check']} {row['locale']} {row['key']}{said}")
        lines.append(f"    {row['start']}-{row['end']}: {row['message']}")
    data = {
        "counts": [
            {"locale": c.locale, "check": c.check, "severity": c.severity, "number": c.number, "dismissed": c.dismissed}
            for c in counts
        ],
        "findings": rows,
    }
    command_line.show(data, lines if counts else ["The checks found nothing."], as_json=as_json)


@checks_app.command("source")
def report_on_source(
    ctx: typer.Context,
    slug: Slug,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write all of it into this CSV file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with the source texts themselves, for whoever keeps the configuration."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        rows = report_source(session, deployment, now=command_line.resources.clock())
    if output is not None:
        write_file(output, source_csv(rows))
        command_line.show(
            {"file": str(output), "rows": len(rows)}, [f"{len(rows):,} rows written to {output}"], as_json=as_json
        )
        return
    lines = []
    for row in rows:
        more = f" and {len(row.keys) - 1:,} more" if len(row.keys) > 1 else ""
        lines += [f"{row.severity.value} {row.check} {row.keys[0]}{more}", f"    {one_line(row.source)}"]
        lines.append(f"    {row.start}-{row.end}: {row.message}{_in(row.locales)}")
    none = ["Nothing is to be said of the source texts."]
    command_line.show({"rows": [source_data(row) for row in rows]}, lines or none, as_json=as_json)


def _in(locales: Sequence[str]) -> str:
    return f" ({', '.join(locales)})" if locales else ""


@checks_app.command("dismiss")
def dismiss(
    ctx: typer.Context, slug: Slug, locale: Locale, finding: FindingId, reason: Why, as_json: JsonOption = False
) -> None:
    """Dismiss a finding that does not block, as the reviewer of BRIDGE_TOKEN."""
    _answer(ctx, "dismiss", slug, locale, finding, reason, as_json=as_json)


@checks_app.command("waive")
def waive(
    ctx: typer.Context, slug: Slug, locale: Locale, finding: FindingId, reason: Why, as_json: JsonOption = False
) -> None:
    """Waive a blocking finding, as the specialist of BRIDGE_TOKEN, who then cannot approve the text."""
    _answer(ctx, "waive", slug, locale, finding, reason, as_json=as_json)


@checks_app.command("undo")
def undo(ctx: typer.Context, slug: Slug, locale: Locale, finding: FindingId, as_json: JsonOption = False) -> None:
    """Take a dismissal or a waiver back: the finding counts again."""
    _answer(ctx, "undo", slug, locale, finding, "", as_json=as_json)


@checks_app.command("fix")
def fix(ctx: typer.Context, slug: Slug, locale: Locale, finding: FindingId, as_json: JsonOption = False) -> None:
    """Put a finding's replacement into the text, as a correction by the reviewer of BRIDGE_TOKEN."""
    _answer(ctx, "fix", slug, locale, finding, "", as_json=as_json)


def _answer(
    ctx: typer.Context, verb: str, slug: str, locale: str, finding_id: int, reason: str, *, as_json: bool
) -> None:
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        data = _act(command_line, session, verb, slug, locale, finding_id, reason)
    line = f"{verb}: {data['key']} is {data['state']}, {len(data['findings'])} findings: {data['text']}"
    command_line.show(data, [line], as_json=as_json)


def _act(
    command_line: CommandLine, session: Session, verb: str, slug: str, locale: str, finding_id: int, reason: str
) -> dict[str, Any]:
    now = command_line.resources.clock()
    permission = {"waive": Permission.CHECKS_MANAGE, "undo": Permission.DEPLOYMENT_VIEW}.get(
        verb, Permission.REVIEW_DECIDE
    )
    deployment, identity = command_line.deployment(session, slug, permission, locale)
    find_locale(session, deployment, locale)
    pair, finding = findings.find_finding(session, deployment, locale, finding_id)
    if verb == "dismiss":
        findings.dismiss(session, deployment, pair, finding, actor=identity.actor, reason=reason, now=now)
    elif verb == "waive":
        findings.waive(session, deployment, pair, finding, actor=identity.actor, reason=reason, now=now)
    elif verb == "fix":
        findings.fix(session, deployment, pair, finding, actor=identity.actor, now=now)
    else:
        blocks = finding.severity == Severity.BLOCKS
        identity.require(Permission.CHECKS_MANAGE if blocks else Permission.REVIEW_DECIDE, deployment.id, locale)
        findings.withdraw(session, deployment, pair, finding, actor=identity.actor, now=now)
    return one_unit_answer(session, deployment, locale, pair.unit.key).model_dump(mode="json")


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(checks_app, name="checks")
