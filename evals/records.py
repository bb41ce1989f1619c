"""What is kept of a case to compare it by: its metrics, and what it cited. Two sets of them -> won and lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from evals.metrics.timing import MILLISECONDS
from evals.runs import Row, Run

HITS = ("article_hit_1", "article_hit_10", "sentence_hit_1", "sentence_hit_5")
_SUCCESS = ("right", "abstained_right")  # of an answerable and of an unanswerable case
_HALF = 0.5

Place = tuple[str, int, int]
"""An article, and the code points of its text from start to end."""


@dataclass(frozen=True, slots=True)
class Record:
    """One case of a run: means over its runs of the metrics that judge it, and what the first run cited."""

    metrics: Mapping[str, float]
    cited: Sequence[Place] = ()
    quotes: Sequence[str] = ()
    confidence: float | None = None

    @property
    def success(self) -> float | None:
        """The share of the runs in which it was right to answer so, or to refuse; None where nobody can say."""
        return next((self.metrics[name] for name in _SUCCESS if name in self.metrics), None)


@dataclass(frozen=True, slots=True)
class Changes:
    """The ids of the cases that changed, in their order."""

    won: Sequence[str] = field(default_factory=list)
    lost: Sequence[str] = field(default_factory=list)
    ranked_lower: Sequence[str] = field(default_factory=list)


def records_of(run: Run) -> dict[str, Record]:
    """Return a record a case, by its id."""
    return {id: _record(rows) for id, rows in run.by_case.items()}


def changes(base: Mapping[str, Record], new: Mapping[str, Record]) -> Changes:
    """Say which cases were won, which were lost, and of which others the right sentence or article ranks lower.

    A case of several runs counts as right where it was right in most of them. One that was right before
    and ends in an error is lost.
    """
    shared = [id for id in new if id in base]
    lost = [id for id in shared if _good(base[id]) and _good(new[id]) is False]
    won = [id for id in shared if _good(base[id]) is False and _good(new[id])]
    told = {*lost, *won}
    return Changes(won, lost, [id for id in shared if id not in told and _ranks_lower(base[id], new[id])])


def paired(name: str, base: Mapping[str, Record], new: Mapping[str, Record]) -> tuple[list[float], list[float]]:
    """Return what a metric gave the cases that it judges in both, base and new."""
    shared = [id for id in new if id in base and name in base[id].metrics and name in new[id].metrics]
    return [base[id].metrics[name] for id in shared], [new[id].metrics[name] for id in shared]


def _record(rows: Sequence[Row]) -> Record:
    first = rows[0]
    names = dict.fromkeys(name for row in rows for name in row.metrics if not name.endswith(MILLISECONDS))
    means = {name: fmean(found) for name in names if (found := _found(row.metrics[name] for row in rows))}
    if any(row.error is not None for row in rows):
        success = "right" if first.case["answerable"] else "abstained_right"
        means[success] = fmean(row.metrics.get(success) or 0.0 for row in rows)
    return Record(
        means,
        [(cited["article_id"], cited["start"], cited["end"]) for cited in first.citations],
        [cited["quote"] for cited in first.citations],
        first.answer["confidence"] if first.answer else None,
    )


def _found(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _good(record: Record) -> bool | None:
    return None if record.success is None else record.success > _HALF


def _ranks_lower(base: Record, new: Record) -> bool:
    return any(base.metrics.get(name, 0) > new.metrics.get(name, 1) for name in HITS)
