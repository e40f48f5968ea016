"""Taking over a resource that stood on Transifex before us: which it is, and how it compares with ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.sync.plan import LocalResource, RemoteResource, UploadPlan
from service.sync.rules.matching import match_resources
from service.sync.service.runs import OpenRun
from transifex_client.ids import resource_id

_SHOWN = 50


def find_resources(
    run: OpenRun, wanted: Sequence[LocalResource], remote: Sequence[RemoteResource], known: Mapping[str, str]
) -> dict[str, str]:
    """Return the slugs of resources that others named in their way, by the record whose texts they hold.

    Costs one listing for each resource there that is not ours, and only while a record of ours has none.

    Args:
        run: the push.
        wanted: our resources, as they are called by rule.
        remote: those of the project.
        known: slugs of resources that we filled before, by record.
    """
    slugs = {resource.slug for resource in remote}
    missing = [resource for resource in wanted if resource.record not in known and resource.slug not in slugs]
    ours = {resource.slug for resource in wanted} | set(known.values())
    same = (None, run.format.name)
    foreign = [found for found in remote if found.slug not in ours and found.format in same and found.strings]
    if not missing or not foreign:
        return {}
    there = {
        found.slug: [string.key for string in run.client.list_strings(resource_id(run.project, found.slug))]
        for found in foreign
    }
    return match_resources(
        {resource.record: [run.format.string_key(unit.key) for unit in resource.units] for resource in missing}, there
    )


def compare_resource(resource: LocalResource, upload: UploadPlan, rescued: int) -> dict[str, Any]:
    """Return how a resource that stood there before us compares with ours, and how many translations were rescued."""
    return {
        "matched": len(resource.units) - len(upload.fresh) - len(upload.changed),
        "only_here": len(upload.fresh),
        "only_there": len(upload.removed),
        "source_differs": len(upload.changed),
        "rescued": rescued,
        "only_here_keys": [str(unit.key) for unit in upload.fresh[:_SHOWN]],
        "source_differs_keys": [str(unit.key) for unit in upload.changed[:_SHOWN]],
    }


def adoption_message(resource: LocalResource, compared: Mapping[str, Any]) -> str:
    """Return in words how a resource that stood there before us compares with ours."""
    return (
        f"{resource.slug!r} stood on Transifex before: {compared['matched']} strings are the same, "
        f"{compared['source_differs']} have another source text, {compared['only_here']} are only here, "
        f"{compared['only_there']} only there."
    )
