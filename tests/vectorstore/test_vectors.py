"""The store of vectors: what every engine must do, and what Chroma's versions in folders must."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vectorstore.embedding import Vectors
from vectorstore.errors import LibraryDamaged
from vectorstore.vectors import ChromaVectors

DIMENSION = 16


def unit(count: int, seed: int = 0) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    result: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    return result


def metadata(count: int) -> list[dict[str, str | int]]:
    return [{"day": 20131201 + i % 3, "source": "Paper" if i % 2 else ""} for i in range(count)]


class Catalogue:
    """Stands for the catalog: it points to a version."""

    def __init__(self) -> None:
        self.version = 0

    def current(self) -> int:
        return self.version

    def publish(self, vectors: ChromaVectors) -> None:
        self.version = vectors.version
        vectors.published()


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
def vectors(tmp_path: Path, catalogue: Catalogue) -> Iterator[ChromaVectors]:
    made = ChromaVectors(tmp_path, catalogue.current)
    yield made
    made.close()


def fill(vectors: ChromaVectors, count: int, seed: int = 0) -> Vectors:
    made = unit(count, seed)
    vectors.upsert([f"p{i}" for i in range(count)], made, metadata(count))
    return made


def test_an_empty_store_finds_nothing(vectors: ChromaVectors) -> None:
    assert vectors.nearest(unit(1)[0], 5, None) == []
    assert vectors.ids() == set()
    assert vectors.vectors(["p0"]) == {}
    vectors.delete([])
    assert vectors.version == 0


def test_the_nearest_are_the_nearest_by_cosine_and_nearest_first(vectors: ChromaVectors, catalogue: Catalogue) -> None:
    made = fill(vectors, 500)
    catalogue.publish(vectors)
    question = unit(1, seed=9)[0]
    found = vectors.nearest(question, 10, None)
    expected = np.argsort(-(made @ question))[:10]
    assert [id for id, _ in found] == [f"p{i}" for i in expected]
    assert np.allclose([similarity for _, similarity in found], (made @ question)[expected], atol=1e-5)
    assert len(vectors.nearest(question, 1000, None)) == 500


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"day": {"$gte": 20131203}}, {i for i in range(60) if i % 3 == 2}),
        ({"$and": [{"day": {"$lte": 20131201}}, {"day": {"$gt": 0}}]}, {i for i in range(60) if i % 3 == 0}),
        ({"source": {"$in": ["Paper"]}}, {i for i in range(60) if i % 2}),
        ({"source": {"$in": ["\0"]}}, set()),
    ],
)
def test_a_condition_keeps_what_fulfils_it(
    vectors: ChromaVectors, catalogue: Catalogue, where: dict[str, Any], expected: set[int]
) -> None:
    fill(vectors, 60)
    catalogue.publish(vectors)
    assert {id for id, _ in vectors.nearest(unit(1)[0], 60, where)} == {f"p{i}" for i in expected}


def test_an_upsert_takes_the_place_of_what_had_the_id(vectors: ChromaVectors, catalogue: Catalogue) -> None:
    fill(vectors, 50)
    other = fill(vectors, 50, seed=1)
    catalogue.publish(vectors)
    stored = vectors.vectors([f"p{i}" for i in range(50)])
    assert all(np.allclose(stored[f"p{i}"], other[i], atol=1e-6) for i in range(50))
    assert all(vectors.nearest(other[i], 1, None)[0][0] == f"p{i}" for i in range(50))


def test_updates_and_deletions_are_there_when_another_process_opens_the_store(
    vectors: ChromaVectors, catalogue: Catalogue, tmp_path: Path
) -> None:
    # Chroma saves only what changed: vectors put in the place of others must be part of it.
    fill(vectors, 300)
    catalogue.publish(vectors)
    other = unit(300, seed=1)
    for i in range(0, 300, 3):
        vectors.upsert([f"p{i}"], other[i : i + 1], metadata(1))
    vectors.delete([f"p{i}" for i in range(1, 300, 3)])
    catalogue.publish(vectors)
    vectors.close()
    reopened = ChromaVectors(tmp_path, catalogue.current)
    assert reopened.ids() == {f"p{i}" for i in range(300) if i % 3 != 1}
    stored = reopened.vectors(sorted(reopened.ids()))
    assert all(np.allclose(stored[f"p{i}"], other[i], atol=1e-6) for i in range(0, 300, 3))
    assert all(reopened.nearest(other[i], 1, None)[0][0] == f"p{i}" for i in range(0, 300, 3))
    reopened.close()


def test_deleting_what_is_not_there_is_passed_over(vectors: ChromaVectors, catalogue: Catalogue) -> None:
    fill(vectors, 3)
    vectors.delete(["p1", "nothing"])
    catalogue.publish(vectors)
    assert vectors.ids() == {"p0", "p2"}


def test_more_than_one_batch_of_chroma_can_be_stored_read_and_deleted(
    vectors: ChromaVectors, catalogue: Catalogue
) -> None:
    ids = [f"p{i}" for i in range(6000)]  # Chroma takes 5,461 at a time
    vectors.upsert(ids, unit(6000), metadata(6000))
    catalogue.publish(vectors)
    assert len(vectors.vectors(ids)) == 6000
    vectors.delete(ids[1:])
    catalogue.publish(vectors)
    assert vectors.ids() == {"p0"}


def test_a_draft_is_not_seen_until_it_is_published(
    vectors: ChromaVectors, catalogue: Catalogue, tmp_path: Path
) -> None:
    reader = ChromaVectors(tmp_path, catalogue.current)
    fill(vectors, 5)
    assert reader.ids() == set()
    catalogue.publish(vectors)
    assert len(reader.ids()) == 5
    vectors.delete(["p0"])
    assert len(reader.ids()) == 5
    assert len(reader.nearest(unit(1)[0], 9, None)) == 5
    catalogue.publish(vectors)
    assert len(reader.ids()) == len(reader.nearest(unit(1)[0], 9, None)) == 4
    reader.close()


def test_reading_changes_nothing_in_the_files_of_a_version(
    vectors: ChromaVectors, catalogue: Catalogue, tmp_path: Path
) -> None:
    fill(vectors, 700)
    catalogue.publish(vectors)
    vectors.close()

    def graph() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(tmp_path.glob("chroma/*/*/*"))}

    before = graph()
    assert any(name.endswith("data_level0.bin") for name in before)
    for _ in range(3):
        reader = ChromaVectors(tmp_path, catalogue.current)
        assert len(reader.nearest(unit(1)[0], 9, None)) == 9
        reader.close()
    assert graph() == before


def test_only_the_current_version_stays_on_the_disk(
    vectors: ChromaVectors, catalogue: Catalogue, tmp_path: Path
) -> None:
    for seed in range(4):
        fill(vectors, 5, seed)
        catalogue.publish(vectors)
        assert [path.name for path in (tmp_path / "chroma").iterdir()] == [str(catalogue.version)]


def test_a_draft_of_a_killed_process_is_thrown_away_and_its_number_is_not_used_again(
    vectors: ChromaVectors, catalogue: Catalogue, tmp_path: Path
) -> None:
    fill(vectors, 5)
    catalogue.publish(vectors)
    killed = ChromaVectors(tmp_path, catalogue.current)
    fill(killed, 50)
    number = killed.version
    killed.close()
    fill(vectors, 6)
    assert vectors.version >= number
    catalogue.publish(vectors)
    assert len(vectors.ids()) == 6
    assert [path.name for path in (tmp_path / "chroma").iterdir()] == [str(catalogue.version)]


def test_a_change_that_fails_drops_the_draft_and_leaves_what_was_published(
    vectors: ChromaVectors, catalogue: Catalogue, tmp_path: Path
) -> None:
    fill(vectors, 5)
    catalogue.publish(vectors)
    vectors.delete(["p0"])
    wrong = np.ones((1, DIMENSION + 1), np.float32)
    with pytest.raises(LibraryDamaged):
        vectors.upsert(["p9"], wrong, metadata(1))
    assert vectors.version == catalogue.version
    assert len(vectors.ids()) == 5
    assert [path.name for path in (tmp_path / "chroma").iterdir()] == [str(catalogue.version)]


def test_clearing_begins_with_nothing_and_takes_vectors_of_another_size(
    vectors: ChromaVectors, catalogue: Catalogue
) -> None:
    fill(vectors, 5)
    catalogue.publish(vectors)
    vectors.clear()
    catalogue.publish(vectors)
    assert vectors.ids() == set()
    assert vectors.nearest(unit(1)[0], 5, None) == []
    vectors.upsert(["p0"], np.ones((1, 3), np.float32), metadata(1))
    catalogue.publish(vectors)
    assert vectors.vectors(["p0"])["p0"].shape == (3,)


def test_a_version_that_is_gone_is_an_error_that_says_what_to_type(
    vectors: ChromaVectors, catalogue: Catalogue, tmp_path: Path
) -> None:
    fill(vectors, 5)
    catalogue.publish(vectors)
    vectors.close()
    shutil.rmtree(tmp_path / "chroma")
    with pytest.raises(LibraryDamaged, match="footnote index"):
        vectors.nearest(unit(1)[0], 5, None)
    assert vectors.ids() == set()


def test_what_is_read_while_a_version_is_deleted_is_read_again_from_the_next(
    vectors: ChromaVectors, catalogue: Catalogue, tmp_path: Path
) -> None:
    made = fill(vectors, 5)
    catalogue.publish(vectors)
    asked: list[int] = []

    def current() -> int:
        asked.append(catalogue.version)
        if len(asked) == 1:  # the writer publishes right after the reader has looked
            old = catalogue.version
            fill(vectors, 6)
            catalogue.publish(vectors)
            return old
        return catalogue.version

    reader = ChromaVectors(tmp_path, current)
    assert len(reader.nearest(made[0], 9, None)) == 6
    assert len(set(asked)) == 2
    reader.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted in /proc")
def test_following_many_versions_leaves_no_files_open(
    vectors: ChromaVectors, catalogue: Catalogue, tmp_path: Path
) -> None:
    reader = ChromaVectors(tmp_path, catalogue.current)
    counts = []
    for seed in range(12):
        fill(vectors, 5, seed)
        catalogue.publish(vectors)
        reader.nearest(unit(1)[0], 9, None)
        counts.append(sum(1 for _ in Path("/proc/self/fd").iterdir()))
    assert counts[-1] <= counts[1] + 6
    reader.close()
