"""Search: the fusion by hand, nearness in time, filters, and any question at all."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import FakeEmbedder
from vectorstore.catalog import Filter
from vectorstore.errors import UsageError
from vectorstore.indexing import index
from vectorstore.library import Library
from vectorstore.search import NEARNESS_DAYS, RRF_K, by_vector, by_words, fuse, nearness, search
from vectorstore.values import Hit, Passage

A, B, C = (Passage(f"{name}#0-0", name, 0, 0) for name in "abc")
DAY = date(2013, 12, 20)

Make = Callable[..., Library]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a library of articles: name=(text, date, source)."""

    def made(**articles: tuple[str, str | None, str | None]) -> Library:
        for name, (text, published, source) in articles.items():
            front = "".join(f"{key}: {value}\n" for key, value in (("date", published), ("source", source)) if value)
            (tmp_path / f"{name}.md").write_text(f"---\ntitle: A report\n{front}---\n\n{text}\n")
        index(tmp_path / "library", [tmp_path], load=lambda name, threads: FakeEmbedder())
        return Library.open(tmp_path / "library", load=lambda name, threads: FakeEmbedder())

    return made


def find(library: Library, question: str, where: Filter | None = None, as_of: date | None = None) -> list[Hit]:
    vector = library.embedder.embed_question(question)
    return search(library, question, vector, limit=10, where=where, as_of=as_of)


def found(library: Library, question: str, where: Filter | None = None, as_of: date | None = None) -> list[str]:
    return [hit.passage.article_id for hit in find(library, question, where, as_of)]


def test_the_fusion_by_hand() -> None:
    scores = fuse([[A, B, C], [C, A]])
    # A: first and second. C: third and first. B: second in one alone. With k = 60:
    assert RRF_K == 60
    assert scores == {
        A: pytest.approx(1 / 61 + 1 / 62),
        B: pytest.approx(1 / 62),
        C: pytest.approx(1 / 63 + 1 / 61),
    }
    assert sorted(scores, key=lambda p: -scores[p]) == [A, C, B]
    assert fuse([[], []]) == {}


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("2013-12-20", 1.0),
        ("2013-12-06", 0.5),
        ("2013-11-22", 0.25),
        ("2013-12-13", 0.5**0.5),
        ("2013-12-21", 1.0),  # a day later: the other side of the world
        ("2013-12-22", 0.0),
        (None, 0.0),
    ],
)
def test_nearness_by_hand(published: str | None, expected: float) -> None:
    assert NEARNESS_DAYS == 14
    assert nearness(published, DAY) == pytest.approx(expected)


def test_of_two_that_match_alike_the_nearer_before_the_day_of_asking_comes_first(make: Make) -> None:
    library = make(
        a=("Coal use fell in Leeds.", "2013-10-01", None),
        b=("Coal use fell in Derby.", "2013-12-19", None),
        c=("Coal use fell in Crewe.", "2014-02-01", None),
        d=("Coal use fell in Truro.", None, None),
    )
    # Ranks 1 to 4 differ by less than 2 (1/61 - 1/64) = 0.0015; a day before the day of asking is worth 0.0156.
    assert found(library, "coal use", as_of=DAY)[0] == "b"
    assert found(library, "coal use", as_of=date(2014, 2, 2))[0] == "c"
    assert sorted(found(library, "coal use", as_of=DAY)) == ["a", "b", "c", "d"]


def test_one_article_alone_may_be_asked_and_its_passages_are_ranked_as_in_a_library_of_it_alone(make: Make) -> None:
    library = make(
        a=("Coal use fell in Leeds.", "2013-10-01", None),
        b=("Coal use fell in Derby. " * 60, "2013-12-19", None),
    )
    assert found(library, "coal use in Leeds", Filter(article="a")) == ["a"]
    of_b = find(library, "coal use in Leeds", Filter(article="b"))
    assert len(of_b) > 1
    assert {hit.passage.article_id for hit in of_b} == {"b"}
    vector = library.embedder.embed_question("coal use in Leeds")
    stored = library.vectors.vectors([hit.passage.id for hit in of_b])
    assert [hit.similarity for hit in of_b] == [pytest.approx(float(stored[h.passage.id] @ vector)) for h in of_b]
    assert found(library, "coal use", Filter(article="a", since="2013-11-01")) == []
    assert found(library, "coal use", Filter(article="gone")) == []


