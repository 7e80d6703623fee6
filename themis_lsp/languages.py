"""The eight languages."""

from __future__ import annotations

from enum import StrEnum

from themis_lsp.errors import UserError


class Language(StrEnum):
    """A language the reviewer reads; the value is how it is shown."""

    C = "C"
    CSHARP = "C#"
    CPP = "C++"
    GO = "Go"
    JAVA = "Java"
    JAVASCRIPT = "JavaScript"
    PYTHON = "Python"
    RUBY = "Ruby"


_PUBLISHED_SPELLINGS = {"csharp": Language.CSHARP, "cpp": Language.CPP}


def parse_language(name: str) -> Language:
    """Return the language called ``name``, in any case, as shown or as published (CSharp, Cpp).

    Raises UserError, naming the choices, when there is none.
    """
    wanted = name.strip().lower()
    for language in Language:
        if wanted == language.value.lower():
            return language
    if wanted in _PUBLISHED_SPELLINGS:
        return _PUBLISHED_SPELLINGS[wanted]
    raise UserError(f"unknown language {name!r}; choose from {', '.join(Language)}")
