"""Many people who ask one served library at the same time: how long they wait, and whether one gets another's answer.

    python benchmarks/asking_at_once.py --library runs/libraries/news --people 20 --seconds 60

Starts `footnote ui`, and has each person ask one question after another, without a pause, through Gradio's API: so the
time of an answer is mostly that of waiting for one's turn. Each question has a tag that no other has. An answer is
mixed up where it is of another question, or where a citation is not the text that the cited article has there. Ends
with status 1 if there was an error or anything was mixed up. Needs `pip install locust`.
"""

import argparse
import itertools
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from locust import HttpUser, constant, task
from locust.env import Environment

FOOTNOTE = (sys.executable, "-c", "import sys; from ui.cli import main; sys.argv[0] = 'footnote'; main()")
STARTING = 120.0  # seconds that the server may take until it listens
FINISHING = 60  # seconds for what was asked before the time was up


@dataclass(slots=True)
class Outcome:
    """What came of all questions: milliseconds from asking to the whole answer, and what went wrong."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed_up: list[str] = field(default_factory=list)
    refused: int = 0


class Person(HttpUser):
    """Somebody who asks and asks; all of them share what is known of the articles."""

    wait_time = constant(0)
    questions: Sequence[str] = ()
    outcome = Outcome()
    texts: dict[str, str] = {}  # noqa: RUF012
    numbers = itertools.count(1)

    def on_start(self) -> None:
        """Take a number."""
        self.number = next(self.numbers)
        self.asked = itertools.count(1)

    @task
    def ask(self) -> None:
        """Ask one question, and look at the answer."""
        question = f"{random.choice(self.questions)} (no. {self.number}-{next(self.asked)})"
        start = time.perf_counter()
        try:
            answer = self.call("ask", question=question)
        except (OSError, ValueError) as error:
            self.outcome.errors.append(f"{question}: {error}")
            return
        self.outcome.times.append(1000 * (time.perf_counter() - start))
        self.outcome.refused += answer["abstained"]
        if answer["question"] != question:
            self.outcome.mixed_up.append(f"{question!r} was answered as {answer['question']!r}")
        for citation in answer["citations"]:
            if self.text(citation["article_id"])[citation["start"] : citation["end"]] != citation["quote"]:
                self.outcome.mixed_up.append(f"{question!r}: {citation}")

    def text(self, article: str) -> str:
        """Return the text of an article, which is asked for once."""
        if article not in self.texts:
            self.texts[article] = self.call("show_article", article=article)["text"]
        return self.texts[article]

    def call(self, tool: str, **arguments: Any) -> Any:
        """Call a tool through Gradio's API; raises ValueError where its outcome is an error."""
        with self.client.post(
            f"/gradio_api/call/v2/{tool}", json=arguments, name=f"{tool}: join", catch_response=True
        ) as joined:
            if joined.status_code != 200:
                raise ValueError(f"status {joined.status_code}: {joined.text or joined.error}")
            event = joined.json()["event_id"]
        said = self.client.get(f"/gradio_api/call/{tool}/{event}", name=f"{tool}: hear").text
        found = re.search(r"^event: complete\ndata: (.*)$", said, re.MULTILINE)
        if found is None:
            raise ValueError(said[-300:] or "the server closed the connection")
        return json.loads(found[1])[0]


def main() -> None:
    """Serve, ask, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=Path, help=".jsonl with a question a line; else of the articles' titles")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    with _served(args.library) as url:
        Person.host = url
        environment = Environment(user_classes=[Person], stop_timeout=FINISHING)
        first = Person(environment)
        Person.questions = _questions(args.questions, first)
        first.call("ask", question=Person.questions[0])  # models are loaded with the first question
        start = time.perf_counter()
        runner = environment.create_local_runner()
        runner.start(args.people, spawn_rate=args.people)
        time.sleep(args.seconds)
        runner.quit()
        elapsed = time.perf_counter() - start
    _report(Person.outcome, args.people, elapsed)


def _report(outcome: Outcome, people: int, elapsed: float) -> None:
    times = sorted(outcome.times) or [float("nan")]
    print(f"{people} people asking at once for {elapsed:.0f} s, answers from asking to the last word, milliseconds\n")
    print("| answers | of these refusals | a second | errors | mixed up | p50 | p95 | longest |")
    print("|---|---|---|---|---|---|---|---|")
    print(
        f"| {len(outcome.times)} | {outcome.refused} | {len(outcome.times) / elapsed:.1f} | {len(outcome.errors)} "
        f"| {len(outcome.mixed_up)} | {statistics.median(times):.0f} | {times[int(0.95 * (len(times) - 1))]:.0f} "
        f"| {times[-1]:.0f} |"
    )
    for wrong in (outcome.errors + outcome.mixed_up)[:10]:
        print(f"! {wrong}")
    if outcome.errors or outcome.mixed_up or not outcome.times:
        sys.exit(1)


def _questions(path: Path | None, person: Person) -> Sequence[str]:
    if path:
        return [json.loads(line)["question"] for line in path.read_text().splitlines()]
    return [f"What is “{item['title'][:200]}” about?" for item in person.call("list_articles", limit=1000)]


@contextmanager
def _served(library: Path) -> Iterator[str]:
    """Run `footnote ui` on a free port until the block ends, and give its address."""
    command = [*FOOTNOTE, "ui", "--library", str(library), "--model", "none", "--port", "0"]
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "stderr"
        with said.open("w") as stderr:
            process = subprocess.Popen(command, stderr=stderr)
        try:
            yield _address(process, said)
        finally:
            process.terminate()
            process.wait()


def _address(process: "subprocess.Popen[bytes]", said: Path) -> str:
    end = time.monotonic() + STARTING
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"Footnote is at (\S+)", said.read_text()):
            return found[1]
        time.sleep(0.2)
    sys.exit(f"footnote ui did not start:\n{said.read_text()}")


if __name__ == "__main__":
    main()
