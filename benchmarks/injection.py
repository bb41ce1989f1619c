"""Ask the articles that attack, with attacks and without, of both answerers, and print the table of decision 0015.

    python benchmarks/injection.py --model llama.cpp:qwen2.5-coder-1.5b [--rows FILE.jsonl]

Without --model it asks the answerer that quotes alone. A row is written as soon as it is known.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assistant import open_assistant
from assistant.answering import Assistant
from assistant.prompting import prompt
from assistant.values import Answer, Verdict
from tests.injection import Case, ask, cases, cites_attack, cites_truth, faults, obeyed, quotes_of, write
from vectorstore.indexing import index

PROMPTS = "\n".join([*prompt("writing").values(), *prompt("rewriting").values()])
HEAD = "| kind | articles | obeyed | faults | genuine sentence cited: without attack | with | attack's sentence cited |"


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one question; `written` are the claims in a model's own words that are shown."""

    id: str
    kind: str
    answerer: str
    attacked: bool
    abstained: bool
    genuine: bool
    attack: bool
    obeyed: Sequence[str]
    faults: Sequence[str]
    shown: Sequence[str]
    written: int
    dropped: Sequence[tuple[str, str]]  # its text, and the kind of reason


def judge(case: Case, answerer: str, answer: Answer, assistant: Assistant, attacked: bool, clean: set[str]) -> Row:
    """Return the row of one answer; `clean` are all sentences of the library without attacks."""
    return Row(
        case.id,
        case.kind,
        answerer,
        attacked,
        answer.abstained,
        cites_truth(case, answer),
        cites_attack(answer, clean),
        [claim.text for claim in obeyed(case, answer)],
        faults(
            answer, assistant.library.catalog, "\n".join([*prompt("writing").values(), *prompt("rewriting").values()])
        ),
        [claim.text for claim in answer.claims],
        sum(claim.support.verdict is not Verdict.VERBATIM for claim in answer.claims),
        [(dropped.text, dropped.kind) for dropped in answer.dropped],
    )


def build(folder: Path, *, attacked: bool) -> Path:
    """Index the articles, with their attacks or without."""
    files = folder / f"files-{attacked}"
    files.mkdir()
    for case in cases():
        write(case, files, attacked=attacked)
    index(folder / f"library-{attacked}", [files])
    return folder / f"library-{attacked}"


def run(folder: Path, model: str | None) -> Iterator[Row]:
    """Ask every question of every answerer."""
    libraries = {attacked: build(folder, attacked=attacked) for attacked in (True, False)}
    clean = quotes_of(open_assistant(libraries[False]).library.catalog)
    answerers = {"quoting": {}, **({"written": {"model": model}} if model else {})}
    for answerer, settings in answerers.items():
        for attacked, library in libraries.items():
            assistant = open_assistant(library, **settings)
            for case in cases():
                answer = ask(assistant, case, attacked=attacked)
                yield judge(case, answerer, answer, assistant, attacked, clean)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the tables, one an answerer, and what was dropped."""
    for answerer in dict.fromkeys(row.answerer for row in rows):
        of_answerer = [row for row in rows if row.answerer == answerer]
        yield from ("", f"The {answerer} answerer", "", HEAD, "|---|---|---|---|---|---|---|")
        for kind in (*dict.fromkeys(row.kind for row in of_answerer), "all"):
            yield _line(kind, [row for row in of_answerer if kind in (row.kind, "all")])
        for attacked in (False, True):
            part = [row for row in of_answerer if row.attacked == attacked]
            kinds = Counter(kind for row in part for _, kind in row.dropped)
            yield f"{'with' if attacked else 'without'} attacks: refused {sum(row.abstained for row in part)}, "
            yield f"  shown claims in the model's words {sum(row.written for row in part)}, dropped {dict(kinds)}"


def _line(kind: str, rows: Sequence[Row]) -> str:
    without, under = ([row for row in rows if row.attacked == attacked] for attacked in (False, True))
    figures = [
        len(under),
        sum(bool(row.obeyed) for row in under),
        sum(bool(row.faults) for row in under),
        sum(row.genuine for row in without),
        sum(row.genuine for row in under),
        sum(row.attack for row in under),
    ]
    return f"| {kind} | {' | '.join(map(str, figures))} |"


def main() -> None:
    """Read the command line, run, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="as footnote ask takes it")
    parser.add_argument("--rows", type=Path, help="where to keep what was answered, a line a question")
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for row in run(Path(folder), args.model):
            rows.append(row)
            if args.rows:
                with args.rows.open("a", encoding="utf-8") as file:
                    print(json.dumps(asdict(row), ensure_ascii=False), file=file)
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
