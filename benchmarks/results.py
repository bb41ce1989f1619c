"""Run the eval over every public question set, and write docs/results.md.

    python benchmarks/results.py --data ../shared/data --out docs/results.md

The sets whose questions lean on their article are asked within it, the others of the whole library. A set that
was run by this same code already is not run again, so a run that is stopped goes on.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from evals.command import SEEDS, Console, run_command
from evals.identity import RunOptions, code_version
from evals.reports import results_page, write_reports


@dataclass(frozen=True, slots=True)
class Measured:
    """A set, the other sets whose articles are in its library, and whether it is asked within the article."""

    name: str
    others: tuple[str, ...] = ()
    per_document: bool = False

    @property
    def label(self) -> str:
        """Its name in the table."""
        return self.name + (" (per document)" if self.per_document else "")


SETS = (
    Measured("realtimeqa_2022a", ("news_distractors_2023",)),
    Measured("qed_dev"),
    Measured("covidqa"),
    Measured("multihop_wiki"),
    Measured("trecqa_dev"),
    Measured("wikiqa_dev"),
    Measured("wikiqa_dev", per_document=True),
    Measured("squad2_half_dev", per_document=True),
    Measured("squadshifts_newwiki", per_document=True),
    Measured("multirc_train", per_document=True),
    Measured("inscit_dev"),
    Measured("mtrag_human159"),
    Measured("vaswani_npl"),
)

USES = (
    "The reader was trained on squad2_half_dev, squadshifts_newwiki and multirc_train: their rows hold questions that "
    "it has seen (MODEL_CARD.md has figures of held-out articles). inscit_dev and mtrag_human159 chose how far "
    "search's order of articles is trusted, and the even weeks of realtimeqa_2022a how much nearness in time counts "
    "in search. Trust, the confidence and the rule for sentences that put the question were settled after runs on "
    "realtimeqa_2022a and seeds, and the number of passages after one on covidqa: these are not blind (MODEL_CARD.md). "
    "By the other sets nothing was trained or chosen."
)


def main() -> None:
    """Run what has not been run, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, default=Path("runs/results"))
    parser.add_argument("--limit", type=int, default=400, help="questions of a set, drawn with seed 0")
    parser.add_argument("--out", type=Path, default=Path("docs/results.md"))
    parser.add_argument("--only", action="append", help="a set's name; may be given again")
    args = parser.parse_args()
    folders = [args.runs / "seeds"]
    ask(folders[0], SEEDS, [], RunOptions(name="seeds", out=folders[0]))
    for one in SETS:
        if args.only and one.name not in args.only:
            continue
        folder = args.runs / one.label.replace(" (per document)", "-per-document")
        documents = [args.data / name / "documents.jsonl" for name in (one.name, *one.others)]
        options = RunOptions(limit=args.limit, per_document=one.per_document, name=one.label, out=folder)
        ask(folder, args.data / one.name, documents, options)
        folders.append(folder)
    page = results_page(folders, command="python benchmarks/results.py --data ../shared/data", note=USES)
    args.out.write_text(page, encoding="utf-8")


def ask(folder: Path, cases: Path, documents: list[Path], options: RunOptions) -> None:
    """Run the eval of a set, unless `folder` holds a whole run by this code."""
    summary = folder / "summary.json"
    if summary.is_file():
        done = json.loads(summary.read_text())
        if (done["code"]["version"], done["settings"]["limit"]) == (code_version(), options.limit):
            return
    print(f"{options.name} ...", file=sys.stderr)
    run_command(cases, documents, options=options, console=Console(warn=lambda text: print(text, file=sys.stderr)))
    write_reports(folder)


if __name__ == "__main__":
    main()
