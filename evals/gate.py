"""Is a run good enough, and no worse than its baseline? The answer names each cause, case by case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from evals.baseline import Baseline, read_baseline
from evals.comparing import differing, is_worse, mismatch
from evals.gate_rules import Rules, Threshold, read_rules
from evals.metrics import METRICS
from evals.metrics.timing import MILLISECONDS
from evals.records import Record, changes, paired, records_of
from evals.runs import Run, read_run
from evals.significance import Difference, difference, holm
from evals.validity import invalid
from evals.wording import p_shown, plural, shown, story, telling
from vectorstore.errors import UsageError

STORIES = 25  # cases told in full under one heading; the report shows them all


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether a run passed; `failures` are the reasons, a line each, and `text` tells the cases too."""

    passed: bool
    text: str
    failures: Sequence[str]


def check_run(run: Path, gate: Path | None = None, baseline: Path | None = None) -> GateResult:
    """Hold a run folder against gate.toml, by default no case lost, and against a baseline file.

    Raises UsageError where a file cannot be read, and where the baseline is over other cases or articles.
    """
    rules = read_rules(gate) if gate else Rules()
    found = read_run(run)
    if baseline is None:
        return check(found, rules, None)
    before = read_baseline(baseline)
    if problem := mismatch(before.summary, found.summary, list(before.rows), list(found.by_case)):
        raise UsageError(
            f"{run} cannot be held against {baseline}: {problem}. If that is meant, update the baseline, and let a "
            f"reviewer read its diff: footnote eval baseline {run} --out {baseline}"
        )
    return check(found, rules, before)


def check(run: Run, rules: Rules, baseline: Baseline | None) -> GateResult:
    """Return whether a run keeps the rules; errors and citations that do not resolve always fail."""
    verdict = _Verdict(run, rules, baseline)
    verdict.errors()
    verdict.validity()
    verdict.lost_cases()
    verdict.thresholds()
    verdict.regressions()
    return GateResult(not verdict.failures, verdict.text(), tuple(verdict.failures))


