"""The evals tab's routes: the runs that there are, and their reports."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.evals.run_folder import HOSTILE, outranked, refused, right, write_run
from tests.ui.skeleton import Skeleton
from ui.web import eval_runs
from ui.web.guarding import person_of


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def client(runs: Path) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(eval_runs.routes(runs))
    app.dependency_overrides[person_of] = lambda: "user:ann"
    with TestClient(app) as client:
        yield client


def make(runs: Path, folder: str, day: str = "22", **changes: object) -> Path:
    timings = {"started": f"2026-11-{day}T05:00:00+00:00", "seconds": 1.0, "latency_ms": {}}
    return write_run(runs / folder, [right("q1"), outranked("q2"), refused("q3")], timings=timings, **changes)


def test_without_runs_it_says_what_to_type(client: TestClient) -> None:
    assert "footnote eval run" in client.get("/evals/runs").text


def test_runs_are_newest_first_with_their_figures_and_model(client: TestClient, runs: Path) -> None:
    make(runs, "old", "20", name="older", models={"embedding": "e", "reader": "r", "chat": "openai:some"})
    make(runs, "new", "21", name="newer")
    skeleton = Skeleton(client.get("/evals/runs").text)
    text = skeleton.text
    assert text.index("newer") < text.index("older")
    assert "2026-11-21 05:00" in text
    assert "33.3 %" in text  # right: one of three
    assert "quoting" in text
    assert "openai:some" in text
    assert "–" in text  # no figure of this kind


def test_a_run_that_cannot_be_read_is_named_with_the_reason_and_the_others_are_there(
    client: TestClient, runs: Path
) -> None:
    make(runs, "whole", name="whole one")
    make(runs, "stopped")
    (runs / "stopped" / "run.json").write_text("{}")
    (runs / "stopped" / "summary.json").unlink()
    make(runs, "torn")
    (runs / "torn" / "results.jsonl").write_text("{")
    (runs / "no run").mkdir()
    text = Skeleton(client.get("/evals/runs").text).text
    assert "the run has not ended" in text
    assert "results.jsonl, line 1: it is not whole" in text
    assert "whole one" in text
    assert "no run" not in text
    assert str(runs) not in text


def test_a_report_is_made_where_there_is_none_and_again_when_the_run_is_newer(client: TestClient, runs: Path) -> None:
    folder = make(runs, "a run #1")
    response = client.get("/evals/a%20run%20%231/report.html")
    assert response.status_code == 200
    assert "weather: 3 cases" in response.text
    report = folder / "report.html"
    report.write_text("kept")
    assert client.get("/evals/a%20run%20%231/report.html").text == "kept"
    os.utime(report, (1, 1))
    assert "weather: 3 cases" in client.get("/evals/a%20run%20%231/report.html").text


def test_a_report_can_reach_nothing_but_itself(client: TestClient, runs: Path) -> None:
    make(runs, "one")
    policy = client.get("/evals/one/report.html").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize("name", ["..", "%2e%2e", "..%2f..%2fetc", "nothing", "a%00b", "%2Fetc"])
def test_no_name_leads_out_of_the_folder(client: TestClient, runs: Path, name: str) -> None:
    make(runs, "one")
    (runs.parent / "summary.json").write_text("{}")
    (runs.parent / "report.html").write_text("secret")
    response = client.get(f"/evals/{name}/report.html")
    assert response.status_code == 404
    assert "secret" not in response.text


def test_nothing_that_a_run_says_becomes_markup(client: TestClient, runs: Path) -> None:
    make(runs, "evil", name=HOSTILE, models={"embedding": HOSTILE, "reader": HOSTILE, "chat": HOSTILE})
    (runs / "<img src=x onerror=alert(1)>").mkdir()
    (runs / "<img src=x onerror=alert(1)>" / "summary.json").write_text("[")
    skeleton = Skeleton(client.get("/evals/runs").text)
    assert set(skeleton.tags) <= set("div table thead tbody tr th td button span".split())
    assert skeleton.text.count(HOSTILE) == 2
    assert not [name for name, _ in skeleton.attributes if name.startswith("on")]
