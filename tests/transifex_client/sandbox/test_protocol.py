"""The sandbox's rules of the protocol: tokens, addresses, filters, pages, bodies, limits."""

import json
from urllib.parse import quote

import pytest

from tests.transifex_client.conftest import PROJECT, RESOURCE, TOKEN, Ask, Clock
from transifex_client import TransifexClient
from transifex_client.resources import StringChange, TranslationChange
from transifex_client.sandbox.core import RateLimit, Sandbox
from transifex_client.sandbox.http import Request, Response

BULK = 'application/vnd.api+json;profile="bulk"'


def error_of(response: Response) -> dict[str, object]:
    document = response.json()
    assert isinstance(document, dict)
    (error,) = document["errors"]
    assert isinstance(error, dict)
    return error


def data_of(response: Response) -> object:
    document = response.json()
    assert isinstance(document, dict)
    return document["data"]


def body(data: object) -> bytes:
    return json.dumps({"data": data}).encode()


def resource_body(**changes: object) -> dict[str, object]:
    return {
        "type": "resources",
        "attributes": {"name": "Forms", "slug": "forms"},
        "relationships": {
            "project": {"data": {"type": "projects", "id": PROJECT}},
            "i18n_format": {"data": {"type": "i18n_formats", "id": "YML"}},
        },
    } | changes


def team_body(**attributes: object) -> dict[str, object]:
    return {
        "type": "teams",
        "attributes": {"name": "Volunteers"} | attributes,
        "relationships": {"organization": {"data": {"type": "organizations", "id": "o:sandbox"}}},
    }


@pytest.mark.parametrize("value", ["", "Bearer wrong", f"Token {TOKEN}", f"Bearer {TOKEN}x"])
def test_without_the_right_token_nothing_is_told(ask: Ask, value: str) -> None:
    """Every address of the API and of the controls wants the token."""
    for target in ("/organizations", "/nothing", "/_sandbox/state"):
        response = ask("GET", target, authorization=value)
        assert response.status == 401
        assert error_of(response)["status"] == "401"
    assert ask("POST", "/_sandbox/reset", authorization=value).status == 401


@pytest.mark.parametrize("encode", [str, quote, lambda text: quote(text, safe="")])
def test_ids_are_taken_raw_and_percent_encoded(ask: Ask, encode: type[str]) -> None:
    """An id in a path or a query may have its colons encoded or not."""
    assert ask("GET", f"/projects/{encode(PROJECT)}").status == 200
    assert ask("GET", f"/resources?{encode('filter[project]')}={encode(PROJECT)}").status == 200
    assert ask("GET", f"/languages/{encode('l:sr@latin')}").status == 200


def test_errors_are_json_api_documents(ask: Ask) -> None:
    """An error names status (a text), code, title, detail and the place it blames."""
    response = ask("GET", "/resources?filter[project]=o:sandbox:p:app&filter[colour]=red")
    assert response.headers["Content-Type"] == "application/vnd.api+json"
    assert error_of(response) == {
        "status": "400",
        "code": "invalid",
        "title": "Invalid request",
        "detail": "'filter[colour]' is not a filter of this list",
        "source": {"parameter": "?filter[colour]"},
    }


@pytest.mark.parametrize(
    "target",
    [
        "/projects",
        "/resources",
        "/i18n_formats",
        "/resource_strings",
        f"/resource_translations?filter[resource]={RESOURCE}",
        "/resource_translations?filter[language]=l:fr",
        "/resource_language_stats",
        f"/resources?filter[project]={PROJECT}&limit=150",
        f"/resource_strings?filter[resource]={RESOURCE}&limit=10",
        f"/resource_strings?filter[resource]={RESOURCE}&limit=1001",
        f"/resource_strings?filter[resource]={RESOURCE}&page[cursor]=%21",
        f"/resource_strings?filter[resource]={RESOURCE}&filter[resource][language]=l:fr",
        f"/resource_translations?filter[resource]={RESOURCE}&filter[language]=fr",
        f"/resource_translations?filter[resource]={RESOURCE}&filter[language]=l:de",
        f"/resource_translations?filter[resource]={RESOURCE}&filter[language]=l:fr&filter[reviewed]=yes",
        f"/resource_translations?filter[resource]={RESOURCE}&filter[language]=l:fr&filter[date_translated][gt]=monday",
        f"/resource_translations?filter[resource]={RESOURCE}&filter[language]=l:fr&include=resource",
        "/languages?page[cursor]=x",
        f"/resources?filter[project]={PROJECT}&filter[project]={PROJECT}",
    ],
)
def test_wrong_and_missing_filters_are_refused(ask: Ask, resource: str, client: TransifexClient, target: str) -> None:
    """Required filters, known filters, and values in their shape: else 400."""
    client.upload_source(resource, b"en:\n  a: A\n", keep_translations=False)
    assert ask("GET", target).status == 400


