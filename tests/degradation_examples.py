"""Small source files on which every operator has something to do, in each of its languages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from themis_train.degradation.apply import Degraded, apply_candidate
from themis_train.degradation.operators import Operator
from themis_train.degradation.subject import Subject, find_subjects

from themis_lsp.languages import Language

FOLDER = Path(__file__).parent / "themis_train" / "degradation_examples"
NAMES = {
    Language.C: "c",
    Language.CSHARP: "csharp",
    Language.CPP: "cpp",
    Language.GO: "go",
    Language.JAVA: "java",
    Language.JAVASCRIPT: "javascript",
    Language.PYTHON: "python",
    Language.RUBY: "ruby",
}
EXTENSIONS = {
    Language.C: ".c",
    Language.CSHARP: ".cs",
    Language.CPP: ".cpp",
    Language.GO: ".go",
    Language.JAVA: ".java",
    Language.JAVASCRIPT: ".js",
    Language.PYTHON: ".py",
    Language.RUBY: ".rb",
}


def example_text(language: Language) -> str:
    return (FOLDER / f"{NAMES[language]}.txt").read_text(encoding="utf-8")


@cache
def example_subjects(language: Language) -> tuple[Subject, ...]:
    text = example_text(language)
    return tuple(find_subjects(text, path=f"example{EXTENSIONS[language]}", language=language))


def degraded_examples(operator: Operator, language: Language) -> Iterator[tuple[Subject, Degraded]]:
    for subject in example_subjects(language):
        for candidate in operator.find(subject):
            sides = apply_candidate(subject, candidate)
            if sides is not None:
                yield subject, sides


def subjects_of(text: str, language: Language) -> list[Subject]:
    return list(find_subjects(text, path=f"file{EXTENSIONS[language]}", language=language))


def make_worse(operator: Operator, text: str, language: Language) -> list[str]:
    """Return all that an operator makes of the functions of a text."""
    return [
        sides.rejected
        for subject in subjects_of(text, language)
        for candidate in operator.find(subject)
        if (sides := apply_candidate(subject, candidate)) is not None
    ]
