"""The languages the pages speak."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from babel import Locale
from babel.messages.catalog import Message
from fastapi.testclient import TestClient

from service.app import create_app
from service.checks.locales import get_locale
from service.home.pages.wording import say_age
from service.web.languages import LANGUAGE_COOKIE, LANGUAGES, Interface, words_in
from service.web.resources import Resources
from tools.messages import catalog_file, extract, read_catalog

DRAFTS = [lang for lang in LANGUAGES if lang != "en"]
NOW = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


@pytest.fixture
def client(resources: Resources) -> TestClient:
    return TestClient(create_app(resources), base_url="http://localhost", follow_redirects=False)


def root_of(client: TestClient, accept: str = "") -> str:
    html = client.get("/login", headers={"accept-language": accept} if accept else {}).text
    return html.partition("<html ")[2].partition(">")[0]


@pytest.mark.parametrize(
    ("accept", "root"),
    [
        ("", 'lang="en" dir="ltr"'),
        ("ar-IQ,ar;q=0.9,en;q=0.8", 'lang="ar" dir="rtl"'),
        ("de,fr-CA;q=0.7,en;q=0.3", 'lang="fr" dir="ltr"'),
        ("en;q=0.3,fr;q=0.9", 'lang="fr" dir="ltr"'),
        ("ku,so;q=0.5", 'lang="en" dir="ltr"'),
        ("ar;q=0,fr", 'lang="fr" dir="ltr"'),
        ("ar;q=x,;;=,*," + "a" * 4000, 'lang="en" dir="ltr"'),
    ],
)
def test_the_browser_s_preference_decides(client: TestClient, accept: str, root: str) -> None:
    """Without a choice the page speaks what the browser likes best of what it can, else English."""
    assert root_of(client, accept) == root


@pytest.mark.parametrize(("lang", "root"), [("ar", 'lang="ar" dir="rtl"'), ("fr", 'lang="fr" dir="ltr"')])
def test_a_choice_is_kept_over_the_browser_s_preference(client: TestClient, lang: str, root: str) -> None:
    """Before anybody is signed in a language can be chosen; the way leads back, and every later page speaks it."""
    answer = client.post("/language", data={"lang": lang, "next": "/login?next=/x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/x")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert root_of(client, "en") == root


@pytest.mark.parametrize("lang", ["tlh", "", "en\r\nx: y", "../ar", "AR"])
def test_an_unknown_language_is_ignored(client: TestClient, lang: str) -> None:
    """A language that the pages do not speak changes nothing, sent or in a cookie somebody wrote."""
    answer = client.post("/language", data={"lang": lang, "next": "/login"})
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    assert root_of(client, "fr") == 'lang="fr" dir="ltr"'
    client.cookies.set(LANGUAGE_COOKIE, lang.replace("\r\n", ""))
    assert root_of(client, "fr") == 'lang="fr" dir="ltr"'


@pytest.mark.parametrize("address", ["https://example.org/", "//example.org", "/\\example.org", "javascript:x", ""])
def test_a_choice_leads_nowhere_else(client: TestClient, address: str) -> None:
    """The way back is a page of this service, whatever was sent."""
    answer = client.post("/language", data={"lang": "fr", "next": address})
    assert answer.headers["location"] == "/"


def test_every_page_offers_the_languages(client: TestClient) -> None:
    """The names of the languages stand on a page in themselves, the current one marked, with the way back."""
    html = client.get("/login?next=/a%26b", headers={"accept-language": "fr"}).text
    form = html.partition('action="/language"')[2].partition("</form>")[0]
    assert re.findall(r'value="(\w+)" lang="\1" dir="(\w+)"([^>]*)>([^<]+)<', form) == [
        ("en", "ltr", "", "English"),
        ("fr", "ltr", ' aria-current="true"', "français"),
        ("ar", "rtl", "", "العربية"),
    ]
    assert 'value="/login?next=/a%26b"' in form


def test_an_error_is_told_in_the_language(client: TestClient) -> None:
    """What the service refuses is said in the page's language; what no catalog holds is marked as English."""
    page = client.get("/nothing", headers={"accept-language": "ar", "accept": "text/html"}).text
    assert "لا شيء في هذا العنوان." in page
    assert words_in(LANGUAGES["ar"]).tell("No <such> thing.") == (
        '<span lang="en" dir="ltr">No &lt;such&gt; thing.</span>'
    )
    assert words_in(LANGUAGES["en"]).tell("No <such> thing.") == "No &lt;such&gt; thing."
    assert words_in(LANGUAGES["ar"]).tell("") == ""
    assert words_in(LANGUAGES["ar"]).gettext("") == ""


def test_a_sentence_for_programs_stays_english(client: TestClient) -> None:
    """The API answers in English whatever the browser likes: programs compare it."""
    answer = client.get("/nothing", headers={"accept-language": "ar", "accept": "application/json"})
    assert answer.json()["detail"] == "There is nothing at this address."


