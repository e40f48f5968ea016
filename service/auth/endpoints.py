"""The API about the one who asks."""

from fastapi import APIRouter

from service.auth.dependencies import IdentityDep
from service.auth.schemas import MeAnswer

router = APIRouter(prefix="/api/v1", tags=["people"])


@router.get("/me", summary="Who am I, and what may I do")
def show_me(identity: IdentityDep) -> MeAnswer:
    """Tell whose token or session the request shows, with all memberships."""
    return MeAnswer.of(identity)
