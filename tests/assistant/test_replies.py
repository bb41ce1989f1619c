"""What a chat model wrote, read in pieces of any size; nothing in it is trusted."""

import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.replies import LONGEST, Draft, Reply

RAIN, SNOW = Draft("It rained.", (2,)), Draft("Snow fell.", (3,))
BARE = Draft("It rained.", ())
NEVER = Draft("Here is the answer:", (), usable=False)
ONE = '{"claims": [{"sentences": [2], "text": "It rained."}]}'
BOTH = '{"claims": [{"sentences": [2], "text": "It rained."}, {"sentences": [3], "text": "Snow fell."}]}'

LINES = {
    "a number in front": ("[2] It rained.", [RAIN]),
    "a line each": ("[2] It rained.\n[3] Snow fell.\n", [RAIN, SNOW]),
    "cut off by the grammar's limit": (
        "[2] It rained. Snow fell on the",
        [RAIN, Draft("Snow fell on the.", (2,), usable=False)],
    ),
    "a number behind": ("It rained [2].", [RAIN]),
    "a number behind the full stop": ("It rained. [2] Snow fell. [3]", [RAIN, SNOW]),
    "several sentences in a line": ("[2] It rained. Snow fell.", [RAIN, Draft("Snow fell.", (2,))]),
    "several sentences in a line, each with its number": ("[2] It rained. [3] Snow fell.\n", [RAIN, SNOW]),
    "a number within the second sentence": ("[2] It rained. Snow fell [3].\n", [RAIN, Draft("Snow fell.", (2, 3))]),
    "abbreviations": ('[2] "It rained," said Mr. Li at 5 p.m. on Monday.', [
        Draft('"It rained," said Mr. Li at 5 p.m. on Monday.', (2,))
    ]),
    "several numbers": ("[2][3] It rained.\n[2, 3] It rained.\n[2-3] It rained.", [Draft("It rained.", (2, 3))] * 3),
    "a number twice": ("[2][2] It rained [2].", [RAIN]),
    "a list": ("- [2] It rained.\n2. [3] Snow fell.", [RAIN, SNOW]),
    "bold": ("**[2]** It rained.\n**[3] Snow fell.**", [RAIN, SNOW]),
    "a colon after the number": ("[2]: It rained.", [RAIN]),
    "a caret": ("[^2] It rained.", [RAIN]),
    "the brackets of other makers": ("【2】It rained.\n【3†source】Snow fell.", [RAIN, SNOW]),
    "a byte order mark": ("\ufeff[2] It rained.", [RAIN]),
    "windows line ends": ("[2] It rained.\r\n[3] Snow fell.\r\n", [RAIN, SNOW]),
    "a fence": ("```\n[2] It rained.\n```", [RAIN]),
    "Arabic digits": ("[٢] It rained.", [RAIN]),
    "a number never offered": ("[99] It rained.", [Draft("It rained.", (99,))]),
    "a huge number": (f"[{10**20}] It rained.", [Draft("It rained.", (10**20,))]),
    "a number beyond all reason": (f"[{'9' * 5000}] It rained.", [Draft(f"({'9' * (LONGEST - 1)}", (), usable=False)]),
    "no number": ("It rained.", [BARE]),
    "a negative number is none": ("[-2] It rained.", [Draft("(-2) It rained.", ())]),
    "a preamble": ("Here is the answer:\n[2] It rained.", [NEVER, RAIN]),
    "nothing": ("", []),
    "spaces": (" \n \n", []),
    "numbers alone": ("[2]\n[3] 12", []),
    "markup is no markup": ("[2] It <b>rained</b>.", [Draft("It ‹b›rained‹/b›.", (2,))]),
}  # fmt: skip

