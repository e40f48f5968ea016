"""The page of a language's glossary and that of sensitive words: what they show, change, and never overwrite."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import col, select

from service.audit.models import AuditEntry
from service.catalog.models import Unit
from service.checks.rules import GlossaryTerm, clean_term
from service.checks.service.glossary import export_terms, list_versions, write_term
from service.checks.service.rechecking import KIND as RECHECK
from service.checks.service.rechecking import recheck
from service.deployments.service import find_deployment
from service.home.pages.glossary import TROUBLES
from service.home.pages.terms import PAGE, cut_page, has_form
from service.jobs.models import Job
from service.web.languages import LANGUAGES, words_in
from tests.service.home.conftest import OPERATOR

if TYPE_CHECKING:
    from service.db import Database
    from tests.support.browsing import Browser
    from tests.support.people import MovableClock

GLOSSARY, WORDING = "/deployments/iraq/locales/fr/glossary", "/deployments/iraq/wording"
TERM = {
    "term": "consent", "inflections": "consents", "accepted": "consentement\nassentiment", "forbidden": "accord",
    "reason": "An agreement is between two.", "owner": "Legal team", "seen": "0",
}  # fmt: skip
CSV = "term,accepted,forbidden,reason\nconsent,assentiment,,\nchild,enfant,mineur,It is a word of courts.\nage,,,\n"


@pytest.fixture
def specialist(add: Callable[..., int], make_browser: Callable[..., Browser]) -> Browser:
    """A specialist of a deployment without a glossary, in which the shipped words are all switched off."""
    return make_browser("specialist", add("iraq"))


def write(database: Database, clock: MovableClock, term: str, *accepted: str) -> None:
    """Write a term as somebody else."""
    with database.write() as session:
        deployment = find_deployment(session, "iraq")
        write_term(session, deployment, "fr", GlossaryTerm(term, (), accepted), actor=OPERATOR, now=clock())


def exported(database: Database) -> str:
    """Return the French glossary as its file."""
    with database.read() as session:
        return export_terms(session, find_deployment(session, "iraq"), "fr").decode("utf-8-sig")


def hidden(page: str, name: str, form: str = "term-form") -> str:
    """Return the value of a field in the form under a heading."""
    inside = page.partition(f'<h2 id="{form}"')[2].partition("</form>")[0]
    return unescape(re.findall(rf'name="{name}" value="([^"]*)"', inside)[0])


def send_file(browser: Browser, data: str, **fields: str) -> Any:
    """Send a file."""
    return browser.post(f"{GLOSSARY}/file", fields, files={"source": ("g.csv", data.encode())})


def test_a_term_is_added_changed_and_taken_out(specialist: Browser, database: Database) -> None:
    """Each is a version, told in the audit, and has the texts checked again; the page shows what is in force."""
    assert "There is no term yet" in specialist.get(GLOSSARY).text
    assert specialist.post(GLOSSARY, TERM).headers["location"] == GLOSSARY
    page = specialist.get(GLOSSARY).text
    assert "The term is added." in page
    assert '<bdi lang="fr" dir="ltr">assentiment</bdi>' in page
    assert "kept by:" in page
    page = specialist.get(f"{GLOSSARY}?term=Consent").text
    assert "consentement\nassentiment</textarea>" in page
    changed = {**TERM, "accepted": "consentement", "seen": hidden(page, "seen")}
    assert specialist.post(GLOSSARY, changed).status_code == 303
    assert "The term is changed." in specialist.get(GLOSSARY).text
    assert "1 earlier version" in specialist.get(f"{GLOSSARY}?term=consent").text
    specialist.post(GLOSSARY, {"term": "consent", "seen": "2", "remove": "true"})
    assert "There is no term yet" in specialist.get(GLOSSARY).text
    with database.read() as session:
        number = find_deployment(session, "iraq").id or 0
        assert [row.removed for row in list_versions(session, number, "fr", "consent")] == [False, False, True]
        entries = session.exec(select(AuditEntry).where(col(AuditEntry.action).startswith("glossary"))).all()
        assert [entry.action for entry in entries] == ["glossary.added", "glossary.changed", "glossary.removed"]
        assert session.exec(select(Job).where(Job.kind == RECHECK)).first() is not None


def test_what_was_typed_stays(specialist: Browser, database: Database) -> None:
    """A term that is none is explained above the form, which still holds everything."""
    answer = specialist.post(GLOSSARY, {**TERM, "reason": ""})
    assert answer.status_code == 422
    assert "Say why these forms are forbidden" in answer.text
    assert "consentement\nassentiment</textarea>" in answer.text
    assert 'value="Legal team"' in answer.text
    assert "consent" not in exported(database)


@pytest.mark.parametrize("change", [{"accepted": "permission"}, {"remove": "true"}])
def test_nothing_of_somebody_else_is_overwritten(
    specialist: Browser, database: Database, clock: MovableClock, change: dict[str, str]
) -> None:
    """A version made meanwhile is shown beside what was typed; sent again, knowing it, that counts."""
    write(database, clock, "consent", "consentement")
    seen = hidden(specialist.get(f"{GLOSSARY}?term=consent").text, "seen")
    write(database, clock, "consent", "assentiment")
    mine = {"term": "consent", "accepted": "consentement", "seen": seen, **change}
    answer = specialist.post(GLOSSARY, mine)
    assert answer.status_code == 409
    assert "Somebody changed this term meanwhile" in answer.text
    assert "As it is now" in answer.text
    assert '<bdi lang="fr" dir="ltr">assentiment</bdi>' in answer.text.partition("As it is now")[2]
    assert f"{mine['accepted']}</textarea>" in answer.text
    assert "consent,,assentiment" in exported(database)
    assert specialist.post(GLOSSARY, {**mine, "seen": hidden(answer.text, "seen")}).status_code == 303
    assert "assentiment" not in exported(database)


def test_a_term_that_two_add_at_once(specialist: Browser, database: Database, clock: MovableClock) -> None:
    """The second to add it is shown the first one's; one that is gone meanwhile is said to be."""
    write(database, clock, "consent", "assentiment")
    answer = specialist.post(GLOSSARY, TERM)
    assert answer.status_code == 409
    assert "readonly" in answer.text
    specialist.post(GLOSSARY, {"term": "consent", "seen": "1", "remove": "true"})
    answer = specialist.post(GLOSSARY, {**TERM, "seen": "1"})
    assert answer.status_code == 409
    assert "The term was taken out." in answer.text
    assert specialist.post(GLOSSARY, {**TERM, "seen": hidden(answer.text, "seen")}).status_code == 303


