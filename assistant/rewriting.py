"""A chat model puts a follow-up into words, where the rules find that it needs it; what it makes up is not used."""

import re
from collections.abc import Sequence

from assistant.conversation import standalone
from assistant.matching import stems_of
from assistant.prompting import as_data, prompt
from assistant.values import Turn
from assistant.writing import Writer
from vectorstore.errors import ModelError

TURNS = 6  # the last ones, which bounds the prompt
LONGEST_TURN = 400  # characters
LONGEST = 300
_MARKER = re.compile(r" ?\[\d+\]")
_GRAMMAR = f'root ::= [^\\x00-\\x20\\[\\]] [^\\x00-\\x1f?\\[\\]]{{4,{LONGEST}}} "?" "\\n"'


def rewritten(question: str, history: Sequence[Turn], writer: Writer) -> str:
    """Return the question so that it stands alone.

    Where the rules leave it alone, so does this; where the model fails, or brings in what nobody has said, what the
    rules made of it is returned.
    """
    by_rules = standalone(question, history)
    if by_rules == question:
        return question
    try:
        written = _written(question, history, writer)
    except ModelError:  # the question can be asked without; writing the answer will tell
        return by_rules
    told = {stem for turn in (*history, Turn("user", question)) for stem in stems_of(turn.text)}
    made_up = [stem for stem in stems_of(written) if stem not in told]
    return written if written and not made_up else by_rules


def _written(question: str, history: Sequence[Turn], writer: Writer) -> str:
    sections = prompt("rewriting")
    turns = [*history[-TURNS:], Turn("user", question)]
    names = {"user": "Reader", "assistant": "Answer"}
    said = [(names[turn.role], _MARKER.sub("", turn.text)) for turn in turns if turn.text]
    lines = [f"{name}: {as_data(text)[:LONGEST_TURN]}" for name, text in said]
    messages = [
        ("system", sections["Task"]),
        ("human", sections["Question"].format(conversation="\n".join(lines))),
    ]
    return writer.line(messages, _GRAMMAR)
