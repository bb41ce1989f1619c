"""When a sentence that was shown is one that people marked."""

from collections.abc import Callable

from hypothesis import assume, given
from hypothesis import strategies as st

from evals.cases import Case
from evals.metrics.matching import agree, lies_in, matches, overlaps, places, same_words, shown_at
from evals.metrics.normalising import holds, normalise
from evals.values import Place
from vectorstore.sentences import split_sentences

spans = st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda pair: (pair[0], pair[0] + pair[1]))
words = st.lists(st.sampled_from(["rain", "fell", "York", "Mr.", "Smith", "£20", "no", "over"]), min_size=1, max_size=8)
sentences = st.lists(words.map(lambda some: " ".join(some) + "."), min_size=1, max_size=6)


def shown(text: str, start: int, end: int, article_id: str = "a") -> dict[str, object]:
    return {"article_id": article_id, "start": start, "end": end, "quote": text[start:end]}


def case_of(*doc_ids: str) -> Case:
    return Case("q", "?", (), True, doc_ids, (), doc_ids)


@given(spans, spans)
def test_overlap_does_not_depend_on_the_order(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert overlaps(one, other) == overlaps(other, one)
    assert agree(one, other) == agree(other, one)


@given(spans, spans)
def test_overlap_is_the_share_of_common_characters(one: tuple[int, int], other: tuple[int, int]) -> None:
    common = len(set(range(*one)) & set(range(*other)))
    assert overlaps(one, other) == (common / min(one[1] - one[0], other[1] - other[0]) >= 0.5)
    assert agree(one, other) == (common / max(one[1] - one[0], other[1] - other[0]) >= 0.5)
    assert overlaps(one, other) or not agree(one, other)


@given(sentences, st.sampled_from([" ", "\n", "\n\n"]))
def test_a_sentence_of_the_article_always_matches_itself(parts: list[str], space: str) -> None:
    text = space.join(parts)
    for start, end in split_sentences(text):
        assert matches(shown(text, start, end), text[start:end], case_of("a"), {"a": text}.get)


@given(sentences, st.data())
def test_what_shares_no_place_with_the_gold_sentence_does_not_match(parts: list[str], data: st.DataObject) -> None:
    text = " ".join(parts)
    cuts = split_sentences(text)
    gold, other = data.draw(st.sampled_from(cuts)), data.draw(st.sampled_from(cuts))
    found = places(text, text[gold[0] : gold[1]])
    assume(all(other[1] <= start or end <= other[0] for start, end in found))
    assert not matches(shown(text, *other), text[gold[0] : gold[1]], case_of("a"), {"a": text}.get)


@given(sentences, st.data())
def test_places_hold_the_words_of_the_sentence(parts: list[str], data: st.DataObject) -> None:
    text = "\n".join(parts)
    wanted = data.draw(st.sampled_from(parts))
    found = places(text, wanted.replace(" ", "  "))
    assert found
    assert all(text[start:end].split() == wanted.split() for start, end in found)


def test_gold_longer_and_gold_shorter_than_our_sentence_match_by_place() -> None:
    text = "He left at noon. She stayed; the others slept."
    both, part = "He left at noon. She stayed; the others slept.", "the others slept."
    ours = [shown(text, 0, 16), shown(text, 17, len(text))]
    assert [matches(one, both, case_of("a"), {"a": text}.get) for one in ours] == [True, True]
    assert [matches(one, part, case_of("a"), {"a": text}.get) for one in ours] == [False, True]


def test_a_short_gold_sentence_is_not_found_inside_every_sentence_that_mentions_it() -> None:
    text = "Subway\n\nThe chain Subway was founded in 1965."
    heading, sentence = shown(text, 0, 6), shown(text, 8, len(text))
    assert matches(heading, "Subway", case_of("a"), {"a": text}.get)
    assert not matches(sentence, "Subway", case_of("a"), {"a": text}.get)


def test_gold_is_not_found_in_the_middle_of_a_word() -> None:
    assert places("Yesterday it was no.", "Yes") == ()
    assert places("(“No” was all.)", "“No”") == ((1, 5),)
    assert places("a b", "  ") == ()


def test_a_wire_copy_matches_by_its_words() -> None:
    copy = "LONDON - Rain stopped the match in Leeds, officials said."
    gold = "Rain stopped the match in Leeds, officials said."
    assert matches(shown(copy, 0, len(copy), "wire"), gold, case_of("a"), {"wire": copy}.get)
    assert not matches(shown(copy, 0, len(copy), "wire"), "Officials said.", case_of("a"), {"wire": copy}.get)


def test_sentences_are_the_same_words_or_a_part_of_five() -> None:
    assert same_words("The rain stopped!", "rain stopped")
    assert not same_words("He said no.", "He said no to the plan on Monday.")
    assert same_words("He said no to plan B.", "He said no to plan B on Monday.")
    assert not same_words("...", "!")


def test_normalising_is_that_of_squad_with_the_punctuation_of_unicode() -> None:
    assert (
        normalise("The “Squid Game” isn’t over—an end… at £4.5bn, by 100%") == "squid game isnt over end at 45bn by 100"
    )
    assert normalise("A.") == ""


def test_a_phrase_is_held_as_whole_words_only() -> None:
    assert holds("Fans got £20 back.", "£20")
    assert not holds("Fans got £200 back.", "£20")
    assert not holds("Anything.", "the")


def test_an_article_that_is_gone_is_matched_by_its_words(make_case: Callable[..., Case]) -> None:
    gone = {"article_id": "rain", "start": 0, "end": 25, "quote": "The match was called off."}
    assert matches(gone, "The match was called off.", make_case(), {}.get)


def test_a_passage_holds_a_gold_sentence_by_place_however_short_it_is() -> None:
    text = "Subway\n\nThe chain Subway was founded in 1965. It grew."
    texts, case = {"a": text}.get, case_of("a")
    whole, tail = Place("a", 0, len(text)), Place("a", text.index("It grew."), len(text))
    assert lies_in(whole, "It grew.", case, texts)
    assert lies_in(tail, "It grew.", case, texts)
    assert not lies_in(tail, "The chain Subway was founded in 1965.", case, texts)
    # "founded in 1965." is 16 of the 37 characters, less than half of the sentence
    assert not lies_in(
        Place("a", text.index("founded"), len(text)), "The chain Subway was founded in 1965.", case, texts
    )


def test_a_passage_of_an_article_that_was_not_marked_holds_a_sentence_by_five_words_or_more() -> None:
    texts, case = {"wire": "LONDON - Rain stopped the match in Leeds. Yes."}.get, case_of("a")
    whole = Place("wire", 0, 46)
    assert lies_in(whole, "Rain stopped the match in Leeds.", case, texts)
    assert not lies_in(whole, "Yes.", case, texts)
    assert not lies_in(Place("gone", 0, 5), "Yes.", case, texts)


def test_a_place_is_shown_with_its_words() -> None:
    assert shown_at(Place("a", 3, 7), {"a": "It rained."}.get)["quote"] == "rain"
    assert shown_at(Place("gone", 3, 7), {}.get)["quote"] == ""
