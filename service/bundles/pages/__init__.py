"""The pages of sign-offs."""

from fastapi import APIRouter

from service.bundles.pages import signing

router = APIRouter(include_in_schema=False)
router.include_router(signing.router)
