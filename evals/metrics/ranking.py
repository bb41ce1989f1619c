"""Measures of one ranking; the border to ir-measures, which takes them from trec_eval."""

from collections.abc import Mapping
from functools import lru_cache

DEPTH = 10


@lru_cache(maxsize=4096)
def measure_ranking(relevant: tuple[bool, ...], missed: int) -> Mapping[str, float]:
    """Return hit_1, hit_5, hit_10, mrr_10 and ndcg_10 of a ranking.

    `relevant` says of each item, best first, whether it is; `missed` is the number of relevant items
    that are not in it.
    """
    import ir_measures
    from ir_measures import RR, Success, nDCG

    measures = {
        "hit_1": Success @ 1,
        "hit_5": Success @ 5,
        "hit_10": Success @ DEPTH,
        "mrr_10": RR @ DEPTH,
        "ndcg_10": nDCG @ DEPTH,
    }
    judged = [ir_measures.Qrel("q", f"ranked {rank}", 1) for rank, found in enumerate(relevant) if found]
    judged += [ir_measures.Qrel("q", f"missed {number}", 1) for number in range(missed)]
    ranked = [ir_measures.ScoredDoc("q", f"ranked {rank}", -float(rank)) for rank in range(len(relevant))]
    if not judged or not ranked:
        return dict.fromkeys(measures, 0.0)
    values = ir_measures.calc_aggregate(list(measures.values()), judged, ranked)
    return {name: float(values[measure]) for name, measure in measures.items()}
