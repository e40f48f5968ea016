import pytest

from service.checks.engine import WAIVABLE


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/aide",
        "http://пример.рф",
        "hxxp://example.org",
        "www.example.org",
        "example.org",
        "aide.example.com/page?x=1",
        "bit.ly/abc",
        "https://example.org/?to=info@example.org",
        "t.me/groupe",
        "tel:116",
        "info@example.org",
        "prenom.nom+x@mail.example.co.uk",
        "info＠example.org",
        "exam\u200bple.org",
        "sante.gov.iq",
        "sante.gouv.fr/aide",
        "example.co.uk",
        "example.iq/aide",
        "forms.gle/abc",
        "example.group/#abc",
    ],
)
def test_an_address_only_the_translation_has_is_found(marked, address):
    """Web and e-mail addresses are pointed at, without the full stop behind them."""
    assert marked("links_introduced", "See our page", f"Voir {address}.") == [address]


@pytest.mark.parametrize(
    "phone",
    [
        "+33 1 42 68 53 00",
        "+963-11-555-0100",
        "(+962) 79 555 0100",
        "00962 79 555 0100",
        "079 555 0100",
        "0795550100",
        "(555) 123-4567",
        "555-123-4567",
        "٠٧٩٥٥٥٠١٠٠",
        "۰۷۹ ۵۵۵ ۰۱۰۰",
        "০১৭১২৩৪৫৬৭৮",
        "០១២ ៣៤៥ ៦៧៨",
        "77 12 34 56",
        "79-555-123",
        "03-123456",
    ],
)
def test_a_phone_number_only_the_translation_has_is_found(marked, phone):
    """Numbers with a plus, a leading zero or the shape of a phone number are found in any digits."""
    assert marked("links_introduced", "Call us", f"اتصل {phone} الآن", "ar") == [phone]


@pytest.mark.parametrize(
    ("target", "locale"),
    [
        ("De 2010-2015", "fr"),
        ("2018 2019 2020", "fr"),
        ("12/05/2020", "fr"),
        ("01-05-2020 10:30", "fr"),
        ("2020-05-12 10:30", "fr"),
        ("01.05.2020 - 31.05.2020", "fr"),
        ("۱۴۰۲/۰۵/۱۲", "fa-AF"),
        ("1 000 000", "fr"),
        ("10.000.000", "es"),
        ("১০,০০,০০০", "bn"),
        ("CP-2020-000123", "fr"),
        ("123456789", "fr"),
        ("0001234567", "fr"),
        ("12 345678 90", "fr"),
        ("0700-1900", "fr"),
        ("12-17 06-11 00-05", "fr"),
        ("0-5 6-11 12-17", "fr"),
        ("00-05 06-11 12-17", "fr"),
        ("10-12-14-16 ans", "fr"),
        ("000 000 000", "fr"),
        ("1.2.3.4.5.6.7.8", "fr"),
        ("0.12345678", "fr"),
        ("09:00-17:00", "fr"),
        ("Fin.Il faut p.ex. s.v.p. n.a/nd etc.Et/ou", "fr"),
        ("données.info", "fr"),
        ("etc.et/ou", "fr"),
        ("Nom.de/du", "fr"),
        ("Voir exemple.iq", "fr"),
        ("à 9 h.La suite", "fr"),
        ("٠-٥، ٦-١١، ١٢-١٧", "ar"),
        ("د ۱۸ کلونو څخه کم", "ps-AF"),
        ("ኦ.ኤም.ኤን", "am-ET"),
        ("@groupe", "fr"),
    ],
)
def test_dates_amounts_ids_and_careless_full_stops_are_no_addresses(found, target, locale):
    """Years, dates, times, amounts, case numbers, scales and abbreviations stay silent."""
    assert found("links_introduced", "Text", target, locale) == ()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("See www.example.org", "Voir https://example.org/"),
        ("See https://example.org/a.", "សូមមើលhttps://example.org/aនៅទីនេះ"),
        ("Write to info@example.org", "اكتب إلى وinfo@example.org"),
        ("Write to Info@Example.org", "بنویسید: info@example.org"),
        ("Reference #0795550100", "Référence 0795550100"),
        ("Call 079 555 0100", "اتصل على ٠٧٩-٥٥٥-٠١٠٠"),
        ("Call +962 79 555 0100", "په +۹۶۲ ۷۹ ۵۵۵ ۰۱۰۰ زنګ ووهئ"),
        ("Write to info@example.org", "Écrire à mailto:info@example.org"),
    ],
)
def test_an_address_of_the_source_text_may_be_spelt_otherwise(found, source, target):
    """Other digits, letters touching it, another case or scheme make it no other address."""
    assert found("links_introduced", source, target) == ()


def test_another_page_of_the_same_site_is_another_address(marked):
    """Where a link leads is decided by all of it."""
    assert marked("links_introduced", "http://example.org/en", "http://example.org/fr") == ["http://example.org/fr"]


@pytest.mark.parametrize("address", ["http://example.com/?to=info@example.org", "example.org@example.com"])
def test_a_known_address_inside_another_is_no_cover(marked, address):
    """An address that carries a known one still leads elsewhere."""
    assert marked("links_introduced", "info@example.org, example.org", f"Voir {address}") == [address]


def test_a_finding_points_into_the_text_as_it_is_stored(found):
    """Invisible characters before and inside an address do not shift the range."""
    target = "\u200fراجع exam\u200bple.org الآن"
    (finding,) = found("links_introduced", "See", target, "ar")
    assert target[finding.start : finding.end] == "exam\u200bple.org"


def test_a_specialist_may_waive_it():
    """A country's own number may be right; so the finding is one of the two that can be waived."""
    assert {"links_introduced", "term_forbidden"} == WAIVABLE
