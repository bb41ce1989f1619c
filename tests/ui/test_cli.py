import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assistant.answering import PASSAGES_READ
from ui.cli import main

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
QUESTION = "How much did Britain's National Cyber Security Programme cost?"
NONSENSE = "What is the boiling point of ethanol at sea level?"


def run(*arguments: str | Path, input: str | None = None, **env: str) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=input, env={"FOOTNOTE_LIBRARY": None, **env})


@pytest.fixture(scope="module")
def two_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "good.md").write_text(
        "---\ntitle: Harbour\ndate: 2020-05-06\n---\nThe harbour froze on Tuesday. Ships waited."
    )
    (folder / "empty.txt").write_text("")
    return folder


def test_an_answer_is_a_paragraph_with_markers_and_footnotes_under_it(seed_library: Path) -> None:
    result = run("ask", QUESTION, "--library", seed_library)
    assert result.exit_code == 0
    paragraph, *footnotes = result.stdout.strip().split("\n\n")
    assert paragraph.endswith("[1]")
    assert footnotes[-1].startswith("[1] “")
    assert "2013-12-04" in footnotes[-1]


def test_a_refusal_has_exit_status_3_and_shows_the_nearest_sentences(seed_library: Path) -> None:
    result = run("ask", NONSENSE, "--library", seed_library)
    assert result.exit_code == 3
    assert "holds no answer" in result.stdout
    assert "Nearest sentences" in result.stdout


def test_json_is_one_line_of_the_contract(seed_library: Path) -> None:
    result = run("ask", QUESTION, "--json", "--library", seed_library)
    answer = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    assert answer["citations"][0]["quote"] in answer["answer"]


def test_a_dash_reads_the_question_from_standard_input(seed_library: Path) -> None:
    result = run("ask", "-", "--json", "--library", seed_library, input=f"{QUESTION}\n")
    assert json.loads(result.stdout)["question"] == QUESTION


def test_a_batch_answers_in_order_and_a_bad_line_does_not_stop_it(seed_library: Path, tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "a", "question": QUESTION}),
        "this is not JSON",
        json.dumps({"id": "c", "question": ""}),
        json.dumps({"id": "d", "question": "Is he still being held?", "history": ["Who is Peter Humphrey?"]}),
        json.dumps({"id": "e", "question": NONSENSE, "as_of": "2014-01-01"}),
        json.dumps({"id": "f", "question": "Why?", "history": [{"role": "robot", "text": "x"}]}),
        json.dumps({"id": "g", "question": "Why?", "as_of": "yesterday"}),
    ]
    batch = tmp_path / "questions.jsonl"
    batch.write_text("\n".join(lines) + "\n")
    result = run("ask", "--batch", batch, "--library", seed_library)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [answer["id"] for answer in answers] == ["a", None, "c", "d", "e", "f", "g"]
    assert [("error" in answer) for answer in answers] == [False, True, True, False, False, True, True]
    assert "line 2" in answers[1]["error"]
    assert "Peter Humphrey" in answers[3]["standalone_question"]
    assert answers[4]["abstained"]


def test_chat_understands_a_follow_up_and_new_forgets(seed_library: Path) -> None:
    typed = "Who is Peter Humphrey?\nIs he still being held?\n/new\nIs he still being held?\n/quit\nnever read\n"
    result = run("chat", "--library", seed_library, input=typed)
    assert result.exit_code == 0
    assert result.stdout.count("Understood as:") == 1