def test_a_file_is_looked_at_before_it_is_taken(specialist: Browser, database: Database, clock: MovableClock) -> None:
    """Each row is answered; without the tick nothing changes, with it the same list is done."""
    write(database, clock, "consent", "consentement")
    answer = send_file(specialist, CSV)
    assert "Nothing was changed yet" in answer.text
    assert "added 1, changed 1, unchanged 0, refused 1" in answer.text
    assert "line 4" in answer.text
    assert "Name a form that is accepted, or one that is forbidden." in answer.text
    assert "enfant" not in exported(database)
    done = send_file(specialist, CSV, really="true", seen=hidden(answer.text, "seen", "list"))
    assert done.status_code == 200
    assert "Done:" in done.text
    assert "consent,,assentiment" in exported(database)
    assert specialist.get(f"{GLOSSARY}/file").content.decode("utf-8-sig") == exported(database)


def test_a_file_meets_a_change_of_somebody_else(specialist: Browser, database: Database, clock: MovableClock) -> None:
    """What the file would do now is shown again, and nothing is done."""
    seen = hidden(send_file(specialist, CSV).text, "seen", "list")
    write(database, clock, "consent", "consentement")
    answer = send_file(specialist, CSV, really="true", seen=seen)
    assert answer.status_code == 409
    assert "The glossary changed since you looked" in answer.text
    assert "added 1, changed 1, unchanged 0, refused 1" in answer.text
    assert "consent,,consentement" in exported(database)
    bad = send_file(specialist, "a,b\n1,2\n")
    assert bad.status_code == 422
    assert "its first line must name the columns" in bad.text


