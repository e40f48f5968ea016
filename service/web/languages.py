"""The languages the pages themselves speak: which one a request gets, and what is written in it.

The catalogs in ``locale/`` are PO files, read once a process at first use: nothing has to be compiled, and what is
committed is what a translator reviews. ``make messages`` writes them anew from the templates and the Python code.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Literal, Protocol

from babel import Locale, negotiate_locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent, get_group_symbol
from babel.support import Translations
from markupsafe import Markup, escape
from starlette.requests import Request

from service.settings import Settings
from service.web.cookies import read_cookie

LANGUAGE_COOKIE = "bridge_language"
LANGUAGE_SECONDS = 365 * 24 * 3600
DOMAIN = "bridge"
MAX_ACCEPT = 1000
"""How much of an ``Accept-Language`` header is read, in characters."""


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogs where it is written; it is translated where it is shown."""
    return sentence


def Nn_(one: str, many: str) -> tuple[str, str]:
    """Mark a sentence in its two English forms, as :func:`N_` marks one."""
    return one, many


@dataclass(frozen=True, slots=True)
class Interface:
    """One language of the pages: a BCP 47 tag, its direction, and its own name for itself."""

    lang: str = "en"
    direction: Literal["ltr", "rtl"] = "ltr"
    name: str = "English"


ENGLISH = Interface()
LANGUAGES: dict[str, Interface] = {
    each.lang: each for each in (ENGLISH, Interface("fr", "ltr", "français"), Interface("ar", "rtl", "العربية"))
}


COMMAS = {"ar": "،"}
QUOTES = {"fr": ("«\N{NARROW NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}»"), "ar": ("«", "»")}


class Named(Protocol):
    """A language that a text is in, as the locale table describes it."""

    @property
    def tag(self) -> str:
        """Return the BCP 47 tag."""
        ...

    @property
    def name(self) -> str:
        """Return the English name."""
        ...


class Words:
    """Everything that is written in one language of the pages: sentences, numbers, dates, names of languages.

    A language without a catalog reads English sentences.
    """

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        # CLDR writes "May 3" for plain English; the day stands first here, as in most countries that use Primero.
        self.locale = (
            Locale("en", "GB")
            if interface.lang not in LANGUAGES or interface is ENGLISH
            else Locale.parse(interface.lang)
        )

    @cached_property
    def group(self) -> str:
        """Return what stands between thousands."""
        return str(get_group_symbol(self.locale))

    @cached_property
    def translations(self) -> Translations:
        """Return the catalog."""
        source = files("service.web") / "locale" / self.interface.lang / "LC_MESSAGES" / f"{DOMAIN}.po"
        if self.interface.lang not in LANGUAGES or not source.is_file():
            return Translations()
        compiled = BytesIO()
        with source.open("rb") as file:
            write_mo(compiled, read_po(file, locale=self.interface.lang, domain=DOMAIN))
        compiled.seek(0)
        return Translations(compiled, domain=DOMAIN)

    def gettext(self, sentence: str) -> str:
        """Return the sentence in this language, itself where the catalog does not know it."""
        # The empty sentence is the catalog's header.
        return self.translations.gettext(sentence) if sentence else ""

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the form that fits the number, its ``%(num)s`` still in it."""
        return self.translations.ngettext(one, many, number)

    def tell(self, sentence: str | None) -> Markup:
        """Return a sentence made in Python for a page, marked as English where it stays so."""
        if not sentence:
            return Markup("")
        translated = self.gettext(sentence)
        if translated != sentence or self.interface.lang == ENGLISH.lang:
            return escape(translated)
        return Markup('<span lang="en" dir="ltr">{}</span>').format(sentence)

    def knows(self, sentence: str) -> bool:
        """Return whether the catalog has this sentence."""
        return bool(sentence) and self.gettext(sentence) != sentence

    @property
    def quotes(self) -> tuple[str, str]:
        """Return the marks before and behind what is quoted."""
        return QUOTES.get(self.interface.lang, ("“", "”"))

    @property
    def colon(self) -> str:
        """Return the colon with what stands before it: a narrow space in French, nothing elsewhere."""
        return "\N{NARROW NO-BREAK SPACE}:" if self.interface.lang == "fr" else ":"

    def number(self, number: int) -> str:
        """Return a whole number."""
        if number < 0:
            return str(format_decimal(number, locale=self.locale))
        # What Babel makes of it, without reading the locale's pattern anew for each of a page's thousand numbers.
        return f"{number:,}".replace(",", self.group)

    def percent(self, share: int) -> str:
        """Return a share of a hundred with its sign."""
        if self.interface.lang == ENGLISH.lang:
            return f"{share}\N{NO-BREAK SPACE}%"
        return str(format_percent(share / 100, locale=self.locale))

    def day(self, moment: date) -> str:
        """Return a date, such as "3 May 2026"."""
        return _written(moment, "long", self.locale)

    def short_day(self, moment: date) -> str:
        """Return a date where room is short, such as "3 Sept 2026"."""
        return _written(moment, "d MMM y", self.locale)

    def moment(self, moment: datetime) -> str:
        """Return a date and time, such as "3 May 2026, 09:30 UTC"."""
        return self.gettext("%(date)s, %(time)s UTC") % {"date": self.day(moment), "time": f"{moment:%H:%M}"}

    def language(self, info: Named) -> str:
        """Return a language's name; the English one where CLDR has none in this language."""
        if self.interface.lang == ENGLISH.lang:
            return info.name
        known = self.locale.languages
        whole, first, country = info.tag.replace("-", "_"), info.tag.partition("-")[0], info.tag.rpartition("-")[2]
        if whole in known:
            return str(known[whole])
        if first not in known:
            return info.name
        where = self.locale.territories.get(country) if "(" in info.name else None
        return f"{known[first]} ({where})" if where else str(known[first])


@lru_cache(maxsize=4096)
def _written(moment: date, pattern: str, locale: Locale) -> str:
    return str(format_date(moment, pattern, locale=locale))


@lru_cache(maxsize=16)
def words_in(interface: Interface) -> Words:
    """Return what is written in a language; its catalog is read at first use."""
    return Words(interface)


def words_of(request: Request) -> Words:
    """Return what is written in the language of a request."""
    return words_in(interface_of(request))


def interface_of(request: Request) -> Interface:
    """Return the language of a request's pages: the one chosen, else what the browser prefers, else English."""
    fixed: Interface | None = getattr(request.state, "interface", None)
    if fixed is not None:
        return fixed
    settings: Settings = request.app.state.resources.settings
    chosen = LANGUAGES.get(read_cookie(request, settings, LANGUAGE_COOKIE) or "")
    return chosen or _negotiated(request.headers.get("accept-language", "")) or ENGLISH


def _negotiated(header: str) -> Interface | None:
    found = negotiate_locale(_preferred(header[:MAX_ACCEPT]), list(LANGUAGES), sep="-")
    return LANGUAGES[found] if found else None


def _preferred(header: str) -> list[str]:
    """Return the tags of an ``Accept-Language`` header, the one liked best first; a tag with ``q=0`` is not liked."""
    found: list[tuple[float, str]] = []
    for item in header.split(","):
        tag, _, rest = item.partition(";")
        name, _, value = rest.strip().partition("=")
        try:
            quality = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            quality = 0.0
        if quality > 0:
            found.append((quality, tag.strip().lower()))
    return [tag for _, tag in sorted(found, key=lambda each: -each[0])]
