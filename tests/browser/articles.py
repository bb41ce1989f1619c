"""Articles that try the page's looks: one of a hundred printed pages, and one in Arabic."""

import json
from pathlib import Path

PAGES = 100
PARAGRAPHS = 8  # of a page
LONG_TITLE = "The log of the Orkney ferry, from the first sailing to the last"
ARABIC_TITLE = "ميناء الإسكندرية يستقبل أول سفينة تعمل بالهيدروجين"
ARABIC = (
    "وصلت إلى ميناء الإسكندرية صباح الاثنين سفينة الشحن «نورا»، وهي أول سفينة تعمل بالهيدروجين تدخل البحر المتوسط.",
    "وقال مدير الميناء حسن عبد الرحمن إن السفينة حملت 240 حاوية من القمح والأدوية.",
    "واستغرقت الرحلة من مرسيليا ستة أيام، أي يوما أطول من السفن التي تعمل بالديزل (Diesel).",
    "وبلغت تكلفة بناء السفينة 85 مليون يورو، دفعت الدولة ثلثها.",
    "وانتظر على الرصيف نحو 300 شخص، بينهم تلاميذ مدرسة قريبة جاؤوا لرؤيتها.",
    "وتقول الشركة المالكة إن سفينتين أخريين ستدخلان الخدمة قبل نهاية عام 2027.",
    "ويرى خبراء أن سعر الوقود لا يزال أعلى بثلاثة أضعاف من سعر الوقود المعتاد.",
)
_SKIES = ("rain", "a hard frost", "sunshine", "thick fog", "hail", "a falling glass", "northern lights", "light snow")
_PLACES = ("Stromness", "Kirkwall", "Stronsay", "Westray", "Papa Westray", "Sanday", "Rousay", "Hoy", "Eday")
_LOADS = ("letters", "sheep", "new potatoes", "a piano", "two ponies", "roof slates", "school books", "lobster creels")
_SKIPPERS = ("Magnus Flett", "Ingrid Rendall", "Thorfinn Isbister", "Mary Linklater", "Olaf Drever")


def long_question(page: int) -> tuple[str, str]:
    """Return a question that a sentence of a page alone answers, and that sentence."""
    return (
        f"What was found on the pier on page {page} of the log?",
        f"On page {page} of the log, a bottle with letter number {page * 37} in it was found on the pier.",
    )


def long_text() -> str:
    """Return a hundred pages of about 3,000 characters."""
    return "\n\n".join(_page(number) for number in range(1, PAGES + 1))


def _page(number: int) -> str:
    return "\n\n".join(_paragraph(number, part) for part in range(PARAGRAPHS))


def _paragraph(page: int, part: int) -> str:
    day = page * PARAGRAPHS + part
    sky, place = _SKIES[day % len(_SKIES)], _PLACES[day % len(_PLACES)]
    load, skipper = _LOADS[(day // 3) % len(_LOADS)], _SKIPPERS[(day // 7) % len(_SKIPPERS)]
    found = f" {long_question(page)[1]}" if part == PARAGRAPHS // 2 else ""
    return (
        f"Day {day} began with {sky} over {place}, and {skipper} held the ferry back for {day % 50 + 5} minutes. "
        f"When she sailed she carried {load} and {day % 90 + 3} people, of whom {day % 7 + 1} had never seen the sea."
        f"{found} The crossing took {day % 60 + 40} minutes against a tide of {day % 5 + 1} knots. Nobody complained. "
        f"In the evening {skipper} wrote that the engine had been quiet, and drew a line under the day."
    )


def write_articles(folder: Path) -> Path:
    """Write both articles, as `log` and `arabic`, and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "looks.jsonl"
    rows = (
        {"id": "log", "title": LONG_TITLE, "date": "2019-12-31", "source": "The Orcadian", "text": long_text()},
        {
            "id": "arabic", "title": ARABIC_TITLE, "date": "2025-03-03", "source": "الأهرام",
            "text": "\n".join((" ".join(ARABIC[:3]), " ".join(ARABIC[3:5]), " ".join(ARABIC[5:]))),
        },
    )  # fmt: skip
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file
