"""What is remembered of the last sync, where it has to be forgotten.

A text that is blank on Transifex empties ours only if a person emptied it there. It may also be blank because a string
was made anew or its source text changed, which drops translations. Then the memory of the source that the last sync
saw goes, and with it the reason to take the blank for somebody's will; everything else is kept.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from service.catalog.models import Translation, Unit
from service.deployments.models import DeploymentWebhook
from service.sync.models import PulledPair, PushedResource, Question, QuestionComment, QuestionReply

_CHUNK = 400


def forget_synced_sources(session: Session, unit_ids: Iterable[int]) -> None:
    """Forget, in every locale, which source Transifex had at the last sync: an upload is about to drop texts."""
    wanted = sorted(set(unit_ids))
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        session.exec(update(Translation).where(col(Translation.unit_id).in_(chunk)).values(synced_source_hash=None))


def forget_project(session: Session, deployment_id: int) -> None:
    """Forget everything of the last syncs: the deployment goes to another project, which had nothing from us yet.

    Texts, authors and decisions are kept; the next push sends everything, the next pull compares everything.
    """
    session.exec(delete(PushedResource).where(col(PushedResource.deployment_id) == deployment_id))
    session.exec(delete(PulledPair).where(col(PulledPair.deployment_id) == deployment_id))
    # The old project's webhook has nothing to say any more.
    session.exec(delete(DeploymentWebhook).where(col(DeploymentWebhook.deployment_id) == deployment_id))
    _forget_questions(session, deployment_id)
    units = select(Unit.id).where(Unit.deployment_id == deployment_id)
    session.exec(
        update(Unit).where(col(Unit.deployment_id) == deployment_id).values(pushed_source_hash=None, pushed_at=None)
    )
    session.exec(
        update(Translation)
        .where(col(Translation.unit_id).in_(units))
        .values(
            our_synced_hash=None,
            their_synced_hash=None,
            synced_source_hash=None,
            synced_at=None,
            reviewed_on_transifex=False,
        )
    )
    session.flush()


def _forget_questions(session: Session, deployment_id: int) -> None:
    """Forget what was asked in the old project: nobody there would hear the answers any more."""
    questions = select(Question.id).where(Question.deployment_id == deployment_id)
    session.exec(delete(QuestionReply).where(col(QuestionReply.question_id).in_(questions)))
    session.exec(delete(QuestionComment).where(col(QuestionComment.question_id).in_(questions)))
    session.exec(delete(Question).where(col(Question.deployment_id) == deployment_id))


def forget_recreated_strings(
    session: Session, deployment_id: int, locale: str, created: Mapping[str, datetime]
) -> None:
    """Forget the same in one locale for units (by key) whose string was made after the last sync."""
    keys = sorted(created)
    for start in range(0, len(keys), _CHUNK):
        query = (
            select(Unit.key, Translation)
            .join(Translation, col(Translation.unit_id) == Unit.id)
            .where(Unit.deployment_id == deployment_id, col(Unit.key).in_(keys[start : start + _CHUNK]))
            .where(Translation.locale == locale, col(Translation.synced_source_hash).is_not(None))
        )
        for key, translation in session.exec(query).all():
            if translation.synced_at is not None and translation.synced_at < created[key]:
                translation.synced_source_hash = None
                session.add(translation)
    session.flush()
