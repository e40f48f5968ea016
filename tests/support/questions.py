"""Questions of volunteers straight in the database, for tests that need no Transifex."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from service.auth.models import Person
from service.catalog.models import Unit
from service.sync.models import Question, QuestionComment, QuestionState


def add_question(
    session: Session,
    deployment: int,
    *,
    now: datetime,
    key: str = "form/consent/name",
    text: str = "What does consent mean here?",
    locale: str | None = "fr",
    by: str = "amina",
    comments: tuple[tuple[str, str], ...] = (),
) -> int:
    """Add an open question on a unit, with comments (by whom, text), and return its id; an unknown key stays one."""
    unit = session.exec(select(Unit).where(Unit.deployment_id == deployment, Unit.key == key)).first()
    number = len(session.exec(select(Question.id)).all()) + 1
    question = Question(
        deployment_id=deployment, remote_id=f"c{number}", string="o:org:p:project:r:r:s:" + "0" * 32,
        language=(locale or "es").replace("-", "_"), locale=locale, unit_id=unit.id if unit else None, key=key,
        author_id=_person(session, by, now), text=text, state=QuestionState.OPEN, opened_at=now, seen_at=now,
    )  # fmt: skip
    session.add(question)
    session.flush()
    assert question.id is not None
    for count, (author, said) in enumerate(comments):
        session.add(
            QuestionComment(
                question_id=question.id,
                remote_id=f"c{number}-{count}",
                author_id=_person(session, author, now),
                text=said,
                written_at=now,
            )
        )
    session.flush()
    return question.id


def _person(session: Session, name: str, now: datetime) -> str:
    person = session.exec(select(Person).where(Person.transifex_username == name)).first()
    if person is None:
        person = Person(id=f"there-{name}", transifex_username=name, created_at=now)
        session.add(person)
        session.flush()
    return person.id
