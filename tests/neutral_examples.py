"""Small source files on which every neutral operator has something to do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from degradation_examples import EXTENSIONS, NAMES, example_subjects
from themis_train.degradation.apply import Degraded, apply_candidate
from themis_train.degradation.subject import Subject, find_subjects
from themis_train.neutral.operators import NeutralOperator

from themis_lsp.languages import Language

FOLDER = Path(__file__).parent / "themis_train" / "neutral_examples"


def neutral_text(language: Language) -> str:
    return (FOLDER / f"{NAMES[language]}.txt").read_text(encoding="utf-8")


@cache
def neutral_subjects(language: Language) -> tuple[Subject, ...]:
    text = neutral_text(language)
    own = find_subjects(text, path=f"neutral{EXTENSIONS[language]}", language=language)
    return (*own, *example_subjects(language))


def neutral_examples(
    operator: NeutralOperator, language: Language
) -> Iterator[tuple[Subject, Degraded]]:
    for subject in neutral_subjects(language):
        for candidate in operator.find(subject):
            sides = apply_candidate(subject, candidate)
            if sides is not None:
                yield subject, sides
