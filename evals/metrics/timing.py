"""How long did it take?"""

from evals.cases import Case
from evals.metrics.matching import TextOf
from evals.values import Response

STAGES = ("rewrite", "embed", "search", "read", "write", "check", "total")
MILLISECONDS = "_ms"
"""How the name of a metric ends that is a time: no two runs agree on it."""


def latency_ms(case: Case, response: Response, text_of: TextOf) -> float | None:
    """Milliseconds from the question to the whole answer, as the assistant's own clock has it."""
    total = response.answer["timings_ms"].get("total")
    return None if total is None else float(total)
