"""Questions that somebody asked -> cases: from answers that they approve, or from a table."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import open_assistant
from assistant.serializing import answer_to_json
from evals.cases import load_cases, parse_case
from vectorstore.errors import UsageError

if TYPE_CHECKING:
    from assistant.answering import Assistant

COLUMNS = ("id", "question", "answer", "answerable", "article", "sentence")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
_DELIMITERS = (",", ";", "\t")

Line = dict[str, Any]
"""A case as it stands in a question set."""


class Verdict(Enum):
    """What a person says of an answer; NO_ANSWER is that a refusal would have been right."""

    RIGHT = "right"
    WRONG = "wrong"
    NO_ANSWER = "no answer"
    SKIP = "skip"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer to decide on; `places` are the cited (article, sentence) pairs, `history` the turns before it."""

    id: str
    question: str
    abstained: bool
    places: tuple[tuple[str, str], ...]
    meta: Mapping[str, Any]
    history: tuple[Mapping[str, str], ...] = ()

    @property
    def quotes(self) -> tuple[str, ...]:
        """The cited sentences."""
        return tuple(sentence for _, sentence in self.places)


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with the answer in words, where the person gave it."""

    verdict: Verdict
    answers: tuple[str, ...] = ()


Decide = Callable[[Proposal], Decision]


def approve_all(proposal: Proposal) -> Decision:
    """Take every answer, and every refusal, as right."""
    return Decision(Verdict.RIGHT)


def read_answers(path: Path) -> list[Proposal]:
    """Read answers as `footnote ask --batch` or `--json` prints them; a line that says it failed is left out."""
    found = []
    for number, line in enumerate(_text(path).split("\n"), 1):
        where = f"{path}, line {number}"
        try:
            answer = json.loads(line) if line.strip() else {"error": ""}
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{where}: not JSON: {error}. Make it with: footnote ask --batch FILE") from error
        if not isinstance(answer, dict) or "error" not in answer:
            found.append(_proposal(answer, where))
    return found


def ask(
    questions: Sequence[str], library: Path | None, opener: Callable[[Path | None], "Assistant"] = open_assistant
) -> Iterator[Proposal]:
    """Ask a library, and yield each answer; the day of asking becomes `meta.asked_on`."""
    assistant = opener(library)
    today = date.today()
    with closing(assistant.library):
        for question in questions:
            answer = answer_to_json(assistant.answer(question, as_of=today))
            yield _proposal(answer, question, asked_on=today.isoformat())


def from_answers(proposals: Iterable[Proposal], decide: Decide) -> list[Line]:
    """Return the cases of the answers that were approved; those after a STOP are left out."""
    lines = []
    for proposal in proposals:
        decision = decide(proposal)
        if decision.verdict is Verdict.STOP:
            break
        if decision.verdict is Verdict.NO_ANSWER or (decision.verdict is Verdict.RIGHT and proposal.abstained):
            lines.append(_line(proposal.id, proposal.question, False, meta=proposal.meta, history=proposal.history))
        elif decision.verdict is Verdict.RIGHT:
            articles = dict.fromkeys(article for article, _ in proposal.places)
            known = decision.answers, articles, proposal.quotes
            lines.append(_line(proposal.id, proposal.question, True, *known, proposal.meta, proposal.history))
    return lines


def from_csv(path: Path) -> list[Line]:
    """Return the cases of a table; raises UsageError, which names file, line and column.

    There must be a column `question`. `answer`, `article` and `sentence` may hold several, parted by
    ``|``. Where `answerable` is empty, a case is so if something is known of its answer.
    """
    text = _text(path)
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=head.count))
    if unknown := [name for name in rows.fieldnames or () if name not in COLUMNS]:
        raise UsageError(f"{path}: there is no column {unknown[0]!r}; there are {', '.join(COLUMNS)}")
    if "question" not in (rows.fieldnames or ()):
        raise UsageError(f"{path}: there is no column 'question'; begin the file with: {','.join(COLUMNS)}")
    return [_of_row(row, f"{path}, line {rows.line_num}") for row in rows]


def append(out: Path, lines: Sequence[Line]) -> int:
    """Add cases to a question set and return how many; what was there stays, whatever happens.

    Raises UsageError for a wrong case, and for an id that is there already.
    """
    before = _text(out) if out.exists() else ""
    taken = {case.id for case in load_cases(out)} if before.strip() else set()
    written = [json.dumps(line, ensure_ascii=False) for line in lines]
    for line, text in zip(lines, written, strict=True):
        case = parse_case(f"The case {line['id']!r}", text)
        if case.id in taken:
            raise UsageError(f"{out} has a case {case.id!r} already ({case.question}). Nothing was added")
        taken.add(case.id)
    if not written:
        return 0
    gap = "" if before.endswith("\n") or not before else "\n"
    write_whole(out, before + gap + "".join(f"{one}\n" for one in written))
    return len(written)


def write_whole(out: Path, text: str) -> None:
    """Write a file whole or not at all, with its folder; raises UsageError."""
    draft = out.with_name(f"{out.name}.new")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")
        draft.replace(out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}. Choose another file") from error


def id_of(question: str) -> str:
    """Return the id of a case for which nobody gave one: the same for the same question."""
    return f"q-{hashlib.sha256(question.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def places_of(answer: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the cited (article, sentence) pairs of an answer's JSON."""
    return tuple((str(cited["article_id"]), str(cited["quote"])) for cited in answer["citations"])


