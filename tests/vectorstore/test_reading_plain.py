from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.formats.furniture import caption_of, is_box_heading, is_furniture, without_credit
from vectorstore.reading import Draft, read_articles

FIRST = "Coal use fell last year, the operator said on Friday."
SECOND = "The minister welcomed the figures in a speech."


def read(tmp_path: Path, text: str) -> Draft:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    (draft,) = read_articles(path)
    assert isinstance(draft, Draft)
    return draft


FURNITURE = """
Share this|Share this page|Share this with Facebook|Share on Twitter|Facebook Twitter Email|Advertisement
ADVERTISEMENT|Read more: How China hacks the world|READ MORE: Who is Mr Li?|Read More
More: Map of the week|Sign up to our newsletter|Sign up for our daily newsletter here.
Subscribe to our podcast|Follow us on Twitter|Follow us on Facebook, Twitter and Instagram.
Follow Jane Doe on Twitter: @janedoe|Follow @BBCNews on Twitter|Copyright © 2013 BBC
© 2013 Reuters. All rights reserved.|Copyright 2013 The Associated Press. All rights reserved.
All rights reserved.|Contact the writer at jane@example.com or leave a word below.
Contact Jane Doe at jane@example.com.|Image source, Getty Images|Image copyright Reuters|Getty Images
AFP/Getty Images|Skip to main content|Story continues below|12 comments|1.2k shares|5 min read|Image: AFP
Photo by Jane Doe|* * *|___
"""

NEAR_MISSES = """
Share this view, he said, and you are wrong.|Share this with your children tonight.
Advertisement spending rose by 4% in May.|Read more: the more you read, he said, the better.
More: he wants more.|Follow us on the trail, said the guide.
Follow the money on Twitter and you will find them.|Sign up to our newsletter, he told them, or leave.
Sign up to our army was his only order.|Copyright law protects the writer.
Copyright 1998 was the year the law changed.|All rights reserved for kings were ended in 1789.
Contact the writer, and he will not reply.|Reuters reported the deal on Monday.
Related topics were discussed in Paris.|Getty Images was sold for $2.4bn.
More on this story will be given at ten.|Image source code was released on Friday.
Subscribe to our view of history and you will lose.|Most read it twice.
"""


@pytest.mark.parametrize("line", FURNITURE.strip().replace("\n", "|").split("|"))
def test_furniture_is_left_out(tmp_path: Path, line: str) -> None:
    assert is_furniture(line)
    assert read(tmp_path, f"Coal falls\n\n{FIRST}\n\n{line}\n\n{SECOND}").text == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize("line", NEAR_MISSES.strip().replace("\n", "|").split("|"))
def test_a_sentence_that_only_begins_like_furniture_is_kept(tmp_path: Path, line: str) -> None:
    assert not is_furniture(line)
    assert not is_box_heading(line)
    assert read(tmp_path, f"Coal falls\n\n{FIRST}\n\n{line}\n\n{SECOND}").text == f"{FIRST}\n{line}\n{SECOND}"


SENTENCES = st.builds(
    lambda start, middle, end: f"{start} {middle} {end}.",
    st.sampled_from(
        [
            "Share this",
            "More on this story",
            "Read more",
            "Contact the writer",
            "Image caption",
            "By Jane",
            "Copyright",
        ]
    ),
    st.sampled_from(["was said by", "is what he gave to", "and so on went", "are words of"]),
    st.sampled_from(["the man in the hall", "a minister on 4 December 2013", "Reuters and others"]),
)


