"""Runs -> Markdown: a report short enough for a pull request, and one table of several runs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.gate import GateResult
from evals.runs import BAD, Run, read_run
from evals.validity import invalid
from evals.wording import STAGES, expected, given, one_line, plural, shown

CASES_SHOWN = 30
MAIN = (
    *("right", "abstained_right", "false_refusal", "article_hit_1", "article_hit_10"),
    *("sentence_hit_1", "sentence_hit_5", "citation_precision", "validity", "auroc"),
)
TABLES: Mapping[str, Sequence[str]] = {
    "Found": (
        *("article_hit_1", "article_hit_10", "sentence_hit_1", "sentence_hit_5", "sentence_mrr_10"),
        "answer_in_top_2",
    ),
    "Answered": ("answered", "right", "answer_contained", "citation_precision", "citation_recall", "validity"),
    "Refused, and how well confidence knows": ("false_refusal", "abstained_right", "auroc", "aurc", "ece"),
}
_SPECIAL = re.compile(r"([\\`*\[\]<>|~$&#]|(?<!\w)_|_(?!\w))")


def markdown_report(run: Run, gate: GateResult | None = None) -> str:
    """Return report.md: the gate, the figures, where answers were lost, and the cases that are not right."""
    return "\n".join(
        [
            f"# {_escaped(run.name)}: {plural(len(run.by_case), 'case')}",
            "",
            *_of_gate(gate),
            *_of_figures(run.figures),
            *_of_groups("Kind of unanswerable", run.summary["kinds"]),
            *_of_groups("Group", run.summary["groups"]),
            *_of_stages(run.summary["lost"]),
            *_of_cases(run),
            *_of_origin(run.summary),
        ]
    )


def results_page(runs: Sequence[Path], *, command: str, note: str = "") -> str:
    """Return tables of several run folders, a row a set, with sizes and intervals; `command` is what makes them.

    `note` says what a reader has to know of the sets, such as which ones were trained on.
    """
    found = [read_run(path) for path in runs]
    lines = [
        "# Results",
        "",
        f"Written by `{command}` from the runs' own files. In brackets the 95 % interval (percentile bootstrap), "
        "and the number of cases that the figure is over; a dash where no case is eligible. What each figure is: "
        "`evals/metrics/`.",
        "",
        *((note, "") if note else ()),
        *_of_sets(found),
    ]
    for title, names in TABLES.items():
        lines += [f"## {title}", "", *_of_results(found, names)]
    return "\n".join([*lines, *_settings(found), ""])


def _of_sets(runs: Sequence[Run]) -> Iterator[str]:
    yield from ("| set | asked on | cases | articles |", "|---|---|---:|---:|")
    for run in runs:
        asked, of = len(run.by_case), run.summary["cases"]["n"]
        cases = f"{asked:,}" if asked == of else f"{asked:,} of {of:,}"
        asked_on, articles = run.summary["timings"]["started"][:10], run.summary["corpus"]["articles"]
        yield f"| {_escaped(run.name)} | {asked_on} | {cases} | {articles:,} |"
    yield ""


def _of_results(runs: Sequence[Run], names: Sequence[str]) -> Iterator[str]:
    """Yield a table of some figures: a row a set, and one for each kind of unanswerable where there are several."""
    yield from (f"| set | {' | '.join(names)} |", f"|---|{'---|' * len(names)}")
    for run in runs:
        rows = {run.name: run.figures}
        if len(run.summary["kinds"]) > 1:
            rows |= {f"{run.name}: {kind}": block["figures"] for kind, block in run.summary["kinds"].items()}
        for label, figures in rows.items():
            if any(name in figures for name in names):
                yield f"| {_escaped(label)} | {' | '.join(_cell(name, figures.get(name)) for name in names)} |"
    yield ""


def _settings(runs: Sequence[Run]) -> list[str]:
    lines = ["## How each was run", ""]
    for run in runs:
        said = {**run.summary["settings"], **run.summary["models"], **run.summary["code"]}
        parts = [
            f"{name} {_escaped(str(value))}" for name, value in said.items() if value is not None and value is not False
        ]
        lines.append(f"- {_escaped(run.name)}: {', '.join(parts)}")
    return lines


def _cell(name: str, figure: Mapping[str, float] | None) -> str:
    if figure is None:
        return "–"
    return f"{shown(name, figure['value'])} ({_interval(name, figure)}; {figure['n']:,.0f})"


def _interval(name: str, figure: Mapping[str, float]) -> str:
    low, high = (shown(name, figure[edge]).removesuffix(" %") for edge in ("low", "high"))
    return f"{low} to {high}"


def _of_gate(gate: GateResult | None) -> Iterator[str]:
    if gate is None:
        return
    yield f"**{_escaped(gate.text.partition(chr(10))[0])}**"
    yield ""
    if gate.failures:
        yield from (f"- {_escaped(failure)}" for failure in gate.failures)
        yield from ("", "<details><summary>What the gate says of the cases</summary>", "")
        # Four spaces make it code, in which nothing is obeyed; fences could be closed by a text.
        yield from (f"    {line}" for line in gate.text.splitlines())
        yield from ("", "</details>", "")


def _of_figures(figures: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    yield from ("| metric | n | value | 95 % interval |", "|---|---:|---:|---|")
    for name, one in figures.items():
        yield f"| {name} | {one['n']:,.0f} | {shown(name, one['value'])} | {_interval(name, one)} |"
    yield ""


def _of_groups(title: str, groups: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    names = [name for name in MAIN if any(name in group["figures"] for group in groups.values())]
    if not groups or not names:
        return
    yield f"| {title} | n | {' | '.join(names)} |"
    yield f"|---|---:|{'---|' * len(names)}"
    for label, group in groups.items():
        cells = [_cell(name, group["figures"].get(name)) for name in names]
        yield f"| {_escaped(label)} | {group['n']:,} | {' | '.join(cells)} |"
    yield ""


def _of_stages(lost: Mapping[str, int]) -> Iterator[str]:
    if not any(lost.values()):
        return
    yield from ("| lost at | answers | meaning |", "|---|---:|---|")
    for stage, count in lost.items():
        if count:
            yield f"| {stage} | {count:,} | {STAGES.get(stage, '')} |"
    yield ""


def _of_cases(run: Run) -> Iterator[str]:
    problems = {row.id: problem for row in run.rows if (problem := invalid(row, run.articles))}
    rows = [row for row in run.rows if row.outcome in BAD or row.id in problems]
    if not rows:
        yield from ("Every case is right.", "")
        return
    yield from (f"<details><summary>{plural(len(rows), 'answer')} not right</summary>", "")
    for row in rows[:CASES_SHOWN]:
        yield f"- **{_escaped(row.id)}** {_escaped(row.question)}"
        said = {"expected": expected(row), "instead": given(row), "lost": row.lost, "invalid": problems.get(row.id)}
        for word, text in said.items():
            if text:
                yield f"  <br>{word}: {_escaped(text)}"
    if len(rows) > CASES_SHOWN:
        yield f"- … and {len(rows) - CASES_SHOWN:,} more, in report.html"
    yield from ("", "</details>", "")


def _of_origin(summary: Mapping[str, Any]) -> Iterator[str]:
    timings, corpus = summary["timings"], summary["corpus"]
    models = ", ".join(f"{use} {_escaped(name)}" for use, name in summary["models"].items() if name)
    yield (
        f"{corpus['articles']:,} articles ({corpus['fingerprint'][:12]}); {models}; "
        f"version {_escaped(summary['code']['version'])}; {timings['started'][:16]}, {timings['seconds']:.0f} s"
    )
    yield ""


def _escaped(text: str) -> str:
    """Return text of which Markdown, and GitHub's @names, make nothing."""
    line = _SPECIAL.sub(r"\\\1", one_line(text))
    return line.replace("@", "&#64;").replace("://", "&#58;//")
