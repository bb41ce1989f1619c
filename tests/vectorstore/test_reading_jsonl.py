import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.formats import jsonl
from vectorstore.reading import Draft, Unreadable, read_articles


def read(tmp_path: Path, *lines: object) -> list[Draft | Unreadable]:
    path = tmp_path / "a.jsonl"
    shown = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(shown) + b"\n")
    return list(read_articles(path))


def draft_of(tmp_path: Path, **fields: object) -> Draft:
    (draft,) = read(tmp_path, {"text": "Some text."} | fields)
    assert isinstance(draft, Draft)
    return draft


def test_a_whole_line_becomes_a_draft(tmp_path: Path) -> None:
    fields = {
        "id": "a-1",
        "title": " A  title ",
        "date": "4 December 2013",
        "source": "BBC",
        "url": "http://x.y/z",
    }
    assert draft_of(tmp_path, **fields) == Draft("a-1", "A title", "2013-12-04", "BBC", "Some text.", 1, ())


def test_only_the_text_is_needed(tmp_path: Path) -> None:
    assert draft_of(tmp_path) == Draft(None, "Some text.", None, None, "Some text.", 1, ())


@pytest.mark.parametrize(("given_id", "kept"), [(7, "7"), ("007", "007"), (" a b ", " a b "), ("é/中", "é/中")])
def test_the_id_is_kept_as_given(tmp_path: Path, given_id: object, kept: str) -> None:
    assert draft_of(tmp_path, id=given_id).given_id == kept


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://www.bbc.co.uk/news/1", "bbc.co.uk"),
        ("http://[bad", "http://[bad"),
        ("no url", "no url"),
        ("", None),
    ],
)
def test_without_a_source_the_host_of_the_url_serves(tmp_path: Path, url: str, source: str | None) -> None:
    assert draft_of(tmp_path, url=url).source == source


def test_a_missing_title_is_the_first_line_shortened(tmp_path: Path) -> None:
    title = draft_of(tmp_path, title="", text="\n " + "word " * 50 + "\nmore").title
    assert title.startswith("word word")
    assert title.endswith("word…")
    assert len(title) <= 100


def test_a_date_that_is_not_understood_is_a_note_and_not_a_lost_article(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, date="Spring 2013")
    assert draft.published is None
    assert draft.notes == ('the date "Spring 2013" was not understood, the article has none: write YYYY-MM-DD',)


@given(text=st.text(st.characters(exclude_categories=()), min_size=1))
def test_the_text_is_kept_exactly_but_for_what_cannot_be_stored(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "exact.jsonl"
    path.write_text(json.dumps({"text": text + "."}) + "\n", encoding="utf-8")
    (draft,) = read_articles(path)
    assert isinstance(draft, Draft)
    # Two halves of a character that stand side by side are one character to JSON.
    expected = json.loads(json.dumps(text + "."))
    assert len(draft.text) == len(expected)
    for kept, given_one in zip(draft.text, expected, strict=True):
        assert kept == ("\ufffd" if given_one == "\x00" or "\ud800" <= given_one <= "\udfff" else given_one)


def test_line_ends_and_furniture_in_the_text_are_kept(tmp_path: Path) -> None:
    text = "  Share this\r\nImage caption A\u2028B\n\n"
    assert draft_of(tmp_path, text=text).text == text


BAD = [
    (b"{not json", "not JSON: Expecting property name"),
    (b"17", "not a JSON object"),
    ({"title": "x"}, '"text" is missing'),
    ({"text": None}, '"text" is missing'),
    ({"text": ["x"]}, '"text" must be a string'),
    ({"text": " \n"}, "no text"),
    ({"text": "x", "title": 3}, '"title" must be a string, not a number'),
    ({"text": "x", "source": {}}, '"source" must be a string, not an object'),
    ({"text": "x", "id": ""}, '"id" is empty'),
    ({"text": "x", "id": True}, '"id" must be a string or a whole number, not true or false'),
    ({"text": "x", "id": 1.5}, '"id" must be a string or a whole number, not a number'),
    ({"text": "x", "id": "a\nb"}, '"id" holds a control character'),
    (b'{"text": "caf\xe9"}', "not UTF-8 at byte 14 of the line"),
    (b'{"text": ' + b"[" * 100_000, "nested too deeply"),
    (b'{"text": "x", "n": ' + b"9" * 9_999 + b"}", "a number too long"),
]


@pytest.mark.parametrize(("line", "said"), BAD)
def test_a_bad_line_is_named_and_the_others_go_on(tmp_path: Path, line: object, said: str) -> None:
    first, bad, last = read(tmp_path, {"text": "One."}, line, {"text": "Two."})
    assert isinstance(first, Draft)
    assert isinstance(last, Draft)
    assert isinstance(bad, Unreadable)
    assert (bad.line, first.line, last.line) == (2, 1, 3)
    assert said in bad.reason
    assert str(bad).startswith(f"{tmp_path / 'a.jsonl'}:2: ")


def test_blank_lines_and_a_byte_order_mark_are_no_articles(tmp_path: Path) -> None:
    found = read(tmp_path, b"\xef\xbb\xbf", b'{"text": "One."}\r', b" ", b'{"text": "Two."}')
    assert [(item.line, isinstance(item, Draft)) for item in found] == [(2, True), (4, True)]


@pytest.mark.parametrize(("first", "said"), [(b'[{"text": "x"},', "JSON array"), (b"\xff\xfe{\x00", "UTF-16")])
def test_another_layout_is_said_once_and_not_for_every_line(tmp_path: Path, first: bytes, said: str) -> None:
    (only,) = read(tmp_path, first, b'{"text": "y"}]')
    assert isinstance(only, Unreadable)
    assert said in only.reason


def test_a_line_over_the_limit_is_named_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE_BYTES", 50)
    first, long, last = read(tmp_path, {"text": "One."}, {"text": "x" * 500}, {"text": "Two."})
    assert isinstance(first, Draft)
    assert isinstance(last, Draft)
    assert isinstance(long, Unreadable)
    assert long.line == 2


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("w") as file:
        for number in range(3_000):
            file.write(json.dumps({"id": number, "text": "word " * 2_000}) + "\n")
    assert path.stat().st_size > 30_000_000
    tracemalloc.start()
    assert sum(isinstance(item, Draft) for item in read_articles(path)) == 3_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