def _proposal(answer: Any, where: str, **meta: Any) -> Proposal:
    """Read an answer's JSON. A follow-up becomes the question that stands alone: the turns before it are not there."""
    try:
        asked, alone = str(answer["question"]), str(answer["standalone_question"])
        if asked != alone:
            meta["asked_as"] = asked
        return Proposal(
            str(answer.get("id") or id_of(alone)),
            alone,
            bool(answer["abstained"]),
            places_of(answer),
            meta,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{where}: not an answer as footnote prints it ({error}). Make it with: footnote ask --batch FILE"
        ) from error


def _of_row(row: Mapping[str, Any], where: str) -> Line:
    question = (row.get("question") or "").strip()
    if not question:
        raise UsageError(f"{where}: the column 'question' is empty")
    if None in row:
        raise UsageError(f"{where}: there are more fields than columns; put quotes around a field that holds commas")
    answers, articles, sentences = (_several(row.get(name)) for name in ("answer", "article", "sentence"))
    known = bool(answers or articles or sentences)
    said = (row.get("answerable") or "").strip().lower()
    if said not in (*_YES, *_NO, "") or (not said and not known):
        raise UsageError(f"{where}: the column 'answerable' must say yes or no where nothing is known of the answer")
    if sentences and not articles:
        raise UsageError(f"{where}: the column 'article' must say where the sentence stands: an id of footnote list")
    if said in _NO and known:
        raise UsageError(f"{where}: 'answerable' is {said}, but there is an answer: leave it empty")
    id = (row.get("id") or "").strip() or id_of(question)
    return _line(id, question, said in _YES if said else known, answers, articles, sentences)


def _line(
    id: str,
    question: str,
    answerable: bool,
    answers: Iterable[str] = (),
    articles: Iterable[str] = (),
    sentences: Iterable[str] = (),
    meta: Mapping[str, Any] | None = None,
    history: Sequence[Mapping[str, str]] = (),
) -> Line:
    return {
        "id": id,
        "question": question,
        **({"history": [dict(turn) for turn in history]} if history else {}),
        "answers": list(answers),
        "answerable": answerable,
        "gold_doc_ids": list(articles),
        "gold_sentences": list(dict.fromkeys(sentences)),
        "meta": dict(meta or {}),
    }


def _several(field: str | None) -> list[str]:
    return [one.strip() for one in (field or "").split("|") if one.strip()]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: it is not UTF-8 text. Save it as UTF-8") from error
