"""Claims with the sentences that they cite, and whether these support them: made from gold, or judged by people."""

import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.matching import stems_of
from assistant.support.facts import Cited
from training.corrupting import variants_of
from vectorstore.formats.draft import Draft
from vectorstore.reading import find_files, read_articles
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, StoredArticle

CLIMATE = "climate_fever_claims"
LONGEST_ANSWER = 8  # words; a longer one makes no statement that anybody would write
WRONG_OPTIONS = 2


_STATED = tuple(
    (re.compile(rf"{pattern}\??$", re.IGNORECASE), form)
    for pattern, form in (
        (
            r"(?:who|what|which (?:\w+ ){1,3}?)(?P<be> (?:is|are|was|were)) (?P<rest>(?:the|a|an|his|her) [^?]+)",
            "{rest}{be} {answer}.",
        ),
        (r"who (?P<rest>(?!is |are |was |were |did |does |do )[^?]+)", "{answer} {rest}."),
        (
            r"(?:where|when)(?P<be> (?:is|are|was|were)) (?P<rest>(?:\w+ )+?)(?P<verb>\w+(?:ed|en|wn|ut|ld|nd))",
            "{rest}{be} {verb} in {answer}.",
        ),
        (
            r"how (?:many|much) (?P<rest>(?:\w+ ){1,3}?(?:are|were|was|is|have|has|had|will|died|killed)\b[^?]*)",
            "{answer} {rest}.",
        ),
        (
            r"(?:what|which) (?P<rest>(?:has|had|have|caused|led|made|helped|gave|allows|became|won)\b[^?]+)",
            "{answer} {rest}.",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Example:
    """A claim of a kind, what it cites, and whether that supports it; `group` is the sentence or claim it comes of."""

    kind: str
    claim: str
    cited: tuple[Cited, ...]
    supported: bool
    group: str


@dataclass(frozen=True, slots=True)
class Gold:
    """A question of a set with its answers and gold sentences, and its article."""

    case: Mapping[str, Any]
    stored: StoredArticle
    ordinals: Sequence[int]

    def cites(self, *ordinals: int) -> tuple[Cited, ...]:
        """Return sentences of the article, as a claim cites them."""
        return tuple(Cited(self.stored.quote(at), self.stored, at) for at in ordinals)


def gold_of(folder: Path, *, news: bool = False) -> list[Gold]:
    """Return the questions of a set whose gold sentences its first gold article has; of `news` articles alone."""
    articles = {article.id: article for article in _articles(folder)}
    stored: dict[str, StoredArticle] = {}
    found = []
    for case in _lines(folder / "questions.jsonl"):
        if case["answerable"] and case["gold_sentences"] and (case["meta"].get("news") or not news):
            article = articles[case["gold_doc_ids"][0]]
            of = stored.setdefault(article.id, StoredArticle(article, sentences_of(article)))
            ordinals = [s.ordinal for s in of.sentences if _is_gold(of.quote(s.ordinal), case["gold_sentences"])]
            found += [Gold(case, of, ordinals)] if ordinals else []
    return found


def stated(question: str, answer: str) -> str | None:
    """Return question and answer as one statement, in a few forms where that is easy; else None."""
    for pattern, form in _STATED:
        if match := pattern.match(question.strip()):
            text = " ".join(form.format(answer=answer.strip(" ."), **match.groupdict()).split())
            return text[0].upper() + text[1:]
    return None


def made_examples(golds: Sequence[Gold], seed: int, most: int) -> Iterator[Example]:
    """Yield the variants of at most so many gold sentences, each citing its sentence."""
    chance = random.Random(seed)
    places = {(gold.stored.article.id, at): gold for gold in golds for at in gold.ordinals}
    for key in chance.sample(sorted(places), min(most, len(places))):
        gold, at = places[key], key[1]
        for variant in variants_of(gold.stored.quote(at), gold.stored.article.text, chance):
            yield Example(variant.kind, variant.text, gold.cites(at), variant.honest, f"{key[0]}/{at}")


def stated_examples(golds: Sequence[Gold], seed: int, most: int) -> Iterator[Example]:
    """Yield question and answer as a statement, which cites its gold sentences and the one before; and false ones.

    These are statements with a wrong option for an answer, and true ones that cite other sentences of the article:
    those that share most words with them.
    """
    able = [g for g in golds if len(g.case["answers"][0].split()) <= LONGEST_ANSWER]
    able = [gold for gold in able if stated(gold.case["question"], gold.case["answers"][0])]
    for gold in random.Random(seed).sample(able, min(most, len(able))):
        question, group = gold.case["question"], str(gold.case["id"])
        claim = stated(question, gold.case["answers"][0]) or ""
        cited = gold.cites(*sorted({max(0, gold.ordinals[0] - 1), *gold.ordinals}))
        yield Example("question and answer", claim, cited, True, group)
        for option in gold.case["meta"].get("wrong_options", ())[:WRONG_OPTIONS]:
            if wrong := stated(question, option):
                yield Example("wrong answer", wrong, cited, False, group)
        held = set(stems_of(claim))
        others = [s.ordinal for s in gold.stored.sentences if s.ordinal not in gold.ordinals]
        others.sort(key=lambda at: -len(held & set(stems_of(gold.stored.quote(at)))))
        if others:
            yield Example("other sentences", claim, gold.cites(*sorted(others[:2])), False, group)


def climate_examples(folder: Path, half: int) -> Iterator[Example]:
    """Yield the claims of CLIMATE-FEVER (Diggelmann et al. 2020) of one half, by a hash of the claim, pair by pair."""
    for row in _lines(folder / "claims.jsonl"):
        if hashlib.sha256(row["claim_id"].encode()).digest()[-1] % 2 == half:
            article = Article(row["claim_id"], row["title"], None, None, row["sentence"])
            cited = Cited(row["sentence"], StoredArticle(article, ()), 0)
            yield Example("climate", row["claim"], (cited,), row["label"] == "SUPPORTS", row["claim_id"])


def _articles(folder: Path) -> Iterator[Article]:
    """Yield the articles of documents.jsonl, or of the files in articles/, named by their file as seeds/ has them."""
    if (documents := folder / "documents.jsonl").is_file():
        for row in _lines(documents):
            yield Article(row["id"], row["title"], row.get("date"), row.get("source"), row["text"])
    for file in find_files([folder / "articles"] if (folder / "articles").is_dir() else []):
        for draft in read_articles(file):
            if isinstance(draft, Draft):
                yield Article(file.stem, draft.title, draft.published, draft.source, draft.text)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _is_gold(quote: str, golds: Sequence[str]) -> bool:
    plain = " ".join(quote.split())
    return len(plain) > 3 and any(plain in gold or gold in plain for gold in (" ".join(g.split()) for g in golds))
