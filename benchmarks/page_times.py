"""How soon the page is painted, and how soon the first evidence is on it after a question, in a real browser.

    python benchmarks/page_times.py --library LIBRARY --questions cases.jsonl --limit 30

Serves the library by `footnote ui` in a process of its own, opens the page in Chromium five times (the first visit is
not counted: nobody else pays for it), and asks in it. Times are what the page itself measures, in milliseconds.
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STAGES = {"evidence": "first evidence", "claim": "first claim, or the refusal", "end": "the whole answer"}
WATCH = """() => {
  const times = (window.times = {});
  const seen = (name, where) => !times[name] && document.querySelector(where) && (times[name] = performance.now());
  new MutationObserver(() => {
    seen("evidence", "#current .nearest a, #current .claim");
    seen("claim", "#current .claim, #current .refusal");
    seen("end", "#current [data-done]");
  }).observe(document.getElementById("current"), { subtree: true, childList: true, attributes: true });
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    for (const name of Object.keys(times)) delete times[name];
    times.asked = performance.now();
  }, true);
}"""


def main() -> None:
    """Read the command line, serve, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True, help="a question set of footnote eval run")
    parser.add_argument("--limit", type=int, default=30)
    arguments = parser.parse_args()
    lines = arguments.questions.read_text("utf-8").splitlines()[: arguments.limit]
    questions = [json.loads(line)["question"] for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as stderr:
            command = "from ui.cli import main; main()"
            options = ["ui", "--library", str(arguments.library), "--port", "0"]
            process = subprocess.Popen([sys.executable, "-c", command, *options], stderr=stderr)
        try:
            measure(address_in(log), questions)
        finally:
            process.terminate()
            process.wait(20)


def address_in(log: Path) -> str:
    """Return where the page is served, once its process says so."""
    for _ in range(600):
        if found := re.search(r"Footnote is at (\S+)", log.read_text("utf-8")):
            return found[1]
        time.sleep(0.1)
    sys.exit(f"The page did not start:\n{log.read_text('utf-8')}")


def measure(address: str, questions: list[str]) -> None:
    """Open the page, ask in it, and print what it took."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        paints, ready = [], []
        for _ in range(6):
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            page.goto(address)
            page.get_by_label("Your question", exact=True).wait_for()
            ready.append(page.evaluate("performance.now()"))
            paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        say("first contentful paint", paints[1:])
        say("the question can be typed", ready[1:])
        box = page.get_by_label("Your question", exact=True)
        rows = []
        for question in ("Is anything warm yet?", *questions):
            page.get_by_role("button", name="New chat").click()
            page.locator("#past .welcome").wait_for()
            page.evaluate(WATCH)
            box.fill(question)
            box.press("Enter")
            page.wait_for_function("window.times.end", timeout=120_000)
            rows.append(page.evaluate("window.times"))
            page.wait_for_timeout(300)
        for name, what in STAGES.items():
            say(what, [row[name] - row["asked"] for row in rows[1:]])
        browser.close()


def say(what: str, times: list[float]) -> None:
    """Print the median and the 95th percentile of times in milliseconds."""
    ordered = sorted(times)
    late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(f"{what:30} n {len(times):3}   median {statistics.median(times):7.0f} ms   95 % {late:7.0f} ms")


if __name__ == "__main__":
    main()
