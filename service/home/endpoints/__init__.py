"""The JSON API that spans features, under ``/api/v1``."""

from fastapi import APIRouter

from service.home.endpoints import deployments, jobs, review

router = APIRouter(prefix="/api/v1")
router.include_router(deployments.router)
router.include_router(review.router)
router.include_router(jobs.router)
