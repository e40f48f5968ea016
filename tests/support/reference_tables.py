"""The pages of docs/reference made from the code; ``python -m tests.support.reference_tables`` writes them."""

from pathlib import Path

from service.auth.models import Role
from service.auth.rules import BY_LOCALE, MEANINGS, PERMISSIONS, Permission
from service.web.public import PUBLIC_ROUTES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"

PERMISSIONS_PAGE = """# Who may do what

A membership gives a person one role in one deployment or in all, for some locales or for all. A person may have
several, and may do what any of them allows. This page is made from `service/auth/rules.py`.

{table}

\\* A membership for some locales allows this in those locales only. The other permissions do not look at locales.

- Creating a deployment takes `deployment.manage` by a membership for all deployments.
- What you may not see does not exist for you: the answer is "not found" (404) before it is "not permitted" (403).
- To make a token or a password link for somebody you must be able to manage people in *every* deployment that
  person is in: whoever hands out a way in could use it. Everybody may make tokens for themselves.
- The command line without `BRIDGE_TOKEN` acts as `operator@host`: an administrator of everything who is no person, and
  who can never review or sign a language off.
"""

PUBLIC_ROUTES_PAGE = """# What can be reached without signing in

Everything else answers 401 to programs and leads people to the sign-in page. GET stands for HEAD as well. This page is
made from `service/web/public.py`.

{table}
"""


def permissions_page() -> str:
    """Return docs/reference/permissions.md."""
    rows = [
        [f"`{permission}`" + (" \\*" if permission in BY_LOCALE else ""), MEANINGS[permission]]
        + ["yes" if permission in PERMISSIONS[role] else "–" for role in Role]
        for permission in Permission
    ]
    return PERMISSIONS_PAGE.format(table=table(["Permission", "what it allows", *Role], rows))


def public_routes_page() -> str:
    """Return docs/reference/public-routes.md."""
    rows = [[route.method, f"`{route.path}`", route.proof, route.reason] for route in PUBLIC_ROUTES]
    head = ["Method", "Address", "what stands in place of a session", "why it is public"]
    return PUBLIC_ROUTES_PAGE.format(table=table(head, rows))


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PAGES = {"permissions.md": permissions_page, "public-routes.md": public_routes_page}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), "utf-8")
