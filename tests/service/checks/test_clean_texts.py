"""Good translations, of forms as they are, on which no check may say anything."""

import pytest

from service.checks.engine import TextPair, check_text

GOOD = {
    "fr": [
        ("Is the child safe now?", "L’enfant est-il en sécurité maintenant ?"),
        ("Please explain: (max. 200 characters)", "Veuillez préciser : (200 caractères max.)"),
        ("Children aged 6-11", "Enfants de 6 à 11 ans"),
        ("Yes/No", "Oui/Non"),
        ("Date of the interview (dd/mm/yyyy)", "Date de l’entretien (jj/mm/aaaa)"),
    ],
    "ar": [
        ("Is the child safe now?", "هل الطفل في أمان الآن؟"),
        ("Children aged 6-11", "الأطفال من ٦ إلى ١١ سنة"),
        ("Within 72 hours; call the doctor", "خلال ٧٢ ساعة؛ اتصل بالطبيب"),
        ("UNHCR number", "رقم المفوضية (UNHCR)"),
    ],
    "ku": [
        ("Is the child safe now?", "ئایا منداڵەکە ئێستا پارێزراوە؟"),
        ("Within 72 hours", "لە ماوەی ٧٢ کاتژمێردا"),
        ("Name of caregiver", "ناوی سەرپەرشتیار"),
    ],
    "ku-IQ": [
        ("Is the child safe now?", "ئەرێ زارۆک نوکە د ئارامیێ دایە؟"),
        ("Within 72 hours", "د ماوێ ٧٢ دەمژمێران دا"),
        ("Name of caregiver", "ناڤێ سەرپەرشتی"),
    ],
    "ps-AF": [
        ("Is the child safe now?", "ایا ماشوم اوس خوندي دی؟"),
        ("Children aged 6-11", "له ۶ تر ۱۱ کلنو ماشومان"),
        ("Name of caregiver", "د پالونکي نوم"),
    ],
    "fa-AF": [
        ("Is the child safe now?", "آیا طفل اکنون مصون است؟"),
        ("Children aged 6-11", "اطفال ۶ تا ۱۱ ساله"),
        ("What do you want?", "چه می\u200cخواهید؟"),
    ],
    "bn": [
        ("Is the child safe now?", "শিশুটি কি এখন নিরাপদ?"),
        ("Children aged 6-11", "৬-১১ বছর বয়সী শিশু"),
        ("Over 1,00,000 taka", "১,০০,০০০ টাকার বেশি"),
    ],
    "km": [
        ("Is the child safe now?", "តើកុមារមានសុវត្ថិភាពឥឡូវនេះទេ?"),
        ("Children aged 6-11", "កុមារ\u200bអាយុ\u200bពី ៦ ដល់ ១១ ឆ្នាំ"),
        ("Name of caregiver", "ឈ្មោះអ្នកថែទាំ៖"),
    ],
    "am-ET": [
        ("Is the child safe now?", "ልጁ አሁን ደህና ነው?"),
        ("Children aged 6-11", "ከ6 እስከ 11 ዓመት የሆኑ ልጆች።"),
        ("Name of caregiver", "የተንከባካቢው ስም፦"),
    ],
}


@pytest.mark.parametrize(
    ("locale", "source", "target"), [(locale, *texts) for locale, pairs in GOOD.items() for texts in pairs]
)
def test_a_good_translation_gets_no_finding(locale, source, target):
    """A false alarm costs a reviewer's trust: good texts of every language we meet stay silent."""
    assert check_text(TextPair("k", source, target, locale)) == ()
