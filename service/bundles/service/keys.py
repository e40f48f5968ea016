"""The keys that bundles are signed with: made when the first one is needed, replaced by command, never thrown away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.bundles.models import SigningKey
from service.bundles.signing import find_public_key, key_id, make_private_key, sign
from service.errors import Refused
from service.web.secrets import SecretBox


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature file and the id of the key that made it."""

    key_id: str
    signature: bytes


def sign_data(session: Session, secrets: SecretBox, data: bytes, now: datetime) -> Signed:
    """Sign bytes with the current key; the first call ever makes it.

    Raises:
        NotReady: the key file that opens the stored key is missing, or is another one.
    """
    key = _find_current(session) or _make_first(session, secrets, now)
    return Signed(key.id, sign(secrets.decrypt(key.private_key), data))


def rotate_key(session: Session, secrets: SecretBox, actor: Actor, now: datetime) -> SigningKey:
    """Make a new key the current one; the earlier ones verify what they signed, and sign nothing any more."""
    before = _find_current(session, locked=True)
    if before is not None:
        before.is_current, before.replaced_at = False, now
        session.add(before)
        # At most one may be current at any moment: the old one goes first.
        session.flush()
    try:
        with session.begin_nested():
            key = _make(session, secrets, now)
    except IntegrityError as error:
        raise Refused(
            "Another key was made at this moment: look at the keys, then decide whether to repeat."
        ) from error
    detail = {"key": key.id, "replaces": before.id if before else None}
    write_audit(session, actor, "signing-key.rotate", now, subject=key.id, detail=detail)
    return key


def list_keys(session: Session) -> Sequence[SigningKey]:
    """Return every key, the newest first."""
    query = select(SigningKey).order_by(col(SigningKey.is_current).desc(), col(SigningKey.created_at).desc())
    return session.exec(query).all()


def _find_current(session: Session, *, locked: bool = False) -> SigningKey | None:
    query = select(SigningKey).where(col(SigningKey.is_current))
    return session.exec(query.with_for_update() if locked else query).first()


def _make_first(session: Session, secrets: SecretBox, now: datetime) -> SigningKey:
    try:
        with session.begin_nested():
            return _make(session, secrets, now)
    except IntegrityError:
        # Another process made it at the same moment.
        key = _find_current(session)
        if key is None:
            raise
        return key


def _make(session: Session, secrets: SecretBox, now: datetime) -> SigningKey:
    private = make_private_key()
    public = find_public_key(private)
    key = SigningKey(
        id=key_id(public),
        public_key=public,
        private_key=secrets.encrypt(private),
        is_current=True,
        created_at=now,
    )
    session.add(key)
    session.flush()
    return key
