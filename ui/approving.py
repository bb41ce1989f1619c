"""A person looks at each answer, and says whether it is to become a case."""

import sys

import click

from evals.making import Decide, Decision, Proposal, Verdict
from ui.options import width
from vectorstore.errors import UsageError

_KEYS = {"y": Verdict.RIGHT, "n": Verdict.WRONG, "s": Verdict.SKIP, "u": Verdict.NO_ANSWER, "q": Verdict.STOP}


def approver() -> Decide:
    """Return what asks the person at the terminal; raises UsageError where nobody is."""
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal to approve answers at. Approve all of them with --yes")
    return ask_person


def ask_person(proposal: Proposal) -> Decision:
    """Show an answer with its cited sentences, and return what the person says of it.

    Ctrl-C and the end of input stop, and what was approved before is kept.
    """
    click.echo("-" * width())
    click.echo(f"{proposal.question}\n")
    if proposal.abstained:
        click.echo("Refused: the library holds no answer.\n")
    for quote in proposal.quotes:
        click.echo(f"  {quote}\n")
    try:
        return _decide(proposal)
    except click.Abort:
        click.echo()
        return Decision(Verdict.STOP)


def _decide(proposal: Proposal) -> Decision:
    right = "Is it right to refuse" if proposal.abstained else "Is this right"
    choice = click.prompt(
        f"{right}? [y]es, [n]o, [u]nanswerable, [s]kip, [q]uit",
        type=click.Choice([*_KEYS], case_sensitive=False),
        show_choices=False,
    )
    verdict = _KEYS[choice]
    if verdict is not Verdict.RIGHT or proposal.abstained:
        return Decision(verdict)
    words = click.prompt("The answer in words, several parted by | (may be empty)", default="", show_default=False)
    return Decision(verdict, tuple(word.strip() for word in words.split("|") if word.strip()))
