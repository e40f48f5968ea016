"""What somebody looks at before anything is sent: a comparison, or the requests of a dry run. In words, and kept."""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, delete, select

from service.bundles.models import Release
from service.bundles.service.giving import compare, count_pairs
from service.deployments.models import Deployment
from service.errors import NotFound
from service.primero.models import InstanceLook, PrimeroInstance
from service.primero.plan import Plan
from service.primero.rules.diffing import WHYS, Change, TextDiff, count_changes
from service.primero.rules.reasons import MENDS
from service.primero.service.runs import left_out_data

KEPT = 20
"""How many looks of a deployment are kept."""

QUIET = (Change.SAME, Change.NOT_VISIBLE)
"""What nobody has to do anything about."""

SHOWN = 10
"""How many texts that are left out the command line names for each reason."""


def diff_releases(session: Session, old: Release, new: Release) -> tuple[list[TextDiff], dict[Change, int]]:
    """Return the texts in which two releases differ, and how many there are of each change, the same ones too."""
    rows = [
        TextDiff(row.key, _change_between(row.before, row.after), row.before, row.after)
        for row in compare(session, old, new)
    ]
    touched = sum(1 for row in rows if row.after is not None)
    same = count_pairs(session, new) - touched
    return rows, {**({Change.SAME: same} if same else {}), **count_changes(rows)}


def _change_between(before: str | None, after: str | None) -> Change:
    if before is None:
        return Change.ADDED
    return Change.CLEARED if after is None else Change.CHANGED


def diff_data(locale: str, rows: Iterable[TextDiff], counts: Mapping[Change, int]) -> dict[str, Any]:
    """Return a comparison as plain values, without the texts that are the same."""
    return {
        "locale": locale,
        "counts": {change.value: number for change, number in counts.items()},
        "texts": [
            {"key": row.key, "change": row.change.value, "before": row.before, "after": row.after, "words": row.words}
            for row in rows
            if row.change is not Change.SAME
        ],
    }


def diff_rows(data: Mapping[str, Any]) -> list[TextDiff]:
    """Return the texts of a comparison that :func:`diff_data` made."""
    return [TextDiff(row["key"], Change(row["change"]), row["before"], row["after"]) for row in data["texts"]]


def diff_lines(rows: Sequence[TextDiff], counts: Mapping[Change, int], *, shown: int | None = None) -> Iterator[str]:
    """Return a comparison for people, of the texts at most ``shown``."""
    yield ", ".join(f"{number:,} {change.value}" for change, number in counts.items()) or "no texts"
    told = [row for row in rows if row.change not in QUIET]
    for row in told[:shown]:
        why = WHYS.get(row.change)
        yield f"  {row.change.value} {row.key}: {row.words}{f' ({MENDS[why]})' if why else ''}"
    if shown is not None and len(told) > shown:
        yield f"  … and {len(told) - shown:,} more; --json lists all"


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return what would be sent as plain values: the exact requests."""
    return {
        "requests": [
            {
                "method": "PATCH",
                "path": f"/api/v2/{one.kind.value}s/{one.number}",
                "record": one.key,
                "texts": len(one.keys),
                "body": {"data": one.body},
            }
            for one in plan.records
        ],
        "unchanged": len(plan.unchanged),
        "left_out": [left_out_data(one.key, one.why) for one in plan.left_out],
    }


def plan_lines(data: Mapping[str, Any], *, shown: int | None = None) -> Iterator[str]:
    """Return what would be sent for people; of the texts that are left out at most ``shown`` for each reason."""
    requests = data["requests"]
    texts = sum(one["texts"] for one in requests)
    yield f"would write {texts:,} texts in {len(requests)} requests; {data['unchanged']:,} are there already"
    for one in requests:
        yield f"  {one['method']} {one['path']} {one['record']} ({one['texts']} texts)"
    yield from left_out_lines(data["left_out"], shown=shown)


def left_out_lines(rows: Iterable[Mapping[str, str]], *, shown: int | None = SHOWN) -> Iterator[str]:
    """Return the texts that were left out for people, by reason, with the way on; at most ``shown`` of each."""
    for (why, mend), keys in by_reason(rows).items():
        yield f"{len(keys):,} left out, {why}: {mend}"
        yield from (f"  {key}" for key in keys[:shown])
        if shown is not None and len(keys) > shown:
            yield f"  … and {len(keys) - shown:,} more; --json lists all"


def by_reason(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], list[str]]:
    """Return the keys of texts that were left out by the reason and its way on."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        found[row["why"], row["mend"]].append(row["key"])
    return dict(found)


def pack_content(data: Mapping[str, Any]) -> bytes:
    """Return the content of a look, as :func:`look_content` reads it."""
    return zlib.compress(json.dumps(dict(data)).encode())


def keep_look(session: Session, look: InstanceLook) -> InstanceLook:
    """Keep what somebody was shown, and forget what is older than the latest :data:`KEPT` of the deployment."""
    session.add(look)
    session.flush()
    newest = select(InstanceLook.id).where(InstanceLook.deployment_id == look.deployment_id)
    kept = session.exec(newest.order_by(col(InstanceLook.id).desc()).limit(KEPT)).all()
    session.exec(
        delete(InstanceLook).where(
            col(InstanceLook.deployment_id) == look.deployment_id, col(InstanceLook.id).not_in(kept)
        )
    )
    return look


def get_look(session: Session, deployment: Deployment, look_id: int) -> InstanceLook:
    """Return what somebody was shown.

    Raises:
        NotFound: the deployment has none of this number, any more.
    """
    row = session.get(InstanceLook, look_id)
    if row is None or row.deployment_id != deployment.id:
        raise NotFound("It is not kept any more: compare again, or have the requests shown again.")
    return row


def list_looks(session: Session, instance: PrimeroInstance) -> Sequence[InstanceLook]:
    """Return what was looked at on an instance, the latest first."""
    query = select(InstanceLook).where(InstanceLook.instance_id == instance.id)
    return session.exec(query.order_by(col(InstanceLook.id).desc())).all()


def look_content(look: InstanceLook) -> dict[str, Any]:
    """Return all of it, as :func:`diff_data` or :func:`plan_data` made it."""
    content: dict[str, Any] = json.loads(zlib.decompress(look.content))
    return content
