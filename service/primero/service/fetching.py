"""Reading a live Primero: its forms and lookups as a source, or as the target of a bundle."""

from extractors.json_text import dump_json
from extractors.reading import Member
from service.primero.client import PrimeroClient
from service.primero.plan import Target
from service.primero.service.connecting import translate_errors


def fetch_target(client: PrimeroClient) -> Target:
    """Return an instance as it is.

    Raises:
        Refused: Primero does not let the account read it.
        RemoteUnreachable: it does not answer.
    """
    with translate_errors():
        return Target(client.list_forms(), client.list_lookups(), client.get_locales())


def fetch_source(client: PrimeroClient) -> tuple[Member, ...]:
    """Return the answers of an instance as the files that somebody would have saved. Raises as :func:`fetch_target`."""
    return as_members(fetch_target(client))


def as_members(target: Target) -> tuple[Member, ...]:
    """Return an instance as files of saved answers."""
    return (
        Member("forms.json", dump_json({"data": list(target.forms)})),
        Member("lookups.json", dump_json({"data": list(target.lookups)})),
    )
