"""The pages that span features: deployments, what their exchanges did, what volunteers ask."""

from fastapi import APIRouter

from service.home.pages import (
    audit,
    findings,
    glossary,
    home,
    instance_keeping,
    instances,
    letters,
    looks,
    people,
    progress,
    questions,
    releases,
    runs,
    sensitive,
    webhooks,
)

router = APIRouter(include_in_schema=False)
router.include_router(home.router)
router.include_router(runs.router)
router.include_router(releases.router)
router.include_router(instances.router)
router.include_router(instance_keeping.router)
router.include_router(looks.router)
router.include_router(questions.router)
router.include_router(findings.router)
router.include_router(glossary.router)
router.include_router(sensitive.router)
router.include_router(audit.router)
router.include_router(letters.router)
router.include_router(people.router)
router.include_router(webhooks.router)
router.include_router(progress.router)
