"""What makes a finding the same finding: the code it is about, wherever that stands."""

from __future__ import annotations

import hashlib
import textwrap

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.units.unit import Unit


def fingerprint(unit: Unit, criterion: Criterion) -> str:
    """Return 64 hexadecimal digits: the same for the same code, name, language and criterion.

    Neither the file nor the line is in it, nor white space that code may have anywhere.
    """
    text = _normalize(unit.text, unit.language)
    return hash_parts(unit.language.value, unit.name, criterion.value, text)


def hash_parts(*parts: object) -> str:
    """Return the sha256 of some texts; no two lists of texts share one."""
    text = "".join(f"{len(str(part))}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _normalize(text: str, language: Language) -> str:
    if language is not Language.PYTHON:
        return " ".join(text.split())
    # The first line has lost its indentation already.
    first, _, rest = text.partition("\n")
    lines = [first, *textwrap.dedent(rest).split("\n")]
    return "\n".join(line.rstrip() for line in lines if line.strip())
