"""Measure what makes a small model cite, and how soon a written answer is there; prints the tables of decision 0013.

    python benchmarks/writing.py --data ../shared/data --model llama.cpp:qwen2.5-coder-1.5b ablation
    python benchmarks/writing.py --data ../shared/data --model llama.cpp:qwen2.5-coder-1.5b timing

The ablation asks questions that no reported figure is of: those of qed_dev that `footnote eval run --limit 200` does
not draw, trecqa_dev and wikiqa_dev. Nothing is checked in it: it shows what the model writes.
"""

import argparse
import random
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pydantic import PrivateAttr

from assistant import open_assistant
from assistant.answering import Assistant, Found, Said, Searched
from assistant.chat.llamacpp import LlamaCpp
from assistant.chat.models import find_gguf
from assistant.constraining import grammar
from assistant.offering import MOST_SENTENCES, Offer, offer_of
from assistant.prompting import as_data, prompt
from assistant.replies import Draft, Reply
from assistant.values import Evidence, Turn
from evals.cases import Case, load_cases
from evals.command import SEEDS, sample
from evals.metrics.matching import matches_any
from evals.metrics.normalising import holds
from evals.running import build_library
from evals.stored import Stored
from vectorstore.embedding import cache_folder

SETS = ("qed_dev", "trecqa_dev", "wikiqa_dev")
REPORTED = 200  # questions of qed_dev that other figures are of
MOST_TOKENS = 200
PLAIN = (
    "You are a helpful assistant. Answer the question using only the numbered sentences, and cite them like [1]. "
    "If they do not hold the answer, say that you cannot answer."
)
_REFUSES = re.compile(
    r"(?i)\b(?:can ?not|can't|unable|not (?:possible|able|enough)|no (?:answer|information)|do(?:es)? not (?:hold"
    r"|contain|provide|mention|say|specify|give|state)|don't know|not (?:mentioned|specified|provided|stated|given))\b"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was read for it."""

    case: Case
    question: str
    evidence: Sequence[Evidence]
    assistant: Assistant
    stored: Stored


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to ask the model."""

    label: str
    sentences: int = MOST_SENTENCES
    plain: bool = False
    held: bool = True
    best_first: bool = False


VARIANTS = (
    Variant("plain prompt, 20 sentences", 20, plain=True, held=False),
    Variant(f"plain prompt, {MOST_SENTENCES} sentences", plain=True, held=False),
    Variant("our prompt, no grammar", held=False),
    Variant("plain prompt, grammar", plain=True),
    Variant("our prompt, grammar (the product)"),
    Variant("the product, 8 sentences", 8),
    Variant("the product, best sentence first", best_first=True),
)


def questions(data: Path, limit: int) -> list[Asked]:
    """Return answerable questions that the reader would have answered."""
    found: list[Asked] = []
    for name in SETS:
        cases = load_cases(data / name)
        reported = {case.id for case in sample(cases, REPORTED, 0)} if name == "qed_dev" else set()
        rest = [case for case in cases if case.answerable and case.id not in reported]
        random.Random(1).shuffle(rest)
        assistant = open_assistant(
            build_library(data / name / "documents.jsonl", cache_folder() / "evals"), model="none"
        )
        stored = Stored(assistant.library.catalog)
        of_set = 0
        for case in rest:
            case = case.with_ids(stored.resolve)
            _, first, *_, last = assistant.stream(case.question, as_of=case.as_of)
            if not last.answer.abstained and isinstance(first, Found):
                found.append(Asked(case, first.standalone_question, first.ranked, assistant, stored))
                of_set += 1
            if of_set == limit // len(SETS):
                break
    return found


def ablation(data: Path, model: LlamaCpp, limit: int) -> None:
    """Print what the model writes when it is asked in one way or another."""
    asked = questions(data, limit)
    print(f"{len(asked)} answerable questions of {', '.join(SETS)}\n")
    print(
        "| asked with | refuses | gold answer written | gold sentence cited | numbers not offered | no citation | s |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    for variant in VARIANTS:
        start = perf_counter()
        rows = [judge(one, variant, model) for one in asked]
        seconds = (perf_counter() - start) / len(rows)
        cells = [share([row[name] for row in rows]) for name in ("refuses", "contained", "cited")]
        wrong, none = (sum(row[name] for row in rows) for name in ("not offered", "uncited"))
        print(f"| {variant.label} | {' | '.join(cells)} | {wrong} | {none} | {seconds:.1f} |", flush=True)


def share(values: Sequence[bool | None]) -> str:
    """Return the share of what is true of the values that are known, in per cent."""
    known = [value for value in values if value is not None]
    return f"{100 * sum(known) / len(known):.0f} % of {len(known)}"


def judge(one: Asked, variant: Variant, model: LlamaCpp) -> dict[str, Any]:
    """Ask once, and say what came of it."""
    embedder, catalog = one.assistant.library.embedder, one.assistant.library.catalog
    offer = offer_of(one.evidence, catalog, embedder.count_tokens, variant.sentences, 10_000)
    if variant.best_first:
        offer = Offer(sorted(offer.sentences, key=lambda item: -(item.score or 0.0)))
    sections = prompt("writing")
    system = PLAIN if variant.plain else f"{sections['Task']}\n\n{sections['Lines']}"
    human = sections["Question"].format(sentences=offer.text, question=as_data(one.question))
    bound = model.bind(max_tokens=MOST_TOKENS, **({"grammar": grammar(len(offer))} if variant.held else {}))
    text = bound.invoke([("system", system), ("human", human)]).text
    drafts = [draft for draft in read(text) if draft.usable]
    numbers = [number for draft in drafts for number in draft.numbers]
    cited = [offer[number].citation for number in dict.fromkeys(numbers) if 1 <= number <= len(offer)]
    shown = [{"article_id": c.article_id, "start": c.start, "end": c.end, "quote": c.quote} for c in cited]
    gold, answers = one.case.accepted_sentences, one.case.answers
    written = " ".join(draft.text for draft in drafts)
    return {
        "refuses": not drafts or bool(_REFUSES.search(written)),
        "contained": any(holds(written, answer) for answer in answers) if answers else None,
        "cited": any(matches_any(item, gold, one.case, one.stored.text) for item in shown) if gold else None,
        "not offered": sum(not 1 <= number <= len(offer) for number in numbers),
        "uncited": not cited,
    }


def read(text: str) -> list[Draft]:
    """Return the drafts of a whole reply."""
    reply = Reply()
    return [*reply.feed(text), *reply.close()]


class Recorded(LlamaCpp):
    """Notes when each token comes, and what llama.cpp says of a reply that it ended itself."""

    _times: list[float] = PrivateAttr(default_factory=list)
    _told: list[dict[str, Any]] = PrivateAttr(default_factory=list)
    _asked: list[dict[str, Any]] = PrivateAttr(default_factory=list)

    def _parts(self, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        self._asked.append(asked)
        self._times.clear()
        for part in super()._parts(asked):
            if part.get("choices") and part["choices"][0].get("delta", {}).get("content"):
                self._times.append(perf_counter())
            if "timings" in part:
                self._told.append(part["timings"])
            yield part

    def bare_speed(self) -> float:
        """Return the tokens a second of the same prompt asked of llama.cpp directly, without grammar or stream."""
        asked = {key: value for key, value in self._asked[-1].items() if key in ("messages", "temperature")}
        told = self._loaded().handle_chat_completions({**asked, "max_tokens": max(8, len(self._times))})
        return float(told["timings"]["predicted_per_second"])


def timing(model: Recorded, limit: int) -> None:
    """Print how soon an answer is there on the sample library, and the model's speed in it against its own."""
    assistant = open_assistant(build_library(SEEDS / "articles", cache_folder() / "evals"), model=model)
    cases = [case for case in load_cases(SEEDS / "questions.jsonl") if case.answerable and not case.history]
    chosen = sample(cases, limit + 1, 0)
    stages: dict[str, list[float]] = {"first evidence": [], "first checked claim": [], "whole answer": []}
    ratios, reused = [], []
    for number, case in enumerate(chosen):
        model._told.clear()
        times = events(assistant, case.question)
        if number and "first checked claim" in times:  # the first question loads the models
            for stage, seconds in times.items():
                stages[stage].append(seconds)
            if len(model._times) > 8:
                ratios.append((len(model._times) - 1) / (model._times[-1] - model._times[0]) / model.bare_speed())
    for stage, values in stages.items():
        print(f"{stage}: median {statistics.median(values):.2f} s of {len(values)} written answers")
    print(
        f"tokens a second, as a ratio to the bare model's on the same prompt: median {statistics.median(ratios):.2f} "
        f"of {len(ratios)}"
    )
    for follow_up in ("Is he still being held?", "Where was that?", "And what was GSK fined?"):
        model._told.clear()
        list(assistant.stream(follow_up, [Turn("user", "Who is Peter Humphrey?")]))
        reused += [told["cache_n"] / (told["cache_n"] + told["prompt_n"]) for told in model._told]
    print(f"of a follow-up's prompt, read before and re-used: {', '.join(f'{100 * one:.0f} %' for one in reused)}")


def events(assistant: Assistant, question: str) -> dict[str, float]:
    """Return after how many seconds each event came."""
    start, found = perf_counter(), dict[str, float]()
    for event in assistant.stream(question):
        if isinstance(event, Searched):
            continue
        name = {Found: "first evidence", Said: "first checked claim"}.get(type(event), "whole answer")
        found.setdefault(name, perf_counter() - start)
    return found


def main() -> None:
    """Read the command line and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["ablation", "timing"])
    parser.add_argument("--data", type=Path, help="the folder that holds the question sets; for the ablation")
    parser.add_argument("--model", required=True, help="llama.cpp:NAME or llama.cpp:PATH")
    parser.add_argument("--limit", type=int, default=30, help="questions")
    args = parser.parse_args()
    path = find_gguf(args.model.removeprefix("llama.cpp:"))
    if args.what == "timing":
        timing(Recorded(path=path), args.limit)
    else:
        ablation(args.data, LlamaCpp(path=path), args.limit)


if __name__ == "__main__":
    main()
