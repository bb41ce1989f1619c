"""Everything that decides what a run gives, as JSON: two runs of the same identity have the same results."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import assistant
import evals
import vectorstore
from assistant.answering import PASSAGES_READ
from evals.stored import Stored

if TYPE_CHECKING:
    from assistant.answering import Assistant

VERSION = 2


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What can be chosen of a run; each is an option of `footnote eval run`.

    `limit` draws that many questions with `seed`, which also draws for intervals. `runs` asks
    everything so often. `by` is a meta key, or "week_parity", to report by groups.
    """

    limit: int | None = None
    seed: int = 0
    runs: int = 1
    per_document: bool = False
    by: str | None = None
    allow_missing_gold: bool = False
    name: str | None = None
    out: Path | None = None


def identity_of(
    name: str, cases: dict[str, Any], options: RunOptions, asked: "Assistant", stored: Stored
) -> dict[str, Any]:
    """Return what run.json holds, and summary.json begins with."""
    fingerprint, articles = stored.fingerprint()
    return {
        "version": VERSION,
        "name": name,
        "cases": cases,
        "corpus": {"fingerprint": fingerprint, "articles": articles},
        "settings": {
            "limit": options.limit,
            "seed": options.seed,
            "runs": options.runs,
            "per_document": options.per_document,
            "by": options.by,
            "k": PASSAGES_READ,
            "threshold": asked.threshold,
        },
        "models": {
            "embedding": stored.catalog.setting("embedding"),
            "reader": asked.reader.name,
            "chat": asked.writing.writer.name if asked.writing else None,
            "check": asked.writing.checker.meaning.name if asked.writing else None,
        },
        "code": {"version": code_version()},
    }


def digest_of(files: Sequence[Path]) -> str:
    """Return a SHA-256 over the content of files, in their order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def code_version() -> str:
    """Return the version of the package with a hash of its source and weights, such as 0.1.0+3f2a91c07d1e.

    A stopped run must not go on with other code, which a change between two releases would let it.
    """
    roots = [Path(str(package.__file__)).parent for package in (assistant, evals, vectorstore)]
    files = sorted(file for root in roots for file in root.rglob("*") if file.suffix in (".py", ".json", ".md"))
    try:
        released = version("footnote-assistant")
    except PackageNotFoundError:
        released = "0"
    return f"{released}+{digest_of(files)[:12]}"
