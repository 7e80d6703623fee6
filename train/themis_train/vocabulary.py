"""Pruning a byte-level BPE vocabulary to the tokens that code really uses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tokenizers import Tokenizer

_CHUNK_TEXTS = 1000


@dataclass(frozen=True, slots=True)
class PrunedVocabulary:
    """A smaller tokenizer and, for each of its ids, the id in the tokenizer it came from."""

    tokenizer: Tokenizer
    kept_ids: list[int]


def count_tokens(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """Return how often each token id occurs in ``texts``."""
    counts: Counter[int] = Counter()
    chunk: list[str] = []
    for text in texts:
        chunk.append(text)
        if len(chunk) == _CHUNK_TEXTS:
            counts.update(i for e in tokenizer.encode_batch_fast(chunk) for i in e.ids)
            chunk.clear()
    counts.update(i for e in tokenizer.encode_batch_fast(chunk) for i in e.ids)
    return counts


def prune_vocabulary(tokenizer: Tokenizer, counts: Counter[int], size: int) -> PrunedVocabulary:
    """Keep the bytes, the special tokens and the most frequent tokens, about ``size`` in all.

    A token is only reachable through the merges that build it, so whatever a kept token is
    merged from is kept too; text never becomes unencodable, it only splits finer.
    """
    blueprint = json.loads(tokenizer.to_str())
    vocabulary: dict[str, int] = blueprint["model"]["vocab"]
    merges = [
        tuple(m) if isinstance(m, list) else tuple(m.split(" "))
        for m in blueprint["model"]["merges"]
    ]
    parts = {left + right: (left, right) for left, right in reversed(merges)}
    kept = {token for token in vocabulary if len(token) == 1}
    kept |= {added["content"] for added in blueprint["added_tokens"]}
    spelling = {index: token for token, index in vocabulary.items()}
    for index, _ in counts.most_common():
        if len(kept) >= size:
            break
        pending = [spelling[index]]
        while pending:
            token = pending.pop()
            if token not in kept:
                kept.add(token)
                pending.extend(parts.get(token, ()))
    kept_ids = sorted(vocabulary[token] for token in kept)
    blueprint["model"]["vocab"] = {spelling[old]: new for new, old in enumerate(kept_ids)}
    blueprint["model"]["merges"] = [
        [left, right] for left, right in merges if {left, right, left + right} <= kept
    ]
    for added in blueprint["added_tokens"]:
        added["id"] = blueprint["model"]["vocab"][added["content"]]
    return PrunedVocabulary(Tokenizer.from_str(json.dumps(blueprint)), kept_ids)
