"""The JSON API of bundles, sign-offs, releases and signing keys, under ``/api/v1``."""

from fastapi import APIRouter

from service.bundles.endpoints import building, fetching, keys, signoffs

router = APIRouter(prefix="/api/v1")
router.include_router(building.router)
router.include_router(signoffs.router)
router.include_router(fetching.router)
router.include_router(keys.router)