def test_what_only_the_words_find_has_its_cosine_too(make: Make) -> None:
    filler = {f"f{n}": (f"Filler number {n} about filler things.", None, None) for n in range(120)}
    library = make(rare=("The zyzzyva stood there.", None, None), **filler)
    vector = library.embedder.embed_question("filler number about things")
    rare = Passage("rare#0-0", "rare", 0, 0)
    assert rare not in by_vector(library, vector, Filter())
    similarities = {hit.passage: hit.similarity for hit in search(library, "zyzzyva", vector, limit=10)}
    stored = library.vectors.vectors([passage.id for passage in similarities])
    assert rare in similarities
    for passage, similarity in similarities.items():
        assert similarity == pytest.approx(float(stored[passage.id] @ vector), abs=1e-5)


def test_hits_are_ranked_by_score_and_no_passage_comes_twice(make: Make) -> None:
    library = make(
        **{f"a{n}": (f"Coal use fell {n} times in the north of the country.", None, None) for n in range(30)}
    )
    hits = find(library, "coal in the north")
    assert len(hits) == 10
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.passage.id for hit in hits}) == 10


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(since="2013-12-04"), {"mid", "new"}),
        (Filter(until="2013-12-04"), {"old", "mid"}),
        (Filter(since="2013-12-04", until="2013-12-04"), {"mid"}),
        (Filter(source="paper"), {"old", "undated"}),
        (Filter(source="ÉCHO"), {"mid"}),
        (Filter(source="paper", since="2013-01-01"), {"old"}),
        (Filter(source="nobody"), set()),
        (Filter(since="2020-01-01"), set()),
    ],
)
def test_words_and_vectors_are_filtered_alike(make: Make, where: Filter, expected: set[str]) -> None:
    library = make(
        old=("Coal fell.", "2013-12-03", "The Paper"),
        mid=("Coal rose.", "2013-12-04", "L'écho du Nord"),
        new=("Coal stayed.", "2013-12-05", None),
        undated=("Coal was there.", None, "PAPERBOY"),
    )
    vector = library.embedder.embed_question("coal")
    assert {passage.article_id for passage in by_words(library.catalog, "coal", where)} == expected
    assert {passage.article_id for passage in by_vector(library, vector, where)} == expected
    assert set(found(library, "coal", where)) == expected


@pytest.mark.parametrize("value", ["yesterday", "2013", "20131204", "2013-W49-3", "2013-13-01", "2013-12-04T10:00"])
def test_a_date_that_is_none_is_refused_with_an_example(make: Make, value: str) -> None:
    library = make(a=("Coal fell.", None, None))
    with pytest.raises(UsageError, match="--since takes a date such as 2013-12-04"):
        found(library, "coal", Filter(since=value))
    with pytest.raises(UsageError, match="--until takes a date such as 2013-12-04"):
        found(library, "coal", Filter(until=value))


@pytest.fixture(scope="module")
def any_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.txt").write_text("Coal use AND cafe\u0301 NEAR the 😀 title fell.")
    index(folder / "library", [folder], load=lambda name, threads: FakeEmbedder())
    return Library.open(folder / "library", load=lambda name, threads: FakeEmbedder())


@pytest.mark.parametrize(
    "question",
    [
        "",
        " ",
        "?",
        "😀",
        '"',
        '""" OR coal',
        "coal AND NOT",
        "NEAR(coal use, 3)",
        "title:coal ^coal {title} : coal*",
        "coal) (use",
        "cafe\u0301 ﬁ 漢字 İ",
        "the of and",
        "_ __ 1_000",
        "\x00coal\x00",
        "\udcff coal",
        "x" * 100_000,
        "coal " * 5_000,
        "; DROP TABLE articles; --",
    ],
)
def test_no_question_raises(any_library: Library, question: str) -> None:
    assert {hit.passage.article_id for hit in find(any_library, question)} == {"a"}


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_any_text_is_a_question(any_library: Library, question: str) -> None:
    assert len(find(any_library, question)) == 1


def test_an_empty_library_answers_with_nothing(library: Library) -> None:
    assert find(library, "coal") == []
    assert find(library, "coal", Filter(source="x", since="2013-01-01"), DAY) == []
