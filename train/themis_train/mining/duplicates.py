"""Near-duplicates, by MinHash as in the Themis paper: shingles of 20 tokens, similarity .75."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]  # ships no types

from themis_train.mining.changed import tokenize

SHINGLE_TOKENS = 20
SIMILARITY = 0.75
_PERMUTATIONS = 128
_SEED = 1
_SCHEME = "affine32"


def digest_tokens(before: str, after: str) -> str:
    """Return the MinHash of the shingles of both sides, in base64."""
    shingles = set()
    for tokens in (tokenize(before), tokenize(after)):
        for start in range(max(1, len(tokens) - SHINGLE_TOKENS + 1)):
            shingles.add(
                "\0".join(tokens[start : start + SHINGLE_TOKENS]).encode("utf-8", "replace")
            )
    minhash = MinHash(num_perm=_PERMUTATIONS, seed=_SEED, scheme=_SCHEME)
    minhash.update_batch(sorted(shingles))
    return base64.b64encode(minhash.hashvalues.astype("<u4").tobytes()).decode("ascii")


@dataclass(slots=True)
class NearDuplicates:
    """The digests seen so far."""

    _index: Any = field(
        default_factory=lambda: MinHashLSH(threshold=SIMILARITY, num_perm=_PERMUTATIONS)
    )
    _seen: list[Any] = field(default_factory=list)

    def add(self, digest: str) -> bool:
        """Take note of a digest; return whether it is new, that is like none seen before."""
        values = np.frombuffer(base64.b64decode(digest), dtype="<u4")
        minhash = MinHash(num_perm=_PERMUTATIONS, seed=_SEED, scheme=_SCHEME, hashvalues=values)
        likely = self._index.query(minhash)
        if any(minhash.jaccard(self._seen[number]) >= SIMILARITY for number in likely):
            return False
        self._index.insert(len(self._seen), minhash)
        self._seen.append(minhash)
        return True
