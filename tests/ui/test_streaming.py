"""An answer in a terminal while it is made: the evidence first, then each claim, then the footnotes."""

from collections.abc import Generator

import pytest

from assistant.answering import Event, Finished, Found, Said
from assistant.values import Answer, Citation, Claim, Dropped, Evidence, Models, Support, Verdict
from tests.assistant.shelf import Shelf
from ui.streaming import show
from vectorstore.values import Article

STORED = Shelf(Article("rain", "Rain", "2020-01-02", "Gazette", "It rained in Leeds. Schools were closed [2]."))
RAIN, SCHOOLS = (STORED.evidence("rain", ordinal, 0.9).citation for ordinal in (0, 1))
WIDTH = 60


def claim_of(citation: Citation, said_on: str | None = None) -> Claim:
    return Claim(citation.quote, (citation,), Support(Verdict.VERBATIM, 1.0), said_on)


def events_of(
    *claims: Claim,
    asked: str = "What?",
    notes: tuple[str, ...] = (),
    dropped: int = 0,
    closed: list[bool] | None = None,
) -> Generator[Event]:
    evidence = (Evidence(RAIN, 0.9), Evidence(SCHOOLS, 0.5))
    try:
        yield Found(asked, evidence)
        for number, claim in enumerate(claims, 1):
            yield Said(claim, [number])
        left_out = tuple(Dropped("Frogs fell.", "meaning", "no sentence says so") for _ in range(dropped))
        abstained = not claims
        yield Finished(
            Answer("What?", asked, claims, left_out, abstained, 0.5, evidence, Models("e", "r", "c"), notes=notes)
        )
    finally:
        if closed is not None:
            closed.append(True)


def test_the_evidence_is_printed_before_anything_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []

    def events() -> Generator[Event]:
        for event in events_of(claim_of(RAIN), claim_of(SCHOOLS)):
            printed.append(capsys.readouterr().out)
            yield event

    show("What?", events(), WIDTH)
    printed.append(capsys.readouterr().out)
    start, found, first, second, rest = printed
    assert start == ""
    assert found.startswith("Nearest sentences:\n- “It rained in Leeds.”\n  Rain · 2020-01-02 · Gazette\n")
    assert first == "It rained in Leeds. [1]\n"
    assert second == "Schools were closed (2). [2]\n"
    assert rest.startswith("\n[1] “It rained in Leeds.”")
    assert "[2] “Schools were closed [2].”" in rest


def test_what_is_returned_is_the_whole_answer(capsys: pytest.CaptureFixture[str]) -> None:
    answer = show("What?", events_of(claim_of(RAIN)), WIDTH)
    assert answer.claims == (claim_of(RAIN),)


def test_days_are_told_where_claims_have_them(capsys: pytest.CaptureFixture[str]) -> None:
    show("What?", events_of(claim_of(RAIN, "2020-01-02")), WIDTH)
    assert "(2020-01-02) It rained in Leeds. [1]\n" in capsys.readouterr().out


def test_how_a_follow_up_was_understood_is_told_first(capsys: pytest.CaptureFixture[str]) -> None:
    show("And there?", events_of(claim_of(RAIN), asked="What fell in Leeds?"), WIDTH)
    assert capsys.readouterr().out.startswith("Understood as: What fell in Leeds?\n\nNearest sentences:")


def test_a_refusal_is_told_once_under_the_nearest_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    answer = show("What?", events_of(), WIDTH)
    shown = capsys.readouterr().out
    assert answer.abstained
    assert shown.count("Nearest sentences:") == 1
    assert shown.endswith("\n\nThe library holds no answer to this question.\n")


@pytest.mark.parametrize(
    ("dropped", "told"),
    [
        (0, None),
        (1, "1 statement was left out because no sentence supports it."),
        (2, "2 statements were left out because no sentence supports"),
    ],
)
def test_notes_and_what_was_left_out_are_told_at_the_end(
    capsys: pytest.CaptureFixture[str], dropped: int, told: str | None
) -> None:
    show("What?", events_of(claim_of(RAIN), notes=("The model\x1b[31m is gone.",), dropped=dropped), WIDTH)
    shown = capsys.readouterr().out
    assert "The model�[31m is gone." in shown
    assert ("left out" in shown) == bool(told)
    assert told is None or told in shown


def test_a_reader_that_goes_away_closes_the_events(capsys: pytest.CaptureFixture[str]) -> None:
    closed: list[bool] = []

    def interrupted() -> Generator[Event]:
        inner = events_of(claim_of(RAIN), claim_of(SCHOOLS), closed=closed)
        try:
            yield next(inner)
            yield next(inner)
            raise KeyboardInterrupt
        finally:
            inner.close()

    with pytest.raises(KeyboardInterrupt):
        show("What?", interrupted(), WIDTH)
    assert closed == [True]


def test_the_events_are_closed_when_the_answer_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    closed: list[bool] = []
    show("What?", events_of(claim_of(RAIN), closed=closed), WIDTH)
    assert closed == [True]
