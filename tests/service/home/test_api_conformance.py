"""The API against its own description: whatever a program may send, no answer is a server error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

if TYPE_CHECKING:
    from tests.service.home.conftest import Api

EXAMPLES = 4
"""Requests for each operation; more find more, and take longer."""


def test_no_request_that_the_description_allows_is_a_server_error(api: Api) -> None:
    """Every operation with generated parameters and bodies, on a deployment that is there."""
    headers = dict(api("specialist").headers)
    description = api.client.get("/api/v1/openapi.json", headers=headers).json()
    found: list[str] = []
    for result in schemathesis.openapi.from_dict(description).get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            # The same requests in every run: what only chance finds would fail somebody else's change.
            derandomize=True, max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def call(case: Any) -> None:
            if "slug" in (case.path_parameters or {}):
                case.path_parameters["slug"] = "iraq"
            request = case.as_transport_kwargs(base_url="http://localhost")
            request.pop("cookies", None)
            if isinstance(request.get("data"), str | bytes):
                request["content"] = request.pop("data")
            request["headers"] = {**dict(request.get("headers") or {}), **headers}
            answer = api.client.request(**request)
            if answer.status_code >= 500:
                found.append(f"{case.method} {request['url']} {request.get('params')}: {answer.text[:200]}")

        call()
    assert found == []


@pytest.mark.parametrize("number", ["18446744073709551617", "-99999999999", "2147483648", "9" * 5000])
def test_a_number_that_no_row_has_is_not_there(api: Api, number: str) -> None:
    """The databases refuse to look for it; the answer is 404, not a server error."""
    answer = api("specialist").get(f"/jobs/{number}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0000b", "\\ud800"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", '{{"name": "{text}"}}'),
        ("POST", "/volunteers", '{{"name": "{text}", "locales": ["fr"], "role": "translator"}}'),
        ("POST", "/wording", '{{"term": "{text}", "reason": "why"}}'),
    ],
)
def test_a_text_that_no_database_holds_is_refused(api: Api, method: str, path: str, body: str, text: str) -> None:
    """In one sentence, and on both databases alike."""
    answer = api.client.request(
        method,
        f"/api/v1/deployments/iraq{path}",
        content=body.format(text=text),
        headers={**api("specialist").headers, "Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "bad-input"