def test_indexing_says_what_was_done_names_what_failed_and_exits_with_1(two_files: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    first = run("index", two_files, tmp_path / "typo", "--library", library)
    assert first.exit_code == 1
    assert "1 added" in first.stdout
    assert "2 failed" in first.stdout
    assert "empty.txt: no text" in first.stderr
    assert "typo: no such file or folder" in first.stderr
    again = run("index", two_files / "good.md", "--library", library)
    assert again.exit_code == 0
    assert "1 unchanged" in again.stdout


def test_articles_can_be_listed_shown_and_removed(two_files: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    run("index", two_files / "good.md", "--library", library)
    assert "Harbour" in run("list", "--library", library).stdout
    shown = json.loads(run("show", "good", "--json", "--library", library).stdout)
    assert shown["published"] == "2020-05-06"
    assert [shown["text"][s["start"] : s["end"]] for s in shown["sentences"]] == [s["text"] for s in shown["sentences"]]
    assert "The harbour froze on Tuesday." in run("show", "good", "--library", library).stdout
    assert run("remove", "good", "--library", library).exit_code == 0
    assert run("show", "good", "--library", library).exit_code == 1
    assert "0, from" in run("status", "--library", library).stdout


def test_status_says_that_a_library_is_whole(seed_library: Path) -> None:
    result = run("status", "--library", seed_library)
    assert result.exit_code == 0
    assert "whole      yes" in result.stdout


@pytest.mark.parametrize(
    "command", [("ask", "why?"), ("list",), ("show", "x"), ("remove", "x"), ("status",), ("chat",)]
)
def test_without_a_library_an_error_says_how_to_make_one(command: tuple[str, ...], tmp_path: Path) -> None:
    result = run(*command, "--library", tmp_path / "none", input="why?\n")
    assert result.exit_code == 1
    assert f"No library at {tmp_path / 'none'}. Make one: footnote index PATH" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("ask",), "Give a question"),
        (("ask", ""), "no question"),
        (("ask", "why?", "--since", "soon"), "is not a date such as 2013-12-04"),
        (("ask", "why?", "--k", "0"), "0 is not in the range"),
        (("ask", "--batch", "/no/such/file"), "cannot be read"),
        (("index",), "Name what to index"),
        (("nonsense",), "No such command"),
    ],
)
def test_wrong_usage_has_exit_status_2_and_says_what_is_right(
    arguments: tuple[str, ...], complaint: str, seed_library: Path
) -> None:
    env = {"FOOTNOTE_LIBRARY": str(seed_library)}
    result = CliRunner().invoke(main, list(arguments), env=env)
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_unexpected_errors_are_a_sentence_and_no_traceback(seed_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("assistant.assembly.open_assistant", broken)
    result = run("ask", "why?", "--library", seed_library)
    assert result.exit_code == 1
    assert "This is a bug in footnote" in result.stderr
    assert "Traceback" not in result.output


def test_terminal_codes_of_strangers_are_not_obeyed(tmp_path: Path) -> None:
    """Titles, texts, ids and file names are written by others; a terminal shows them, and does not obey them."""
    code = "\x1b]0;owned\x07\x1b[31m"
    articles = tmp_path / "articles"
    articles.mkdir()
    line = {
        "id": f"evil{code}",
        "title": f"A {code} title",
        "text": f"The harbour {code}froze on Tuesday. Ships waited.",
    }
    (articles / "evil.jsonl").write_text(json.dumps(line) + "\nnot JSON\n")
    (articles / f"{code}.txt").write_text("")
    library = str(tmp_path / "library")
    commands = (
        ["index", str(articles)],
        ["list"],
        ["show", line["id"]],
        ["ask", "When did the harbour freeze?"],
        ["ask", "Who is Angela Merkel?"],
        ["show", f"none{code}"],
        ["remove", line["id"]],
    )
    for command in commands:
        result = CliRunner().invoke(main, [*command, "--library", library], color=True, env={"NO_COLOR": "1"})
        assert result.output, command
        assert "\x1b]0" not in result.output, command
        assert "\x1b[31m" not in result.output, command


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals_and_no_color_is_respected(
    seed_library: Path, env: dict[str, str], coloured: bool
) -> None:
    arguments = ["ask", QUESTION, "--library", str(seed_library)]
    result = CliRunner().invoke(main, arguments, color=True, env={"NO_COLOR": None, **env})
    assert ("\x1b[" in result.stdout) == coloured
    assert "\x1b[" not in CliRunner().invoke(main, arguments).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell: str) -> None:
    assert "_FOOTNOTE_COMPLETE" in run("completion", shell).stdout


def test_a_reader_that_goes_away_leaves_no_traceback(seed_library: Path) -> None:
    command = f"{sys.executable} -c 'from ui.cli import main; main()' list --library {seed_library} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr


def test_the_command_line_reads_as_many_passages_as_python_does() -> None:
    for command in ("ask", "chat"):
        (k,) = (option for option in main.commands[command].params if option.name == "k")
        assert k.default == PASSAGES_READ


def test_a_risk_is_a_share(seed_library: Path) -> None:
    impossible = run("ask", QUESTION, "--risk", "0", "--library", seed_library)
    assert (impossible.exit_code, "cannot be kept" in impossible.stderr) == (2, True)
    assert run("ask", QUESTION, "--risk", "1", "--library", seed_library).exit_code == 0
    result = run("ask", QUESTION, "--risk", "5", "--library", seed_library)
    assert (result.exit_code, "0<=x<=1" in result.stderr) == (2, True)


def test_a_reader_that_is_not_there_is_an_error_that_names_it(seed_library: Path, tmp_path: Path) -> None:
    result = run("ask", QUESTION, "--reader", tmp_path / "nowhere", "--library", seed_library)
    assert result.exit_code == 1
    assert "nowhere" in result.stderr
    assert "without --reader" in result.stderr
