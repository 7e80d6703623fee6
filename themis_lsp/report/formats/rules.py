"""What each criterion is, for the tools that show a rule beside a remark."""

from __future__ import annotations

from themis_lsp.criteria import Criterion

_HELP = {
    Criterion.FUNCTIONAL_CORRECTNESS: (
        "Does the code do what it seems meant to do? Look for wrong conditions, missing cases and "
        "errors that nobody handles."
    ),
    Criterion.RUNTIME_EFFICIENCY: (
        "Does the code do more work than its job needs? Look for work repeated in loops, searches "
        "through lists and results computed twice."
    ),
    Criterion.MEMORY_EFFICIENCY: (
        "Does the code hold more memory than its job needs, or for longer? Look for needless "
        "copies, whole files in memory and resources that are never released."
    ),
    Criterion.SECURITY_HARDNESS: (
        "Could input that means harm make the code do harm? Look for unchecked input in commands, "
        "queries and paths, for missing bounds and for weak cryptography."
    ),
    Criterion.READABILITY_MAINTAINABILITY: (
        "Is the code easy to read and to change? Look for names that say little, deep nesting, "
        "long functions and clutter."
    ),
}

_METHOD = (
    "The judgement is a reward model's, which compares code with code: it says where to look, and "
    "proves nothing."
)


def rule_help(criterion: Criterion) -> str:
    """Return what the criterion asks and what to do about a remark on it: a few sentences."""
    return f"{_HELP[criterion]} {_METHOD}"
