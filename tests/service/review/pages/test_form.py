"""The form page: a form as Primero draws it, in either language or both; links from the queue and from cards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from extractors.units import Catalog
from service.catalog.models import ScopeAction
from service.catalog.service.snapshots import import_snapshot
from tests.service.review.pages.conftest import FRENCH, Reviewer
from tests.support.forms import CONFIGURATION, MANY, drawn_catalog, field, form
from tests.support.workshop import OPERATOR, SLUG, Workshop

if TYPE_CHECKING:
    from service.db import Database

INTAKE = "/form?record=form/intake"
ARABIC = f"/deployments/{SLUG}/locales/ar"
TEXTS = {
    "form/intake/name": "Accueil",
    "form/intake/full_name/display_name": "Nom de %{n}",
    "form/intake/full_name/help_text": "Comme sur le papier",
    "lookup/lookup-sex/lookup_values/f": "Féminin",
}


def put_source(office: Workshop, catalog: Catalog) -> None:
    """Make a catalog the deployment's current snapshot."""
    office.act(
        lambda session, deployment, now: import_snapshot(
            session, deployment, catalog, origin="x", allow_removals=True, actor=OPERATOR, now=now
        )
    )


@pytest.fixture
def forms(office: Workshop) -> Workshop:
    """The deployment with forms whose layout is known, some texts in French."""
    put_source(office, drawn_catalog())
    office.import_texts(TEXTS)
    return office


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def sheet(page: str) -> str:
    """Return what is drawn of the form, without white space between tags."""
    found = re.search(r'<article class="sheet".*?</article>', page, re.S)
    assert found is not None
    return re.sub(r"\s+", " ", found.group(0))


def words(text: str, lang: str, direction: str = "ltr") -> str:
    """Return how a text without placeholders is written."""
    return f'<span class="words" lang="{lang}" dir="{direction}">{text}</span>'


def test_a_form_is_drawn_with_its_translations(forms: Workshop, reviewer: Reviewer) -> None:
    """Title, labels, help, options and controls stand as in Primero; each text leads to its card, with its state."""
    page = reviewer.open(INTAKE)
    assert reviewer.page.status_code == 200
    assert "<title>Intake in French" in page
    found = sheet(page)
    assert words("Accueil", "fr") in found
    assert "Nom de <bdi" in found
    assert '<bdi class="holder" dir="ltr" translate="no">%{n}</bdi>' in found
    assert words("Comme sur le papier", "fr") in found
    assert words("Féminin", "fr") in found
    assert 'href="card?key=form/intake/full_name/display_name"' in found
    assert '●<span class="visually-hidden"> waits for review</span>' in found
    assert '○<span class="visually-hidden"> not translated</span>' in found
    assert "Never drawn" not in found
    reviewer.open("/card?key=form/intake/full_name/display_name")
    assert reviewer.page.status_code == 200


def test_what_primero_shows_instead_is_said_in_words(forms: Workshop, reviewer: Reviewer) -> None:
    """A missing label is drawn in English, a tick box says Yes, guidance is gone: each said beside it."""
    found = sheet(reviewer.open(INTAKE))
    label = found.partition(">Story<")[2][:600]
    assert '○<span class="visually-hidden"> not translated</span>' in label
    assert "English shown" in label
    tick = found.partition("Are you sure?")[2].partition("Plain")[0]
    assert words("Yes", "en") in tick
    assert "I am sure" not in tick
    assert "Primero’s own word shown" in tick
    guidance = found.partition('class="guidance"')[2][:900]
    assert ">–<" in guidance
    assert "nothing shown" in guidance
    assert "What happened?" not in found
    assert words("dd-mmm-yyyy", "en") in found


def test_each_control_is_drawn(forms: Workshop, reviewer: Reviewer) -> None:
    """Radio buttons in a row, selects with their values, tally, signature, upload, separator, subform, link."""
    found = sheet(reviewer.open(INTAKE))
    for piece in (
        'class="choices radio"', 'class="choices select"', 'class="choices tally"', 'class="pad"', 'class="box tall"',
        'class="fieldbox upload"', '<div class="part"><h3>', '<section class="rows">', 'class="linked"', "<hr>",
        f"and {MANY - 12} more: the whole list", "The options are the locations of the Primero system.",
    ):  # fmt: skip
        assert piece in found, piece
    rows = found.partition('<section class="rows">')[2]
    # The title of a subform in a subform is one that Primero leaves empty.
    assert rows.index("Name of kin") < rows.index("nothing shown") < rows.index("Street")
    assert "Kin rows" not in found
    assert "Kin rows" in reviewer.page.text


