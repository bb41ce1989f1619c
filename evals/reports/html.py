"""A run -> one HTML file that asks nothing of anybody: figures, plots, and every case with its articles.

All that an article, a question or a model says goes into one block of JSON, from which report.js makes text
nodes and never markup. The page's policy lets nothing load and no other script run.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from evals.reports import plots
from evals.reports.embedding import embedded
from evals.reports.markdown import MAIN
from evals.runs import BAD, OUTCOMES, Run
from evals.wording import OUTCOME_MEANING, is_decimal, meaning, plural, shown

_ASSETS = files("evals.reports") / "assets"


def html_report(run: Run) -> str:
    """Return the page, about 15 MB at most: of large sets it holds what is around the marked sentences."""
    style, script = _asset("report.css"), _asset("report.js")
    parts = {
        "title": escape(f"{run.name}: {plural(len(run.by_case), 'case')}"),
        "policy": f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'",
        "style": style,
        "origin": _origin(run.summary),
        "outcomes": _outcomes(run),
        "figures": _figures(run.figures),
        "plots": _plots(run.summary),
        "errors": _errors(run.summary["errors"]),
        "data": _script_safe(embedded(run)),
        "script": script,
    }
    page = _asset("template.html")
    pieces = page.split("{{")
    filled = [pieces[0]]
    for piece in pieces[1:]:  # not one replacement after another: a question may hold "{{data}}"
        name, _, rest = piece.partition("}}")
        filled += [parts[name], rest]
    return "".join(filled)


def _script_safe(data: Mapping[str, Any]) -> str:
    """Return JSON that ends no script element, whatever its strings say."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _origin(summary: Mapping[str, Any]) -> str:
    timings, corpus = summary["timings"], summary["corpus"]
    said = {
        "asked": f"{timings['started'][:16].replace('T', ' ')}, in {timings['seconds']:.0f} s",
        "articles": f"{corpus['articles']:,} ({corpus['fingerprint'][:12]})",
        "questions": f"{summary['cases']['path']} ({summary['cases']['sha256'][:12]})",
        **{f"{use} model": name for use, name in summary["models"].items() if name},
        **{name: value for name, value in summary["settings"].items() if value is not None and value is not False},
        **summary["code"],
    }
    return "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(str(value))}</dd></div>" for name, value in said.items())


def _outcomes(run: Run) -> str:
    counts = dict.fromkeys(OUTCOMES, 0)
    for row in run.rows:
        counts[row.outcome] += 1
    return "".join(
        f'<li class="{"bad" if outcome in BAD else "good"}" title="{escape(OUTCOME_MEANING[outcome])}">'
        f"<strong>{count:,}</strong> {escape(outcome)}</li>"
        for outcome, count in counts.items()
        if count
    )


def _figures(figures: Mapping[str, Mapping[str, float]]) -> str:
    return "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code><span>{escape(meaning(name))}</span></th>'
        f"<td>{one['n']:,.0f}</td><td>{shown(name, one['value'])}</td>"
        f"<td>{shown(name, one['low'])} to {shown(name, one['high'])}</td></tr>"
        for name, one in figures.items()
    )


def _plots(summary: Mapping[str, Any]) -> str:
    figures, curves = summary["figures"], summary["curves"]
    shares = {name: figures[name] for name in MAIN if name in figures and not is_decimal(name)}
    drawn: list[tuple[str, str, str]] = []
    if shares:
        drawn.append(("The main figures", "With 95 % intervals.", plots.intervals(shares)))
    for title, groups in (("Kinds of unanswerable", summary["kinds"]), ("Groups", summary["groups"])):
        if bars := _bars(groups):
            drawn.append((title, "With 95 % intervals.", plots.intervals(bars)))
    if curves.get("risk_coverage"):
        text = "Of the answers given first to the questions it is surest of: how many are wrong. Lower is better."
        drawn.append(("Risk and coverage", text, plots.risk_coverage(curves["risk_coverage"])))
    if curves.get("reliability"):
        text = "How often answers of each confidence are right; on the line, confidence is honest. Numbers are counts."
        drawn.append(("Reliability of confidence", text, plots.reliability(curves["reliability"])))
    if latency := summary["timings"].get("latency_ms"):
        text = "Median (inner bar) and 95th percentile (outer bar) of the milliseconds a question takes."
        drawn.append(("Time by stage", text, plots.latencies(latency)))
    return "".join(
        f"<figure><figcaption><h3>{escape(title)}</h3><p>{escape(text)}</p></figcaption>{svg}</figure>"
        for title, text, svg in drawn
    )


def _bars(groups: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, float]]:
    """Return of each group the share of right answers, and of rightly refused ones."""
    words = {"right": "right", "abstained_right": "refused rightly"}
    return {
        f"{label}: {words[name]}": group["figures"][name]
        for label, group in groups.items()
        for name in words
        if name in group["figures"]
    }


def _errors(errors: Sequence[Mapping[str, str]]) -> str:
    if not errors:
        return ""
    items = "".join(f"<li><code>{escape(one['id'])}</code> {escape(one['error'])}</li>" for one in errors)
    return f'<section class="errors"><h2>{plural(len(errors), "error")}</h2><ul>{items}</ul></section>'


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
