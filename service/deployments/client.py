"""The way to Transifex for one deployment: its token, its project, a limit on requests, and errors in our words."""

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from service.db import Database
from service.deployments.limits import RequestLimiter
from service.deployments.models import Deployment
from service.errors import NotReady, Refused, RemoteUnreachable, ServiceError
from service.settings import Settings
from service.tally.service import REQUESTS, count
from service.web.secrets import SecretBox
from transifex_client import Configuration, TransifexClient
from transifex_client import errors as transifex
from transifex_client.addresses import is_loopback
from transifex_client.wire import BaseTransport

_COUNTED_AT_ONCE = 100
_log = logging.getLogger(__name__)


def find_project(deployment: Deployment) -> str:
    """Return the id of the deployment's Transifex project.

    Raises:
        Refused: it has none.
    """
    if not deployment.transifex_project:
        raise Refused(
            f"The deployment {deployment.slug!r} has no Transifex project: name it with "
            f"`primero-bridge deployment connect {deployment.slug} --transifex o:ORGANIZATION:p:PROJECT`."
        )
    return deployment.transifex_project


def find_token(settings: Settings, deployment: Deployment, secrets: SecretBox) -> str:
    """Return the deployment's own Transifex token, else the service's.

    Raises:
        NotReady: there is none, or it cannot be read.
    """
    if deployment.transifex_token:
        return secrets.decrypt(deployment.transifex_token)
    try:
        token = settings.read_transifex_token()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise NotReady(
            f"The Transifex token in {settings.transifex_token_file} cannot be read ({reason}): "
            "correct BRIDGE_TRANSIFEX_TOKEN_FILE."
        ) from error
    if token is None or not token.get_secret_value():
        raise NotReady(
            "There is no Transifex token: set BRIDGE_TRANSIFEX_TOKEN or BRIDGE_TRANSIFEX_TOKEN_FILE, or give the "
            f"deployment {deployment.slug!r} one of its own with `primero-bridge deployment connect`."
        )
    return token.get_secret_value()


def open_transifex(
    settings: Settings,
    deployment: Deployment,
    secrets: SecretBox,
    transport: BaseTransport | None = None,
    *,
    database: Database,
    check: Callable[[], None] | None = None,
) -> TransifexClient:
    """Return a client with the deployment's token; the caller closes it, or uses it in a ``with``.

    Args:
        settings: the address, and the token for deployments without one of their own.
        deployment: for whom; it must have a project.
        secrets: opens the deployment's own token.
        transport: what carries the requests; None for the network.
        database: where all processes count the requests of a token together.
        check: called before each request; what it raises ends the call.

    Raises:
        Refused: the deployment has no project, or the address may not be used.
        NotReady: there is no token, or it is not one.
    """
    find_project(deployment)
    token = find_token(settings, deployment, secrets)
    with translate_errors():
        try:
            configuration = Configuration(token=token, base_url=settings.transifex_url)
        except ValueError as error:
            # The error's own words are about the token's letters, never the token.
            raise NotReady(f"{error} Enter it again.") from error
        # A Transifex on this machine is the sandbox: it has no limit to keep.
        local = is_loopback(urlsplit(settings.transifex_url).hostname or "")
        limiter = None if local else RequestLimiter(database, token)
        return _Counted(database, configuration, transport, _one_after_another(check, limiter))


class _Counted(TransifexClient):
    """Counts the answers by their status for whoever watches the service, many at a time."""

    def __init__(
        self,
        database: Database,
        configuration: Configuration,
        transport: BaseTransport | None,
        before_request: Callable[[], None],
    ) -> None:
        super().__init__(
            configuration, transport=transport, before_request=before_request, after_answer=self._note
        )  # fmt: skip
        self._database = database
        self._lock = threading.Lock()
        self._pending: Counter[str] = Counter()

    def _note(self, status: int) -> None:
        with self._lock:
            # 429 is told apart: it says that the limit was not kept.
            self._pending["429" if status == 429 else f"{min(status // 100, 5)}xx"] += 1
            full = self._pending.total() >= _COUNTED_AT_ONCE
        if full:
            self._write()

    def close(self) -> None:
        """Close the connections, and count what was not counted yet."""
        super().close()
        self._write()

    def _write(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, Counter()
        if not pending:
            return
        try:
            with self._database.write() as session:
                for result, number in pending.items():
                    count(session, REQUESTS, result=result, number=number)
        except SQLAlchemyError as error:
            # Nobody's work ends because it could not be counted.
            _log.warning("%d requests to Transifex were not counted (%s)", pending.total(), type(error).__name__)


def _one_after_another(*calls: Callable[[], None] | None) -> Callable[[], None]:
    def call_all() -> None:
        for call in filter(None, calls):
            call()

    return call_all


@contextlib.contextmanager
def translate_errors() -> Iterator[None]:
    """Turn what the client raises inside into the service's own errors, once, with what to do about it."""
    try:
        yield
    except transifex.TransifexError as error:
        raise as_service_error(error) from error


_REMEDIES: tuple[tuple[type[transifex.TransifexError], str], ...] = (
    (
        transifex.Unauthorised,
        "Transifex does not take the token: make a new one there, then set BRIDGE_TRANSIFEX_TOKEN or use "
        "`primero-bridge deployment connect`.",
    ),
    (transifex.PlanRequired, "The Transifex organization's plan does not include this: ask its administrator."),
    (
        transifex.Forbidden,
        "The token's user may not do this on Transifex: make that user a maintainer of the project.",
    ),
    (
        transifex.NotFound,
        "Transifex does not have this, or hides it from the token's user: check the project's id and who may see it.",
    ),
    (transifex.JobFailed, "Transifex took the file and could not use it."),
    (transifex.ForbiddenAddress, "The address may not be used: check BRIDGE_TRANSIFEX_URL."),
    (transifex.Refused, "Transifex refused the request."),
)


def as_service_error(error: transifex.TransifexError) -> ServiceError:
    """Return the error in the service's words: what happened, what to do, and what Transifex said."""
    details = _details(error)
    if not isinstance(error, transifex.RateLimited):
        for kind, remedy in _REMEDIES:
            if isinstance(error, kind):
                return Refused(f"{remedy} {_said(error)}", details=details)
    if isinstance(error, transifex.UnexpectedAnswer):
        return RemoteUnreachable(f"Transifex answered in a way that cannot be used. {_said(error)}", details=details)
    return RemoteUnreachable(
        f"Transifex does not answer as it should: try again later. {_said(error)}", details=details
    )


def _said(error: transifex.TransifexError) -> str:
    return f"({error.message.rstrip('.')}.)"


def _details(error: transifex.TransifexError) -> dict[str, object]:
    about = error.about
    facts = {
        "transifex_status": about.status,
        "transifex_request": about.request_id,
        "retry_after": about.retry_after,
        "said": about.detail,
    }
    return {name: value for name, value in facts.items() if value is not None}
