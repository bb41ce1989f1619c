"""How long an answer takes: warm by stage, and cold from the shell; and the memory of indexing.

    python benchmarks/asking.py --library runs/libraries/qed_dev --questions ../shared/data/qed_dev/questions.jsonl
    python benchmarks/asking.py --memory ../shared/data/realtimeqa_2022a ../shared/data/news_distractors_2023

The times of a cold start are of whole processes; the machine's speed drifts, so look at the medians of several runs.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from assistant import open_assistant
from assistant.answering import PASSAGES_READ

FOOTNOTE = (sys.executable, "-c", "from ui.cli import main; main()")


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--k", type=int, default=PASSAGES_READ, help="passages to read")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=Path, nargs="+", metavar="SET")
    args = parser.parse_args()
    if args.memory:
        _memory(args.memory)
    else:
        _warm(args.library, args.questions, args.limit, args.k)
        _cold("footnote --help", ["--help"], args.rounds)
        _cold("footnote ask", ["ask", "Who is Peter Humphrey?", "--library", str(args.library)], args.rounds)


def _warm(library: Path, questions: Path, limit: int, k: int) -> None:
    assistant = open_assistant(library)
    asked = [json.loads(line)["question"] for line in questions.read_text().splitlines()[: limit + 1]]
    assistant.answer(asked[0], k=k)
    timings = [assistant.answer(question, k=k).timings for question in asked[1:]]
    print(
        f"warm ask, {len(timings)} questions, {k} passages read, milliseconds\n\n| stage | p50 | p95 |\n|---|---|---|"
    )
    for stage in timings[0]:
        values = sorted(timing[stage] for timing in timings)
        print(f"| {stage} | {statistics.median(values):.1f} | {values[int(0.95 * (len(values) - 1))]:.1f} |")
    print()


def _cold(label: str, arguments: Sequence[str], rounds: int) -> None:
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run([*FOOTNOTE, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append(time.perf_counter() - start)
    print(f"{label}: median {statistics.median(times[1:]):.2f} s of {rounds} (first {times[0]:.2f} s)")


def _memory(sets: Sequence[Path]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for i, one in enumerate(sets, 1):
            start = time.perf_counter()
            command = [*FOOTNOTE, "index", str(one / "documents.jsonl"), "--library", folder]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(result.stdout.strip() or result.stderr.strip())
            print(f"after {i} of {len(sets)}: {time.perf_counter() - start:.0f} s, highest peak so far {peak:.0f} MB")


if __name__ == "__main__":
    main()