def test_terms_are_searched_and_come_in_pages(specialist: Browser, database: Database, clock: MovableClock) -> None:
    """The search looks into every form, however it is spelt; so many stand on a page."""
    for number in range(PAGE + 1):
        write(database, clock, f"term {number:03}", f"accepté-{number:03}")
    page = specialist.get(GLOSSARY).text
    assert f"{PAGE + 1} terms" in page
    assert f"term {PAGE:03}" not in page
    assert f'href="{GLOSSARY}?search=&amp;page=2"' in page
    assert f"term {PAGE:03}" in specialist.get(f"{GLOSSARY}?page=99").text
    found = specialist.get(f"{GLOSSARY}?search=ACCEPTÉ-007").text
    assert "1 term" in found
    assert "term 007" in found
    assert "No term has that." in specialist.get(f"{GLOSSARY}?search=nothing").text


def test_pages_of_a_list() -> None:
    """Every row stands on exactly one page, and the addresses lead through all of them."""
    rows = list(range(PAGE * 2 + 3))
    cuts = [cut_page(rows, "/x", "é&", page, at="#y") for page in (-1, 2, 3, 9)]
    assert [row for cut in cuts[:3] for row in cut.rows] == rows
    assert cuts[3] == cuts[2]
    assert (cuts[0].before, cuts[2].behind) == (None, None)
    assert cuts[1].before == "/x?search=%C3%A9%26&page=1#y"
    assert cut_page([], "/x", "", 1).rows == []
    assert has_form("  ", ())
    assert has_form("ضحيّة", ("الضحية",))
    assert not has_form("x", ("y",))


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_what_is_wrong_with_a_term_is_said_in_each_language(language: str) -> None:
    """The sentences of the rules are those in the catalogs."""
    wrong = [
        {"term": ""}, {"term": "a"}, {"term": "a", "accepted": "|".join(f"x{n}" for n in range(41))},
        {"term": "a", "accepted": "-"}, {"term": "a", "forbidden": "b"},
        {"term": "a", "accepted": "b", "reason": "x" * 1001},
    ]  # fmt: skip
    said = []
    for values in wrong:
        with pytest.raises(ValueError, match=r"\w") as error:
            clean_term(values)
        said.append(f"{str(error.value)[:1].upper()}{str(error.value)[1:]}.")
    assert said == list(TROUBLES[:-1])
    assert all(words_in(LANGUAGES[language]).knows(sentence) for sentence in TROUBLES)


def test_who_may_not_change_sees_no_forms(add: Callable[..., int], make_browser: Callable[..., Browser]) -> None:
    """A reviewer reads both pages."""
    reviewer = make_browser("reviewer", add("iraq"))
    for path in (GLOSSARY, WORDING):
        page = reviewer.get(path).text
        assert "textarea" not in page
        assert 'method="post" action="/deployments' not in page
    assert reviewer.get(f"{GLOSSARY}?term=nothing").status_code == 404
    assert reviewer.get(f"{WORDING}?term=nothing").status_code == 404


def test_the_ways_there(specialist: Browser, database: Database, clock: MovableClock) -> None:
    """The home of the deployment, the page of the language, and a finding on a card lead to them."""
    assert f'href="{WORDING}"' in specialist.get("/deployments/iraq").text
    assert f'href="{GLOSSARY}"' in specialist.get("/deployments/iraq/locales/fr/progress").text
    write(database, clock, "consent", "assentiment")
    recheck(database, 1, clock=clock, progress=lambda _done, _total: None)
    card = specialist.get("/deployments/iraq/locales/fr/card?key=form/consent/name").text
    link = re.search(r'href="([^"]*)">See the glossary', card)
    assert link is not None
    assert link[1] == f"{GLOSSARY}?search=consent"
    assert "1 term" in specialist.get(link[1]).text


