"""The work of a pull as somebody would script it with transifex-python, Transifex's own client: the peer.

It lists the statistics of all resources and languages (150 a page), and then, for each pair whose ``last_update`` is
another than the last time, the translations with their source strings included, since the key stands there. Downloading
files instead would take three requests and at least one of the client's waits of 5 seconds a pair. It checks nothing,
remembers in memory alone, and would be ended by the first 429.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from transifex.api import TransifexApi

Pair = tuple[str, str]


@dataclass
class Peer:
    """What the script holds: the client, and by (resource, language) the texts and the date they are of."""

    api: Any
    project: str
    threads: int = 1
    seen: dict[Pair, str] = field(default_factory=dict)
    texts: dict[tuple[str, str, str], tuple[str, bool]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"the script with {self.threads} threads"

    def pull(self) -> int:
        """Fetch what moved since the last time and return how many texts are other ones than before."""
        moved = {pair: date for pair, date in self._dates().items() if self.seen.get(pair) != date}
        with ThreadPoolExecutor(self.threads) as pool:
            listings = list(pool.map(self._list, moved))
        fresh = {key: text for listing in listings for key, text in listing.items()}
        changed = sum(self.texts.get(key) != text for key, text in fresh.items())
        self.texts |= fresh
        self.seen |= moved
        return changed

    def _dates(self) -> dict[Pair, str]:
        rows = self.api.ResourceLanguageStats.filter(project=self.project).all()
        return {
            (row.resource.id, row.language.id): row.last_update
            for row in rows
            if row.language.id != "l:en" and row.translated_strings
        }

    def _list(self, pair: Pair) -> dict[tuple[str, str, str], tuple[str, bool]]:
        resource, language = pair
        rows = self.api.ResourceTranslation.filter(resource=resource, language=language).include("resource_string")
        return {
            (resource, language, row.resource_string.key): (row.strings["other"], row.reviewed)
            for row in rows.all()
            if row.strings
        }


def make_peer(url: str, token: str, project: str, threads: int) -> Peer:
    """Return the script before its first run."""
    return Peer(TransifexApi(host=url, auth=token), project, threads)
