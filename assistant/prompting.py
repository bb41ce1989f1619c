"""The prompts, each in a file of its own under prompts/, and how untrusted text is put into them."""

import re
from functools import cache
from importlib import resources

from vectorstore.formats.draft import printable

_HIDDEN = re.compile(
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]|[\x00-\x1f\x7f-\x9f](?<!\s)"
)
_HARMLESS = str.maketrans({"[": "(", "]": ")", "<": "‹", ">": "›", "|": "¦", "{": "(", "}": ")"})


@cache
def prompt(name: str) -> dict[str, str]:
    """Return the sections of a prompt by their headings."""
    text = (resources.files("assistant") / "prompts" / f"{name}.md").read_text("utf-8")
    sections = (part.split("\n", 1) for part in re.split(r"^# ", text, flags=re.MULTILINE)[1:])
    return {heading.strip(): body.strip() for heading, body in sections}


def as_data(text: str) -> str:
    """Return untrusted text as one line that cannot pass for a part of the prompt.

    Brackets become others, so that there are no numbers but ours, no markup, and none of the tokens by which chat
    templates part system from user (``<|im_start|>``, ``[INST]``). What is invisible goes.
    """
    return " ".join(_HIDDEN.sub("", printable(text)).translate(_HARMLESS).split())
