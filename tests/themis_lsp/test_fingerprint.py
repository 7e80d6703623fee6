from __future__ import annotations

from dataclasses import replace

import pytest

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.fingerprint import fingerprint
from themis_lsp.languages import Language
from themis_lsp.units.unit import Unit, UnitKind

SH, RM = Criterion.SECURITY_HARDNESS, Criterion.READABILITY_MAINTAINABILITY
PYTHON = "def f(a):\n    for b in a:\n        g(b)\n    return a"


def unit(text: str, language: Language = Language.PYTHON) -> Unit:
    return Unit("a", language, UnitKind.FUNCTION, "f", 0, len(text), 1, text.count("\n") + 1, text)


@pytest.mark.parametrize(
    "same",
    [
        PYTHON.replace("\n", "\n    "),
        PYTHON.replace("\n", "  \n\n"),
        PYTHON.replace("\n", "\r\n"),
    ],
)
def test_white_space_without_meaning_makes_no_other_finding(same: str) -> None:
    assert fingerprint(unit(same), SH) == fingerprint(unit(PYTHON), SH)
    elsewhere = replace(unit(PYTHON), path="b", start_line=9, end_line=12, start_byte=70)
    assert fingerprint(elsewhere, SH) == fingerprint(unit(PYTHON), SH)


def test_lines_may_be_broken_elsewhere_where_they_mean_nothing() -> None:
    one, other = "int f(int a) { return g(a, a); }", "int f(int a)\n{\n\treturn g(a,\n  a);\n}"
    assert fingerprint(unit(one, Language.C), SH) == fingerprint(unit(other, Language.C), SH)


def test_anything_else_is_another_finding() -> None:
    moved_out_of_the_loop = PYTHON.replace("        g(b)\n", "        pass\n    g(b)\n")
    other_indentation = PYTHON.replace("    return", "        return")
    different = {
        fingerprint(unit(PYTHON), SH),
        fingerprint(unit(PYTHON), RM),
        fingerprint(unit(PYTHON, Language.RUBY), SH),
        fingerprint(replace(unit(PYTHON), name="A.f"), SH),
        fingerprint(unit(moved_out_of_the_loop), SH),
        fingerprint(unit(other_indentation), SH),
    }
    assert len(different) == 6