class _Verdict:
    """Gathers what is wrong with one run: reasons, what else is worth a line, and the cases behind them."""

    def __init__(self, run: Run, rules: Rules, baseline: Baseline | None) -> None:
        self.run, self.rules, self.baseline = run, rules, baseline
        self.records = records_of(run)
        self.before: Mapping[str, Record] = baseline.rows if baseline else {}
        self.spread = run.summary.get("spread") or {}
        self.failures: list[str] = []
        self.notes: list[str] = []
        self.stories: dict[str, list[str]] = {}
        self.told: set[str] = set()
        self.differences, self.p = self._differences()
        self.gated = bool(rules.thresholds) or baseline is not None
        if baseline is None and self.gated:
            self.notes.append("There is no baseline, so only the thresholds were checked (--baseline FILE)")
        if baseline is not None:
            self.notes += [f"differs from the baseline: {one}" for one in differing(baseline.summary, run.summary)
                           if not one.startswith("code.")]  # fmt: skip

    def errors(self) -> None:
        failed = [row for row in self.run.rows if row.error is not None]
        if failed:
            self.failures.append(
                f"{plural(len(failed), 'answer')} ended in an error, first {failed[0].id}: {failed[0].error}"
            )
            self._tell("Errors", [row.id for row in failed])

    def validity(self) -> None:
        broken = {row.id: problem for row in self.run.rows if (problem := invalid(row, self.run.articles))}
        if broken:
            self.failures.append(
                f"validity: {plural(len(broken), 'answer')} not as its articles have it; that always fails"
            )
            self.stories["What does not resolve"] = _cut([f"{id}: {problem}" for id, problem in broken.items()])

    def thresholds(self) -> None:
        for name, threshold in self.rules.thresholds.items():
            value = self._figure(name)
            if value is None:
                self.failures.append(f"{name}: no case of this set is eligible for it{self._meant(name)}")
                continue
            wanted = f"{name}: {shown(name, value)}, and the gate asks for {_edges(name, threshold)}"
            if self._straddled(name, threshold):
                self._straddle(name, wanted)
            elif threshold.missed_by(value):
                self.failures.append(wanted)
                self._tell(f"Below what is best in {name}", self._short_of_best(name, threshold))

    def regressions(self) -> None:
        if self.baseline is None:
            return
        for name in self.rules.metrics:
            found = self.differences.get(name)
            if found is None:
                self.failures.append(
                    f"{name}: no case is judged by it both here and in the baseline{self._meant(name)}"
                )
            elif self._significantly_worse(name):
                self.failures.append(self._worse_line(name, found))
                worse = [id for id in self.records if self._got_worse(id, name)]
                self._tell(f"Worse in {name} than in the baseline", worse)

    def lost_cases(self) -> None:
        flaky = set(self.spread.get("flaky", ()))
        changed = changes(self.before, self.records)
        lost = [id for id in changed.lost if id not in flaky]
        if wavering := [id for id in changed.lost if id in flaky]:
            self.notes.append(f"right in some of the runs, and in most of the baseline's: {', '.join(wavering)}")
        if self.baseline is not None:
            self.notes.append(f"{plural(len(changed.won), 'case')} won, {len(lost)} lost against the baseline")
        if len(lost) > self.rules.most_lost:
            self.failures.append(
                f"{plural(len(lost), 'case')} that the baseline has right, and this run has not; the gate allows "
                f"{self.rules.most_lost}{self._stages(lost)}"
            )
        self._tell("Lost since the baseline", lost)

    def text(self) -> str:
        said = "FAILED" if self.failures else "passed" if self.gated else "none given; nothing that always fails"
        head = f"Gate: {said}  {self.run.name}, {plural(len(self.records), 'case')}"
        blocks = ["\n".join([head, *(f"- {one}" for one in self.failures)])]
        blocks += ["\n".join(["Also:", *(f"  {note}" for note in self.notes)])] if self.notes else []
        blocks += ["\n\n".join([f"{title}:", *lines]) for title, lines in self.stories.items()]
        if self.failures:
            blocks.append(f"All cases, with their articles: {self.run.folder / 'report.html'}")
        return "\n\n".join(blocks)

    def _differences(self) -> tuple[dict[str, Difference], dict[str, float]]:
        if self.baseline is None:
            return {}, {}
        straddled = [name for name, one in self.rules.thresholds.items() if self._straddled(name, one)]
        seed = int(self.run.summary["settings"].get("seed") or 0)
        found = {
            name: difference(*paired(name, self.before, self.records), seed)
            for name in dict.fromkeys((*self.rules.metrics, *straddled))
        }
        differences = {name: one for name, one in found.items() if one is not None}
        return differences, holm({name: one.p for name, one in differences.items()})

    def _significantly_worse(self, name: str) -> bool:
        found = self.differences.get(name)
        return found is not None and is_worse(name, found.value) and self.p[name] < self.rules.alpha

    def _worse_line(self, name: str, found: Difference) -> str:
        low, high = (shown(name, edge, signed=True) for edge in (found.low, found.high))
        return (
            f"{name}: {shown(name, found.base)} in the baseline, {shown(name, found.new)} now: significantly worse "
            f"({shown(name, found.value, signed=True)}, 95 % interval {low} to {high}, n = {found.n}, "
            f"p = {p_shown(self.p[name])})"
        )

    def _figure(self, name: str) -> float | None:
        if name in self.run.figures:
            return self.run.figures[name]["value"]
        # latency_total_p95_ms: times stand apart, since they differ from run to run, and are gated only by name.
        stage, _, percentile = name.removeprefix("latency_").removesuffix(MILLISECONDS).rpartition("_")
        value: float | None = self.run.summary["timings"]["latency_ms"].get(stage, {}).get(percentile)
        return value

    def _straddled(self, name: str, threshold: Threshold) -> bool:
        runs = self.spread.get(name)
        return runs is not None and threshold.missed_by(runs["low"]) != threshold.missed_by(runs["high"])

    def _straddle(self, name: str, wanted: str) -> None:
        runs = self.spread[name]
        spread = f"the runs go from {shown(name, runs['low'])} to {shown(name, runs['high'])}"
        if self._significantly_worse(name):
            self.failures.append(f"{wanted}; {spread}, and the mean is significantly worse than the baseline's")
        else:
            self.notes.append(f"{wanted}; {spread}, on both sides of it, which is no failure")

    def _meant(self, name: str) -> str:
        known = list(dict.fromkeys((*self.run.figures, *METRICS)))
        near = get_close_matches(name, [one for one in known if one != name], 1)
        return f"; did you mean {near[0]}?" if near and name not in known else ""

    def _short_of_best(self, name: str, threshold: Threshold) -> list[str]:
        best = 1.0 if threshold.least is not None else 0.0
        return [id for id, one in self.records.items() if name in one.metrics and one.metrics[name] != best]

    def _got_worse(self, id: str, name: str) -> bool:
        before, now = self.before.get(id), self.records[id]
        if before is None or name not in before.metrics or name not in now.metrics:
            return False
        return is_worse(name, now.metrics[name] - before.metrics[name])

    def _stages(self, ids: Sequence[str]) -> str:
        stages: dict[str, int] = {}
        for id in ids:
            row = telling(self.run.by_case[id])
            stage = "error" if row.error is not None else row.lost or "unknown"
            stages[stage] = stages.get(stage, 0) + 1
        return f" ({', '.join(f'{stage}: {count}' for stage, count in stages.items())})" if stages else ""

    def _tell(self, title: str, ids: Sequence[str]) -> None:
        if fresh := [id for id in ids if id not in self.told]:
            stories = ["\n".join(story(telling(self.run.by_case[id]), self.before.get(id))) for id in fresh]
            self.told.update(fresh)
            self.stories[title] = _cut(stories)


def _cut(stories: Sequence[str]) -> list[str]:
    rest = len(stories) - STORIES
    return [*stories[:STORIES], *([f"... and {plural(rest, 'case')} more"] if rest > 0 else [])]


def _edges(name: str, threshold: Threshold) -> str:
    parts = (("at least", threshold.least), ("at most", threshold.most))
    return " and ".join(f"{word} {shown(name, edge)}" for word, edge in parts if edge is not None)
