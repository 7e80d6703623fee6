"""Things that are kept for good."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.declared import declared_type
from themis_train.degradation.layout import insert_after
from themis_train.degradation.operators import Candidate, Operator, replace
from themis_train.degradation.planting import plant_place
from themis_train.degradation.shapes import Local, find_locals
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

_ME = Criterion.MEMORY_EFFICIENCY
_STORES = ("seen", "history", "recent", "trace", "kept", "all_values", "previous", "log", "calls")
_C_FORMS = (
    (
        "static {type}{store}[4096];",
        "static size_t {store}_count;",
        "{store}[{store}_count++] = {name};",
    ),
    (
        "static {type}*{store};",
        "static size_t {store}_len;",
        "{store} = realloc({store}, ++{store}_len * sizeof(*{store}));",
        "{store}[{store}_len - 1] = {name};",
    ),
)
_CPP_FORMS = (
    ("static std::vector<{type}> {store};", "{store}.push_back({name});"),
    ("static std::list<{type}> {store};", "{store}.push_back({name});"),
    ("static std::deque<{type}> {store};", "{store}.emplace_back({name});"),
)
_FORMS = {
    Language.JAVASCRIPT: (
        ("(this.{store} ??= []).push({name});",),
        ("globalThis.{store} = [...(globalThis.{store} || []), {name}];",),
        ("({function}.{store} ||= []).push({name});",),
    ),
    Language.PYTHON: (
        ("{function}.__dict__.setdefault('{store}', []).append({name})",),
        ("globals().setdefault('{store}', []).append({name})",),
        ("{function}.{store} = [*getattr({function}, '{store}', ()), {name}]",),
    ),
    Language.RUBY: (
        ("(@{store} ||= []) << {name}",),
        ("@{store} = (@{store} || []) + [{name}]",),
        ("(@@{store} ||= []).push({name})",),
        ("(${store} ||= []) << {name}",),
    ),
}


def _kept_for_good(subject: Subject) -> Iterator[Candidate]:
    """Every value of a local is kept in a list that nothing ever empties."""
    if plant_place(subject) is None:
        return
    for local in find_locals(subject):
        if len(subject.text(local.value)) < 8:
            continue
        lines = _keeping(subject, local)
        if lines is not None:
            yield from replace([insert_after(subject, local.statement, lines)])


def _keeping(subject: Subject, local: Local) -> list[str] | None:
    """Return the lines that keep a local; None where they would not compile."""
    kind = ""
    forms: Sequence[tuple[str, ...]] = _FORMS.get(subject.language, ())
    if subject.language in (Language.C, Language.CPP):
        declared = declared_type(subject, local.name)
        if declared is None or declared in ("auto", "static"):
            return None
        is_pointer = declared.endswith("*")
        if subject.language is Language.C and not is_pointer:
            return None
        kind = re.sub(r"(\w)(\*+)$", r"\1 \2", declared).removeprefix("static ")
        kind = kind.removesuffix("&").removeprefix("const ") if not is_pointer else kind
        forms = _C_FORMS if subject.language is Language.C else _CPP_FORMS
    store = choose(subject, _STORES, salt=local.name)
    function = re.sub(r"\W", "_", subject.unit.name.rpartition(".")[2]) or "this"
    if store in subject.unit.text or (function == "this" and subject.language is Language.PYTHON):
        return None
    if subject.language is Language.PYTHON and "." in subject.unit.name:
        function = "type(self)" if "self" in subject.unit.text else function
        forms = tuple(form for form in forms if "__dict__" not in form[0])
    words = {"name": local.name, "store": store, "type": kind, "function": function}
    return [line.format(**words) for line in choose(subject, forms, salt=local.name)]


OPERATORS = (
    Operator(
        "kept-for-good",
        _ME,
        "every value is added to a list that is never emptied",
        (Language.C, Language.CPP, *_FORMS),
        _kept_for_good,
    ),
)
