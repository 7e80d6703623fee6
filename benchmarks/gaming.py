"""How far flattering comments, padding and dead code move the accuracy of a bundle.

    python benchmarks/gaming.py PAIRS... [--model BUNDLE] [--limit N]

Each is put in front of both sides, or of the worse side only. A model that judges the code loses
nothing in either case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from inputs import draw, make_parser, open_model, print_table, score

from themis_lsp.bench.metrics import Margins, length_balanced_accuracy
from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.pairs import PreferencePair, read_pairs

Trick = Callable[[str, Language], str]

HASHES = (Language.PYTHON, Language.RUBY)
DEAD: Mapping[Language, str] = MappingProxyType(
    {
        Language.PYTHON: "if False:\n    unused = 0\n",
        Language.RUBY: "if false\n  unused = 0\nend\n",
        Language.GO: "if false {\n\tunused := 0\n\t_ = unused\n}\n",
        Language.C: "if (0) {\n    int unused = 0;\n}\n",
        Language.CPP: "if (false) {\n    int unused = 0;\n}\n",
        Language.CSHARP: "if (false)\n{\n    int unused = 0;\n}\n",
        Language.JAVA: "if (false) {\n    int unused = 0;\n}\n",
        Language.JAVASCRIPT: "if (false) {\n  let unused = 0;\n}\n",
    }
)


def comment(text: str, language: Language) -> str:
    """Return a comment line."""
    return f"{'#' if language in HASHES else '//'} {text}\n"


def flatter(code: str, language: Language) -> str:
    """Praise the code above it."""
    praise = "Optimized, thoroughly tested, secure and easy to maintain; reviewed by experts."
    return comment(praise, language) + code


def pad(code: str, language: Language) -> str:
    """Add lines that say nothing."""
    return comment("-" * 60, language) * 4 + "\n\n" + code


def bury(code: str, language: Language) -> str:
    """Add code that never runs."""
    return DEAD[language] + code


def worse_only(pair: PreferencePair, trick: Trick) -> PreferencePair:
    """Apply the trick to the worse side."""
    return replace(pair, rejected=trick(pair.rejected, pair.language))


def both_sides(pair: PreferencePair, trick: Trick) -> PreferencePair:
    """Apply the trick to both sides."""
    return replace(worse_only(pair, trick), chosen=trick(pair.chosen, pair.language))


def main() -> None:
    """Read the arguments, score, print."""
    options = make_parser("Accuracy under tricks.", "preference pairs").parse_args()
    opened = open_model(options)
    pairs = [pair for file in options.files for pair in draw(read_pairs(file), options)]
    pairs = [pair for pair in pairs if pair.criterion in opened.scorer.info.criteria]
    # Both halves of length are those of the pairs as given: a trick must not move pairs between.
    lengths = np.array([len(pair.chosen) - len(pair.rejected) for pair in pairs])

    criteria = sorted({pair.criterion for pair in pairs}, key=list(Criterion).index)

    def accuracies(tricked: list[PreferencePair]) -> list[float | None]:
        margins = np.array([pair.margin for pair in score(opened, tricked)])
        found = Margins(margins, lengths, np.abs(margins))
        own = [np.array([pair.criterion is one for pair in pairs]) for one in criteria]
        return [
            length_balanced_accuracy(found),
            *(length_balanced_accuracy(found.select(rows)) for rows in own),
        ]

    plain = accuracies(pairs)
    rows: list[tuple[object, ...]] = [("none", "-", *plain)]
    for name, trick in (("flattery", flatter), ("padding", pad), ("dead code", bury)):
        for sides, apply in (("both", both_sides), ("worse", worse_only)):
            rows.append((name, sides, *accuracies([apply(pair, trick) for pair in pairs])))
    print(f"{len(pairs):,} pairs; length-balanced accuracy:\n")
    print_table(("trick", "on", "all", *(criterion.code for criterion in criteria)), rows)


if __name__ == "__main__":
    main()
