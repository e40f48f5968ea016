import pytest


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("Case worker", "ku-IQ"),
        ("Name of caregiver", "fr"),
        ("Date of birth", "ps-AF"),
        ("Register", "am-ET"),
        ("Religion", "km"),
        ("CONSENT FORM", "bn"),
        ("UNHCR registration", "fa-AF"),
        ("%{count} cases", "ar"),
        ("Iraq", "ku"),
        ("Yemen", "fr"),
        ("Unknown", "tet"),
        ("Something new", "xx"),
    ],
)
def test_a_text_left_in_english_is_found(found, text, locale):
    """Words that the language does not share with English were not translated."""
    (finding,) = found("unchanged", text, text, locale)
    assert (finding.start, finding.end) == (0, len(text))


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("OK", "ar"),
        ("SMS", "ku"),
        ("ID", "ps-AF"),
        ("E-mail", "fa-AF"),
        ("Age", "ku"),
        ("A / B / C / D", "fr"),
        ("Swahili", "fr"),
        ("SMS / WhatsApp", "am-ET"),
        ("UNHCR ID", "km"),
        ("UNICEF", "bn"),
        ("CR-CP", "fr"),
        ("0-11", "fr"),
        ("—", "fr"),
        ("https://example.org/page", "ar"),
        ("info@example.org", "ar"),
        ("%{record_type}", "ar"),
        ("Date", "fr"),
        ("Religion 3", "fr"),
        ("Sub-Prefecture", "fr"),
        ("France", "fr"),
        ("Vietnam", "fr"),
        ("Swaziland", "fr"),
        ("Angola", "pt"),
        ("Honduras", "es-GT"),
        ("Hospital", "es"),
        ("Guidance", "en"),
    ],
)
def test_words_that_need_no_translation_are_left_alone(found, text, locale):
    """Acronyms, codes, addresses, short and shared words, and proper names may stay as they are."""
    assert found("unchanged", text, text, locale) == ()


def test_a_changed_letter_is_a_translation(found):
    """Only an equal text is unchanged; other scripts and other spellings are somebody's work."""
    assert found("unchanged", "Religion", "Réligion") == ()
    assert found("unchanged", "Register", "መዝግብ", "am-ET") == ()


def test_a_text_is_compared_within_one_language_only(found):
    """A source written in Spanish may stay as it is in the Spanish of Guatemala."""
    assert found("unchanged", "Nombre completo", "Nombre completo", "es-GT", source_locale="es") == ()
    assert found("unchanged", "Nombre completo", "Nombre completo", "pt", source_locale="es") != ()
