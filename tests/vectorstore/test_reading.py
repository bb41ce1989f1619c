"""Finding files, and what every format has in common."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.formats import files
from vectorstore.formats.dates import parse_date
from vectorstore.reading import READERS, Draft, Unreadable, find_files, read_articles

SEEDS = Path(os.environ.get("FOOTNOTE_SHARED", Path(__file__).parents[3] / "shared")) / "seeds"
needs_seeds = pytest.mark.skipif(
    not SEEDS.is_dir(),
    reason=f"the two news pages are not in {SEEDS}: set FOOTNOTE_SHARED to the folder above",
)
as_user = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions mean nothing to root")
PROSE = "Coal use fell last year, the operator said on Friday."


def read_one(path: Path) -> Draft | Unreadable:
    (only,) = read_articles(path)
    return only


def reason(path: Path) -> str:
    found = read_one(path)
    assert isinstance(found, Unreadable)
    return found.reason


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


# Finding


def test_finds_files_below_folders_sorted_and_skips_hidden_and_other_ones(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.MD", "a/y.html", ".hidden.txt", ".git/x.txt", "image.png", "c.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, PROSE)
    names = [str(path.relative_to(tmp_path)) for path in find_files([tmp_path])]
    assert names == ["a/y.html", "a/z.MD", "b.txt", "c.jsonl"]


def test_finds_each_file_once_however_often_it_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", PROSE)
    (tmp_path / "link.txt").symlink_to(file)
    (tmp_path / "sub").mkdir()
    assert find_files([file, tmp_path, tmp_path / "sub" / ".." / "a.txt"]) == [file]


def test_survives_links_that_go_round_and_follows_the_others(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "out").mkdir()
    write(tmp_path / "out" / "a.txt", PROSE)
    (tmp_path / "in" / "there").symlink_to(tmp_path / "out")
    assert [path.name for path in find_files([tmp_path / "in"])] == ["a.txt"]


def test_a_file_that_links_to_itself_is_found_and_reported(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    (found,) = find_files([tmp_path])
    assert "symbolic links" in reason(found)


def test_every_missing_path_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    here = write(tmp_path / "here.txt", PROSE)
    found = find_files([tmp_path / "one.txt", here, tmp_path / "two"])
    assert found == [here, tmp_path / "one.txt", tmp_path / "two"]
    assert reason(found[1]) == "no such file or directory"
    assert reason(found[2]) == "no such file or folder"


def test_a_named_file_of_an_unknown_kind_is_reported_by_name_and_reason(tmp_path: Path) -> None:
    (found,) = find_files([write(tmp_path / "a.xyz", PROSE)])
    assert str(read_one(found)).startswith(f"{tmp_path / 'a.xyz'}: .xyz cannot be read; these can: .txt")


@as_user
def test_a_folder_that_cannot_be_listed_is_found_and_reported(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    try:
        assert find_files([tmp_path]) == [locked]
        assert reason(locked) == "permission denied"
    finally:
        locked.chmod(0o700)


# What is no article


@pytest.mark.parametrize("suffix", sorted(READERS))
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no text"),
        (b" \n\t\r\n ", "no text"),
        (b"%PDF-1.7 and so on", "a PDF document"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG image"),
        (bytes(range(256)) * 9, "binary"),
        (b"abc\x00\x00\x00\x00\x00def", "binary"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(tmp_path: Path, suffix: str, data: bytes, said: str) -> None:
    assert said in reason(write(tmp_path / f"a{suffix}", data))


@pytest.mark.parametrize("suffix", sorted(READERS))
def test_a_pipe_a_folder_and_a_device_do_not_block(tmp_path: Path, suffix: str) -> None:
    os.mkfifo(tmp_path / f"pipe{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    (tmp_path / f"device{suffix}").symlink_to("/dev/zero")
    for name in ("pipe", "folder", "device"):
        assert f"it is a {name}" in reason(tmp_path / f"{name}{suffix}")


@as_user
def test_a_file_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", PROSE).chmod(0)
    assert reason(tmp_path / "a.txt") == "permission denied"


def test_a_file_that_vanished_is_reported(tmp_path: Path) -> None:
    assert reason(tmp_path / "gone.txt") == "no such file or directory"


def test_a_file_that_is_too_large_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    assert reason(tmp_path / "a.txt").startswith("it is larger than 50 MB: split it")


@given(suffix=st.sampled_from(sorted(READERS)), data=st.binary(max_size=400))
def test_any_bytes_yield_drafts_or_reasons_and_never_an_exception(suffix: str, data: bytes) -> None:
    check_any(suffix, data)


WEIRD = st.text(
    st.one_of(
        st.sampled_from(list("<>&#*_`[]()!|-=~\\\"'{}:,.0123456789\n\r\t /aB—é中\x00\u2028\ufeff")),
        st.characters(),
    ),
    max_size=300,
)
SNIPPETS = st.lists(
    st.sampled_from(
        [
            *("<p>", "</p>", "<html>", "<body>", "<figure>", "<figcaption>", "<table><tr><td>", "<script>", "<br>"),
            *(
                "<!--",
                "---\n",
                "title: x\n",
                "date: 2013\n",
                "# ",
                "- ",
                "> ",
                "```\n",
                "![a](b)",
                "Image caption ",
                "By Jane Doe\n",
            ),
            *(
                "4 December 2013\n",
                "More on this story\n",
                "\n\n",
                '{"text": "x"}\n',
                "A sentence that is here to stay. ",
            ),
        ]
    ),
    max_size=30,
).map("".join)


@given(
    suffix=st.sampled_from(sorted(READERS)),
    text=st.one_of(WEIRD, SNIPPETS),
    codec=st.sampled_from(["utf-8", "utf-16", "cp1252", "gb18030"]),
)
def test_any_text_yields_drafts_or_reasons_and_never_an_exception(suffix: str, text: str, codec: str) -> None:
    check_any(suffix, text.encode(codec, "replace"))


def check_any(suffix: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / f"a{suffix}", data)
        found = list(read_articles(path))
        assert found
        for item in found:
            if isinstance(item, Unreadable):
                assert item.reason
                assert str(item).startswith(str(path))
            else:
                assert item.text.strip()
                assert item.title == " ".join(item.title.split()) != ""
                item.text.encode()
                assert "\x00" not in item.text
                assert suffix == ".jsonl" or not set(item.text) & set("\r\v\f\x85\u2028\u2029")
        assert [str(item) for item in read_articles(path)] == [str(item) for item in found]


# Encodings

ENCODED = [
    ("utf-8", "The programme cost £650m, he said. It’s “right” to ask, she said."),
    ("utf-8-sig", "The programme cost £650m, he said."),
    ("utf-16", "The programme cost £650m, he said."),
    ("utf-16-be", "\ufeffThe programme cost £650m, he said."),
    ("utf-32", "The programme cost £650m, he said."),
    ("cp1252", "The programme cost £650m, he said. It’s “right” to ask, she said."),
    ("cp1252", "Le président a déclaré que la réforme était nécessaire, après une journée de débats."),
    ("cp1252", "Die Straße wurde für drei Tage gesperrt; Müller sagte, es sei nötig."),
    ("cp1250", "Prezydent powiedział, że żaden z posłów nie może wyjść wcześniej. Źródła rządowe."),
    ("cp1251", "Президент России заявил, что переговоры продолжатся в понедельник."),
    ("koi8_r", "Президент России заявил, что переговоры продолжатся в понедельник."),
    ("gb18030", "中国国家主席习近平宣布中国愿意与美国政府合作打击网络犯罪。"),
    ("big5", "中國國家主席習近平宣布中國願意與美國政府合作打擊網路犯罪。"),
    ("shift_jis", "習近平国家主席は、サイバー犯罪を阻止するために米国政府と協力する意向を表明した。"),
    ("euc_jp", "習近平国家主席は、サイバー犯罪を阻止するために米国政府と協力する意向を表明した。"),
    ("cp949", "시진핑 중국 국가주석은 미국 정부와 협력할 의향을 밝혔다."),
]


@pytest.mark.parametrize(("codec", "text"), ENCODED)
def test_text_is_read_in_the_encoding_that_it_was_written_in(tmp_path: Path, codec: str, text: str) -> None:
    draft = read_one(write(tmp_path / "a.txt", text.encode(codec)))
    assert isinstance(draft, Draft)
    assert draft.text == text.removeprefix("\ufeff")
    assert bool(draft.notes) == (not codec.startswith("utf"))


@pytest.mark.xfail(reason="ten bytes of Chinese are also Korean: nothing in them tells")
def test_very_short_chinese_is_told_from_korean(tmp_path: Path) -> None:
    draft = read_one(write(tmp_path / "a.txt", "中国和美国".encode("gb18030")))
    assert isinstance(draft, Draft)
    assert draft.text == "中国和美国"


def test_a_broken_byte_in_utf8_is_replaced_and_said_and_the_rest_is_kept(tmp_path: Path) -> None:
    draft = read_one(
        write(tmp_path / "a.txt", "“Right,” she said – ".encode() + b"\xff" + " and left it “there”.".encode())
    )
    assert isinstance(draft, Draft)
    assert draft.text == "“Right,” she said – \ufffd and left it “there”."
    assert draft.notes == ("1 bytes are not UTF-8 and were replaced",)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\u2028", "\f"])
def test_every_kind_of_line_end_becomes_a_newline(tmp_path: Path, end: str) -> None:
    draft = read_one(write(tmp_path / "a.txt", f"{PROSE}{end}{PROSE}"))
    assert isinstance(draft, Draft)
    assert draft.text == f"{PROSE}\n{PROSE}"


# Dates


@pytest.mark.parametrize(
    "written",
    [
        *(
            "2013-12-04",
            "20131204",
            "2013-12-04T23:30:00-05:00",
            "2013-12-04 10:09:00",
            "2013-12-04T10:09:00Z",
        ),
        *("2013/12/04", "2013-12-4", "4 December 2013", "December 4, 2013", "Dec. 4, 2013", "4 Dec 2013"),
        *(
            "4th December 2013",
            "Wednesday, December 4, 2013",
            "Wed, 04 Dec 2013 10:09:00 GMT",
            " 2013-12-04 ",
        ),
        *("Wed, 4 Dec 2013 22:09:00 -0800", "December 4, 2013 at 10:09 am"),
    ],
)
def test_common_dates_become_iso_days_as_they_are_written(written: str) -> None:
    assert parse_date(written) == "2013-12-04"


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "soon",
            "2013",
            "December 2013",
            "03/04/2013",
            "4.12.13",
            "1386115200",
            "1312041530",
            "Wednesday",
        ),
        *("10:09", "2013-13-45", "31 February 2013", "4 December", "May", "1" * 500),
    ],
)
def test_what_is_not_one_day_for_certain_is_no_date(written: str) -> None:
    assert parse_date(written) is None


@given(
    st.one_of(
        st.text(max_size=70),
        st.from_regex(r"[\d/. :TZ,+-]{0,30}|[A-Za-z]{0,9} \d{1,4},? \d{1,4}", fullmatch=True),
    )
)
def test_no_date_raises(written: str) -> None:
    day = parse_date(written)
    assert day is None or len(day) == 10


# Costs


def test_importing_reading_imports_no_parser() -> None:
    heavy = ["trafilatura", "lxml", "markdown_it", "yaml", "charset_normalizer", "dateutil"]
    code = f"import sys, vectorstore.reading; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_format_uses_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    page = f'<html><head><base href="http://127.0.0.1/"><link rel="canonical" href="http://127.0.0.1/x"></head>{PROSE}'
    for suffix in READERS:
        for text in ("http://127.0.0.1/page.html", page, f"![x](http://127.0.0.1/x.png) {PROSE}"):
            assert list(read_articles(write(tmp_path / f"a{suffix}", text)))


# The two real pages


def body_of(name: str) -> Draft:
    (path,) = SEEDS.glob(f"{name}*.txt")
    draft = read_one(path)
    assert isinstance(draft, Draft)
    return draft


@needs_seeds
def test_the_first_seed_is_read_as_a_person_would() -> None:
    draft = body_of("000")
    lines = draft.text.split("\n")
    assert draft.title.startswith("David Cameron seeks cyber-security talks")
    assert lines[0].startswith("David Cameron was welcomed to Beijing")
    assert lines[0].endswith("on Monday")
    assert lines[1].startswith("British Prime Minister David Cameron says")
    assert any(line.startswith("Mr Cameron takes tea") and line.endswith("in Chengdu") for line in lines)
    assert "'Mutual concern'" in lines
    assert lines[-1].endswith("the Dalai Lama last year.")
    assert not {
        "UK Politics",
        "More on this story",
        draft.title,
        "Premier Li Keqiang and David Cameron",
    } & set(lines)
    assert "Image caption" not in draft.text
    assert "£650m" in draft.text


@needs_seeds
def test_the_second_seed_is_read_as_a_person_would() -> None:
    draft = body_of("001")
    lines = draft.text.split("\n")
    assert draft.title.startswith("Xi Jinping: China vows to work with US")
    assert lines[0].startswith("Chinese President Xi Jinping announced")
    assert lines[-1].endswith("delivers policy speech in Seattle")
    assert "The Washington Post ." in draft.text
    assert "Contact the writer" not in draft.text
    assert "Credit" not in draft.text
