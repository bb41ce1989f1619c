"""What the sets that are trained on share with the sets that are reported on.

    python -m training.overlap --data ../shared/data

Prints, for each set and the sample library, how many of its articles are near-duplicates of a training article, have a
training article's title, or hold a sentence of one word for word, and how many of its questions are asked there too.
"""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path

from training.questions import SETS
from vectorstore.duplicates import SAME_STORY, resemblance, signature
from vectorstore.formats.draft import Draft
from vectorstore.reading import find_files, read_articles
from vectorstore.sentences import split_sentences

LONG = 8  # words; shorter sentences are alike by chance


def main() -> None:
    """Print a row a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sample", type=Path, default=Path("seeds"))
    args = parser.parse_args()
    trained = Known([args.data / name for name in SETS])
    print("| set | articles | near-duplicates | same title | share a sentence | questions | asked in training |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    others = [path.parent for path in sorted(args.data.glob("*/documents.jsonl")) if path.parent.name not in SETS]
    for folder in (*others, args.sample):
        print(f"| {folder.name} | " + " | ".join(f"{count:,}" for count in trained.shared_with(folder)) + " |")


class Known:
    """What is in the sets that are trained on."""

    def __init__(self, folders: Sequence[Path]) -> None:
        articles = [article for folder in folders for article in articles_of(folder)]
        self._signatures = [signature(article.text) for article in articles]
        self._titles = {normal(article.title) for article in articles}
        self._sentences = set().union(*(long_sentences(article.text) for article in articles))
        self._questions = {question for folder in folders for question in questions_of(folder)}

    def shared_with(self, folder: Path) -> tuple[int, int, int, int, int, int]:
        """Return the six counts of a set's row."""
        articles, questions = articles_of(folder), questions_of(folder)
        signatures = [signature(article.text) for article in articles]
        return (
            len(articles),
            sum(any(resemblance(one, other) >= SAME_STORY for other in self._signatures) for one in signatures),
            sum(normal(article.title) in self._titles for article in articles),
            sum(bool(long_sentences(article.text) & self._sentences) for article in articles),
            len(questions),
            sum(question in self._questions for question in questions),
        )


def articles_of(folder: Path) -> list[Draft]:
    """Read the articles of a question set, or of the sample library."""
    sources = folder / "articles" if (folder / "articles").is_dir() else folder / "documents.jsonl"
    return [made for path in find_files([sources]) for made in read_articles(path) if isinstance(made, Draft)]


def questions_of(folder: Path) -> list[str]:
    """Read the questions of a set, normalised."""
    lines = (folder / "questions.jsonl").read_text().splitlines()
    return [normal(json.loads(line)["question"]) for line in lines]


def long_sentences(text: str) -> set[str]:
    """Return the sentences of a text, normalised, that are not too short to be alike by chance."""
    found = {normal(text[start:end]) for start, end in split_sentences(text)}
    return {sentence for sentence in found if sentence.count(" ") >= LONG - 1}


def normal(text: str) -> str:
    """Return the words of a text in lower case."""
    return " ".join(re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    main()
