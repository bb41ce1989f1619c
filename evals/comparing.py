"""Two runs over the same cases and the same articles -> what was won and lost, and which figures differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.metrics import LOWER_IS_BETTER
from evals.metrics.timing import MILLISECONDS
from evals.records import Changes, changes, paired, records_of
from evals.runs import Run
from evals.significance import Difference, difference, holm
from evals.wording import expected, given, lost_at, one_line, p_shown, plural, shown, telling
from vectorstore.errors import UsageError


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric in both runs; `p` is corrected for the number of metrics."""

    name: str
    difference: Difference
    p: float

    @property
    def worse(self) -> bool:
        """Whether the new mean is the worse one, however likely by chance."""
        return is_worse(self.name, self.difference.value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between a base run and a new one.

    `of_the_set` are figures of the set as a whole, which have no value for one case and so no test:
    (base, new) by name. `notes` list the settings and models that differ.
    """

    base: Run
    new: Run
    changes: Changes
    metrics: Sequence[Compared]
    of_the_set: Mapping[str, tuple[float, float]]
    notes: Sequence[str]


def compare(base: Run, new: Run) -> Comparison:
    """Compare two runs; raises UsageError where they are over different cases or articles."""
    if problem := mismatch(base.summary, new.summary, list(base.by_case), list(new.by_case)):
        raise UsageError(
            f"{base.folder} and {new.folder} cannot be compared: {problem}. "
            "Run `footnote eval run` again with the same --cases, --documents, --limit and --seed for both"
        )
    before, after = records_of(base), records_of(new)
    names = [name for name in _metric_names(new) if name in set(_metric_names(base))]
    seed = int(new.summary["settings"].get("seed") or 0)
    found = {name: difference(*paired(name, before, after), seed) for name in names}
    tested = {name: one for name, one in found.items() if one is not None}
    corrected = holm({name: one.p for name, one in tested.items()})
    return Comparison(
        base,
        new,
        changes(before, after),
        [Compared(name, one, corrected[name]) for name, one in tested.items()],
        {
            name: (base.figures[name]["value"], new.figures[name]["value"])
            for name in new.figures
            if name in base.figures and name not in tested and not name.endswith(MILLISECONDS)
        },
        differing(base.summary, new.summary),
    )


def mismatch(
    base: Mapping[str, object], new: Mapping[str, object], base_ids: Sequence[str], new_ids: Sequence[str]
) -> str | None:
    """Say which of the cases or the articles differ between two summaries; None where neither does."""
    cases, corpus = (_part(base, "cases"), _part(new, "cases")), (_part(base, "corpus"), _part(new, "corpus"))
    if corpus[0].get("fingerprint") != corpus[1].get("fingerprint"):
        return (
            f"their articles differ (corpus {str(corpus[0].get('fingerprint'))[:12]} of "
            f"{corpus[0].get('articles')} articles, and {str(corpus[1].get('fingerprint'))[:12]} of "
            f"{corpus[1].get('articles')})"
        )
    if cases[0].get("sha256") != cases[1].get("sha256"):
        return (
            f"their cases differ ({cases[0].get('path')}, sha256 {str(cases[0].get('sha256'))[:12]}, and "
            f"{cases[1].get('path')}, sha256 {str(cases[1].get('sha256'))[:12]})"
        )
    if set(base_ids) != set(new_ids):
        one = sorted(set(base_ids) ^ set(new_ids))
        return f"{plural(len(one), 'case')} of the set were asked in only one of them, such as {one[0]}"
    return None


def differing(base: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """Return a line for each setting, model or code version that differs."""
    return [
        f"{part}.{name}: {_part(base, part).get(name)} → {_part(new, part).get(name)}"
        for part in ("settings", "models", "code")
        for name in {**_part(base, part), **_part(new, part)}
        if _part(base, part).get(name) != _part(new, part).get(name)
    ]


def is_worse(name: str, change: float) -> bool:
    """Say whether a change of a metric is for the worse."""
    return change > 0 if name in LOWER_IS_BETTER else change < 0


def render(comparison: Comparison) -> str:
    """Return a comparison as text: the cases first, then metric by metric."""
    changed = comparison.changes
    blocks = [f"base  {comparison.base.folder}\nnew   {comparison.new.folder}"]
    if comparison.notes:
        blocks.append("\n".join(["What else differs:", *(f"  {note}" for note in comparison.notes)]))
    for title, ids in (
        ("lost", changed.lost),
        ("won", changed.won),
        ("ranked lower, though judged as before", changed.ranked_lower),
    ):
        blocks.append("\n".join([f"{plural(len(ids), 'case')} {title}", *_cases(comparison, ids)]))
    blocks.append(_table(comparison))
    return "\n\n".join(blocks)


def _cases(comparison: Comparison, ids: Sequence[str]) -> list[str]:
    lines = []
    for id in ids:
        base, new = telling(comparison.base.by_case[id]), telling(comparison.new.by_case[id])
        lines += ["", f"  {one_line(f'{id}: {new.question}')}", f"    expected  {expected(new)}"]
        for name, row in (("base", base), ("new", new)):
            lines.append(f"    {name:8}  {given(row)}")
            if where := lost_at(row):
                lines.append(f"    {'':8}  lost, {where}")
    return lines


def _table(comparison: Comparison) -> str:
    lines = [
        f"{'metric':20}{'n':>7}{'base':>9}{'new':>9}{'difference':>14}   {'95 % interval':24}{'p':>8}",
        *map(_line, comparison.metrics),
    ]
    for name, (base, new) in comparison.of_the_set.items():
        change = shown(name, new - base, signed=True)
        n = comparison.new.figures[name]["n"]
        lines.append(
            f"{name:20}{n:>7}{shown(name, base):>9}{shown(name, new):>9}{change:>14}   not tested: of the whole set"
        )
    lines.append(
        "\np: paired, two-sided, of the exact McNemar test where a case is right or wrong and of sign flips\n"
        f"elsewhere; corrected for {plural(len(comparison.metrics), 'metric')} (Holm)."
    )
    return "\n".join(lines)


def _line(one: Compared) -> str:
    apart = one.difference
    low, high = (shown(one.name, edge, signed=True).removesuffix(" points") for edge in (apart.low, apart.high))
    change = shown(one.name, apart.value, signed=True)
    return (
        f"{one.name:20}{apart.n:>7}{shown(one.name, apart.base):>9}{shown(one.name, apart.new):>9}{change:>14}"
        f"   {f'{low} to {high}':24}{p_shown(one.p):>8}"
    )


def _metric_names(run: Run) -> list[str]:
    names = dict.fromkeys(name for row in run.rows for name in row.metrics)
    return [name for name in names if not name.endswith(MILLISECONDS)]


def _part(summary: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = summary.get(name)
    return part if isinstance(part, Mapping) else {}
