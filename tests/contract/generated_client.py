"""Works with the service by a client that was generated from its description, and prints what it saw as JSON.

Run by the interpreter that has the generator's dependencies: ``python generated_client.py FOLDER ADDRESS TOKEN``, where
the folder holds the generated package ``bridge_api``.
"""

import importlib
import json
import sys
from typing import Any
from urllib.parse import parse_qs

folder, address, token = sys.argv[1:]
sys.path.insert(0, folder)
client: Any = importlib.import_module("bridge_api").AuthenticatedClient(base_url=address, token=token)


def call(tag: str, name: str, *places: Any, **values: Any) -> Any:
    """Return the detailed answer of one operation."""
    return importlib.import_module(f"bridge_api.api.{tag}.{tag}_{name}").sync_detailed(*places, client=client, **values)


found: dict[str, Any] = {}

deployments = call("deployments", "list_all")
found["deployments"] = [[each.slug, [locale.locale for locale in each.locales]] for each in deployments.parsed]

keys: list[str] = []
after = -1
while True:
    page = call("review", "list_page", "iraq", "fr", limit=2, after=after).parsed
    keys += [unit.key for unit in page.units]
    if page.next_ is None:
        break
    after = int(page.next_.partition("after=")[2].partition("&")[0])
found["units"] = keys

checks: list[str] = []
last = ""
while True:
    answer = call("checks", "list_all", "iraq", limit=20, after=last)
    checks += [each.check for each in answer.parsed]
    if "link" not in answer.headers:
        break
    last = parse_qs(answer.headers["link"].partition("?")[2].partition(">")[0])["after"][0]
found["checks"] = checks

again = call("checks", "list_all", "iraq", limit=20, after=last, if_none_match=answer.headers["etag"])
found["again"] = [int(again.status_code), again.content.decode()]

problem = call("deployments", "show", "nowhere")
found["problem"] = [int(problem.status_code), type(problem.parsed).__name__, problem.parsed.code, problem.parsed.detail]

print(json.dumps(found))