@pytest.mark.parametrize(
    "target",
    [
        "/nothing",
        "/projects/o:sandbox:p:none",
        "/users/u:nobody",
        "/languages/l:xx",
        "/resource_strings/o:sandbox:p:app:r:none:s:00000000000000000000000000000000",
        "/resource_language_stats/o:sandbox:p:app:r:forms:l:de",
        "/resource_strings_async_uploads/none",
        f"/resource_strings?filter[resource]={PROJECT}:r:none",
    ],
)
def test_what_is_not_there_is_404(ask: Ask, resource: str, target: str) -> None:
    """Unknown ids and addresses are not found."""
    response = ask("GET", target)
    assert (response.status, error_of(response)["code"]) == (404, "not found")


def test_a_wrong_method_is_405(ask: Ask) -> None:
    """Strings of files can neither be created nor deleted by the API."""
    assert ask("DELETE", "/resource_strings").headers["Allow"] == "GET, PATCH"


def test_a_create_is_answered_as_documented(ask: Ask) -> None:
    """Resources answer 201 with a Location and every relationship that was sent; projects answer 200."""
    created = ask("POST", "/resources", body(resource_body()))
    assert (created.status, created.headers["Location"]) == (201, f"/resources/{RESOURCE}")
    shown = data_of(created)
    assert isinstance(shown, dict)
    assert shown["relationships"]["i18n_format"]["data"] == {"type": "i18n_formats", "id": "YML"}
    assert shown["relationships"]["project"]["data"]["id"] == PROJECT
    ask("POST", "/teams", body(team_body()))
    project = {
        "type": "projects",
        "attributes": {"name": "B", "slug": "b", "private": True},
        "relationships": {
            "organization": {"data": {"type": "organizations", "id": "o:sandbox"}},
            "source_language": {"data": {"type": "languages", "id": "l:en"}},
            "team": {"data": {"type": "teams", "id": "o:sandbox:t:volunteers"}},
        },
    }
    answered = ask("POST", "/projects", body(project))
    assert answered.status == 200
    shown = data_of(answered)
    assert isinstance(shown, dict)
    assert {"organization", "source_language", "team"} <= shown["relationships"].keys()
    assert ask("POST", "/projects", body(project)).status == 409
    assert ask("POST", "/resources", body(resource_body())).status == 409


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (resource_body(attributes={"name": "F", "slug": "f", "colour": "red"}), "/data/attributes"),
        (resource_body(attributes={"slug": "f"}), "/data/attributes"),
        (resource_body(attributes={"name": 5}), "/data/attributes/name"),
        (resource_body(attributes={"name": "F", "slug": "a b"}), "/data/attributes/slug"),
        (resource_body(attributes={"name": "F", "priority": "low"}), "/data/attributes/priority"),
        (resource_body(relationships={}), "/data/relationships"),
        (resource_body(type="resource"), "/data/type"),
        (resource_body(id=RESOURCE), "/data"),
        ({"type": "resources"}, "/data"),
        ([resource_body()], "/data"),
    ],
)
def test_a_body_must_be_what_the_schema_allows(ask: Ask, data: object, pointer: str) -> None:
    """Unknown, missing and wrong parts are refused, and the place is named."""
    response = ask("POST", "/resources", body(data))
    assert response.status == 400
    assert error_of(response)["source"] == {"pointer": pointer}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"data": 1, "x": 2}', b'{"data": "\\ud800"}', b"\xff"])
def test_a_body_that_is_no_document_is_refused(ask: Ask, content: bytes) -> None:
    """Whatever is sent, the answer is an error document."""
    assert ask("POST", "/resources", content).status == 400


def test_the_content_type_is_checked(ask: Ask) -> None:
    """Plain requests must not call themselves bulk, bulk ones must, and both are JSON:API."""
    assert ask("POST", "/resources", body(resource_body()), content_type="application/json").status == 400
    assert ask("POST", "/resources", body(resource_body()), content_type=BULK).status == 400
    assert ask("PATCH", "/resource_strings", body([])).status == 400


def test_pages_hold_150_and_lead_on_by_an_opaque_cursor(client: TransifexClient, ask: Ask, resource: str) -> None:
    """Lists are cut at 150, or at the limit asked for where one may be asked for."""
    source = "en:\n" + "".join(f"  k{number}: Text {number}\n" for number in range(1200))
    client.upload_source(resource, source.encode(), keep_translations=False)
    first = ask("GET", f"/resource_strings?filter[resource]={resource}").json()
    assert isinstance(first, dict)
    assert len(first["data"]) == 150
    assert first["links"]["previous"] is None
    second = ask("GET", first["links"]["next"]).json()
    assert isinstance(second, dict)
    assert second["data"][0]["attributes"]["key"] == "k150"
    assert second["links"]["previous"] is not None
    before = client.requests_sent
    keys = [string.key for string in client.list_strings(resource)]
    assert keys == [f"k{number}" for number in range(1200)]
    assert client.requests_sent - before == 2
    assert len(client.list_translations(resource, "fr")) == 1200


