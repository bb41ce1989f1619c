"""Near-duplicates: wire copies of one story, told apart from stories about the same thing.

MinHash (Broder, 1997) over shingles of five words, by datasketch.
"""

import re
from collections.abc import Sequence

import numpy as np

PERMUTATIONS = 64
SHINGLE = 5  # words
SAME_STORY = 0.5  # of the shingles shared; copies edited for another paper keep more, other reports far less


def signature(text: str) -> bytes:
    """Return the MinHash signature of a text, 256 bytes; equal texts have equal signatures."""
    from datasketch import MinHash

    words = re.findall(r"\w+", text.lower())
    shingles = {" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}
    minhash = MinHash(num_perm=PERMUTATIONS)
    minhash.update_batch([shingle.encode("utf-8", "replace") for shingle in shingles])
    return np.asarray(minhash.hashvalues).astype("<u4").tobytes()


def resemblance(one: bytes, other: bytes) -> float:
    """Estimate the Jaccard similarity, 0 to 1, of two texts from their signatures."""
    return float(np.mean(np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")))


def copies(article_ids: Sequence[str], signatures: dict[str, bytes]) -> dict[str, str]:
    """Return, for each article that is a near-duplicate of an earlier one in the sequence, that one."""
    originals: list[str] = []
    found: dict[str, str] = {}
    for article_id in article_ids:
        mine = signatures[article_id]
        for original in originals:
            if resemblance(mine, signatures[original]) >= SAME_STORY:
                found[article_id] = original
                break
        else:
            originals.append(article_id)
    return found
