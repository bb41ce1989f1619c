"""Figures and cases in words: what the comparison, the gate and the reports all say in the same way."""

import re
from collections.abc import Mapping, Sequence

from evals.metrics import METRICS
from evals.metrics.timing import MILLISECONDS
from evals.records import Record
from evals.runs import ERROR, FALSE_ANSWER, FALSE_REFUSAL, NOT_JUDGED, REFUSED, RIGHT, WRONG, Row

# Articles are written by strangers: escape sequences, and what turns the direction of a line.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

DECIMALS = frozenset(("brier", "ece", "auroc", "aurc"))
_OF_THE_SET: Mapping[str, str] = {
    "brier": "The mean square of how far confidence is from what came; 0 is best.",
    "ece": "How far confidence is from the share that is right, over bins of it; 0 is best.",
    "auroc": "How often an answerable question has more confidence than an unanswerable one; 0.5 is chance.",
    "aurc": "The area under the risk-coverage curve; 0 is best.",
}

STAGES: Mapping[str, str] = {
    "not retrieved": "search brought no passage that holds an expected sentence",
    "not read": "a passage with it was brought, but the sentence was not among those read",
    "outranked": "it was read, but other sentences were put before it",
    "below the threshold": "it was read, but the answer was not trusted enough to be given",
    "dropped": "it was written, and then dropped by the check",
    "answered": "the library has no answer, and one was given",
}
OUTCOME_MEANING: Mapping[str, str] = {
    RIGHT: "the answer holds a known answer, or cites an expected sentence",
    REFUSED: "refused, and there is no answer in the library",
    WRONG: "answered, but neither with a known answer nor with an expected sentence",
    FALSE_REFUSAL: "refused, although the library holds an answer",
    FALSE_ANSWER: "answered, although the library holds no answer",
    ERROR: "asking ended in an error",
    NOT_JUDGED: "answered, and nothing is known to judge it by",
}


def shown(name: str, value: float, *, signed: bool = False) -> str:
    """Write a share in per cent, a time in milliseconds, and what is no share with three decimals.

    A difference of shares (`signed`) is in percentage points.
    """
    sign = "+" if signed else ""
    if name.endswith(MILLISECONDS):
        return f"{value:{sign}.0f} ms"
    if is_decimal(name):
        return f"{value:{sign}.3f}"
    return f"{100 * value:{sign}.1f}" + (" points" if signed else " %")


def is_decimal(name: str) -> bool:
    """Say whether a figure is written with decimals, as is the custom, and not in per cent."""
    return name in DECIMALS or "mrr" in name or "ndcg" in name


def p_shown(p: float) -> str:
    """Write a p with three decimals; one below them all is said to be less."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def plural(number: int, noun: str) -> str:
    """Return "1 case", "2 cases"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def expected(row: Row) -> str:
    """Return what a right answer cites or says: the gold sentence with its article, else a known answer."""
    case = row.case
    if not case["answerable"]:
        return "a refusal: the library holds no answer"
    if row.gold_places:
        return "; ".join(f"{quoted(place['sentence'])} ({place['article_id']})" for place in row.gold_places)
    if case["gold_sentences"]:
        return "; ".join(map(quoted, case["gold_sentences"]))
    if case["answers"]:
        return f"the answer {' or '.join(map(quoted, case['answers']))}"
    return "an answer"


def given(row: Row) -> str:
    """Return what was cited, or the refusal with the sentence that came first, or the error."""
    if row.answer is None:
        return one_line(f"an error: {row.error}")
    confidence = f"confidence {row.answer['confidence']:.2f}"
    if row.citations:
        return "; ".join(f"{quoted(c['quote'])} ({c['article_id']})" for c in row.citations) + f" ({confidence})"
    nearest = f"; the nearest sentence was {quoted(row.evidence[0]['quote'])}" if row.evidence else ""
    return f"nothing: it refused ({confidence}{nearest})"


def lost_at(row: Row) -> str:
    """Return at which stage the answer was lost, and what that means; empty where it was not."""
    if row.lost is None:
        return ""
    return f"{row.lost}: {STAGES[row.lost]}" if row.lost in STAGES else row.lost


def story(row: Row, before: Record | None = None) -> list[str]:
    """Return the lines that tell a person what broke: question, expected, cited instead, where it was lost."""
    lines = [one_line(f"{row.id}: {row.question}"), f"  expected  {expected(row)}", f"  instead   {given(row)}"]
    if before is not None:
        lines.append(f"  before    {'; '.join(map(quoted, before.quotes)) or 'a refusal'}")
    if where := lost_at(row):
        lines.append(f"  lost      {where}")
    return lines


def telling(rows: Sequence[Row]) -> Row:
    """Return the row of a case's runs that shows what broke: the first bad one, else the first."""
    return next((row for row in rows if row.lost is not None or row.error is not None), rows[0])


def quoted(text: str) -> str:
    """Put a text on one line between quotation marks, unless it brings its own."""
    line = one_line(text)
    return line if line[:1] in '"“‘«' else f"“{line}”"


def one_line(text: str) -> str:
    """Return text on one line, without the control characters that a terminal would obey."""
    return _CONTROL.sub("\ufffd", " ".join(text.split()))


def meaning(name: str) -> str:
    """Return what a figure is, in one line: the first of its metric's docstring, or of those over a whole set."""
    if name in _OF_THE_SET:
        return _OF_THE_SET[name]
    return (METRICS[name].__doc__ or "").partition("\n")[0] if name in METRICS else ""