OBJECTS = {
    "JSON": (BOTH, [RAIN, SNOW]),
    "indented": (json.dumps(json.loads(BOTH), indent=2), [RAIN, SNOW]),
    "a fence": (f"```json\n{ONE}\n```", [RAIN]),
    "a preamble": (f"Here is the answer:\n\n```json\n{ONE}\n```\nI hope that helps.", [NEVER, RAIN]),
    "a preamble in the same line": (f"Here is the answer: {ONE}", [NEVER, RAIN]),
    "a list": ('[{"sentences": [2], "text": "It rained."}]', [RAIN]),
    "one claim by itself": ('{"text": "It rained.", "sentences": 2}', [RAIN]),
    "numbers as text": ('{"claims": [{"sentences": ["2", "[3]"], "text": "It rained."}]}', [
        Draft("It rained.", (2, 3))
    ]),
    "numbers in the text": ('{"claims": [{"sentences": [2], "text": "It rained [3]."}]}', [
        Draft("It rained.", (2, 3))
    ]),
    "numbers that are none": ('{"claims": [{"sentences": [true, null, 2.5, {}, []], "text": "It rained."}]}', [BARE]),
    "no numbers": ('{"claims": [{"text": "It rained."}]}', [BARE]),
    "several sentences": ('{"claims": [{"sentences": [2], "text": "It rained. Snow fell."}]}', [
        RAIN, Draft("Snow fell.", (2,))
    ]),
    "braces in the text": ('{"claims": [{"sentences": [2], "text": "It {rained}."}]}', [Draft("It (rained).", (2,))]),
    "a line break in the text": ('{"claims": [{"sentences": [2], "text": "It\nrained."}]}', [
        Draft("It.", (2,)), Draft("rained.", (2,))
    ]),
    "no claims": ('{"claims": []}', []),
    "cut off within a claim": ('{"claims": [{"sentences": [2], "text": "It rai', [
        Draft('(("sentences": (2), "text": "It rai', (), usable=False)
    ]),
    "cut off before the second claim": (BOTH[:70], [RAIN]),
    "other fields": ('{"answer": "It rained."}', [Draft('("answer": "It rained.")', (), usable=False)]),
    "text that is no text": ('{"sentences": [2], "text": ["It rained."]}', [
        Draft('("sentences": (2), "text": ("It rained."))', (), usable=False)
    ]),
}  # fmt: skip


def read(pieces: Sequence[str]) -> list[Draft]:
    reply = Reply()
    return [draft for piece in pieces for draft in reply.feed(piece)] + list(reply.close())


@pytest.mark.parametrize("size", [10_000, 1, 3])
@pytest.mark.parametrize(("text", "drafts"), LINES.values(), ids=LINES)
def test_lines_are_read(text: str, drafts: list[Draft], size: int) -> None:
    assert read([text[start : start + size] for start in range(0, len(text), size)]) == drafts


@pytest.mark.parametrize("size", [10_000, 1, 3])
@pytest.mark.parametrize(("text", "drafts"), OBJECTS.values(), ids=OBJECTS)
def test_json_is_read(text: str, drafts: list[Draft], size: int) -> None:
    assert read([text[start : start + size] for start in range(0, len(text), size)]) == drafts


def test_a_claim_comes_as_soon_as_it_is_whole() -> None:
    reply = Reply()
    assert list(reply.feed("[2] It rained. Snow")) == []
    assert list(reply.feed(" fell on Monday")) == [RAIN]
    assert list(reply.feed(".\n")) == [Draft("Snow fell on Monday.", (2,))]
    other = Reply()
    assert list(other.feed('{"claims": [{"sentences": [2], "text": "It rained."}, {"sen')) == [RAIN]


def test_a_claim_as_long_as_a_page_is_no_claim() -> None:
    (draft,) = read([f"[2] {'very ' * 200}wet."])
    assert not draft.usable
    assert len(draft.text) == LONGEST


def test_nested_rubbish_takes_no_time() -> None:
    assert read(['{"claims": [' * 2000]) == []
    assert not any(draft.usable for draft in read(['{"a": ' * 2000, '"text"']))


PARTS = st.sampled_from(
    ["[2] ", "[3]", "[", "]", "{", "}", '"', "\n", " ", ". ", ":", ",", "```json\n", "It rained", "Mr. Li", "5 p.m.",
     "**", '{"claims": [', '{"sentences": [2], "text": "', '"}', "]}", "\\", "\u2028", "\r\n", "【2】", "٢",
     "10,000", "U.S. "]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PARTS, max_size=25).map("".join))


@settings(deadline=None)
@given(TEXTS, st.lists(st.integers(0, 60), max_size=12))
@example("[2] It rained. [3] Snow [sic] fell.", [18, 20])
def test_however_a_reply_is_cut_into_pieces_the_same_is_read(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert read(pieces) == read([text])


@settings(deadline=None)
@given(TEXTS)
def test_whatever_is_written_drafts_hold_one_line_without_markers(text: str) -> None:
    for draft in read([text]):
        assert draft.text
        assert not set("[]{}<>|\n\r") & set(draft.text)
        assert len(draft.text) <= LONGEST