def test_the_switch_shows_english_or_both(forms: Workshop, reviewer: Reviewer) -> None:
    """In English every text is the source; in both the translation stands over it."""
    english = sheet(reviewer.open(f"{INTAKE}&show=source"))
    assert words("I am sure", "en") in english
    assert "Accueil" not in english
    assert " shown<" not in english
    both = sheet(reviewer.open(f"{INTAKE}&show=both"))
    assert both.index("Accueil") < both.index(words("Intake", "en"))
    assert words("I am sure", "en") in both
    assert 'href="form?record=form%2Fintake&amp;show=target"' in reviewer.page.text
    reviewer.open(f"{INTAKE}&show=sideways")
    assert reviewer.page.status_code == 422


def test_right_to_left_is_drawn_so(forms: Workshop, reviewer: Reviewer) -> None:
    """The sheet and each Arabic text run from right to left; what falls to English is marked as English."""
    forms.import_texts({"form/intake/age/display_name": "العمر"}, locale="ar")
    found = sheet(reviewer.browser.get(f"{ARABIC}{INTAKE}").text)
    assert found.startswith('<article class="sheet" dir="rtl">')
    assert words("العمر", "ar", "rtl") in found
    assert words("Story", "en") in found
    english = sheet(reviewer.browser.get(f"{ARABIC}{INTAKE}&show=source").text)
    assert english.startswith('<article class="sheet" dir="ltr">')


def test_marks_tell_what_keeps_a_text(forms: Workshop, reviewer: Reviewer) -> None:
    """Sensitive texts, errors and texts that are left out are marked in words."""
    forms.tag("form/intake/full_name/help_text")
    forms.tag("form/intake/age/*", tag="do-not-translate")
    forms.import_texts({"form/intake/full_name/display_name": "Nom de %{m}"})
    found = sheet(reviewer.open(INTAKE))
    assert '⚑<span class="visually-hidden"> sensitive</span>' in found.partition("Comme sur le papier")[2][:400]
    assert "✕ error" in found.partition("%{m}")[2][:500]
    assert "not to be translated" in found.partition(">Age<")[2][:500]


def test_a_lookup_is_a_list(forms: Workshop, reviewer: Reviewer) -> None:
    """The page of a lookup has all its values."""
    found = sheet(reviewer.open("/form?record=lookup/lookup-land"))
    assert found.count("<li>") == MANY
    assert "Countries list" in found
    assert "Layout unknown" not in reviewer.page.text


def test_a_subform_names_its_parent(forms: Workshop, reviewer: Reviewer) -> None:
    """A subform by itself links to the form whose rows it fills."""
    page = reviewer.open("/form?record=form/kin_rows")
    assert '<a href="form?record=form%2Fintake&amp;show=target"><bdi lang="en" dir="ltr">Intake</bdi></a>' in page


def test_an_unknown_layout_is_a_plain_list(office: Workshop, reviewer: Reviewer) -> None:
    """Without types the texts stand in the order of the file, and the page says so."""
    page = reviewer.open("/form?record=form/consent")
    assert "Layout unknown" in page
    found = sheet(page)
    assert '<ul class="plain">' in found
    assert 'class="box"' not in found
    assert found.index("est-il") < found.index("Jusqu’à")


def test_the_page_asks_the_database_a_bounded_number_of_times(
    forms: Workshop, reviewer: Reviewer, database: Database
) -> None:
    """A form of many fields, each with a subform and a lookup, takes as many queries as a small one."""
    with statements(database) as small:
        reviewer.open("/form?record=form/other")
    inner = [field(f"i{number}", "text_field", f"Inner {number}") for number in range(10)]
    rows = [form(f"rows{number}", f"Rows {number}", inner, is_nested=True) for number in range(10)]
    opens = [field(f"s{number}", "subform", f"Sub {number}", subform_unique_id=f"rows{number}") for number in range(10)]
    picks = [field(f"p{n}", "select_box", f"P {n}", option_strings_source="lookup lookup-land") for n in range(10)]
    big = form("big", "Big", [*opens, *picks])
    put_source(forms, drawn_catalog({**CONFIGURATION, "FormSection": [big, *rows]}))
    with statements(database) as large:
        found = sheet(reviewer.open("/form?record=form/big"))
    assert found.count("Inner 3") == 10
    assert found.count("Country 3") == 10
    assert len(large) == len(small)


