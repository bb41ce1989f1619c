from pathlib import Path

import pytest

from vectorstore.formats.html import MOST_ATTRIBUTES
from vectorstore.reading import Draft, Unreadable, read_articles

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Coal falls - Example News</title>
<meta property="og:title" content="Coal use falls to a record low">
<meta property="og:site_name" content="Example News">
<meta property="article:published_time" content="2021-03-05T23:30:00-05:00">
<script>var x = "script that never shows";</script><style>p{color:red}</style></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav>
<article><h1>Coal use falls to a record low</h1><p class="byline">By Jane Doe</p>
<figure><img src="x.jpg" alt="Tower"><figcaption>
<span>Image caption</span> A tower near Leeds closed on Friday
(Credit: AFP)</figcaption></figure>
<p>Britain burned less coal last year than in any year since 1850,
   the grid operator said on Friday.</p>
<p>It said the <a href="/x">last power station</a> would close by
<b>2024</b>.<br>The minister welcomed the figures.</p>
<h2>'A long road'</h2>
<ul><li>Wind made 25% of power.</li><li>Gas made 35% of power, a little more than before.</li></ul>
<table><tr><th>Year</th><th>Share</th></tr><tr><td>2020</td><td>1.6%</td></tr></table>
<p>Advertisement</p>
<p>Campaigners asked for more money for homes, and said that the plan left out people who rent.</p>
</article><footer>Copyright © 2021 Example News. All rights reserved.</footer></body></html>"""


def read(tmp_path: Path, page: str | bytes) -> Draft | Unreadable:
    path = tmp_path / "a.html"
    path.write_bytes(page if isinstance(page, bytes) else page.encode())
    (found,) = read_articles(path)
    return found


def draft_of(tmp_path: Path, page: str | bytes) -> Draft:
    found = read(tmp_path, page)
    assert isinstance(found, Draft), found
    return found


def test_the_article_of_a_page_is_a_paragraph_a_line(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, PAGE)
    assert (draft.title, draft.published, draft.source) == (
        "Coal use falls to a record low",
        "2021-03-05",
        "Example News",
    )
    assert draft.text.split("\n") == [
        "A tower near Leeds closed on Friday",
        "Britain burned less coal last year than in any year since 1850, the grid operator said on Friday.",
        "It said the last power station would close by 2024.",
        "The minister welcomed the figures.",
        "'A long road'",
        "Wind made 25% of power.",
        "Gas made 35% of power, a little more than before.",
        "Year | Share",
        "2020 | 1.6%",
        "Campaigners asked for more money for homes, and said that the plan left out people who rent.",
    ]
    assert draft.notes == ()


@pytest.mark.parametrize(
    "page",
    [
        "<p>Coal use fell last year.</p>",
        "<html><title>T</title><p>Coal use fell last year.",
        "Coal use fell last year.",
        "<div>Coal use fell last year.</b></i></div></html></p>",
    ],
)
def test_fragments_and_broken_pages_give_their_text(tmp_path: Path, page: str) -> None:
    assert draft_of(tmp_path, page).text == "Coal use fell last year."


@pytest.mark.parametrize(
    "page", ["<html></html>", "<script>x()</script>", "<html><body><p> </p><!-- x --></body></html>"]
)
def test_a_page_without_text_is_an_error(tmp_path: Path, page: str) -> None:
    found = read(tmp_path, page)
    assert isinstance(found, Unreadable)
    assert found.reason == "no text"


@pytest.mark.parametrize(
    ("codec", "declared"),
    [("cp1252", "iso-8859-1"), ("shift_jis", "Shift_JIS"), ("gb18030", "gb2312"), ("cp1251", "rot13")],
)
def test_a_page_is_read_in_the_encoding_that_it_declares_if_that_is_one(
    tmp_path: Path, codec: str, declared: str
) -> None:
    sentence = {
        "cp1252": "Müller said “no”.",
        "shift_jis": "東京で会談した。",
        "gb18030": "北京举行会谈。",
        "cp1251": "Президент России заявил, что переговоры продолжатся.",
    }[codec]
    page = f'<html><head><meta charset="{declared}"><title>T</title></head><body><p>{sentence}</p></body></html>'
    assert draft_of(tmp_path, page.encode(codec)).text == sentence


def test_a_year_in_the_text_is_no_date(tmp_path: Path) -> None:
    page = "<html><head><title>T</title></head><body><p>It began on 4 May 1999, he said.</p></body></html>"
    assert draft_of(tmp_path, page).published is None


@pytest.mark.parametrize(
    "page",
    [
        *(
            "<div>" * 50_000 + "text",
            "<b>" * 50_000 + "text",
            "<table><tr><td>" * 5_000 + "text",
            "<" * 100_000,
        ),
        *(
            "<!--" * 50_000,
            "<br>" * 10_000 + "text",
            "&amp" * 50_000,
            "<script>" * 50_000,
            "<p title='" * 50_000,
        ),
        f"<title>{'a - ' * 20_000}</title><p>text",
        '<script type="application/ld+json">' + "[" * 50_000 + "</script><p>text",
    ],
)
def test_pages_made_to_break_a_parser_are_survived(tmp_path: Path, page: str) -> None:
    read(tmp_path, page)


def test_an_element_of_too_many_attributes_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    found = read(tmp_path, f"<p {' '.join(f'a{number}=1' for number in range(100_000))}>text</p>")
    assert isinstance(found, Unreadable)
    assert f"more than {MOST_ATTRIBUTES} attributes" in found.reason


def test_a_long_picture_in_an_attribute_is_no_reason_to_refuse(tmp_path: Path) -> None:
    page = PAGE.replace('src="x.jpg"', f'src="data:image/png;base64,{"abc " * 100_000}"')
    assert draft_of(tmp_path, page).text == draft_of(tmp_path, PAGE).text


def test_what_trafilatura_logs_is_not_written_to_standard_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    read(tmp_path, "<html></html>")
    assert capfd.readouterr().err == ""
