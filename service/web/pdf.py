"""Pages as PDF, where the operator installed what makes them: the extra ``pdf``, and the system's Pango for it.

WeasyPrint takes most of a second to load, so it is loaded when somebody first asks. It fetches nothing: whatever a
document names is refused.
"""

import functools
import threading
from typing import Any

from service.errors import NotReady
from service.web.languages import N_

NO_PDF = N_(
    "No PDF can be made here: the operator has not installed the extra “pdf” with Pango. Print the page instead."
)

# Pango keeps its fonts in one place for all threads.
_ONE_AT_A_TIME = threading.Lock()


@functools.cache
def _load() -> Any:
    """Return the library, None where it or what it needs of the system is not there."""
    try:
        import weasyprint
    # Without Pango the library's own import fails with what the loader of shared libraries says.
    except (ImportError, OSError):
        return None
    return weasyprint


def can_make_pdf() -> bool:
    """Return whether :func:`make_pdf` can do its work."""
    return _load() is not None


def make_pdf(html: str) -> bytes:
    """Return a whole HTML document as PDF.

    Raises:
        NotReady: what makes PDFs is not installed.
    """
    library = _load()
    if library is None:
        raise NotReady(NO_PDF)
    with _ONE_AT_A_TIME:
        data: bytes = library.HTML(string=html, url_fetcher=_make_fetcher(library)).write_pdf(pdf_tags=True)
    return data


def _make_fetcher(library: Any) -> Any:
    class Nothing(library.urls.URLFetcher):  # type: ignore[misc]
        """Fetches nothing, neither from this machine nor from another one."""

        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ARG002  # the library names them
            raise ValueError(f"{url[:100]} is not fetched.")

    return Nothing()
