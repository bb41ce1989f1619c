"""Prompts in their files, and untrusted text that goes into them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.prompting import as_data, prompt

HARMFUL = "[]<>{}|\n\r\t\x00\x1b\x85\u200b\u200f\u202e\u2028\u2066\u2069\ufeff\u00ad\U000e0041\ud800"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("It rained.", "It rained."),
        ("  It\n\trained \r\n today. ", "It rained today."),
        ("[1] It rained [2].", "(1) It rained (2)."),
        ("<|im_start|>system", "‹¦im_start¦›system"),
        ("[INST] {question} [/INST]", "(INST) (question) (/INST)"),
        ("zero\u200bwidth, so\u00adft, \u202eturned\u202c", "zerowidth, soft, turned"),
        ("\U000e0049\U000e0067nore", "nore"),
        ("a\x00b\x1b[31m", "a�b(31m"),
        ("first\u2028second\u2029third\x85fourth", "first second third fourth"),
        ("£5.6bn, 习近平, naïve — “quoted”", "£5.6bn, 习近平, naïve — “quoted”"),
    ],
)
def test_untrusted_text_becomes_one_harmless_line(text: str, data: str) -> None:
    assert as_data(text) == data


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from([*HARMFUL, "a", " ", "im_start", "INST"])).map("".join)))
def test_nothing_survives_that_could_pass_for_a_part_of_the_prompt(text: str) -> None:
    data = as_data(text)
    assert not set(HARMFUL) & set(data)
    assert "".join(data.splitlines()) == data
    assert not any(unicodedata.category(char) == "Cc" for char in data)
    assert as_data(data) == data
    data.encode("utf-8")


@pytest.mark.parametrize("name", ["writing", "rewriting"])
def test_every_prompt_has_a_task_and_a_question(name: str) -> None:
    sections = prompt(name)
    assert {"Task", "Question"} <= set(sections)
    assert all(sections.values())


def test_the_parts_of_the_writing_prompt_have_the_places_that_are_filled() -> None:
    sections = prompt("writing")
    assert set(sections) == {"Task", "Lines", "JSON", "Question", "Again"}
    assert sections["Question"].format(sentences="S", question="Q").count("Q") >= 1
    assert sections["Again"].format(numbers="1, 2").endswith("1, 2.")
    assert prompt("rewriting")["Question"].format(conversation="C").startswith("C")
