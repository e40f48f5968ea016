"""The form page: a form as a case worker will see it in Primero, or a lookup as a list of its values."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from service.auth.dependencies import IdentityDep
from service.catalog.models import State
from service.errors import NotFound
from service.review.drawing import Show, Text, draw
from service.review.loading import list_texts, load_layout
from service.review.pages.places import PREFIX, open_place
from service.review.queries import QueueFilter, record_names
from service.review.queries import Show as Which
from service.web.resources import SessionDep
from service.web.templating import render

router = APIRouter(prefix=PREFIX)


@router.get("/form")
def show_form(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    locale: str,
    record: Annotated[str, Query(max_length=1000)],
    show: Show = Show.TARGET,
) -> HTMLResponse:
    """Draw a form or lookup in the target language, in the source's, or in both; each text leads to its card."""
    place = open_place(session, identity, slug, locale)
    deployment_id = place.reader.deployment_id
    layout = load_layout(session, deployment_id)
    texts = list_texts(session, deployment_id, locale, layout, record)
    if record not in layout.records and not texts:
        raise NotFound(f"The deployment {slug!r} has no form or lookup {record!r}.")
    parents = layout.parents(record)
    context = {
        "place": place,
        "drawing": draw(layout, record, texts),
        "show": show.value,
        "shows": [value.value for value in Show],
        "states": _count(texts),
        "sensitive": sum(text.sensitive for text in texts),
        "parents": parents,
        "names": record_names(session, deployment_id, [record, *parents]),
        "of_form": QueueFilter(form=record),
        "all_of_form": QueueFilter(Which.ALL, form=record),
    }
    return render(request, "review/form.html", context)


def _count(texts: list[Text]) -> list[tuple[str, int]]:
    """Return each state met on the page with its number, in the order of the states."""
    found = Counter(text.state for text in texts if not text.left_out)
    return [(state.value, found[state.value]) for state in State if found[state.value]]