def test_a_bulk_takes_1_to_150_items_of_one_resource(client: TransifexClient, ask: Ask, resource: str) -> None:
    """A bulk change is all or nothing, and its errors name the item."""
    client.upload_source(resource, b"en:\n  a: A\n  b: B\n", keep_translations=False)
    one, two = (string.id for string in client.list_strings(resource))

    def change(identifier: str, **attributes: object) -> dict[str, object]:
        return {"type": "resource_strings", "id": identifier, "attributes": attributes}

    def send(*items: dict[str, object]) -> Response:
        return ask("PATCH", "/resource_strings", body(list(items)), content_type=BULK)

    assert send().status == 400
    assert send(*[change(f"{one[:-3]}{number:03}") for number in range(151)]).status == 400
    assert send(change(one), change(one)).status == 400
    response = send(change(one, tags=["x"]), change(two, tags="x"))
    assert error_of(response)["source"] == {"pointer": "/data/1/attributes/tags"}
    assert client.list_strings(resource)[0].tags == ()
    assert send(change(one, tags=["x"]), change(two, colour="red")).status == 400
    assert send(change(one, keep_translations=True)).status == 400
    with pytest.raises(ValueError, match="at most 150"):
        client.update_strings([StringChange(one)] * 151)


def test_the_client_splits_changes_into_bulks() -> None:
    """A bulk holds one resource and one language, and 150 items at most."""
    from transifex_client import bulks

    changes = [
        TranslationChange(f"{RESOURCE}:s:{number:032x}:l:{language}", reviewed=True)
        for number in range(200)
        for language in ("fr", "ar")
    ]
    groups = list(bulks(changes))
    assert [len(group) for group in groups] == [150, 50, 150, 50]
    assert all(len({change.id.rpartition(":")[2] for change in group}) == 1 for group in groups)


@pytest.mark.parametrize("header", [True, False])
def test_a_rate_limit_throttles_until_its_time_is_over(
    client: TransifexClient, sandbox: Sandbox, clock: Clock, header: bool
) -> None:
    """Beyond the limit the answer is 429, with or without Retry-After; the client waits it out."""
    sandbox.settings.rate_limit = RateLimit(requests=2, seconds=60, header=header)
    for _ in range(3):
        client.get_user("bridge")
    assert clock.sleeps == [60]
    assert client.requests_sent == 4


def test_a_throttled_answer_says_when(ask: Ask, sandbox: Sandbox) -> None:
    """The number of seconds stands in the detail, and in the header where it is switched on."""
    sandbox.settings.rate_limit = RateLimit(requests=0 + 1, seconds=30, header=False)
    ask("GET", "/organizations")
    response = ask("GET", "/organizations")
    assert error_of(response)["detail"] == "Request was throttled. Expected available in 30 seconds."
    assert error_of(response)["code"] == "Throttled"
    assert "Retry-After" not in response.headers


def test_prepared_answers_come_first(client: TransifexClient, sandbox: Sandbox, clock: Clock) -> None:
    """A test can put any answer before the sandbox's own."""
    sandbox.settings.next_answers.append(Response(502))
    assert client.get_user("bridge").username == "bridge"
    assert clock.sleeps == [2]


def test_a_language_knows_its_plural_categories(client: TransifexClient) -> None:
    """The categories are CLDR's, as Transifex shows them."""
    languages = {language.code: language for language in client.list_languages()}
    assert languages["ar"].plural_categories == ("zero", "one", "two", "few", "many", "other")
    assert languages["fr"].plural_categories == ("one", "many", "other")
    assert languages["id"].plural_categories == languages["tet"].plural_categories == ("other",)
    assert languages["ar"].rtl
    assert languages["ckb"].rtl
    assert not languages["fr"].rtl
    assert [language.code for language in client.list_languages(codes=["so", "xx"])] == ["so"]


def test_languages_of_a_project_are_added_replaced_and_removed(client: TransifexClient, ask: Ask) -> None:
    """POST adds, DELETE removes, PATCH replaces everything; unknown languages and the source are refused."""
    client.add_project_languages(PROJECT, ["so", "fr"])
    assert [language.code for language in client.list_project_languages(PROJECT)] == ["fr", "ar", "id", "so"]
    link = f"/projects/{PROJECT}/relationships/languages"
    assert ask("DELETE", link, body([{"type": "languages", "id": "l:ar"}])).status == 204
    assert ask("PATCH", link, body([{"type": "languages", "id": "l:ps"}])).status == 204
    assert data_of(ask("GET", link)) == [{"type": "languages", "id": "l:ps"}]
    assert ask("POST", link, body([{"type": "languages", "id": "l:xx"}])).status == 404
    assert ask("POST", link, body([{"type": "languages", "id": "l:en"}])).status == 400
    assert ask("POST", link, body([{"type": "users", "id": "l:so"}])).status == 400


def test_a_request_that_makes_no_sense_is_an_answer_too(sandbox: Sandbox) -> None:
    """The core raises nothing, whatever it is asked."""
    assert sandbox.handle(Request("BREW", "//%ff/?%ff", {"authorization": f"Bearer {TOKEN}"})).status == 404
