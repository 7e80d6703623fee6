"""Telling the criterion of a commit: seed terms label a part, a linear classifier the rest."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from themis_lsp.criteria import Criterion
from themis_train.logistic import fit_logistic
from themis_train.mining.examples import EXAMPLES
from themis_train.mining.features import COLUMNS, Columns, hash_message
from themis_train.mining.seeds import TERM_KEYS, match_terms, read_seeds

FOLDS = 3
_RIDGE = 3e-5
_ITERATIONS = 60
_CHANGE_SCALE = 0.7
"""How much the columns of a change count against those of the message."""

_EXAMPLE_WEIGHT = 2.0
_RARITY = 0.7
_MOST_ROWS = 60_000
_NO_CRITERION = -1
_UNLABELLED = -2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Commits:
    """What the classifier sees of all candidates, one entry each.

    ``terms`` are the keys of the seed terms, ``masked`` the message's columns without their
    phrases, ``labels`` what they say together: an index into Criterion or one of the codes below.
    """

    keys: list[str]
    messages: list[Columns]
    masked: list[Columns]
    changes: list[Columns]
    terms: list[frozenset[str]]
    labels: list[int]

    def add(self, *, key: str, message: str, change: Columns) -> None:
        """Add a candidate; ``key`` is its id, ``change`` the columns of its change."""
        matches = match_terms(message.partition("\n")[0])
        seeded = read_seeds(matches)
        self.keys.append(key)
        self.messages.append(hash_message(message))
        self.masked.append(hash_message(message, without=seeded.phrases if seeded else ()))
        self.changes.append(change)
        self.terms.append(frozenset(matches))
        self.labels.append(_UNLABELLED if seeded is None else _index(seeded.criterion))


def no_commits() -> Commits:
    """Return an empty collection to add to."""
    return Commits([], [], [], [], [], [])


def classify(commits: Commits, *, seed: int) -> Floats:
    """Return the probability of each criterion for each commit, (commits, criteria).

    One against the rest, so a row need not sum to one. No commit is judged by a classifier that was
    fitted to it: each of three is fitted to two thirds and judges the last.
    """
    folds = np.array([_draw(key, seed) % FOLDS for key in commits.keys], dtype=np.int64)
    hides = [_draw(key, seed) // FOLDS % 2 == 1 for key in commits.keys]
    labels = np.array(commits.labels, dtype=np.int64)
    # Half of the seeded messages are learned from without their seed terms: else nothing but these
    # would be learned.
    learned = _features(
        [commits.masked[i] if hidden else commits.messages[i] for i, hidden in enumerate(hides)],
        commits.changes,
        [frozenset() if hidden else commits.terms[i] for i, hidden in enumerate(hides)],
    )
    judged = _features(commits.messages, commits.changes, commits.terms)
    probabilities = np.zeros((len(commits.keys), len(Criterion)))
    for fold in range(FOLDS):
        ours = np.flatnonzero(folds == fold)
        theirs = np.flatnonzero((folds != fold) & (labels != _UNLABELLED))[:_MOST_ROWS]
        if len(ours):
            theta = _fit(learned[theirs], labels[theirs])
            probabilities[ours] = 1 / (1 + np.exp(-(judged[ours] @ theta)))
    return probabilities


def _index(criterion: Criterion | None) -> int:
    return _NO_CRITERION if criterion is None else list(Criterion).index(criterion)


def _fit(features: csr_matrix, labels: NDArray[np.int64]) -> Floats:
    """Return theta (columns, criteria), fitted to the rows and the examples that are shipped."""
    from scipy.sparse import vstack

    examples, known = _examples()
    rows = csr_matrix(vstack([features, examples]))
    # What occurs once cannot be learned from, and most columns do.
    used = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]) > 1)
    rows = rows[:, used]
    classes = np.concatenate([labels, known])
    base = np.concatenate([np.ones(len(labels)), np.full(len(known), _EXAMPLE_WEIGHT)])
    theta = np.zeros((features.shape[1], len(Criterion)))
    for index in range(len(Criterion)):
        is_it = classes == index
        weights = base.copy()
        # A rare criterion counts more than its share, but less than as much as all the rest.
        weights[is_it] *= (base[~is_it].sum() / base[is_it].sum()) ** _RARITY
        signs = csr_matrix((np.where(is_it, 1.0, -1.0), (range(len(is_it)), range(len(is_it)))))
        theta[used, index] = fit_logistic(
            csr_matrix(signs @ rows), weights, ridge=_RIDGE, iterations=_ITERATIONS
        )
    return theta


def _examples() -> tuple[csr_matrix, NDArray[np.int64]]:
    """Return the shipped messages, each with its seed terms known and unknown, and their labels."""
    messages: list[Columns] = []
    terms: list[frozenset[str]] = []
    known: list[int] = []
    for criterion, texts in EXAMPLES.items():
        for text in texts:
            messages += [hash_message(text)] * 2
            terms += [frozenset(match_terms(text)), frozenset()]
            known += [_index(criterion)] * 2
    return _features(messages, [()] * len(messages), terms), np.array(known, dtype=np.int64)


def _features(
    messages: Sequence[Columns], changes: Sequence[Columns], terms: Sequence[frozenset[str]]
) -> csr_matrix:
    """Return (rows, columns): message and change each of constant length, terms, a constant."""
    columns, values, ends = [], [], [0]
    for message, change, keys in zip(messages, changes, terms, strict=True):
        own = [COLUMNS + i for i, key in enumerate(TERM_KEYS) if key in keys]
        columns += [*message, *change, *own, COLUMNS + len(TERM_KEYS)]
        values += [1 / np.sqrt(len(message) or 1)] * len(message)
        values += [_CHANGE_SCALE / np.sqrt(len(change) or 1)] * len(change)
        values += [1.0] * (len(own) + 1)
        ends.append(len(columns))
    return csr_matrix(
        (np.array(values), np.array(columns, dtype=np.int64), np.array(ends)),
        shape=(len(messages), COLUMNS + len(TERM_KEYS) + 1),
    )


def _draw(key: str, seed: int) -> int:
    return zlib.crc32(f"{seed}:{key}".encode())
