"""What a reviewer sees and does: the queue, the card, lists of texts. Everything works without a script."""

from fastapi import APIRouter

from service.review.pages import acting, card, commenting, findings, form, queue

router = APIRouter(include_in_schema=False)
router.include_router(queue.router)
router.include_router(card.router)
router.include_router(form.router)
router.include_router(acting.router)
router.include_router(findings.router)
router.include_router(commenting.router)