def sensitive(database: Database) -> list[str]:
    """Return the keys of the sensitive units."""
    with database.read() as session:
        return sorted(session.exec(select(Unit.key).where(col(Unit.sensitive))))


CHILD = {"term": "child", "forms": "children", "exceptions": "", "reason": "It is about a child.", "seen": "0"}


def test_a_change_says_what_it_would_do_first(specialist: Browser, database: Database) -> None:
    """The number of texts stands there before anything is saved; saving does just that, and is told in the audit."""
    look = specialist.post(WORDING, CHILD)
    assert look.status_code == 200
    assert "Nothing is saved yet" in look.text
    assert "1 text becomes sensitive, 0 texts are sensitive no more." in look.text
    assert sensitive(database) == []
    fields = {name: hidden(look.text, name, "effect") for name in CHILD}
    assert fields["forms"] == "children"
    assert specialist.post(WORDING, {**fields, "really": "true"}).headers["location"] == WORDING
    assert sensitive(database) == ["form/consent/agree/display_name"]
    page = specialist.get(WORDING).text
    assert "The term is saved." in page
    assert "It is about a child." in page
    assert "Sensitive now: 1 of 5 texts." in page

    form = specialist.get(f"{WORDING}?term=child&off=true").text
    gone = {"term": "child", "off": "true", "seen": hidden(form, "seen"), "reason": "Every form is about one."}
    look = specialist.post(WORDING, gone)
    assert "0 texts become sensitive, 1 text is sensitive no more." in look.text
    assert sensitive(database) == ["form/consent/agree/display_name"]
    specialist.post(WORDING, {**gone, "really": "true"})
    assert sensitive(database) == []
    assert "Every form is about one." in specialist.get(WORDING).text
    with database.read() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.subject == "child")).all()
        assert [entry.action for entry in entries] == ["wording.add", "wording.remove"]


def test_a_shipped_word_comes_back(specialist: Browser) -> None:
    """One that was switched off is offered with its forms and its reason."""
    page = specialist.get(f"{WORDING}?term=survivor").text
    assert "survivors" in page
    fields = {"term": "survivor", "forms": "survivors", "reason": "Names the person.", "seen": hidden(page, "seen")}
    assert specialist.post(WORDING, {**fields, "really": "true"}).status_code == 303
    page = specialist.get(WORDING).text
    assert "changed here" in page
    assert "survivor" in page.partition("Switched off here")[0]


@pytest.mark.parametrize("really", ["", "true"])
def test_a_change_of_a_word_by_somebody_else_is_shown(specialist: Browser, database: Database, really: str) -> None:
    """Both stand there, and nothing was overwritten; sent again, knowing it, it counts."""
    specialist.post(WORDING, {**CHILD, "really": "true"})
    mine = {**CHILD, "forms": "childhood", "really": really} if really else {**CHILD, "forms": "childhood"}
    answer = specialist.post(WORDING, mine)
    assert answer.status_code == 409
    assert "Somebody changed this term meanwhile" in answer.text
    assert "children" in answer.text.partition("As it is now")[2]
    assert "childhood</textarea>" in answer.text
    assert specialist.post(WORDING, {**mine, "seen": hidden(answer.text, "seen")}).status_code == (
        303 if really else 200
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"reason": " "}, "Say why"), ({"term": ""}, "1 to 200"), ({"forms": "x" * 201}, "1 to 200")],
)
def test_a_word_that_is_none_is_explained(specialist: Browser, wrong: dict[str, str], sentence: str) -> None:
    """What was typed stays."""
    answer = specialist.post(WORDING, {**CHILD, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text.partition('role="alert"')[2]
    assert 'role="alert"' in answer.text


def test_words_are_searched(specialist: Browser) -> None:
    """In every form."""
    specialist.post(WORDING, {**CHILD, "really": "true"})
    assert "1 term" in specialist.get(f"{WORDING}?search=CHILDREN").text
    assert "No term has that." in specialist.get(f"{WORDING}?search=nothing").text
