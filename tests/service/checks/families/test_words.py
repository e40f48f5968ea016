import pytest


@pytest.mark.parametrize(
    ("target", "locale", "wrong"),
    [
        ("Nom TODO", "fr", "TODO"),
        ("Nom ???", "fr", "???"),
        ("الاسم ؟؟؟", "ar", "؟؟؟"),
        ("[note: à revoir] Nom", "fr", "[note"),
        ("Nom (translator: check)", "fr", "(translator"),
        ("Traduction : Nom", "fr", "Traduction :"),
        ("ترجمة: الاسم", "ar", "ترجمة:"),
        ("ژباړه: نوم", "ps-AF", "ژباړه:"),
        ("وەرگێڕان: ناو", "ku", "وەرگێڕان:"),
        ("অনুবাদ: নাম", "bn", "অনুবাদ:"),
        ("ትርጉም: ስም", "am-ET", "ትርጉም:"),
        ("คำแปล: ชื่อ", "th", "คำแปล:"),
    ],
)
def test_a_note_left_behind_is_found(marked, target, locale, wrong):
    """Marks of unfinished work and the word "translation" before the text, in the languages we meet."""
    assert marked("translator_note", "Name", target, locale) == [wrong]


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Everything", "Todo", "es"),
        ("Name ???", "Nom ???", "fr"),
        ("Translation: language", "Traduction : langue", "fr"),
        ("Notes (note here)", "Notes (note ici)", "fr"),
        ("Is it safe?", "Sûr ??", "fr"),
        ("Remark", "Remarque: écrire ici", "fr"),
        ("Name", "Nom (notable)", "fr"),
    ],
)
def test_ordinary_words_are_no_notes(found, source, target, locale):
    """The word is Spanish ("todo"), and a form may ask for translations and notes."""
    assert found("translator_note", source, target, locale) == ()


@pytest.mark.parametrize(
    ("target", "locale", "wrong"),
    [
        ("Nom de de famille", "fr", "de de"),
        ("اسم من من العائلة", "ar", "من من"),
        ("Имя имя имя", "ru", "имя имя"),
    ],
)
def test_a_word_said_twice_is_shown(marked, target, locale, wrong):
    """Both words are pointed at."""
    assert marked("repeated_word", "Family name", target, locale) == [wrong]


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("We ask ourselves", "Nous nous demandons", "fr"),
        ("Various reasons", "ልዩ ልዩ ምክንያቶች", "am-ET"),
        ("Various reasons", "বিভিন্ন বিভিন্ন কারণ", "bn"),
        ("Separate", "بیلا بیلا", "ps-AF"),
        ("Slowly", "polepole polepole", "sw-KE"),
        ("very very", "très très", "fr"),
        ("10 10", "10 10", "fr"),
        ("Name", "Nom de famille de", "fr"),
        ("Name", "Nom", "xx"),
    ],
)
def test_saying_it_twice_may_be_right(found, source, target, locale):
    """Many languages double words, French has its pronouns, and the source may do it too."""
    assert found("repeated_word", source, target, locale) == ()
