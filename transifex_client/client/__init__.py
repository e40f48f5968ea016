"""The client of Transifex's REST API v3: every call is typed, bounded by a deadline, and repeated only where safe.

Ids are Transifex's own (``o:ORG:p:PROJECT``, built by :mod:`transifex_client.ids`), languages are codes (``fr``).
Every method raises :class:`transifex_client.errors.TransifexError` and its leaves, nothing else.
"""

from transifex_client.client.activity import ActivityCalls
from transifex_client.client.comments import CommentCalls
from transifex_client.client.hooks import WebhookCalls
from transifex_client.client.people import PeopleCalls
from transifex_client.client.projects import ProjectCalls
from transifex_client.client.texts import BULK_LIMIT, TextCalls, bulks

__all__ = ["BULK_LIMIT", "TransifexClient", "bulks"]


class TransifexClient(ProjectCalls, TextCalls, CommentCalls, PeopleCalls, WebhookCalls, ActivityCalls):
    """Talks to one Transifex with one token. Safe to share between threads; close it, or use it in a ``with``.

    Args:
        configuration: where, with which token, how long.
        transport: what carries the requests; None for the network.
        sleep: waits this many seconds.
        clock: a monotonic clock, seconds.
        chance: numbers in [0, 1), which spread the waits.
        before_request: called before every request to the API, repetitions and polls included; the place of a rate
            limiter. What it raises goes through unchanged.
        after_answer: told the status of every answer, from the thread that waited for it; for whoever counts.
    """
