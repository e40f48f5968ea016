"""Sources as people name them: a place on disk, or the address of a live Primero."""

from pathlib import Path
from typing import TYPE_CHECKING

from extractors.errors import ExtractionError
from extractors.load import load, load_source
from extractors.reading import read_path
from extractors.units import Catalog
from service.home.reading import bad_input, read_source

# Whoever reads files alone must not wait for the HTTP client.
if TYPE_CHECKING:
    from sqlmodel import Session

    from service.deployments.models import Deployment
    from service.primero.client import PrimeroClient
    from service.settings import Settings
    from service.web.resources import Resources

SOURCE_HELP = "Configuration JSON, saved API answers, translation YAML, PO, or the https:// address of a Primero."


def is_address(place: str) -> bool:
    """Return whether a place is an address, not a path."""
    return place.lower().startswith(("https://", "http://"))


def name_of(place: str) -> str:
    """Return how a place is remembered: the address, or the file's name without the folders it lies in."""
    return place.rstrip("/") if is_address(place) else Path(place).name


def read_place(place: str, source_locale: str, settings: "Settings") -> Catalog:
    """Return the catalog of a configuration on disk, or of the Primero at an address, read as the settings' account.

    Raises:
        BadInput: it cannot be used as a source; the message says what to do.
        NotReady: the settings name no account.
        RemoteUnreachable: the Primero does not answer.
    """
    if not is_address(place):
        return read_source(Path(place), source_locale)
    from service.primero.service.connecting import open_by_settings

    with open_by_settings(settings, place) as client:
        return read_live(client, source_locale)


def read_export(place: str, source_locale: str, settings: "Settings") -> Catalog:
    """Return the catalog of an export that may hold one language alone, or of the Primero at an address.

    Raises: as :func:`read_place`.
    """
    if is_address(place):
        return read_place(place, source_locale, settings)
    try:
        return load(read_path(Path(place)), source_locale).catalog
    except ExtractionError as error:
        raise bad_input(error) from error


def read_live(client: "PrimeroClient", source_locale: str) -> Catalog:
    """Return the catalog of a live Primero. Raises as :func:`read_place`."""
    from service.primero.service.fetching import fetch_source

    members = fetch_source(client)
    try:
        return load_source(members, source_locale).catalog
    except ExtractionError as error:
        raise bad_input(error) from error


def open_place(resources: "Resources", session: "Session", deployment: "Deployment", url: str) -> "PrimeroClient":
    """Return a client for an address: as the account of the deployment's instance there, else as the settings'."""
    from service.primero.service.connecting import open_by_settings
    from service.primero.service.instances import find_instance_at, open_instance

    instance = find_instance_at(session, deployment, url)
    if instance is None:
        return open_by_settings(resources.settings, url, resources.primero_transport)
    return open_instance(
        instance, settings=resources.settings, secrets=resources.secrets, transport=resources.primero_transport
    )
