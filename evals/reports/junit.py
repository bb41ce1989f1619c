"""A run -> JUnit XML, so that any CI lists its cases.

The form is the one that Jenkins, GitLab and the GitHub actions read: testsuites > testsuite > testcase,
with failure, error or skipped inside (https://github.com/testmoapp/junitxml).
"""

import re
from xml.etree import ElementTree

from evals.runs import BAD, ERROR, NOT_JUDGED, Row, Run
from evals.validity import invalid
from evals.wording import OUTCOME_MEANING, lost_at, story

# What XML 1.0 has no place for: control characters, lone surrogates, U+FFFE and U+FFFF.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(run: Run) -> str:
    """Return the XML: a testcase for each answer, its class name the set's; what is not right is a failure."""
    cases = [_testcase(row, run) for row in run.rows]
    told = [child.tag for case in cases for child in case]
    counts = {
        "tests": len(cases),
        "failures": told.count("failure"),
        "errors": told.count("error"),
        "skipped": told.count("skipped"),
        "time": f"{sum(map(_seconds, run.rows)):.3f}",
    }
    attributes = {name: str(value) for name, value in counts.items()}
    top = ElementTree.Element("testsuites", attributes)
    started = str(run.summary["timings"]["started"])
    suite = ElementTree.SubElement(top, "testsuite", {"name": _xml(run.name), **attributes, "timestamp": started})
    suite.extend(cases)
    ElementTree.indent(top)
    return ElementTree.tostring(top, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _testcase(row: Row, run: Run) -> ElementTree.Element:
    again = f" (run {row.run})" if row.run else ""
    name = _xml(f"{row.id}{again}: {row.question}")
    case = ElementTree.Element("testcase", {"classname": _xml(run.name), "name": name, "time": f"{_seconds(row):.3f}"})
    outcome, problem = row.outcome, invalid(row, run.articles)
    if outcome in BAD or problem:
        message = row.error or problem or "; ".join(filter(None, (outcome, lost_at(row))))
        tag = "error" if outcome == ERROR else "failure"
        told = ElementTree.SubElement(case, tag, {"message": _xml(message), "type": outcome})
        told.text = _xml("\n".join(story(row)))
    elif outcome == NOT_JUDGED:
        ElementTree.SubElement(case, "skipped", {"message": OUTCOME_MEANING[outcome]})
    return case


def _seconds(row: Row) -> float:
    return float(row.answer["timings_ms"].get("total", 0)) / 1000 if row.answer else 0.0


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
