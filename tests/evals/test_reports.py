"""report.md, junit.xml and report.html of a run; what they look like in a browser is in tests/browser."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evals.gate import GateResult
from evals.reports import results_page, write_reports
from evals.reports.embedding import windows
from evals.reports.junit import junit_report
from evals.reports.markdown import markdown_report
from evals.runs import Run, read_run
from tests.evals.run_folder import (
    HOSTILE,
    Asked,
    broken,
    made_up,
    outranked,
    refused,
    right,
    rightly_refused,
    row,
    summary,
    write_run,
)
from vectorstore.errors import UsageError

EVIL = outranked(f"evil {HOSTILE}", question=f"What of {HOSTILE}?", gold=("evil", 1), cited=[("evil", 2)],
                 read=[("evil", 2), ("evil", 1)])  # fmt: skip
ASKED = [right("q1"), outranked("q2"), refused("q3"), rightly_refused("q4"), made_up("q5"), broken("q6"), EVIL]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", ASKED)


def data_of(page: str) -> dict:
    return json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[0])


def test_the_three_reports_are_written_into_the_run_folder_and_again_alike(folder: Path) -> None:
    first = {path: path.read_bytes() for path in write_reports(folder)}
    assert [path.name for path in first] == ["report.md", "report.html", "junit.xml"]
    assert {path: path.read_bytes() for path in write_reports(folder)} == first


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    (folder / "report.md").mkdir()
    with pytest.raises(UsageError, match=r"report\.md cannot be written"):
        write_reports(folder)


# Markdown


def test_markdown_has_figures_stages_and_the_cases_that_are_not_right(folder: Path) -> None:
    text = markdown_report(read_run(folder))
    assert "| right | 4 | 25.0 % | 15.0 to 35.0 |" in text
    assert "| below the threshold | 1 | it was read, but the answer was not trusted enough to be given |" in text
    assert "- **q2** What happened to the match?\n  <br>expected: “The match 🏟 was called off.” (rain)" in text
    assert "**q1**" not in text
    assert "citation_recall" not in text  # nobody is eligible: absent, not 0


def test_markdown_tells_why_the_gate_failed(folder: Path) -> None:
    text = markdown_report(read_run(folder), GateResult(False, "Gate: FAILED\n\nq2: What?", ("right: 25 % <b>",)))
    assert "**Gate: FAILED**\n\n- right: 25 % \\<b\\>\n" in text
    assert "    q2: What?" in text
    assert "**Gate: passed**" in markdown_report(read_run(folder), GateResult(True, "Gate: passed", ()))


def test_nothing_in_an_article_or_a_question_is_markup_in_markdown(folder: Path) -> None:
    gate = GateResult(False, f"{HOSTILE}\n```\n{HOSTILE}", (HOSTILE,))
    drawn = MarkdownIt("commonmark").enable("table").render(markdown_report(read_run(folder), gate))
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert "&lt;script&gt;document.title='taken'&lt;/script&gt;" in drawn


def test_a_long_set_makes_a_short_markdown(tmp_path: Path) -> None:
    text = markdown_report(read_run(write_run(tmp_path, [outranked(f"q{n}") for n in range(1000)])))
    assert "- … and 970 more, in report.html" in text
    assert len(text) < 10_000


def test_tables_of_several_runs_have_a_row_a_set_with_date_sizes_and_intervals(folder: Path, tmp_path: Path) -> None:
    of = {"path": "p", "sha256": "s", "n": 1234}
    sample = write_run(tmp_path / "sample", [right("q1")], name="big_set", cases=of)
    page = results_page([folder, sample], command="make results")
    assert "Written by `make results`" in page
    rows = [line for line in page.splitlines() if line.startswith(("| weather", "| big_set"))]
    assert rows[0] == "| weather | 2026-11-22 | 7 | 3 |"
    assert rows[1] == "| big_set | 2026-11-22 | 1 of 1,234 | 3 |"
    answered = page[page.index("## Answered") :]
    assert "| set | answered | right |" in answered
    assert "25.0 % (15.0 to 35.0; 4)" in answered
    assert "100.0 % (90.0 to 100.0; 1)" in answered
    for table in page.split("## ")[1:-1]:
        lines = [line for line in table.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) == 1
    assert "- weather: seed 0, runs 1, k 20, threshold 0.41, embedding none, reader none, version 0.1.0" in page


# JUnit


def test_junit_has_a_testcase_an_answer_with_failures_and_errors(folder: Path) -> None:
    suites = ElementTree.fromstring(junit_report(read_run(folder)))
    suite = suites[0]
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "weather", "tests": "7", "failures": "4", "errors": "1", "skipped": "0",
    }  # fmt: skip
    cases = {case.get("name", "").split(":")[0]: case for case in suite}
    assert {case.get("classname") for case in suite} == {"weather"}
    assert len(cases["q1"]) == len(cases["q4"]) == 0
    failure = cases["q3"][0]
    assert failure.tag == "failure"
    assert failure.get("type") == "refused, wrongly"
    assert failure.get("message", "").startswith("refused, wrongly; below the threshold: it was read")
    assert "expected  “The match 🏟 was called off.” (rain)" in (failure.text or "")
    assert cases["q6"][0].tag == "error"
    assert cases["q6"][0].get("message") == "ZeroDivisionError: crashed"
    assert cases["q1"].get("time") == "0.010"


def test_a_right_answer_whose_citation_does_not_resolve_is_a_failure_in_junit(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path, [right("q1", metrics={"validity": 0.0})]))
    assert ElementTree.fromstring(junit_report(run))[0].get("failures") == "1"


def test_what_nobody_can_judge_is_skipped_in_junit(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path, [right("q1", metrics={"right": None})]))
    assert ElementTree.fromstring(junit_report(run)).find(".//skipped") is not None


@given(st.text())
def test_junit_is_xml_whatever_is_asked(text: str) -> None:
    rows = [row(Asked("q1", question=text, error=text))]
    folder = Path("run")
    run = Run(folder, {**summary(rows), "name": text}, [_row(rows[0])], {})
    suites = ElementTree.fromstring(junit_report(run).encode())
    assert suites[0].get("tests") == "1"


def _row(fields: dict) -> object:
    from evals.runs import Row

    return Row(**fields)


# HTML


def test_the_page_asks_nothing_of_anybody(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [right("q1"), refused("q2")], groups={})
    write_reports(folder)
    page = (folder / "report.html").read_text()
    head = page[: page.index('<script type="application/json"')]
    assert "default-src 'none'" in head
    assert not re.search(r"""src\s*=|href="[^#]|@import|url\(""", head)


