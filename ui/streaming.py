"""An answer in a terminal while it is made: first the evidence, then each claim once it is checked."""

from collections.abc import Generator
from contextlib import closing

import click

from assistant.answering import Event, Finished, Found, Said
from assistant.values import Answer
from ui.rendering import render_claim, render_found, render_rest


def show(question: str, events: Generator[Event], width: int) -> Answer:
    """Print the events of an answer as they come, and return it; an interruption stops the chat model."""
    with closing(events):
        for event in events:
            match event:
                case Found():
                    click.echo(render_found(question, event, width) + "\n")
                case Said():
                    click.echo(render_claim(event, width))
                case Finished():
                    click.echo("\n" * bool(event.answer.claims) + render_rest(event.answer, width))
                    return event.answer
    raise AssertionError("a stream ends with the whole answer")
