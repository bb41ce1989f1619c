from pathlib import Path

import pytest

from vectorstore.reading import Draft, Unreadable, read_articles

PROSE = "Coal use fell last year."


def read(tmp_path: Path, text: str) -> Draft | Unreadable:
    path = tmp_path / "a-note.md"
    path.write_bytes(text.encode())
    (found,) = read_articles(path)
    return found


def draft_of(tmp_path: Path, text: str) -> Draft:
    found = read(tmp_path, text)
    assert isinstance(found, Draft), found
    return found


def test_front_matter_is_read_as_it_is_written(tmp_path: Path) -> None:
    front = '---\nTitle: "No: a history"\ndate: 4 December 2013\nsource: BBC\nid: 007\ntags: [a, {b: c}]\n---\n'
    assert draft_of(tmp_path, front + PROSE) == Draft("007", "No: a history", "2013-12-04", "BBC", PROSE)


@pytest.mark.parametrize(
    ("front", "title"),
    [("title: No", "No"), ("title: 2001", "2001"), ("title: ~", "a-note"), ("title:", "a-note")],
)
def test_titles_that_yaml_would_take_for_something_else_stay_titles(tmp_path: Path, front: str, title: str) -> None:
    assert draft_of(tmp_path, f"---\n{front}\n---\n{PROSE}").title == title


def test_the_first_heading_is_the_title_and_no_text(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, f"# Coal *falls*\n\n{PROSE}\n\n# More")
    assert (draft.title, draft.text) == ("Coal falls", f"{PROSE}\nMore")


def test_a_heading_that_is_not_the_title_is_text(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, f"---\ntitle: Energy\n---\n# Coal falls\n{PROSE}")
    assert (draft.title, draft.text) == ("Energy", f"Coal falls\n{PROSE}")


def test_without_both_the_file_name_is_the_title(tmp_path: Path) -> None:
    assert draft_of(tmp_path, PROSE).title == "a-note"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("It *fell* in [2020](http://x.y 'z') to\n**two** `per cent`.", "It fell in 2020 to two per cent."),
        ("One  \nTwo\\\nThree<br>Four", "One\nTwo\nThree\nFour"),
        ("- one\n  - two\n\n1. three\n\n- [ ] four", "one\ntwo\nthree\n[ ] four"),
        ("![A tower](x.png)", "A tower"),
        ("See ![a tower](x.png) here.", "See here.\na tower"),
        ("```python\nif x:\n    y = '*a*'\n\n```", "if x:\n    y = '*a*'"),
        ("| Year | Share |\n|---|---|\n| 2020 | *1.6%* |", "Year | Share\n2020 | 1.6%"),
        ("> quoted\n> on\n\n***\n\nlast", "quoted on\nlast"),
        ("<div>a <em>b</em> &amp; c</div>\n<!-- gone -->", "a b & c"),
        (
            "&pound;5 &amp; \\*stars\\* ~~gone~~ 2*3*4 snake_case_name",
            "£5 & *stars* gone 234 snake_case_name",
        ),
        ("Setext\n------\n\n[ref]: http://x.y\n[A][ref] <http://a.b>", "Setext\nA http://a.b"),
    ],
)
def test_the_words_are_kept_and_the_signs_are_not(tmp_path: Path, markdown: str, text: str) -> None:
    assert draft_of(tmp_path, markdown).text == text


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("title: [a", "the front matter is not YAML in line"),
        ("title: 'a\nb: c", "the front matter is not YAML in line"),
        ("title: [a, b]", '"title" must be a string, not a list'),
        ("a: " + "[" * 9_000, "the front matter is not YAML that can be read"),
    ],
)
def test_bad_front_matter_is_an_error_that_says_where(tmp_path: Path, front: str, said: str) -> None:
    found = read(tmp_path, f"---\n{front}\n---\n{PROSE}")
    assert isinstance(found, Unreadable)
    assert said in found.reason


@pytest.mark.parametrize("text", [f"---\n{PROSE}", f"---\n{PROSE}\n---\nMore.", f"----\ntitle: x\n----\n{PROSE}"])
def test_rules_are_no_front_matter(tmp_path: Path, text: str) -> None:
    assert PROSE in draft_of(tmp_path, text).text


def test_references_to_references_do_not_explode(tmp_path: Path) -> None:
    laughs = "".join(f"k{n}: &k{n} [*k{n - 1}, *k{n - 1}, *k{n - 1}]\n" for n in range(1, 200))
    assert draft_of(tmp_path, f"---\ntitle: Ha\nk0: &k0 [x]\n{laughs}---\n{PROSE}").title == "Ha"


def test_no_class_is_built_from_a_tag(tmp_path: Path) -> None:
    assert draft_of(tmp_path, f"---\ntitle: !!python/name:os.getcwd\n---\n{PROSE}").title == "a-note"
    found = read(tmp_path, f"---\ntitle: !!python/object/apply:os.getcwd []\n---\n{PROSE}")
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize("part", ["[", "![", "*a ", "[a](", "> ", "`a``", "<!--", "- ", "a|b\n-|-\n"])
def test_text_made_to_take_for_ever_does_not(tmp_path: Path, part: str) -> None:
    read(tmp_path, f"{PROSE}\n\n" + part * 20_000)
