"""The public keys that bundles are verified with: for everybody."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel

from service.bundles.service.keys import list_keys
from service.web.paging import PageDep
from service.web.resources import SessionDep

router = APIRouter(tags=["signing keys"])

PEM = "application/x-pem-file"


class KeyAnswer(BaseModel):
    """One public key as PEM. ``replaced_at``: from then on it signed nothing any more; null for the current one."""

    id: str
    public_key: str
    created_at: datetime
    replaced_at: datetime | None


@router.get("/signing-keys", summary="The public keys that bundles are signed with")
def show_keys(session: SessionDep, page: PageDep) -> list[KeyAnswer]:
    """Return every key that ever signed a bundle, the current one first."""
    return [
        KeyAnswer(id=key.id, public_key=key.public_key, created_at=key.created_at, replaced_at=key.replaced_at)
        for key in page.cut(list_keys(session), lambda each: each.id)
    ]


@router.get(
    "/signing-keys.pem",
    summary="The public keys as one PEM file",
    response_class=Response,
    responses={200: {"content": {PEM: {"schema": {"type": "string"}}}}},
)
def send_keys(session: SessionDep) -> Response:
    """Return them one below the other, for `primero-bridge bundle verify … --key` and other tools."""
    return Response("".join(key.public_key for key in list_keys(session)), media_type=PEM)
