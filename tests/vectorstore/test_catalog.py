"""The catalog: what SQLite holds of a library, tried without vectors."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.catalog import Catalog, Filter
from vectorstore.errors import ArticleUnknown, LibraryDamaged
from vectorstore.passages import make_passages
from vectorstore.sentences import sentences_of
from vectorstore.values import Article

TITLE_WEIGHT = 2.0
AWKWARD = "😀 👩‍👩‍👧 𝔘 cafe\u0301 Köln ﬁ 漢字 İ ß \u202e \ufffd \u00ad \u200d ' \" % _ ; -- *"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog.create(tmp_path, {"model": "fake@1"})


def put(catalog: Catalog, article: Article, ready: bool = True) -> None:
    sentences = sentences_of(article)
    tokens = [len(article.text[s.start : s.end].split()) for s in sentences]
    passages = make_passages(article, sentences, tokens, 12)
    catalog.put(article, sentences, passages, fingerprint=article.content_hash, signature=b"")
    if ready:
        catalog.publish(1, [article.id], [])


def article(id: str, text: str, title: str = "", published: str | None = None, source: str | None = None) -> Article:
    return Article(id, title or id, published, source, text)


def matches(catalog: Catalog, query: str, where: Filter | None = None) -> list[str]:
    found = catalog.match(query, 50, where or Filter(), TITLE_WEIGHT)
    return [passage.article_id for passage, _ in found]


def test_an_article_comes_back_as_it_was_put(catalog: Catalog) -> None:
    given = article("a/b c#1", f"One {AWKWARD}. Two.\n\nThree.", f"Title {AWKWARD}", "2013-12-04", "The Paper")
    put(catalog, given)
    stored = catalog.article("a/b c#1")
    assert stored.article == given
    assert tuple(stored.sentences) == sentences_of(given)
    assert catalog.listing()[0].sentences == len(stored.sentences)
    assert catalog.check() == []


def test_a_pending_article_is_listed_and_does_not_answer(catalog: Catalog) -> None:
    put(catalog, article("a", "Coal fell."), ready=False)
    assert [(line.id, line.ready) for line in catalog.listing()] == [("a", False)]
    assert matches(catalog, "coal") == []
    assert catalog.passages(["a#0-0"]) == {}
    catalog.publish(1, ["a"], [])
    assert matches(catalog, "coal") == ["a"]
    assert list(catalog.passages(["a#0-0", "nothing"])) == ["a#0-0"]


def test_a_deleted_passage_is_doomed_until_its_vector_is_gone_or_made_again(catalog: Catalog) -> None:
    put(catalog, article("a", "One two three four five six seven. " * 6))
    old = {passage.id for passage in catalog.passages_of("a")}
    put(catalog, article("a", "Another one stands here."))
    new = {passage.id for passage in catalog.passages_of("a")}
    assert set(catalog.doomed()) == old - new
    catalog.publish(2, [], catalog.doomed())
    assert catalog.doomed() == []
    catalog.remove(["a"])
    assert set(catalog.doomed()) == new
    put(catalog, article("a", "Another one stands here."))
    assert catalog.doomed() == []


def test_every_passage_has_in_the_index_exactly_the_text_that_python_slices(catalog: Catalog) -> None:
    given = article("a", f"One {AWKWARD}. Two 😀 sentences more. Three {AWKWARD} and a half.")
    put(catalog, given)
    sentences = catalog.article("a").sentences
    rows = catalog._all("SELECT p.id, t.body FROM passage_text t JOIN passages p ON p.number = t.number")
    by_id = {passage.id: passage for passage in catalog.passages_of("a")}
    assert {row[0] for row in rows} == set(by_id)
    for id, body in rows:
        assert body == given.text[sentences[by_id[id].first].start : sentences[by_id[id].last].end]


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=4
    ),
    titles=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=4, max_size=4),
)
def test_any_text_can_be_put_in_the_place_of_any_other_without_a_trace(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], titles: list[str]
) -> None:
    catalog = Catalog.create(tmp_path_factory.mktemp("catalog"), {})
    for text, title in zip(texts, titles, strict=False):
        put(catalog, article("a", text, title))
        assert catalog.check() == []
    catalog.remove(["a"])
    assert catalog.check() == []
    catalog.close()


@pytest.mark.parametrize(
    "query",
    [
        '""',
        '"AND"',
        '"NEAR(a b)"',
        '"*"',
        '"_"',
        '"😀"',
        '"cafe\u0301"',
        '"title"',
        '"a" OR "b"',
        '"' + "x" * 5000 + '"',
    ],
)
def test_a_quoted_word_is_never_an_operator(catalog: Catalog, query: str) -> None:
    put(catalog, article("a", "AND title NEAR(a b) cafe\u0301."))
    assert set(matches(catalog, query)) <= {"a"}


@pytest.mark.parametrize("word", ["coal", "", '"', "a b", "*", "AND", "😀", "x" * 3000])
def test_frequencies_can_be_asked_of_any_word(catalog: Catalog, word: str) -> None:
    put(catalog, article("a", "Coal fell."))
    assert catalog.document_frequencies([word])[word] in (0, 1)


def test_words_match_by_their_stem_whatever_their_case_and_accents(catalog: Catalog) -> None:
    put(catalog, article("a", "The minister RAISED it in Köln."))
    assert matches(catalog, '"raise"') == matches(catalog, '"koln"') == matches(catalog, '"ministers"') == ["a"]


def test_a_word_in_the_title_counts_for_more(catalog: Catalog) -> None:
    put(catalog, article("body", "Coal fell in the north.", "Power"))
    put(catalog, article("title", "Power fell in the north.", "Coal"))
    assert matches(catalog, '"coal"') == ["title", "body"]


def test_equal_scores_are_ranked_by_id_whatever_the_order_of_storing(catalog: Catalog) -> None:
    for id in ("c", "a", "b"):
        put(catalog, article(id, "Coal fell.", "Power"))
    assert matches(catalog, '"coal"') == ["a", "b", "c"]


def test_filters_keep_articles_by_date_and_source(catalog: Catalog) -> None:
    put(catalog, article("old", "Coal.", published="2013-12-03", source="The Paper"))
    put(catalog, article("mid", "Coal.", published="2013-12-04", source="ÉCHO du Nord"))
    put(catalog, article("new", "Coal.", published="2013-12-05"))
    put(catalog, article("undated", "Coal.", source="paper_boy"))
    assert matches(catalog, '"coal"', Filter(since="2013-12-04")) == ["mid", "new"]
    assert matches(catalog, '"coal"', Filter(until="2013-12-04")) == ["mid", "old"]
    assert matches(catalog, '"coal"', Filter(since="2013-12-04", until="2013-12-04")) == ["mid"]
    assert matches(catalog, '"coal"', Filter(source="PAPER")) == ["old", "undated"]
    assert matches(catalog, '"coal"', Filter(source="écho")) == ["mid"]
    assert matches(catalog, '"coal"', Filter(source="%")) == []


def test_an_id_that_a_copy_was_given_leads_to_the_article(catalog: Catalog) -> None:
    put(catalog, article("a", "Coal."))
    catalog.note_origin("/x/a.txt", "a", "a")
    catalog.note_origin("/x/b.txt", "b", "a")
    assert (catalog.resolve("a"), catalog.resolve("b")) == ("a", "a")
    with pytest.raises(ArticleUnknown, match="footnote list"):
        catalog.resolve("c")


def test_finishing_a_file_again_keeps_what_it_holds(catalog: Catalog) -> None:
    put(catalog, article("a", "Coal."))
    for file_hash in ("1", "2"):
        catalog.note_origin("/x/a.txt", "a", "a")
        catalog.finish_file("/x/a.txt", file_hash)
        assert catalog.origins("/x/a.txt") == {"a": "a"}
        assert catalog.file_hash("/x/a.txt") == file_hash


def test_an_article_that_is_taken_over_makes_its_other_files_be_read_again(catalog: Catalog) -> None:
    for path in ("/x/a.txt", "/x/b.txt"):
        catalog.note_origin(path, "a", "a")
        catalog.note_origin(path, "other", "other")
        catalog.finish_file(path, "1")
    assert catalog.take_over("/x/a.txt", "a", "a") == ([], ["/x/b.txt"])
    assert catalog.origins("/x/b.txt") == {"other": "other"}
    assert (catalog.file_hash("/x/a.txt"), catalog.file_hash("/x/b.txt")) == ("1", None)


def test_a_transaction_that_fails_changes_nothing(catalog: Catalog) -> None:
    put(catalog, article("a", "Coal."))
    broken = article("b", "Wind.")
    sentences = sentences_of(broken)
    passages = make_passages(article("a", "Coal."), sentences, [1], 12)  # an id that is taken
    with pytest.raises(LibraryDamaged):
        catalog.put(broken, sentences, passages, fingerprint="", signature=b"")
    assert list(catalog.article_ids()) == ["a"]
    assert catalog.check() == []


def test_a_library_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite.new").write_text("what a killed process left")
    Catalog.create(tmp_path, {"model": "fake@1"}).close()
    catalog = Catalog.open(tmp_path)
    assert catalog.setting("model") == "fake@1"
    assert sorted(path.name for path in tmp_path.iterdir() if "-" not in path.name) == ["catalog.sqlite"]
