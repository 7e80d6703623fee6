"""A sample of every language against the list of its units, read by eye."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from themis_lsp.languages import Language, parse_language
from themis_lsp.units import find_units

SAMPLES = Path(__file__).parent / "sources" / "units"
NAMES = ["c", "cpp", "csharp", "go", "java", "javascript", "python", "ruby"]


def _listing(text: str, language: Language) -> str:
    units = find_units(text, path="sample", language=language)
    return "".join(f"{u.start_line}-{u.end_line} {u.kind} {u.name}\n" for u in units)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_the_listed_units(
    name: str, check_golden: Callable[[str | Path, str], None]
) -> None:
    text = (SAMPLES / f"{name}.txt").read_text(encoding="utf-8")
    check_golden(SAMPLES / f"{name}.units.txt", _listing(text, parse_language(name)))


@pytest.mark.parametrize("name", NAMES)
def test_line_endings_do_not_change_the_units(name: str) -> None:
    text = (SAMPLES / f"{name}.txt").read_text(encoding="utf-8").replace("\n", "\r\n")
    listing = (SAMPLES / f"{name}.units.txt").read_text(encoding="utf-8")
    assert _listing(text, parse_language(name)) == listing