def test_excluded_texts_are_still_drawn(forms: Workshop, reviewer: Reviewer) -> None:
    """A form without some of its labels would not be the form."""
    forms.tag("form/intake/story/*", tag="", action=ScopeAction.EXCLUDE)
    assert "Story" in sheet(reviewer.open(INTAKE))


def test_links_lead_to_the_form_and_back(forms: Workshop, reviewer: Reviewer) -> None:
    """The queue names the page of each record; a card opens the form at its text."""
    queue = reviewer.open("/queue")
    assert f'href="{FRENCH}/form?record=form%2Fintake"' in queue
    card = reviewer.open("/card?key=form/intake/story/guiding_questions")
    link = re.search(r'href="([^"]+)#(t\d+)">See the form', card)
    assert link is not None
    form_page = reviewer.browser.get(link.group(1)).text
    place = form_page.index(f'id="{link.group(2)}"')
    assert 'href="card?key=form/intake/story/guiding_questions"' in form_page[place : place + 120]
    assert len(re.findall(r'id="(t\d+)"', form_page)) == len(set(re.findall(r'id="(t\d+)"', form_page)))


def test_odd_ids_make_working_links(office: Workshop, reviewer: Reviewer) -> None:
    """A form whose id needs encoding is found by its canonical name, and its cards open."""
    odd = form("odd ünï/id", "Odd", [field("a b/c", "text_field", "Where?")])
    put_source(office, drawn_catalog({"FormSection": [odd], "Lookup": []}))
    queue = reviewer.open("/queue")
    address = re.search(rf'href="{FRENCH}(/form\?record=[^"]+)"', queue)
    assert address is not None
    found = sheet(reviewer.open(address.group(1)))
    card = re.search(r'href="(card\?key=form/odd[^"]+display_name)"', found)
    assert card is not None
    assert "Where?" in reviewer.open(f"/{card.group(1)}")
    assert reviewer.page.status_code == 200


@pytest.mark.parametrize("record", ["form/none", "lookup/none", "nonsense", "form/intake/name", "form/%"])
def test_no_such_record(forms: Workshop, reviewer: Reviewer, record: str) -> None:
    """What the deployment does not have is 404."""
    reviewer.open(f"/form?record={record}")
    assert reviewer.page.status_code == 404


def test_who_may_look(
    forms: Workshop, make_reviewer: Callable[..., Reviewer], make_browser: Callable[..., Any]
) -> None:
    """An observer may; a member of another deployment finds nothing; nobody in particular must sign in."""
    observer = make_reviewer("observer")
    observer.open(INTAKE)
    assert observer.page.status_code == 200
    stranger = make_browser(None)
    assert stranger.get(FRENCH + INTAKE).status_code == 404
    stranger.client.cookies.clear()
    answer = stranger.get(FRENCH + INTAKE)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")
    assert make_reviewer().browser.get(f"/deployments/{SLUG}/locales/ps-AF{INTAKE}").status_code == 404


def test_the_page_needs_no_script_and_no_inline_style(forms: Workshop, reviewer: Reviewer) -> None:
    """The strict policy holds: nothing stands in the page itself that runs or styles it."""
    page = reviewer.open(f"{INTAKE}&show=both")
    assert not re.search(r"<script(?![^>]* src=)", page)
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"\son[a-z]+=", page)


def test_a_text_of_markup_is_a_text(office: Workshop, reviewer: Reviewer) -> None:
    """Markup in a label shows literally, as in Primero."""
    catalog = drawn_catalog({"FormSection": [form("f", "F", [field("x", "text_field", "<b>X</b>")])], "Lookup": []})
    put_source(office, catalog)
    assert "&lt;b&gt;X&lt;/b&gt;" in sheet(reviewer.open("/form?record=form/f"))
