"""The JSON API that spans features, under ``/api/v1``."""

from fastapi import APIRouter

from service.home.endpoints import (
    audit,
    checks,
    deployments,
    glossary,
    instances,
    jobs,
    letters,
    looks,
    progress,
    questions,
    releases,
    review,
    volunteers,
    webhooks,
)

router = APIRouter(prefix="/api/v1")
router.include_router(deployments.router)
router.include_router(review.router)
router.include_router(checks.router)
router.include_router(glossary.router)
router.include_router(jobs.router)
router.include_router(releases.router)
router.include_router(instances.router)
router.include_router(looks.router)
router.include_router(questions.router)
router.include_router(webhooks.router)
router.include_router(progress.router)
router.include_router(audit.router)
router.include_router(letters.router)
router.include_router(volunteers.router)
