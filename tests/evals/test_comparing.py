"""Two runs side by side: what may be compared, what was won and lost, and how it is told."""

from pathlib import Path

import pytest

from evals.comparing import compare, render
from evals.runs import Run, read_run
from tests.evals.run_folder import Asked, broken, made_up, outranked, refused, right, rightly_refused, write_run
from vectorstore.errors import UsageError

BASE = [right("q1"), right("q2"), refused("q3"), rightly_refused("q4"), rightly_refused("q5")]
NEW = [right("q1"), outranked("q2"), right("q3"), made_up("q4"), rightly_refused("q5")]


def runs(folder: Path, base: list[Asked] = BASE, new: list[Asked] = NEW, **changes: object) -> tuple[Run, Run]:
    return read_run(write_run(folder / "base", base)), read_run(write_run(folder / "new", new, **changes))


def test_cases_won_and_lost_are_found_for_both_sorts_of_question(tmp_path: Path) -> None:
    changes = compare(*runs(tmp_path)).changes
    assert changes.lost == ["q2", "q4"]
    assert changes.won == ["q3"]


def test_a_case_that_ends_in_an_error_is_lost(tmp_path: Path) -> None:
    found = compare(*runs(tmp_path, [right("q1"), rightly_refused("q2")], [broken("q1"), broken("q2", gold=None)]))
    assert found.changes.lost == ["q1", "q2"]


def test_a_right_sentence_that_ranks_lower_is_told_though_the_answer_is_right(tmp_path: Path) -> None:
    lower = right("q1", read=[("snow", 0), ("rain", 1)], cited=[("snow", 0), ("rain", 1)])
    found = compare(*runs(tmp_path, [right("q1")], [lower]))
    assert found.changes.ranked_lower == ["q1"]
    assert "1 case ranked lower, though judged as before" in render(found)


def test_the_cases_come_first_with_gold_both_answers_and_the_stage(tmp_path: Path) -> None:
    text = render(compare(*runs(tmp_path)))
    assert text.index("2 cases lost") < text.index("1 case won") < text.index("metric")
    story = text[text.index("  q2:") : text.index("  q4:")]
    assert story.splitlines() == [
        "  q2: What happened to the match?",
        "    expected  “The match 🏟 was called off.” (rain)",
        "    base      “The match 🏟 was called off.” (rain) (confidence 0.90)",
        "    new       “Snow fell in York.” (snow) (confidence 0.70)",
        "              lost, outranked: it was read, but other sentences were put before it",
        "",
    ]


def test_each_metric_has_count_means_difference_interval_and_p(tmp_path: Path) -> None:
    found = compare(*runs(tmp_path, [right(f"q{n}") for n in range(10)], [outranked(f"q{n}") for n in range(10)]))
    one = next(one for one in found.metrics if one.name == "right")
    # Ten lost and none won: 2 / 2^10, the least p of all, so Holm multiplies it by the number of metrics
    assert (one.difference.n, one.difference.base, one.difference.new) == (10, 1, 0)
    assert one.difference.p == pytest.approx(2 / 1024)
    assert one.worse
    assert one.p == pytest.approx(len(found.metrics) * 2 / 1024)
    line = next(line for line in render(found).splitlines() if line.startswith("right "))
    assert line.split() == [*"right 10 100.0 % 0.0 % -100.0 points -100.0 to -100.0".split(), f"{one.p:.3f}"]


def test_a_figure_over_the_whole_set_is_shown_without_a_test(tmp_path: Path) -> None:
    line = next(line for line in render(compare(*runs(tmp_path))).splitlines() if line.startswith("auroc"))
    assert "not tested: of the whole set" in line


def test_a_metric_that_no_case_is_eligible_for_is_left_out(tmp_path: Path) -> None:
    found = compare(*runs(tmp_path, [right("q1")], [right("q1")]))
    assert "abstained_right" not in [one.name for one in found.metrics]


def test_times_are_not_compared(tmp_path: Path) -> None:
    assert "latency" not in render(compare(*runs(tmp_path)))


def test_two_runs_over_different_articles_refuse_to_be_compared(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be compared: their articles differ .*ffffffffffff.*aaaaaaaaaaaa"):
        compare(*runs(tmp_path, corpus={"fingerprint": "a" * 64, "articles": 4}))


def test_two_runs_over_different_cases_refuse_to_be_compared(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"their cases differ .*other\.jsonl"):
        compare(*runs(tmp_path, cases={"path": "other.jsonl", "sha256": "b" * 64, "n": 5}))


def test_two_samples_of_the_same_cases_refuse_to_be_compared(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2 cases of the set were asked in only one of them, such as q4"):
        compare(*runs(tmp_path, BASE, NEW[:3]))


def test_settings_and_models_that_differ_are_listed_and_not_refused(tmp_path: Path) -> None:
    models = {"embedding": "other", "reader": "none", "chat": None}
    found = compare(*runs(tmp_path, models=models))
    assert found.notes == ["models.embedding: none → other"]
    assert "models.embedding: none → other" in render(found)


def test_what_a_terminal_would_obey_is_taken_out(tmp_path: Path) -> None:
    new = [outranked("q1", question="Red \x1b[31m?\nSecond line")]
    text = render(compare(*runs(tmp_path, [right("q1")], new)))
    assert "\x1b" not in text
    assert "q1: Red �[31m? Second line" in text


def test_a_case_of_several_runs_counts_by_what_most_of_them_say(tmp_path: Path) -> None:
    base = [right("q1", run=run) for run in range(3)]
    mostly = [right("q1"), outranked("q1", run=1), right("q1", run=2)]
    seldom = [right("q1"), outranked("q1", run=1), outranked("q1", run=2)]
    assert compare(*runs(tmp_path / "a", base, mostly)).changes.lost == []
    assert compare(*runs(tmp_path / "b", base, seldom)).changes.lost == ["q1"]
