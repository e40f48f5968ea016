"""The events of a deployment as an Atom feed (RFC 4287)."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from service.announcing.models import Announcement, EventKind
from service.deployments.models import Deployment

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"


def write_feed(deployment: Deployment, events: Sequence[Announcement], public_url: str) -> bytes:
    """Return the feed; the same bytes while nothing happened. ``events``: the newest first."""
    home = f"{public_url}/deployments/{deployment.slug}"
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    updated = events[0].at if events else deployment.created_at
    _add(feed, "title", f"{deployment.name}: translation")
    _add(feed, "id", home)
    _add(feed, "updated", updated.isoformat())
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": home})
    here = f"{public_url}/api/v1/deployments/{deployment.slug}/feed.atom"
    SubElement(feed, "link", {"rel": "self", "type": MEDIA_TYPE, "href": here})
    _add(SubElement(feed, "author"), "name", "Primero Translation Bridge")
    for event in events:
        entry = SubElement(feed, "entry")
        _add(entry, "title", f"{event.locale}: {say_event(event)}")
        _add(entry, "id", f"urn:uuid:{event.key}")
        _add(entry, "updated", event.at.isoformat())
        SubElement(entry, "category", {"term": event.kind.value})
        href = f"{home}/locales/{event.locale}/progress"
        SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": href})
        counts = event.counts
        told = f"{counts['translated']} of {counts['texts']} texts translated, {counts['approved']} approved"
        _add(entry, "summary", told)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(feed, encoding="unicode")}\n'.encode()


def say_event(event: Announcement) -> str:
    """Return an event in English words."""
    counts = event.counts
    if event.kind is EventKind.TRANSLATED:
        return f"{counts['translated']} of {counts['texts']} texts translated"
    if event.kind is EventKind.APPROVED:
        return f"{counts['approved']} of {counts['texts']} texts approved"
    if event.kind is EventKind.SIGNED_OFF:
        return f"signed off, number {event.number}"
    return f"release {event.number}"


def _add(parent: Element, name: str, text: str) -> None:
    # A name may hold what no XML may.
    SubElement(parent, name).text = "".join(each for each in text if each.isprintable())
