"""What people thought of answers -> cases: an answer rated up is one that somebody approved.

An answer rated down says that it was wrong, and not what would have been right: no case can be made of it. It is
written for a person to look at.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from evals.cases import load_cases
from evals.making import Line, Proposal, approve_all, from_answers, id_of, places_of, write_whole
from evals.metrics.matching import places
from evals.stored import Stored

Rated = Mapping[str, Any]
"""An answer with what was thought of it: question, asked, history, answer, rating ("up" or "down") and remark."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What became of the answers that were rated; `down` is to be looked at by a person.

    `gone` counts the approved answers of which a cited sentence is no longer in the library, `disputed` those that
    others rated down, `repeated` those to a question that has a case already.
    """

    cases: Sequence[Line]
    down: Sequence[Line]
    gone: int = 0
    disputed: int = 0
    repeated: int = 0


def sort_rated(rated: Iterable[Rated], stored: Stored, taken: Iterable[str] = ()) -> Sorted:
    """Make the cases of the answers that were rated up; `rated` is in the order of rating, `taken` are ids in use.

    Where several answers to a question were approved, the one rated last counts.
    """
    rated = list(rated)
    down = [one for one in rated if one["rating"] == "down"]
    denied = {(_id_of(one), _cited(one)) for one in down}
    approved: dict[str, Rated] = {}
    gone = disputed = repeated = 0
    for one in rated:
        if one["rating"] != "up":
            continue
        if (_id_of(one), _cited(one)) in denied:
            disputed += 1
        elif not all(_stands(place, stored) for place in places_of(one["answer"])):
            gone += 1
        else:
            repeated += _id_of(one) in approved
            approved[_id_of(one)] = one
    used = set(taken)
    new = [_proposal(one) for id, one in approved.items() if id not in used]
    repeated += len(approved) - len(new)
    return Sorted(from_answers(new, approve_all), [_to_look_at(one) for one in down], gone, disputed, repeated)


def ids_in(cases: Path) -> set[str]:
    """Return the ids that a question set has already; none if there is no such file."""
    return {case.id for case in load_cases(cases)} if cases.exists() and cases.stat().st_size else set()


def write_down(cases: Path, down: Sequence[Line]) -> Path:
    """Write what was rated down beside a question set, in place of what was there, and return where.

    It ends in .json, for in a folder of cases every .jsonl file is read as some.
    """
    path = cases.with_name(f"{cases.stem}.rejected.json")
    write_whole(path, json.dumps(down, ensure_ascii=False, indent=1) + "\n")
    return path


def _proposal(rated: Rated) -> Proposal:
    answer, meta = rated["answer"], {"asked_on": _day(rated)}
    if rated["remark"]:
        meta["remark"] = rated["remark"]
    history = tuple(rated["history"])
    return Proposal(_id_of(rated), rated["question"], bool(answer["abstained"]), places_of(answer), meta, history)


def _to_look_at(rated: Rated) -> Line:
    answer = rated["answer"]
    return {
        "question": rated["question"],
        "history": list(rated["history"]),
        "asked_on": _day(rated),
        "remark": rated["remark"],
        "abstained": answer["abstained"],
        "answer": answer["answer"],
        "cited": [{"article": article, "sentence": sentence} for article, sentence in places_of(answer)],
    }


def _id_of(rated: Rated) -> str:
    """Return the id of a question with what was said before it: "And in 2015?" is many questions."""
    return id_of("\n".join([*(turn["text"] for turn in rated["history"]), rated["question"]]))


def _cited(rated: Rated) -> frozenset[tuple[str, str]]:
    return frozenset(places_of(rated["answer"]))


def _day(rated: Rated) -> str:
    """Return the day of asking here; it is kept in UTC."""
    return datetime.fromisoformat(rated["asked"]).astimezone().date().isoformat()


def _stands(place: tuple[str, str], stored: Stored) -> bool:
    article, sentence = place
    return bool(places(stored.text(stored.resolve(article)) or "", sentence))
