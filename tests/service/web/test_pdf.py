"""Documents as PDF: made without fetching anything, or refused with one sentence where nothing can make them."""

from __future__ import annotations

import re
import sys
import zlib
from pathlib import Path

import pytest

from service.errors import NotReady
from service.web import pdf

needs_pango = pytest.mark.skipif(not pdf.can_make_pdf(), reason="no PDF can be made: install Debian's libpango-1.0-0")


def _unpacked(data: bytes) -> bytes:
    """Return the streams of a PDF."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL)
    return b"".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x")


@needs_pango
def test_a_document_becomes_a_pdf_with_its_letters_in_it() -> None:
    """Arabic is set with an Arabic font, which travels with the file."""
    made = pdf.make_pdf('<html lang="ar"><title>ت</title><p dir="rtl" style="font-family: Noto Naskh Arabic">لا إله')
    assert made.startswith(b"%PDF-")
    assert b"/FontFile" in _unpacked(made)


@needs_pango
def test_nothing_is_fetched(tmp_path: Path) -> None:
    """A picture, a style or a file that a document names, on this machine or elsewhere, is left out."""
    (tmp_path / "x.css").write_text("p::after { content: 'from the file' }")
    place = (tmp_path / "x.css").as_uri()
    plain = pdf.make_pdf("<p>Text")
    made = pdf.make_pdf(
        f'<link rel="stylesheet" href="{place}"><p>Text<img src="http://127.0.0.1:1/x.png">'
        f'<link rel="attachment" href="{place}">'
    )
    assert made.startswith(b"%PDF-")
    assert b"from the file" not in _unpacked(made)
    assert b"EmbeddedFile" not in _unpacked(made)
    assert len(made) < len(plain) + 500


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library there is one sentence that says what to do."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    monkeypatch.setattr(pdf, "_load", pdf._load.__wrapped__)
    assert not pdf.can_make_pdf()
    with pytest.raises(NotReady, match="Print the page instead"):
        pdf.make_pdf("<p>x")
