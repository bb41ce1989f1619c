"""The thumbs of the page -> cases, with a word on what became of every other answer that was rated."""

from contextlib import closing
from pathlib import Path

import click

from evals.making import Line
from evals.rated import Sorted, ids_in, sort_rated, write_down
from evals.stored import Stored
from ui.web.feedback import FOLDER, all_rated
from vectorstore.catalog import Catalog
from vectorstore.library import default_folder


def cases_of_feedback(out: Path, library: Path | None) -> list[Line]:
    """Return the new cases of a library's feedback, write what was rated down beside `out`, and tell the rest."""
    folder = library or default_folder()
    with closing(Catalog.open(folder)) as catalog:
        rated = all_rated(folder / FOLDER)
        found = sort_rated(rated, Stored(catalog), ids_in(out))
    if not rated:
        _tell(f"Nobody has rated an answer of {folder} yet. Its page has thumbs: footnote ui --library {folder}")
    for line in _rest(found):
        _tell(line)
    if found.down:
        _tell(f"{_rated(len(found.down))} down, to be looked at: {write_down(out, found.down)}")
    return list(found.cases)


def _rest(found: Sorted) -> list[str]:
    counts = (
        (found.repeated, "up, to questions that have a case already: left out"),
        (found.gone, "up, of which a cited sentence is no longer in the library: left out"),
        (found.disputed, "both up and down: no case"),
    )
    return [f"{_rated(count)} {what}" for count, what in counts if count]


def _rated(count: int) -> str:
    return f"{count} {'answer' if count == 1 else 'answers'} rated"


def _tell(line: str) -> None:
    click.echo(line, err=True)
