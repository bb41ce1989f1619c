import subprocess
import sys

import pytest

FRAMEWORKS = {"torch", "sentence_transformers", "transformers", "openvino", "chromadb", "gradio", "langchain_core"}


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted(name.split('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("package", ["vectorstore", "assistant", "evals", "ui", "ui.cli", "vectorstore.reading"])
def test_importing_a_package_loads_no_framework(package: str) -> None:
    assert not modules_after(f"import {package}") & FRAMEWORKS


def test_the_command_line_shows_its_help_without_numpy() -> None:
    assert "numpy" not in modules_after("from ui.cli import main\nmain(['--help'], standalone_mode=False)")


def test_a_question_is_answered_without_torch_and_without_gradio(seed_library) -> None:
    loaded = modules_after(
        f"from assistant import open_assistant\nopen_assistant({str(seed_library)!r}).answer('Who is Peter Humphrey?')"
    )
    assert {"openvino", "chromadb"} <= loaded
    assert not loaded & {"torch", "sentence_transformers", "transformers", "gradio", "langchain_core", "sklearn"}


def test_imports_point_from_the_shell_to_the_store() -> None:
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", lint], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
