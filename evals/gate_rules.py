"""gate.toml -> what a run must keep to; unknown keys are refused with their path."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.metrics.timing import MILLISECONDS
from vectorstore.errors import UsageError


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least or the most that a figure may be."""

    least: float | None = None
    most: float | None = None

    def missed_by(self, value: float) -> bool:
        """Say whether a figure is outside."""
        return (self.least is not None and value < self.least) or (self.most is not None and value > self.most)


@dataclass(frozen=True, slots=True)
class Rules:
    """What gate.toml says: thresholds of figures, and which metrics may not get significantly worse.

    `alpha` is the chance of a false alarm that is put up with over all `metrics` together; `most_lost`
    is how many cases that were right may be so no longer, however likely by chance.
    """

    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    metrics: Sequence[str] = ()
    alpha: float = 0.05
    most_lost: int = 0


def read_rules(path: Path) -> Rules:
    """Read gate.toml; raises UsageError, which names the key that is wrong."""
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror or error}. Name a file such as evals/gate.toml: --gate FILE"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: it is not TOML: {error}") from error
    return _Reader(str(path)).rules(fields)


class _Reader:
    """Reads the tables of one file, whose name goes before every complaint."""

    def __init__(self, path: str) -> None:
        self.path = path

    def rules(self, fields: Mapping[str, Any]) -> Rules:
        self._known(fields, "", ("thresholds", "regression"))
        thresholds = self._table(fields, "thresholds")
        regression = self._table(fields, "regression")
        self._known(regression, "regression.", ("metrics", "alpha", "most_lost"))
        default = Rules()
        return Rules(
            {name: self._threshold(name, value) for name, value in thresholds.items()},
            self._names(regression.get("metrics", default.metrics)),
            self._alpha(regression.get("alpha", default.alpha)),
            self._count(regression.get("most_lost", default.most_lost)),
        )

    def _threshold(self, name: str, value: Any) -> Threshold:
        path = f"thresholds.{name}"
        if not isinstance(value, dict) or not value:
            raise self._error(path, "write { least = 0.9 }, { most = 0.1 } or both")
        self._known(value, f"{path}.", ("least", "most"))
        top = math.inf if name.endswith(MILLISECONDS) else 1.0  # every figure but a time
        edges = {key: self._number(f"{path}.{key}", edge, top) for key, edge in value.items()}
        if edges.get("least", 0.0) > edges.get("most", math.inf):
            raise self._error(path, "least is more than most")
        return Threshold(**edges)

    def _number(self, path: str, value: Any, top: float) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 <= value <= top:
            raise self._error(path, f"it must be a number from 0 to {top:g}, not {value!r}")
        return float(value)

    def _alpha(self, value: Any) -> float:
        alpha = self._number("regression.alpha", value, 0.5)
        if alpha == 0:
            raise self._error("regression.alpha", "at 0 nothing is ever significant; the custom is 0.05")
        return alpha

    def _count(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._error("regression.most_lost", f"it must be a number of cases, 0 or more, not {value!r}")
        return value

    def _names(self, value: Any) -> Sequence[str]:
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
            raise self._error("regression.metrics", 'it must be a list of names, such as ["right"]')
        if times := [name for name in value if name.endswith(MILLISECONDS)]:
            raise self._error("regression.metrics", f"{times[0]} is a time, which differs from run to run")
        return tuple(dict.fromkeys(value))

    def _table(self, fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = fields.get(name, {})
        if not isinstance(value, dict):
            raise self._error(name, f"it must be a table: [{name}]")
        return value

    def _known(self, fields: Mapping[str, Any], prefix: str, names: Sequence[str]) -> None:
        if unknown := [name for name in fields if name not in names]:
            raise self._error(prefix + unknown[0], f"there is no such key; there are {', '.join(names)}")

    def _error(self, path: str, problem: str) -> UsageError:
        return UsageError(f"{self.path}: {path}: {problem}")
