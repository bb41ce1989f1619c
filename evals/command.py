"""What `footnote eval run` does: question set + library -> a run folder with its rows and its summary."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import evals
from assistant import open_assistant
from assistant.answering import Assistant
from evals.cases import QUESTIONS, Case, load_cases, question_files
from evals.grouping import group_labels
from evals.identity import RunOptions, digest_of, identity_of
from evals.keeping import RunFolder, open_run
from evals.report import table
from evals.running import Row, ask, build_library, home_of, respond_with
from evals.stored import Stored, lost_gold, missing_articles
from evals.summary import latencies, summarise
from vectorstore.embedding import cache_folder
from vectorstore.errors import UsageError

_BESIDE = Path(evals.__file__).resolve().parents[1] / "seeds"
SEEDS = _BESIDE if _BESIDE.is_dir() else Path("seeds")  # an installed package has none: those of the checkout one is in
DOCUMENTS = ("documents.jsonl", "articles")
RUNS = Path("runs")
SENTENCES_SHOWN = 3

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """How far an eval is: the `stage` is "index" (counting bytes) or "ask" (counting questions)."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Console:
    """How a run speaks to whoever started it: its table, its warnings, and how far it is."""

    echo: Tell = lambda text: None
    warn: Tell = lambda text: None
    on_progress: Callable[[Step], None] = lambda step: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that is done: its folder, and what summary.json there says."""

    folder: Path
    summary: Mapping[str, Any]


def run_command(
    cases: Path | None = None,
    documents: Sequence[Path] = (),
    library: Path | None = None,
    options: RunOptions | None = None,
    console: Console | None = None,
    *,
    runs: Path = RUNS,
    opener: Callable[[Path], Assistant] = open_assistant,
) -> Outcome:
    """Run an eval, print its table, and write its folder; go on with one that was stopped.

    `cases` is a file, or a folder that holds questions.jsonl; by default the seeds. `library` is asked
    as it is; without one, a library of `documents` (by default those beside the questions) is made and
    kept in the cache. The folder is `options.out`, else a new one in `runs`. Raises FootnoteError.
    """
    options, console = options or RunOptions(), console or Console()
    source = cases or SEEDS
    files, loaded = question_files(source), load_cases(source)
    groups = group_labels(loaded, options.by) if options.by else None
    chosen = _chosen(loaded, options)
    folder = library or _build(documents or [_documents_beside(files[0])], console)
    assistant = opener(folder)
    with closing(assistant.library):
        stored = Stored(assistant.library.catalog)
        resolved = [case.with_ids(stored.resolve) for case in chosen]
        missing = _check_gold(resolved, stored, options, console.warn)
        question_set = {"path": str(source), "sha256": digest_of(files), "n": len(loaded)}
        identity = identity_of(options.name or title(source), question_set, options, assistant, stored)
        plan = _Plan(identity, resolved, options, groups, missing, datetime.now().astimezone())
        with open_run(identity, options.out, runs, plan.started) as kept:
            summary = _carry_out(plan, kept, assistant, stored, console)
    console.echo(table(summary))
    return Outcome(kept.path, summary)


def sample(cases: Sequence[Case], limit: int | None, seed: int) -> list[Case]:
    """Return all cases, or `limit` of them drawn with a seed, in their order."""
    if limit is not None and limit < 1:
        raise UsageError(f"The limit must be 1 or more, not {limit}")
    if limit is None or limit >= len(cases):
        return list(cases)
    return [cases[number] for number in sorted(random.Random(seed).sample(range(len(cases)), limit))]


def title(cases: Path) -> str:
    """Return the name of a question set: its folder's, or that of the file."""
    path = cases.resolve()
    return path.name if path.is_dir() else path.parent.name if path.name == QUESTIONS else path.stem


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is asked and reported, once everything is checked."""

    identity: Mapping[str, Any]
    cases: Sequence[Case]
    options: RunOptions
    groups: Mapping[str, str] | None
    missing_gold: Mapping[str, Sequence[str]]
    started: datetime


def _chosen(loaded: Sequence[Case], options: RunOptions) -> list[Case]:
    if options.runs < 1:
        raise UsageError(f"The number of runs must be 1 or more, not {options.runs}")
    chosen = sample(loaded, options.limit, options.seed)
    for case in chosen if options.per_document else ():
        home_of(case)
    return chosen


def _documents_beside(questions: Path) -> Path:
    for name in DOCUMENTS:
        if (path := questions.parent / name).exists():
            return path
    raise UsageError(
        f"There are no {' or '.join(DOCUMENTS)} beside {questions}. "
        "Name what the questions are about: --documents PATH, or --library DIR"
    )


def _build(documents: Sequence[Path], console: Console) -> Path:
    return build_library(
        documents,
        cache_folder() / "evals",
        on_progress=lambda step: console.on_progress(Step("index", step.done, step.total)),
        warn=console.warn,
    )


def _check_gold(cases: Sequence[Case], stored: Stored, options: RunOptions, warn: Tell) -> dict[str, list[str]]:
    """Return the gold articles and the cases' gold sentences that the library lacks.

    A missing article may have been left out on purpose, and is a miss. A sentence that has gone from its
    article makes the case wrong, so it raises UsageError unless that is allowed.
    """
    missing = missing_articles(cases, stored)
    if missing:
        warn(f"{len(missing)} gold articles are not in the library and count as misses, such as {missing[0]!r}")
    lost = lost_gold(cases, stored)
    if lost and not options.allow_missing_gold:
        others = f" ({len(lost) - 1} more are lost)" if len(lost) > 1 else ""
        raise UsageError(
            f"In {lost[0]}{others}. Correct the case or the article, or count such as misses: --allow-missing-gold"
        )
    if lost:
        warn(f"{len(lost)} gold sentences are not in their articles and count as misses, first in {lost[0]}")
    return {"articles": missing, "sentences": list(dict.fromkeys(one.case_id for one in lost))}


def _carry_out(plan: _Plan, kept: RunFolder, assistant: Assistant, stored: Stored, console: Console) -> dict[str, Any]:
    """Ask what has no row yet, and write the summary; return it."""
    clock = perf_counter()
    planned = [(case, run) for run in range(plan.options.runs) for case in plan.cases]
    done = {(row["id"], row["run"]) for row in kept.rows}
    if done:
        console.warn(f"Going on with the run in {kept.path}, which was stopped after {len(done)} of {len(planned)}")
    respond = respond_with(assistant, stored, per_document=plan.options.per_document)
    for case, run in planned:
        if (case.id, run) not in done:
            kept.keep(ask(respond, case, run, stored))
            console.on_progress(Step("ask", len(kept.rows), len(planned)))
    kinds = {case.id: case.unanswerable_kind for case in plan.cases if not case.answerable}
    answered_by: Mapping[str, Any] = next((row["answer"]["model"] for row in kept.rows if row["answer"]), {})
    summary = {
        **plan.identity,
        "models": plan.identity["models"] | {use: name for use, name in answered_by.items() if name},
        "missing_gold": plan.missing_gold,
        **summarise(kept.rows, plan.options.seed, kinds, plan.groups),
        "timings": {
            "started": plan.started.isoformat(timespec="seconds"),
            "seconds": round(perf_counter() - clock, 2),
            "latency_ms": latencies(kept.rows),
        },
    }
    kept.finish(_articles(kept.rows, stored), summary)
    return summary


def _articles(rows: Iterable[Row], stored: Stored) -> list[dict[str, Any]]:
    """Return the articles that a report shows: of gold, of citations, and of the best sentences."""
    wanted: dict[str, None] = {}
    for row in rows:
        shown = list(row["gold_places"])
        if row["answer"]:
            shown += [*row["answer"]["citations"], *row["trace"]["sentences"][:SENTENCES_SHOWN]]
        wanted |= dict.fromkeys(place["article_id"] for place in shown)
    return [
        {
            "id": article_id,
            "title": found.article.title,
            "published": found.article.published,
            "source": found.article.source,
            "text": found.article.text,
            "sentences": [[sentence.start, sentence.end] for sentence in found.sentences],
        }
        for article_id in sorted(wanted)
        if (found := stored.article(article_id))
    ]
