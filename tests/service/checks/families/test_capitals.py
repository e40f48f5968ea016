import pytest


@pytest.mark.parametrize(
    ("source", "target", "locale", "wrong"),
    [
        ("Name", "nom", "fr", ["n"]),
        ("Name", "имя", "ru", ["и"]),
        ("Name", "անուն", "hy", ["ա"]),
        ("First name", "PREnom", "fr", ["PREnom"]),
        ("Name of the caregiver", "NOM DU RESPONSABLE", "fr", ["NOM DU RESPONSABLE"]),
    ],
)
def test_odd_capitals_are_shown(marked, source, target, locale, wrong):
    """A missing one at the start, some inside a word, or nothing else."""
    assert marked("caps", source, target, locale) == wrong


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Name", "الاسم", "ar"),
        ("Name", "ስም", "am-ET"),
        ("name", "nom", "fr"),
        ("Name", "Nom du père", "fr"),
        ("NAME OF CAREGIVER", "NOM DU RESPONSABLE", "fr"),
        ("iPhone number", "iPhone", "fr"),
        ("NGOs", "ONGs", "fr"),
        ("UNICEF", "UNICEF", "fr"),
        ("Name", "123 nom", "fr"),
        ("E-mail", "e.mail", "fr"),
        ("GBV", "VBG", "fr"),
    ],
)
def test_capitals_where_they_belong_are_left_alone(found, source, target, locale):
    """Scripts without capitals, acronyms and their plurals, what the source does too."""
    assert found("caps", source, target, locale) == ()
