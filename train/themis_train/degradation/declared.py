"""The types of a unit's parameters and locals, as far as the unit itself says them."""

from __future__ import annotations

import re

from themis_lsp.languages import Language
from themis_train.degradation.subject import Subject

TYPED = (Language.C, Language.CPP, Language.CSHARP, Language.GO, Language.JAVA)
_TYPE = (
    r"(?P<type>(?:(?:const|unsigned|signed|struct|enum|volatile|final|readonly|long)\s+)*"
    r"(?!(?:return|new|else|throw|case|delete|goto|in|out|ref|await|typename|using)\b)"
    r"[A-Za-z_][\w:.]*(?:<[^;(){}]*>)?(?:\[\])*)"
)
_BEFORE_NAME = (
    rf"(?:^|[({{,;]|[\w)]\s*\n|\b(?:final|using|for)\b)\s*{_TYPE}(?P<stars>\s*[*&]+\s*|\s+)"
)
_COLLECTION = {
    Language.CSHARP: r"(?:I?List|HashSet|ISet|I?Collection|Queue|Stack)<.*>|[\w.]+\[\]",
    Language.GO: r"\[\].*",
    Language.JAVA: r"(?:\w*List|\w*Set|Collection|\w*Deque|\w*Queue)<.*>",
}


def declared_type(subject: Subject, name: str) -> str | None:
    """Return the type that the unit declares a name with; None where it does not say."""
    word = re.escape(name)
    if subject.language is Language.GO:
        return _go_type(subject.unit.text, word)
    found = re.search(
        rf"{_BEFORE_NAME}{word}\s*(?:[=;,)\[]|:(?!:))", subject.unit.text, re.MULTILINE
    )
    if found is None:
        return None
    declared = re.sub(r"\s+", " ", found["type"]) + found["stars"].strip()
    if declared in ("var", "auto"):
        return _made_type(subject.unit.text, word)
    return declared


def _made_type(text: str, word: str) -> str | None:
    found = re.search(rf"\b{word}\s*=\s*new\s+(?P<type>[\w.]+(?:<[^;()]*>)?(?:\[\])?)", text)
    return None if found is None else found["type"]


def _go_type(text: str, word: str) -> str | None:
    typed = rf"\b{word}(?:\s*,\s*\w+)*\s+(?P<type>(?:\.\.\.|\[\]|\*)*[A-Za-z][\w.]*)\s*[,)=\n]"
    made = rf"\b{word}\s*:=\s*(?:make\()?(?P<type>\[\][\w.*]+)"
    found = re.search(made, text) or re.search(typed, text)
    if found is None or found["type"] in ("in", "range"):
        return None
    return found["type"].replace("...", "[]")


def is_collection(subject: Subject, name: str) -> bool:
    """Tell whether a typed language says that a name stands for a list, a set or the like."""
    declared = declared_type(subject, name)
    pattern = _COLLECTION.get(subject.language)
    return declared is not None and pattern is not None and bool(re.fullmatch(pattern, declared))
