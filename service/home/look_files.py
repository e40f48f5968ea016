"""A kept look as plain values and as text."""

from typing import Any

from service.primero.models import InstanceLook, LookKind
from service.primero.rules.diffing import Change
from service.primero.service.looks import diff_lines, diff_rows, look_content, plan_lines


def look_data(look: InstanceLook) -> dict[str, Any]:
    """Return a look as the API shows it."""
    return {
        **look_content(look),
        "id": look.id,
        "kind": look.kind.value,
        "locale": look.locale,
        "release": look.release,
        "of_run": look.of_run_id,
        "against": look.against,
        "at": look.created_at,
        "counts": look.counts,
    }


def look_text(look: InstanceLook) -> str:
    """Return a look for people."""
    content = look_content(look)
    if look.kind is LookKind.DIFF:
        lines = diff_lines(diff_rows(content), {Change(name): number for name, number in look.counts.items()})
    else:
        lines = plan_lines(content)
    return "".join(f"{line}\n" for line in lines)