@pytest.mark.parametrize(
    ("days", "lang", "said"),
    [
        (1, "en", "1 day ago"), (1200, "en", "1,200 days ago"), (3, "fr", "il y a 3 jours"),
        (1, "ar", "قبل يوم واحد"), (2, "ar", "قبل يومين"), (3, "ar", "قبل 3 أيام"), (11, "ar", "قبل 11 يومًا"),
        (100, "ar", "قبل 100 يوم"), (103, "ar", "قبل 103 أيام"),
    ],
)  # fmt: skip
def test_ages_take_the_form_of_their_number(days: int, lang: str, said: str) -> None:
    """Ages are said in the language, in its form for the number, the number as the language writes it."""
    assert say_age(NOW - timedelta(days=days), NOW, words_in(LANGUAGES[lang])) == said


def test_numbers_dates_and_names_of_languages() -> None:
    """Each is written as the language writes it; a language that CLDR does not name keeps its English name."""
    english, french, arabic = (words_in(LANGUAGES[lang]) for lang in ("en", "fr", "ar"))
    assert (english.number(1115), french.number(1115)) == ("1,115", "1\N{NARROW NO-BREAK SPACE}115")
    assert (english.percent(82), french.percent(82)) == ("82\N{NO-BREAK SPACE}%", "82\N{NO-BREAK SPACE}%")
    assert english.moment(NOW) == "3 May 2026, 09:30 UTC"
    assert french.day(NOW) == "3 mai 2026"
    assert arabic.day(NOW) == "3 مايو 2026"
    names = [french.language(get_locale(code)) for code in ("ar", "ar-IQ", "ku", "ku-IQ", "fa-AF", "ps-AF")]
    assert names == ["arabe", "arabe (Irak)", "sorani", get_locale("ku-IQ").name, "dari", "pachto"]
    assert english.language(get_locale("ar")) == "Arabic"


def test_a_language_without_a_catalog_reads_english() -> None:
    """A direction can be tried before there is a catalog."""
    assert words_in(Interface("ckb", "rtl")).gettext("Sign in") == "Sign in"


@pytest.mark.parametrize("lang", DRAFTS)
def test_a_catalog_is_up_to_date(lang: str) -> None:
    """A catalog holds every message of the pages and no other; ``make messages`` writes it anew."""
    wanted = {message.id for message in extract() if message.id}
    assert {message.id for message in read_catalog(lang) if message.id} == wanted


@pytest.mark.parametrize("lang", DRAFTS)
def test_a_catalog_says_that_it_is_a_draft(lang: str) -> None:
    """Until somebody whose language it is has reviewed it, a catalog says so at its top."""
    assert "Draft" in catalog_file(lang).read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize("lang", DRAFTS)
def test_every_message_is_translated_and_whole(lang: str) -> None:
    """No message is empty or fuzzy, every plural form is there, placeholders are equal, and no mark-up comes in."""
    catalog = read_catalog(lang)
    assert catalog.num_plurals == {"fr": 2, "ar": 6}[lang]
    faults = [fault for message in catalog if message.id for fault in _faults(message, catalog.num_plurals)]
    assert faults == []


def _faults(message: Message, plurals: int) -> list[str]:
    sources = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    holders = set(_PLACEHOLDER.findall(sources[-1]))
    found = [f"{sources[0]!r} is fuzzy"] if message.fuzzy else []
    if len(strings) != (plurals if len(sources) > 1 else 1):
        found.append(f"{sources[0]!r} has {len(strings)} forms")
    for index, string in enumerate(strings):
        held = set(_PLACEHOLDER.findall(string or ""))
        # Arabic has words for none, one and two of a thing; English may have one for one.
        spoken = 3 if plurals == 6 else 0 if "%(num)s" in sources[0] else 1
        without = {"%(num)s"} if len(sources) > 1 and index < spoken else set()
        if not string or held | without != holders | without or held - holders:
            found.append(f"{sources[0]!r}: {string!r}")
        elif _has_markup(string) or _count_stray(string) != _count_stray(sources[-1]):
            found.append(f"{sources[0]!r} brings mark-up or a stray %: {string!r}")
        elif sources[0].rstrip()[-1:] in ":?" and string.rstrip()[-1:] not in ":?؟":
            found.append(f"{sources[0]!r} ends otherwise: {string!r}")
    return found


def _count_stray(text: str) -> int:
    """Return how many % stand for themselves: a check's sentence may name a placeholder of Primero's."""
    return text.count("%") - len(_PLACEHOLDER.findall(text))


def _has_markup(text: str) -> bool:
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(text)
    return bool(tags) or "<" in text


def test_the_right_plural_is_chosen() -> None:
    """The form a catalog gives is the one that CLDR has for the number."""
    words = words_in(LANGUAGES["ar"])
    order = ["zero", "one", "two", "few", "other", "many"]
    forms = next(message.string for message in read_catalog("ar") if message.id and message.id[0] == "%(num)s day ago")
    for number in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111, 1000, 1003):
        category = Locale("ar").plural_form(number)
        assert words.ngettext("%(num)s day ago", "%(num)s days ago", number) == forms[order.index(category)], number


@pytest.mark.parametrize(("lang", "colon"), [("en", ":"), ("fr", "\u202f:"), ("ar", ":")])
def test_a_colon_stands_as_each_language_writes_it(lang: str, colon: str) -> None:
    """French has a narrow space before it, on which no line breaks."""
    assert words_in(LANGUAGES[lang]).colon == colon
