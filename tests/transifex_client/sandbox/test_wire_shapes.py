"""The shapes in which other clients speak: the official Python and JavaScript libraries, by hand-made requests.

The Python one percent-encodes the brackets of filters and uploads files as multipart; the JavaScript one sends brackets
raw, uploads as JSON, and breaks when an answer to a POST lacks a relationship that was sent.
"""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.transifex_client.conftest import PROJECT, RESOURCE, SOURCE, Ask, Clock
from transifex_client import TransifexClient
from transifex_client.ids import string_id, team_id
from transifex_client.resources import NewProjectWebhook, NewTeam, NewTeamMembership
from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.http import Response

RAW: Callable[[str], str] = str
FORM = string_id(RESOURCE, "form")
TEAM = team_id("sandbox", "volunteers")
ENCODINGS = pytest.mark.parametrize("encode", [RAW, quote, lambda text: quote(text, safe="")])


def document_of(response: Response) -> dict[str, object]:
    document = response.json()
    assert isinstance(document, dict)
    return document


def related(**named: tuple[str, str]) -> dict[str, object]:
    return {name: {"data": {"type": kind, "id": value}} for name, (kind, value) in named.items()}


@pytest.fixture
def world(client: TransifexClient, sandbox: Sandbox, clock: Clock, filled: str) -> str:
    """One of everything."""
    sandbox.add_user("amina")
    client.create_team(NewTeam("o:sandbox", "Volunteers"), now=clock.now)
    client.create_team_membership(NewTeamMembership(TEAM, "amina", "fr"))
    client.create_project_webhook(NewProjectWebhook(PROJECT, "https://bridge.example.org/hook"), now=clock.now)
    sandbox.comment(filled, "fr", "form", "Hello", by="amina")
    return filled


LISTS = {
    "/organizations": {"slug": "sandbox"},
    "/projects": {"organization": "o:sandbox", "slug": "app"},
    "/resources": {"project": PROJECT, "slug": "forms"},
    "/resource_strings": {"resource": RESOURCE, "key": "form"},
    "/resource_translations": {"resource": RESOURCE, "language": "l:fr", "resource_string][key": "form"},
    "/resource_string_comments": {"organization": "o:sandbox", "resource_string": FORM, "author": "u:amina"},
    "/teams": {"organization": "o:sandbox", "slug": "volunteers"},
    "/team_memberships": {"organization": "o:sandbox", "team": TEAM, "user": "u:amina", "language": "l:fr"},
    "/project_webhooks": {"organization": "o:sandbox", "project": PROJECT},
}


@ENCODINGS
@pytest.mark.parametrize("path", LISTS)
def test_filters_come_raw_and_encoded(ask: Ask, world: str, encode: Callable[[str], str], path: str) -> None:
    """Every list takes its filters with brackets and colons raw, as JavaScript sends them, and encoded, as Python does.

    One thing is found, and its own link leads to it.
    """
    query = "&".join(f"{encode(f'filter[{name}]')}={encode(value)}" for name, value in LISTS[path].items())
    found = document_of(ask("GET", f"{path}?{query}"))
    data = found["data"]
    assert isinstance(data, list)
    (thing,) = data
    again = ask("GET", f"{path}/{encode(thing['id'])}")
    assert again.status == 200
    assert document_of(again)["data"] == thing
    assert ask("GET", thing["links"]["self"]).status == 200


@pytest.mark.parametrize("path", LISTS)
def test_a_page_of_a_list_has_links(ask: Ask, world: str, path: str) -> None:
    """Python follows links.next until it is null; so it must be there, at the end of every list."""
    query = "&".join(f"filter[{name}]={value}" for name, value in LISTS[path].items())
    links = document_of(ask("GET", f"{path}?{query}"))["links"]
    assert isinstance(links, dict)
    assert links.keys() == {"self", "next", "previous"}
    assert (links["next"], links["previous"]) == (None, None)


def test_related_links_lead_somewhere(ask: Ask, world: str) -> None:
    """Python fetches a relationship by its related link: those of organization and project answer."""
    for place, names in [("/organizations/o:sandbox", ("projects", "teams")), (f"/projects/{PROJECT}", ("resources",))]:
        data = document_of(ask("GET", place))["data"]
        assert isinstance(data, dict)
        for name in names:
            assert ask("GET", data["relationships"][name]["links"]["related"]).status == 200


CREATES = {
    "projects": (
        {"name": "B", "slug": "b", "private": False},
        related(
            organization=("organizations", "o:sandbox"),
            source_language=("languages", "l:en"),
            team=("teams", TEAM),
        ),
        200,
    ),
    "resources": (
        {"name": "B", "slug": "b"},
        related(project=("projects", PROJECT), i18n_format=("i18n_formats", "YML"), base=("resources", RESOURCE)),
        201,
    ),
    "resource_string_comments": (
        {"message": "Hello", "type": "issue"},
        related(resource_string=("resource_strings", FORM), language=("languages", "l:fr")),
        201,
    ),
    "teams": ({"name": "Others"}, related(organization=("organizations", "o:sandbox")), 200),
    "team_memberships": (
        {"role": "reviewer"},
        related(user=("users", "u:amina"), team=("teams", TEAM), language=("languages", "l:ar")),
        201,
    ),
    "project_webhooks": (
        {"active": True, "callback_url": "https://bridge.example.org/2", "event_type": "all_events"},
        related(project=("projects", PROJECT)),
        201,
    ),
    "resource_strings_async_uploads": (
        {"content": SOURCE.decode(), "content_encoding": "text"},
        related(resource=("resources", RESOURCE)),
        202,
    ),
    "resource_translations_async_uploads": (
        {"content": "fr: {}\n", "content_encoding": "text", "file_type": "default"},
        related(resource=("resources", RESOURCE), language=("languages", "l:fr")),
        202,
    ),
    "resource_strings_async_downloads": ({}, related(resource=("resources", RESOURCE)), 202),
    "resource_translations_async_downloads": (
        {"mode": "default", "callback_url": None},
        related(resource=("resources", RESOURCE), language=("languages", "l:fr")),
        202,
    ),
    "project_activity_reports_async_downloads": (
        {"date_from": "2024-03-01"},
        related(project=("projects", PROJECT), language=("languages", "l:fr"), user=("users", "u:amina")),
        202,
    ),
}