def test_nothing_in_an_article_or_a_question_is_markup_in_the_page(folder: Path) -> None:
    write_reports(folder)
    page = (folder / "report.html").read_text()
    assert page.count("<script") == page.count("</script>") == 2  # the data's, and ours
    assert "<img" not in page
    assert data_of(page)["cases"][6]["question"] == f"What of {HOSTILE}?"


def test_a_text_that_looks_like_a_place_in_the_template_is_left_alone(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [right("q1", question="{{data}} {{script}} {{title}}?")], name="{{data}}")
    write_reports(folder)
    page = (folder / "report.html").read_text()
    assert "<h1>{{data}}: 1 case</h1>" in page
    assert data_of(page)["cases"][0]["question"] == "{{data}} {{script}} {{title}}?"


def test_a_lone_surrogate_is_written_as_json_escapes_it(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [right("q1")])
    path = folder / "results.jsonl"
    path.write_text(path.read_text().replace("What happened", "\\ud83c happened"))
    write_reports(folder)
    assert "\\ud83c happened" in (folder / "report.html").read_text(encoding="utf-8")


def test_windows_hold_what_is_around_each_span_and_join_where_they_meet() -> None:
    text = "0123456789" * 3
    assert windows(text, [(3, 5)], None) == [(0, text)]
    assert windows(text, [(20, 22), (3, 5)], 2) == [(1, "123456"), (18, "890123")]
    assert windows(text, [(3, 5), (6, 8)], 2) == [(1, "123456789")]
    assert windows(text, [(28, 30)], 5) == [(23, "3456789")]
    assert windows(text, [], 5) == []


def test_seven_thousand_cases_with_long_articles_stay_below_fifteen_megabytes(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [outranked(f"q{n}") for n in range(7000)])
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    sentence = (
        "One sentence of a hundred and fifty characters or so, of which long articles have a great many, at least."
    )
    with (folder / "articles.jsonl").open("w") as file:
        for number, one in enumerate(rows):
            fields = {"id": f"a{number}", "title": "T", "published": None, "source": None, "sentences": []}
            file.write(json.dumps({**fields, "text": f"{sentence} " * 80}) + "\n")
            places = [*one["gold_places"], *one["answer"]["citations"], *one["answer"]["evidence"]]
            for at, place in enumerate(places):
                place |= {"article_id": f"a{number}", "start": 1000 * at, "end": 1000 * at + len(sentence)}
    (folder / "results.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    write_reports(folder)
    assert (folder / "report.html").stat().st_size < 15_000_000
