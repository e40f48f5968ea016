"""Writes the catalogs of the pages anew: every sentence of the templates, and those of the Python code that pages show.

Python sentences are found where they are marked with ``N_`` or given to ``gettext``, where what is put into them is
given apart (``say``, ``word`` of :mod:`service.web.telling`), and where an expected error is raised with a fixed
sentence. An error's sentence with parameters in it is no message: pages show it in English, marked so.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from service import errors
from service.checks.engine import CHECKS
from service.checks.source_lint import SOURCE_CHECKS
from service.primero.rules.reasons import MENDS
from service.review import rules
from service.web.languages import DOMAIN, ENGLISH, LANGUAGES
from tools.repository import ROOT

FOLDER = ROOT / "service" / "web" / "locale"
#: Whose errors reach a page. What only the command line says stays as it is.
SHOWN = (
    "service/announcing/",
    "service/auth/account_page",
    "service/auth/dependencies.py",
    "service/auth/forgotten_pages.py",
    "service/auth/pages.py",
    "service/auth/passwords.py",
    "service/auth/rules.py",
    "service/auth/service/forgotten.py",
    "service/auth/service/sessions.py",
    "service/catalog/access.py",
    "service/catalog/service/wording.py",
    "service/checks/service/glossary.py",
    "service/db.py",
    "service/home/pages/",
    "service/home/questions.py",
    "service/primero/service/instances.py",
    "service/review/",
    "service/sync/service/answering.py",
    "service/web/bodies.py",
    "service/web/endpoints.py",
    "service/web/middleware.py",
    "service/web/problems.py",
)
ERRORS = [
    name
    for module in (errors, rules)
    for name, each in vars(module).items()
    if isinstance(each, type) and issubclass(each, Exception)
] + ["ProblemAnswer"]
MARKS = DEFAULT_KEYWORDS | {"Nn_": (1, 2), "say": None, "say_many": (1, 2), "word": None}
#: The sentence of an error is its first argument, of a problem the third.
KEYWORDS = MARKS | {name: (3,) if name == "ProblemAnswer" else (1,) for name in ERRORS}
HEADER = """\
Draft. Written without a native speaker: nobody whose language this is has reviewed it yet.
Whoever reviews it takes this remark off and writes their name here.
"""


def extract() -> Catalog:
    """Return every message with the files it stands in."""
    catalog = Catalog(domain=DOMAIN, charset="utf-8")
    for path, messages in _messages():
        for _, message, comments, context in messages:
            if message and message != "\n" and not _is_part(message):
                catalog.add(message, locations=[(path, 1)], auto_comments=comments, context=context)
    for check in CHECKS:
        catalog.add(check.sentence, locations=[("service/checks/catalogue.py", 1)])
    for source_check in SOURCE_CHECKS:
        catalog.add(source_check.sentence, locations=[("service/checks/source_lint.py", 1)])
    for sentence in MENDS.values():
        catalog.add(sentence, locations=[("service/primero/rules/reasons.py", 1)])
    return catalog


def _is_part(message: str | tuple[str, ...]) -> bool:
    # Of a sentence in pieces, some of them with parameters, Babel sees the others alone.
    return isinstance(message, str) and message[0].islower() and message.endswith(".")


def _messages() -> Iterator[tuple[str, list[tuple[int, str | tuple[str, ...], list[str], str | None]]]]:
    for file in sorted((ROOT / "service").rglob("*")):
        path = file.relative_to(ROOT).as_posix()
        if file.suffix == ".html":
            yield path, list(extract_from_file("jinja2", file, options={"trimmed": "true", "silent": "false"}))
        elif file.suffix == ".py":
            keywords = KEYWORDS if path.startswith(SHOWN) else MARKS
            yield path, list(extract_from_file("python", file, keywords=keywords))


def catalog_file(lang: str) -> Path:
    """Return where the catalog of a language is."""
    return FOLDER / lang / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalog(lang: str) -> Catalog:
    """Return the catalog as it is committed; an empty one where there is none yet."""
    file = catalog_file(lang)
    if not file.is_file():
        comment = "# " + HEADER.strip().replace("\n", "\n# ")
        return Catalog(locale=lang, domain=DOMAIN, project="primero-translation-bridge", header_comment=comment)
    with file.open("rb") as source:
        return read_po(source, locale=lang, domain=DOMAIN)


def update(lang: str) -> int:
    """Write the catalog of a language with exactly today's messages and return how many are not translated."""
    catalog = read_catalog(lang)
    catalog.update(extract(), no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    file = catalog_file(lang)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        # Lines of code move daily: the file says enough.
        write_po(target, catalog, width=120, sort_output=True, include_lineno=False)
    return sum(1 for message in catalog if message.id and not _is_whole(message.string))


def _is_whole(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def main() -> int:
    """Update every catalog and say what is to be translated."""
    for lang in LANGUAGES:
        if lang != ENGLISH.lang:
            sys.stdout.write(f"{catalog_file(lang).relative_to(ROOT)}: {update(lang)} messages are not translated.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
