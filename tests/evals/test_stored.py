"""Gold sentences: where they stand, and which have gone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evals.cases import Case, load_cases
from evals.metrics.matching import places
from evals.stored import Stored, gold_places, lost_gold
from evals.values import Place
from vectorstore.formats.draft import Draft
from vectorstore.library import Library
from vectorstore.reading import read_articles
from vectorstore.values import Passage

MakeCase = Callable[..., Case]


@pytest.fixture
def stored(library: Library) -> Stored:
    return Stored(library.catalog)


def test_a_gold_sentence_is_found_however_its_white_space_is_broken(make_case: MakeCase, stored: Stored) -> None:
    case = make_case(gold_sentences=("The match\n was  called off.",))
    assert lost_gold([case], stored) == []
    assert gold_places(case, stored) == [(Place("rain", 30, 55), "The match\n was  called off.")]


def test_gold_that_has_gone_names_case_sentence_and_article(make_case: MakeCase, stored: Stored) -> None:
    (lost,) = lost_gold([make_case(id="q7", gold_sentences=("It snowed.",))], stored)
    assert str(lost) == "case 'q7': the gold sentence 'It snowed.' is not in the article 'rain'"


def test_an_alternative_that_has_gone_counts_too(make_case: MakeCase, stored: Stored) -> None:
    case = make_case(accepted_sentences=("The match was called off.", "It snowed."))
    assert [lost.sentence for lost in lost_gold([case], stored)] == ["It snowed."]


def test_of_an_article_that_is_missing_nobody_can_say(make_case: MakeCase, stored: Stored) -> None:
    assert lost_gold([make_case(gold_doc_ids=("gone",), gold_sentences=("It snowed.",))], stored) == []
    assert lost_gold([make_case(gold_doc_ids=(), gold_sentences=("It snowed.",))], stored) == []


def test_a_passage_has_its_place_and_an_empty_one_if_its_article_has_gone(stored: Stored) -> None:
    assert stored.place(Passage("rain/0", "rain", 1, 2)) == Place("rain", 30, 74)
    assert stored.place(Passage("gone/0", "gone", 0, 0)) == Place("gone", 0, 0)
    assert stored.place(Passage("rain/0", "rain", 0, 9)) == Place("rain", 0, 0)


@pytest.mark.slow
def test_every_gold_sentence_of_the_public_sets_stands_in_our_canonical_text(shared: Path) -> None:
    cases = 0
    for questions in sorted((shared / "data").glob("*/questions.jsonl")):
        if not questions.stat().st_size:
            continue  # articles alone
        drafts = read_articles(questions.parent / "documents.jsonl")
        texts = {draft.given_id: draft.text for draft in drafts if isinstance(draft, Draft)}
        for case in load_cases(questions):
            cases += 1
            for sentence in case.accepted_sentences:
                assert any(places(texts.get(id, ""), sentence) for id in case.accepted_doc_ids), (questions, case.id)
    assert cases
