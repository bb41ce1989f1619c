"""The commands that look after a library: index, list, show, remove, status."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ui.handling import handled
from ui.options import library_option, width


@click.command("index")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@library_option
@click.option("--prune", is_flag=True, help="Remove articles whose file is gone.")
@click.option("--rebuild", is_flag=True, help="Make all that is derived again from the stored articles.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processor cores to use.  [default: all]")
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    help="Seconds to wait for another process that is indexing.",
)
@click.option("--embedding", help="Embedding model: a sentence-transformers name or path.")
@handled
def index_command(
    paths: Sequence[Path],
    library: Path,
    prune: bool,
    rebuild: bool,
    jobs: int | None,
    wait: float,
    embedding: str | None,
) -> None:
    """Add or update the articles of PATHS, files or folders.

    Reads .txt, .md, .html and .jsonl. What has not changed is skipped; an interrupted run goes on
    where it stopped.

    \b
    footnote index articles/ notes.md
    footnote index articles/ --prune          also forget articles whose file is gone
    footnote index --rebuild                  after a change of the embedding model, or a damaged disk
    """
    from ui.progress import indexing_progress
    from ui.rendering import safe
    from vectorstore.indexing import index

    if not paths and not rebuild and not prune:
        raise click.UsageError("Name what to index: footnote index PATH...")

    def on_wait() -> None:
        click.echo("Another process is indexing this library; waiting for it to end ...", err=True)

    with indexing_progress() as on_progress:
        report = index(
            library,
            paths,
            model=embedding,
            prune=prune,
            rebuild=rebuild,
            threads=jobs,
            wait=wait,
            on_wait=on_wait,
            on_progress=on_progress,
        )
    counts = {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "the same as another": report.same,
        "removed": report.removed,
        "failed": len(report.failed),
    }
    shown = [f"{count} {name}" for name, count in counts.items() if count or name == "added"]
    click.echo(f"Articles in {library}: {', '.join(shown)}.")
    for note in report.notes:
        click.echo(f"Note: {safe(note)}", err=True)
    for failure in report.failed:
        click.echo(f"Not indexed: {safe(str(failure))}", err=True)
    if report.failed:
        sys.exit(1)


@click.command("list")
@library_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@handled
def list_command(library: Path, as_json: bool) -> None:
    """List the articles: id, date, number of sentences, title, source."""
    from dataclasses import asdict

    from ui.rendering import render_listing
    from vectorstore.catalog import Catalog

    listing = Catalog.open(library).listing()
    if as_json:
        click.echo(json.dumps([asdict(item) for item in listing], ensure_ascii=False))
    elif listing:
        click.echo(render_listing(listing))
    else:
        click.echo("The library is empty. Add articles: footnote index PATH", err=True)


@click.command()
@click.argument("article")
@library_option
@click.option("--json", "as_json", is_flag=True, help="Print the article and its sentences as JSON.")
@handled
def show(article: str, library: Path, as_json: bool) -> None:
    """Show ARTICLE, by its id, sentence by sentence."""
    from ui.rendering import render_article
    from vectorstore.catalog import Catalog

    catalog = Catalog.open(library)
    stored = catalog.article(catalog.resolve(article))
    if not as_json:
        click.echo(render_article(stored, width()))
        return
    whole = stored.article
    click.echo(
        json.dumps(
            {
                "id": whole.id,
                "title": whole.title,
                "published": whole.published,
                "source": whole.source,
                "text": whole.text,
                "sentences": [
                    {"ordinal": s.ordinal, "start": s.start, "end": s.end, "text": stored.quote(s.ordinal)}
                    for s in stored.sentences
                ],
            },
            ensure_ascii=False,
        )
    )


@click.command()
@click.argument("articles", nargs=-1, required=True)
@library_option
@handled
def remove(articles: Sequence[str], library: Path) -> None:
    """Remove ARTICLES, by their ids, from the library. Their files stay where they are."""
    from ui.rendering import safe
    from vectorstore.library import Library

    opened = Library.open(library)
    with opened.writing(wait=60):
        ids = list(dict.fromkeys(opened.catalog.resolve(article) for article in articles))
        opened.remove(ids)
    click.echo(f"Removed {safe(', '.join(ids))}.")


@click.command()
@library_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@handled
def status(library: Path, as_json: bool) -> None:
    """Say what is in the library, and whether it is whole (exit status 1 if not)."""
    from dataclasses import asdict

    from ui.rendering import render_status
    from vectorstore.library import Library

    found = Library.open(library).status()
    click.echo(json.dumps(asdict(found), default=str) if as_json else render_status(found))
    if found.problems:
        sys.exit(1)
