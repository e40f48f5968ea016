import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checks.engine import Scope, TextGroup, TextPair, check_group, check_text
from tests.service.checks.conftest import mend


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Name of caregiver", "Nom du responsable", "ar"),
        ("Name of caregiver", "Name of the responsible الاسم", "ar"),
        ("Name of caregiver", "نام سرپرست", "fr"),
        ("Name of caregiver", "Tên người chăm sóc", "km"),
        ("Name of caregiver", "имя опекуна", "bn"),
        ("Name of caregiver", "اسم مقدم الرعاية", "am-ET"),
        ("Name of caregiver", "ឈ្មោះ", "th"),
        ("Name of caregiver", "照顾者", "mn"),
    ],
)
def test_a_text_in_another_script_is_found(found, source, target, locale):
    """Fewer than six letters of ten are in the script of the language."""
    assert len(found("script_mismatch", source, target, locale)) == 1


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Name", "الاسم", "ar"),
        ("UNHCR", "UNHCR", "ar"),
        ("UNHCR and UNICEF", "UNHCR و UNICEF", "ar"),
        ("WhatsApp or Viber", "WhatsApp أو Viber", "ar"),
        ("Phone (SMS)", "ስልክ (SMS)", "am-ET"),
        ("12", "១២", "km"),
        ("Email us at a@b.org", "اكتب a@b.org", "ar"),
        ("%{name_of_child} x", "%{name_of_child} و", "ar"),
        ("Referred by %{user}", "በ% {user} የተላከ", "am-ET"),
        ("Referred by %{user}", "في % { user }", "ar"),
        ("Name", "姓名", "cmn"),
        ("Name", "Имя", "xx"),
    ],
)
def test_names_and_acronyms_do_not_count(found, source, target, locale):
    """What stays as it is in every language says nothing of the language."""
    assert found("script_mismatch", source, target, locale) == ()


def batch(texts, locale):
    members = [TextPair(f"form/f/q{n}/display_name", "Question", text, locale, record="form/f") for n, text in texts]
    return check_group(Scope.RECORD, TextGroup(members), disabled={"reused"})


@pytest.mark.parametrize(
    ("text", "locale", "message"),
    [
        ("نام طفل", "ps-AF", "Only 0 of the 40 texts"),
        ("اسم الطفل", "ku", "Only 0 of the 40 texts"),
        ("ناڤێ زارۆکی", "ku", "40 of the 40 texts"),
        ("اسم الطفل", "fa-AF", "Only 0 of the 40 texts"),
        ("د ماشوم نوم څوک ښه", "fa-AF", "letters that Dari does not have"),
        ("نام کودک چیست", "ar", "letters that Arabic does not have"),
        ("имя ребёнка мы", "uk", "letters that Ukrainian does not have"),
        ("nombre del tutor", "pl", "Only 0 of the 40 texts"),
    ],
)
def test_a_whole_form_in_another_language_is_said_once(text, locale, message):
    """At its first text: the trouble is with the lot."""
    found = batch(enumerate([text] * 40), locale)
    assert list(found) == ["form/f/q0/display_name"]
    ((finding,),) = found.values()
    assert message in finding.message


@pytest.mark.parametrize(
    ("text", "locale", "number"),
    [
        ("د ماشوم نوم څوک ښه", "ps-AF", 40),
        ("ناوی منداڵ", "ku", 40),
        ("ناڤێ زارۆکی", "ku-IQ", 40),
        ("چه می خواهید", "fa-AF", 40),
        ("اسم الطفل", "ar", 40),
        ("Âge de l'enfant", "fr", 40),
        ("اسم الطفل", "ps-AF", 29),
        ("Jina la mtoto", "sw-KE", 40),
        ("UNHCR", "ps-AF", 40),
        ("x", "xx", 40),
    ],
)
def test_the_right_language_and_a_few_texts_are_left_alone(text, locale, number):
    """Fewer than thirty texts prove nothing; languages without letters of their own are not judged."""
    assert batch(enumerate([text] * number), locale) == {}


@pytest.mark.parametrize(
    ("target", "locale", "right"),
    [
        ("ناوي كچ", "ku", "ناوی کچ"),
        ("نوم كور", "ps-AF", "نوم کور"),
        ("كودك", "fa-AF", "کودک"),
        ("ناڤێ كچ", "ku-IQ", "ناڤێ کچ"),
        ("كات %{كات} ي", "ku", "کات %{كات} ی"),
    ],
)
def test_letters_of_an_arabic_keyboard_are_found_and_mended(found, mended, target, locale, right):
    """Once a text; what stands in a placeholder is not touched."""
    assert len(found("arabic_yeh_kaf", "x", target, locale)) == 1
    assert mended("arabic_yeh_kaf", "x", target, locale) == [right]


@pytest.mark.parametrize(("target", "locale"), [("كتاب علي", "ar"), ("زوی سړي", "ps-AF"), ("ناوی کچ", "ku")])
def test_the_languages_own_letters_are_left_alone(found, target, locale):
    """Arabic writes them, Pashto writes the yeh, and the right ones are right."""
    assert found("arabic_yeh_kaf", "x", target, locale) == ()


@pytest.mark.parametrize(
    ("target", "locale", "right"),
    [("الاســـم", "ar", "الاسم"), ("سـلام", "fa-AF", "سلام"), ("نـــوم", "ps-AF", "نوم"), ("ناوــ", "ku", "ناو")],
)
def test_a_stretched_word_is_found_and_mended(mended, found, target, locale, right):
    """The line goes, the word stays."""
    assert found("kashida", "x", target, locale)
    assert mended("kashida", "x", target, locale) == [right]


@pytest.mark.parametrize(
    ("target", "locale"),
    [("بـ UNICEF", "ar"), ("لـ %{name}", "ar"), ("1445 هـ", "ar"), ("ــــــ", "ar"), ("بـ٥", "ar"), ("x", "fr")],
)
def test_lines_that_mean_something_are_left_alone(found, target, locale):
    """A prefix before a name or a number, a short form, a line to write on."""
    assert found("kashida", "x", target, locale) == ()


@given(st.text(alphabet="كيابـ %{}x٥لن\u0650", max_size=30).map(str.strip), st.sampled_from(["ku", "fa-AF", "ps-AF"]))
def test_mending_letters_keeps_the_rest(text, locale):
    """After every replacement the finding is gone; only the letters meant are others; placeholders stand."""
    for check_id, ours, theirs in (("arabic_yeh_kaf", "كي", "کی"), ("kashida", "ـ", "")):
        mended = mend(check_id, TextPair("k", "x", text, locale))
        table = str.maketrans(ours, theirs) if theirs else {ord("ـ"): None}
        assert mended.translate(table) == text.translate(table)
        if mended:
            again = check_text(TextPair("k", "x", mended, locale))
            assert check_id not in {finding.check_id for finding in again}
