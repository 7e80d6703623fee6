"""The five criteria of the Themis paper (arXiv 2605.00754) and the names users give them."""

from __future__ import annotations

from enum import StrEnum

from themis_lsp.errors import UserError


class Criterion(StrEnum):
    """A criterion; the value is the key used in data, bundles and JSON."""

    FUNCTIONAL_CORRECTNESS = "Functional_Correctness"
    RUNTIME_EFFICIENCY = "Runtime_Efficiency"
    MEMORY_EFFICIENCY = "Memory_Efficiency"
    SECURITY_HARDNESS = "Security_Hardness"
    READABILITY_MAINTAINABILITY = "Readability_Maintainability"

    @property
    def code(self) -> str:
        """The two-letter code used in findings, e.g. ``FC``."""
        return _CODES[self]

    @property
    def kebab(self) -> str:
        """The spelling for command lines, e.g. ``functional-correctness``."""
        return self.value.lower().replace("_", "-")

    @property
    def words(self) -> str:
        """The words for a reader, e.g. ``functional correctness``."""
        return _WORDS[self]

    @property
    def reads_comments(self) -> bool:
        """Whether comments have a say: they help a reader and change nothing that code does."""
        return self is Criterion.READABILITY_MAINTAINABILITY


_CODES = {
    Criterion.FUNCTIONAL_CORRECTNESS: "FC",
    Criterion.RUNTIME_EFFICIENCY: "RT",
    Criterion.MEMORY_EFFICIENCY: "ME",
    Criterion.SECURITY_HARDNESS: "SH",
    Criterion.READABILITY_MAINTAINABILITY: "RM",
}

_WORDS = {
    Criterion.FUNCTIONAL_CORRECTNESS: "functional correctness",
    Criterion.RUNTIME_EFFICIENCY: "runtime efficiency",
    Criterion.MEMORY_EFFICIENCY: "memory efficiency",
    Criterion.SECURITY_HARDNESS: "security hardness",
    Criterion.READABILITY_MAINTAINABILITY: "readability and maintainability",
}


def parse_criterion(name: str) -> Criterion:
    """Return the criterion called ``name``: a key, a short code or kebab-case, in any case.

    Raises UserError, naming the choices, when there is none.
    """
    wanted = name.strip().lower().replace("-", "_")
    for criterion in Criterion:
        if wanted in (criterion.value.lower(), criterion.code.lower()):
            return criterion
    choices = ", ".join(f"{c.code} ({c.kebab})" for c in Criterion)
    raise UserError(f"unknown criterion {name!r}; choose from {choices}")