@given(st.lists(SENTENCES, min_size=1, max_size=8), st.sampled_from(["\n", "\n\n"]))
def test_no_sentence_is_ever_lost(sentences: list[str], between: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        assert read(Path(folder), between.join(sentences)).text.split("\n") == sentences


# Above the text


@pytest.mark.parametrize(
    "section", ["UK Politics", "Technology", "Home > News > World", "Science & Environment", "US & Canada"]
)
def test_a_section_name_above_the_headline_is_left_out(tmp_path: Path, section: str) -> None:
    draft = read(tmp_path, f"{section}\n\nCoal use falls again\n\n{FIRST}")
    assert (draft.title, draft.text) == ("Coal use falls again", FIRST)


def test_a_headline_that_could_name_a_section_stays_one_when_text_follows(tmp_path: Path) -> None:
    draft = read(tmp_path, f"World News\n{FIRST}")
    assert (draft.title, draft.text) == ("World News", FIRST)


def test_an_unknown_line_above_the_headline_is_the_title_and_nothing_is_lost(tmp_path: Path) -> None:
    draft = read(tmp_path, f"Solar power\n\nHow the sun became cheap\n\n{FIRST}")
    assert (draft.title, draft.text) == ("Solar power", f"How the sun became cheap\n{FIRST}")


@pytest.mark.parametrize(
    "stamp",
    [
        *("4 December 2013", "Published 4 Dec 2013", "Wednesday, December 4, 2013"),
        "4 December 2013 Last updated at 10:09 GMT",
        "Published: 10:09 GMT, 4 December 2013 | Updated: 12:30 GMT, 5 December 2013",
        "2013-12-04T10:09:00Z",
        "Dec. 4, 2013",
    ],
)
@pytest.mark.parametrize("byline", ["", "By Jane Doe\nPolitical correspondent, BBC News\n\n"])
def test_a_time_stamp_and_a_byline_above_the_text_are_left_out(tmp_path: Path, stamp: str, byline: str) -> None:
    draft = read(tmp_path, f"Coal falls\n\n{byline}{stamp}\n\n{FIRST}\n\n{SECOND}")
    assert (draft.title, draft.published, draft.text) == ("Coal falls", "2013-12-04", f"{FIRST}\n{SECOND}")


def test_a_headline_that_looks_like_a_link_to_another_story_is_the_title(tmp_path: Path) -> None:
    draft = read(tmp_path, f"In pictures: a year of coal\n{FIRST}\nIn pictures: a year of gas")
    assert (draft.title, draft.text) == ("In pictures: a year of coal", FIRST)


def test_dates_and_names_further_down_are_text(tmp_path: Path) -> None:
    below = f"{FIRST}\n{SECOND}\n4 December 2013\nBy Jane Doe\n{SECOND}"
    draft = read(tmp_path, f"Diary\n{below}")
    assert (draft.published, draft.text) == (None, below)


def test_a_date_in_a_headline_or_a_sentence_is_no_time_stamp(tmp_path: Path) -> None:
    text = "On 4 December 2013 it fell to 2%."
    draft = read(tmp_path, f"What happened on 4 December 2013\n{text}\n{SECOND}")
    assert (draft.title, draft.published, draft.text) == (
        "What happened on 4 December 2013",
        None,
        f"{text}\n{SECOND}",
    )


def test_without_a_headline_the_first_line_is_the_title_and_stays_text(tmp_path: Path) -> None:
    draft = read(tmp_path, f"{FIRST}\n{SECOND}")
    assert (draft.title, draft.text) == (FIRST, f"{FIRST}\n{SECOND}")


def test_a_headline_may_end_in_initials_or_a_question_mark(tmp_path: Path) -> None:
    for title in ("Xi vows to work with the U.S.", "Who is Peter Humphrey?", "‘I was wrong,’ says Xi"):
        assert read(tmp_path, f"{title}\n{FIRST}").title == title


@pytest.mark.parametrize("text", ["Milk\nEggs\nBread", "One line only", "Roses are red\nViolets are blue"])
def test_what_is_no_article_is_kept_whole(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).text == text


# Captions and boxes


def test_captions_are_paragraphs_without_label_alt_text_and_credit(tmp_path: Path) -> None:
    text = f"Coal falls\n\n{FIRST}\n\nA tower\nImage caption The tower fell on Friday (Credit: AFP)\n\n{SECOND}"
    assert read(tmp_path, text).text == f"{FIRST}\nThe tower fell on Friday\n{SECOND}"


def test_a_label_on_a_line_of_its_own_leaves_its_caption(tmp_path: Path) -> None:
    text = f"Coal falls\n\n{FIRST}\n\nImage caption,\nThe tower fell on Friday\n\n{SECOND}"
    assert read(tmp_path, text).text == f"{FIRST}\nThe tower fell on Friday\n{SECOND}"


def test_a_sentence_above_a_caption_is_no_alt_text(tmp_path: Path) -> None:
    text = f"Coal falls\n\n{FIRST}\n{SECOND}\nImage caption The tower\n\n{SECOND}"
    assert read(tmp_path, text).text == f"{FIRST}\n{SECOND}\nThe tower\n{SECOND}"


@pytest.mark.parametrize(
    "line",
    ["Image captions are short.", "Image caption writers are paid less.", "The image caption said so."],
)
def test_sentences_about_captions_are_none(line: str) -> None:
    assert caption_of(line) is None


@pytest.mark.parametrize(
    "line",
    ["He left (photo shoots bored him)", "It rose by 4% (Source: Ofcom)", "He said so (credit to him)"],
)
def test_brackets_that_hold_words_are_no_credit(line: str) -> None:
    assert without_credit(line) == line


def test_nothing_counts_after_more_on_this_story(tmp_path: Path) -> None:
    text = f"Coal falls\n{FIRST}\n{SECOND}\nMore on this story\nGas rises\nGas rose by 4% in May.\n3 May 2013"
    assert read(tmp_path, text).text == f"{FIRST}\n{SECOND}"


def test_a_heading_of_a_box_that_stands_first_does_not_take_the_article(tmp_path: Path) -> None:
    text = f"Coal falls\n\nMore on this story\n\nGas rises\n\n{FIRST}\n\n{SECOND}"
    assert read(tmp_path, text).text == f"{FIRST}\n{SECOND}"


def test_a_box_between_two_paragraphs_is_left_out_up_to_the_next_sentence(tmp_path: Path) -> None:
    text = f"Coal falls\n{FIRST}\nRelated stories\nGas rises\nOil falls\n{SECOND}"
    assert read(tmp_path, text).text == f"{FIRST}\n{SECOND}"


# Lines


WRAPPED = """\
The Voyage

It was a bright cold day in the harbour, and the clocks of the
town were striking one when the Captain came aboard with his
long-
legged dog. Nobody spoke.

He looked at London, at the Thames and at the grey hills that
Turner had painted. "We sail," he said, and that was all:

- one anchor
- two masts

  Then the wind rose.
"""


def test_hard_wrapped_text_becomes_paragraphs(tmp_path: Path) -> None:
    assert read(tmp_path, WRAPPED).text.split("\n") == [
        "It was a bright cold day in the harbour, and the clocks of the town were striking one when the "
        "Captain came aboard with his long-legged dog. Nobody spoke.",
        "He looked at London, at the Thames and at the grey hills that Turner had painted. "
        '"We sail," he said, and that was all:',
        "- one anchor",
        "- two masts",
        "Then the wind rose.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Two roads diverged in a wood,\nAnd sorry I could not travel both\nAnd be one traveller, I stood.",
        "David Cameron seeks cyber-security talks\nXi Jinping to visit Seattle\nDeals worth billions are signed.",
        f"{FIRST}\n{SECOND}\n{FIRST}",
        f"{FIRST} {SECOND} {FIRST}\n{SECOND} {SECOND} {FIRST}",
    ],
)
def test_lines_that_were_not_wrapped_are_left_alone(tmp_path: Path, text: str) -> None:
    draft = read(tmp_path, text)
    assert [draft.title, *draft.text.split("\n")][-2:] == text.split("\n")[-2:]


def test_spaces_inside_a_line_and_before_its_punctuation_are_left_as_they_are(tmp_path: Path) -> None:
    text = "He told The Washington Post .  Two spaces, a\u00a0hard one and cafe\u0301 stay."
    assert read(tmp_path, f"Coal falls\n  {text}  ").text == text


def test_lines_that_could_take_for_ever_do_not(tmp_path: Path) -> None:
    for text in (
        " " * 300_000 + ")",
        "(" * 300_000 + ")",
        "More on this story\n" * 50_000,
        ("a " * 30 + "\n") * 20_000,
        "'\"" * 300_000,
    ):
        read(tmp_path, f"Coal falls\n{FIRST}\nx{text}\n{SECOND}")
