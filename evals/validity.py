"""What an answer shows that is not where it says: for people, in words."""

from collections.abc import Mapping

from evals.runs import Article, Row
from evals.wording import quoted


def invalid(row: Row, articles: Mapping[str, Article]) -> str | None:
    """Say what of an answer does not resolve, where the metric `validity` is below 1; None elsewhere.

    The metric was computed on the library itself; the articles of the run folder serve to show why.
    """
    validity = row.metrics.get("validity")
    if validity is None or validity == 1:
        return None
    for verb, shown in (*(("cites", one) for one in row.citations), *(("found", one) for one in row.evidence)):
        article = articles.get(shown["article_id"])
        found = None if article is None else article.text[shown["start"] : shown["end"]]
        where = f"{verb} {shown['article_id']} [{shown['start']}:{shown['end']}] as {quoted(shown['quote'])}"
        if found is None and verb == "cites":
            return f"{where}, and the run has no such article"
        if found is not None and found != shown["quote"]:
            return f"{where}, but there stands {quoted(found)}"
    return "a claim without a citation, or a citation of another version of its article"