@pytest.mark.parametrize("kind", CREATES)
def test_every_relationship_that_was_sent_comes_back(ask: Ask, world: str, kind: str) -> None:
    """JavaScript crashes unless the answer to a POST echoes every relationship; 201 says where the new thing lies."""
    attributes, relationships, status = CREATES[kind]
    data = {"type": kind, "attributes": attributes, "relationships": relationships}
    response = ask("POST", f"/{kind}", json.dumps({"data": data}).encode())
    assert response.status == status
    made = document_of(response)["data"]
    assert isinstance(made, dict)
    assert made["type"] == kind
    shown = {name: {"data": made["relationships"][name]["data"]} for name in relationships}
    assert shown == relationships
    place = {200: None, 201: response.headers.get("Location"), 202: response.headers.get("Content-Location")}[status]
    assert place == (None if status == 200 else f"/{kind}/{made['id']}")
    assert ask("GET", f"/{kind}/{made['id']}").status in (200, 303)


@pytest.mark.parametrize("kind", CREATES)
def test_unknown_attributes_and_relationships_are_refused(ask: Ask, world: str, kind: str) -> None:
    """What the schema does not name is refused, so that a wrong name is found here and not at the real one."""
    attributes, relationships, _ = CREATES[kind]
    for more in (
        {"attributes": attributes | {"colour": "red"}, "relationships": relationships},
        {"attributes": attributes, "relationships": relationships | related(colour=("colours", "red"))},
    ):
        assert ask("POST", f"/{kind}", json.dumps({"data": {"type": kind} | more}).encode()).status == 400


def multipart(**parts: str) -> tuple[bytes, str]:
    lines = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts.items()
    ]
    return "".join([*lines, "--b--\r\n"]).encode(), "multipart/form-data; boundary=b"


@pytest.mark.parametrize("way", ["multipart", "json"])
def test_files_come_as_multipart_and_as_json(ask: Ask, client: TransifexClient, world: str, way: str) -> None:
    """Python sends the content as a part of a form, JavaScript as an attribute: both do the same."""
    kind, content = "resource_translations_async_uploads", "fr:\n  form: Formulaire\n"
    if way == "multipart":
        body, media_type = multipart(resource=RESOURCE, language="l:fr", file_type="default", content=content)
        response = ask("POST", f"/{kind}", body, content_type=media_type)
    else:
        attributes = {"content": content, "content_encoding": "text", "file_type": "default"}
        relationships = related(resource=("resources", RESOURCE), language=("languages", "l:fr"))
        data = {"type": kind, "attributes": attributes, "relationships": relationships}
        response = ask("POST", f"/{kind}", json.dumps({"data": data}).encode())
    made = document_of(response)["data"]
    assert isinstance(made, dict)
    assert response.status == 202
    assert made["relationships"].keys() == {"resource", "language"}
    finished = document_of(ask("GET", response.headers["Content-Location"]))["data"]
    assert isinstance(finished, dict)
    assert finished["attributes"]["status"] == "succeeded"
    assert client.list_translations(RESOURCE, "fr", key="form")[0].strings == {"other": "Formulaire"}


def test_a_single_translation_can_bring_its_string(ask: Ask, world: str) -> None:
    """`include` works for one translation as for the list; without it nothing is included, and nothing else can be."""
    target = f"/resource_translations/{FORM}:l:fr"
    included = document_of(ask("GET", f"{target}?include=resource_string"))["included"]
    assert isinstance(included, list)
    assert [(each["type"], each["id"]) for each in included] == [("resource_strings", FORM)]
    assert "included" not in document_of(ask("GET", target))
    assert ask("GET", f"{target}?include=resource").status == 400


def test_links_can_name_the_host(ask: Ask, sandbox: Sandbox, world: str) -> None:
    """Every link of an answer does, at whatever depth, and nothing else that begins with a slash."""
    sandbox.settings.absolute_links = True
    sandbox.translate(world, "fr", {"form": "/accueil"}, by="amina")
    document = ask("GET", f"/resource_translations?filter[resource]={RESOURCE}&filter[language]=l:fr").body.decode()
    host = "https://rest.api.transifex.com"
    assert f'"self":"{host}/resource_translations?filter' in document
    assert f'"related":"{host}/languages/l:fr"' in document
    assert f'"self":"{host}/resource_translations/{FORM}:l:fr"' in document
    assert '"other":"/accueil"' in document
    assert ':"/resource' not in document
