"""Pairs of texts as forms have them, in six languages, any number of them."""

from dataclasses import dataclass, field

from extractors.units import UnitKey
from service.checks.limits import Limit, find_limit

FIELDS = 24

SOURCES = (
    "Name of caregiver",
    "Is the child safe now?",
    "Date of birth",
    "Children aged 6-11",
    "Please describe what happened in the words of the child.",
    "Phone number (SMS)",
    "Type of protection concern",
    "Referred to health services within 72 hours",
)
TARGETS = {
    "fr": (
        "Nom de la personne responsable",
        "L’enfant est-il en sécurité maintenant ?",
        "Date de naissance",
        "Enfants de 6 à 11 ans",
        "Veuillez décrire ce qui s’est passé avec les mots de l’enfant.",
        "Numéro de téléphone (SMS)",
        "Type de problème de protection",
        "Orienté vers les services de santé dans les 72 heures",
    ),
    "ar": (
        "اسم مقدم الرعاية",
        "هل الطفل في أمان الآن؟",
        "تاريخ الميلاد",
        "الأطفال من ٦ إلى ١١ سنة",
        "يرجى وصف ما حدث بكلمات الطفل.",
        "رقم الهاتف (SMS)",
        "نوع مشكلة الحماية",
        "أحيل إلى الخدمات الصحية خلال ٧٢ ساعة",
    ),
    "ps-AF": (
        "د پالونکي نوم",
        "ایا ماشوم اوس خوندي دی؟",
        "د زیږېدو نېټه",
        "له ۶ تر ۱۱ کلنو ماشومان",
        "مهرباني وکړئ د ماشوم په خبرو کې ووایاست چې څه پېښ شوي.",
        "د تلیفون شمېره (SMS)",
        "د خوندیتوب د ستونزې ډول",
        "په ۷۲ ساعتونو کې روغتیايي خدمتونو ته لېږل شوی",
    ),
    "bn": (
        "যত্নকারীর নাম",
        "শিশুটি কি এখন নিরাপদ?",
        "জন্ম তারিখ",
        "৬-১১ বছর বয়সী শিশু",
        "শিশুর নিজের কথায় কী ঘটেছিল তা বর্ণনা করুন।",
        "ফোন নম্বর (SMS)",
        "সুরক্ষা সমস্যার ধরন",
        "৭২ ঘণ্টার মধ্যে স্বাস্থ্যসেবায় পাঠানো হয়েছে",
    ),
    "km": (
        "ឈ្មោះអ្នកថែទាំ",
        "តើកុមារមានសុវត្ថិភាពឥឡូវនេះទេ?",
        "ថ្ងៃខែឆ្នាំកំណើត",
        "កុមារអាយុពី ៦ ដល់ ១១ ឆ្នាំ",
        "សូមពិពណ៌នាអំពីអ្វីដែលបានកើតឡើងតាមពាក្យរបស់កុមារ។",
        "លេខទូរស័ព្ទ (SMS)",
        "ប្រភេទនៃបញ្ហាការពារ",
        "បញ្ជូនទៅសេវាសុខភាពក្នុងរយៈពេល ៧២ ម៉ោង",
    ),
    "am-ET": (
        "የተንከባካቢው ስም",
        "ልጁ አሁን ደህና ነው?",
        "የትውልድ ቀን",
        "ከ6 እስከ 11 ዓመት የሆኑ ልጆች",
        "እባክዎ የተከሰተውን በልጁ ቃላት ይግለጹ።",
        "ስልክ ቁጥር (SMS)",
        "የጥበቃ ችግር ዓይነት",
        "በ72 ሰዓታት ውስጥ ወደ ጤና አገልግሎት ተልኳል",
    ),
}

OPTIONS = {
    "en": ("Yes", "No", "Unknown", "Other", "Refused to answer"),
    "fr": ("Oui", "Non", "Inconnu", "Autre", "A refusé de répondre"),
    "ar": ("نعم", "لا", "غير معروف", "أخرى", "رفض الإجابة"),
    "ps-AF": ("هو", "نه", "نامعلوم", "بل", "ځواب یې ور نه کړ"),
    "bn": ("হ্যাঁ", "না", "অজানা", "অন্যান্য", "উত্তর দিতে চায়নি"),
    "km": ("បាទ/ចាស", "ទេ", "មិនដឹង", "ផ្សេងទៀត", "បដិសេធមិនឆ្លើយ"),
    "am-ET": ("አዎ", "አይ", "አይታወቅም", "ሌላ", "መልስ አልሰጠም"),
}


@dataclass(frozen=True)
class Stored:
    """One pair as a database row holds it, with what follows from its key."""

    key: str
    locale: str
    source: str
    target: str
    prop: str = field(init=False)
    option_set: str | None = field(init=False)
    record: str = field(init=False)
    limit: Limit | None = field(init=False)

    def __post_init__(self) -> None:
        key = UnitKey.parse(self.key)
        for name, value in (("prop", key.prop), ("option_set", key.option_set), ("record", key.record_key)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "limit", find_limit(key))


def make_pairs(number: int) -> list[Stored]:
    """Return that many pairs, in turn of all languages; every third field has five options."""
    locales = list(TARGETS)
    found: list[Stored] = []
    place = 0
    while len(found) < number:
        form, question = divmod(place, FIELDS)
        locale, name = locales[place // 3 % len(locales)], f"form/form_{form}/question_{question}"
        found.append(Stored(f"{name}/display_name", locale, _pick(SOURCES, place), _pick(TARGETS[locale], place)))
        if question % 3 == 0:
            found += [
                Stored(f"{name}/option_strings_text/{option}", locale, source, target)
                for option, (source, target) in enumerate(zip(OPTIONS["en"], OPTIONS[locale], strict=True))
            ]
        place += 1
    return found[:number]


def _pick(texts: tuple[str, ...], number: int) -> str:
    """Return a text, or two of them with a dash between, so that a few make many."""
    turn, place = divmod(number, len(texts))
    first = texts[place]
    return f"{first} – {texts[turn % len(texts)]}" if turn % 3 == 2 else first
