import pytest


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Is the child safe?", "L'enfant est en sécurité", "fr"),
        ("Is the child safe?", "الطفل في أمان", "ar"),
        ("Describe the case in your words.", "Décrivez le cas avec vos mots", "fr"),
        ("Name:", "Nom", "fr"),
        ("Stop!", "Stop?", "fr"),
        ("Is the child safe?", "শিশুটি নিরাপদ।", "bn"),
        ("Name", "តើឈ្មោះអ្វី?", "km"),
    ],
)
def test_another_mark_at_the_end_is_shown(found, source, target, locale):
    """A question that became a statement, a sentence without its end."""
    assert len(found("end_punctuation", source, target, locale)) == 1


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Is the child safe?", "هل الطفل في أمان؟", "ar"),
        ("The child is safe now.", "শিশুটি এখন নিরাপদ।", "bn"),
        ("The child is safe now.", "ልጁ አሁን ደህና ነው።", "am-ET"),
        ("Name:", "ስም፦", "am-ET"),
        ("Name:", "ឈ្មោះ៖", "km"),
        ("Is the child safe?", "តើកុមារមានសុវត្ថិភាពទេ", "km"),
        ("Is the child safe?", "เด็กปลอดภัยไหม", "th"),
        ("Is the child safe?", "ကလေး ဘေးကင်းပါသလား။", "my"),
        ("Is the child safe?", "Երեխան ապահո՞վ է։", "hy"),
        ("The child is safe now.", "بچه اکنون مصون است۔", "fa-AF"),
        ("Wait...", "Attendez…", "fr"),
        ("Explain.", "Expliquez", "fr"),
        ("Name", "Nom :", "fr"),
        ("Name (max. 20)", "Nom (20 max.)", "fr"),
        ("Is it safe?*", "Sûr ?", "fr"),
        ("What type of export do you want", "De quel export avez-vous besoin ?", "fr"),
        ("Was this a harmful practice", "ایا دا یو زیانمن دود و؟", "ps-AF"),
        ("Case plan", "خطة الحالة ؟؟؟", "ar"),
    ],
)
def test_the_same_kind_of_mark_is_right_in_every_script(found, source, target, locale):
    """Each script has its own marks; Thai, Khmer and Burmese may end without; short labels are free."""
    assert found("end_punctuation", source, target, locale) == ()


@pytest.mark.parametrize(("prop", "count"), [("display_name", 0), ("option_strings_text", 0), ("help_text", 1)])
def test_a_full_stop_more_or_less_is_shown_in_running_text_only(found, prop, count):
    """Labels and options are no sentences; whether they end with a full stop is a matter of taste."""
    texts = ("If other, please explain.", "Si autre, veuillez expliquer")
    assert len(found("end_punctuation", *texts, prop=prop)) == count
    assert len(found("end_punctuation", texts[0][:-1], texts[1] + ".", prop=prop)) == count


@pytest.mark.parametrize(
    ("target", "locale", "right"),
    [
        ("الاسم, اللقب", "ar", "الاسم، اللقب"),
        ("نوم; عمر", "ps-AF", "نوم؛ عمر"),
        ("ئایا پارێزراوە?", "ku", "ئایا پارێزراوە؟"),
        ("ناڤ ?", "ku-IQ", "ناڤ ؟"),
        ("خطر, %{a,b} مصون", "fa-AF", "خطر، %{a,b} مصون"),
    ],
)
def test_a_latin_mark_in_arabic_script_is_found_and_mended(found, mended, target, locale, right):
    """Comma, semicolon and question mark."""
    assert len(found("latin_punct_rtl", "a", target, locale)) == 1
    assert mended("latin_punct_rtl", "a", target, locale) == [right]


@pytest.mark.parametrize(
    ("target", "locale"),
    [
        ("10,000 شخص", "ar"),
        ("(SMS, MMS)", "ar"),
        ("https://example.org/?a=b", "ar"),
        ("الاسم، اللقب؛ العمر؟", "ar"),
        ("Nom, prénom", "fr"),
    ],
)
def test_latin_marks_among_latin_letters_and_digits_are_left_alone(found, target, locale):
    """Numbers, acronyms, addresses; other scripts."""
    assert found("latin_punct_rtl", "a", target, locale) == ()


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Phone (SMS)", "Téléphone (SMS", "fr"),
        ("Phone (SMS)", "هاتف )SMS(", "ar"),
        ("Phone (SMS)", "هاتف SMS)", "ar"),
        ("Phone (SMS)", "ফোন", "bn"),
        ("Age", "Âge (en années]", "fr"),
    ],
)
def test_brackets_that_do_not_pair_are_shown(found, source, target, locale):
    """Not closed, the wrong way round, or gone."""
    assert len(found("brackets", source, target, locale)) == 1


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Phone (SMS)", "هاتف (SMS)", "ar"),
        ("Phone (SMS)", "电话（短信）", "cmn"),
        ("Phone (SMS)", "电话【短信】", "cmn"),
        ("Age", "Âge (ans)", "fr"),
        ("a) Name", "أ) الاسم", "ar"),
        ("Explain (case review)", "Expliquer (revue du cas)", "fr"),
        ("Thanks :)", "Merci", "fr"),
        ("Broken (", "Cassé (", "fr"),
        ("%{a}", "%{a}", "fr"),
    ],
)
def test_brackets_in_pairs_are_left_alone(found, source, target, locale):
    """Other brackets, more of them, list letters, and what the source does too."""
    assert found("brackets", source, target, locale) == ()
