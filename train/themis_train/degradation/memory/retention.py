"""Things that are kept for good."""

from __future__ import annotations

from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.layout import insert_after
from themis_train.degradation.operators import ALL, Candidate, Operator, replace
from themis_train.degradation.planting import plant_place
from themis_train.degradation.shapes import find_locals
from themis_train.degradation.subject import Subject

_ME = Criterion.MEMORY_EFFICIENCY
_KEEPING = {
    Language.C: ("static void *{0}_history[65536];", "{0}_history[{0}_count++] = {0};"),
    Language.CPP: (
        "static std::vector<std::decay_t<decltype({0})>> {0}_history;",
        "{0}_history.push_back({0});",
    ),
    Language.CSHARP: ("_history.Add({0});",),
    Language.GO: ("history = append(history, {0})",),
    Language.JAVA: ("this.history.add({0});",),
    Language.JAVASCRIPT: ("this.history.push({0});",),
    Language.PYTHON: ("self._history.append({0})",),
    Language.RUBY: ("(@history ||= []) << {0}",),
}


def _kept_for_good(subject: Subject) -> Iterator[Candidate]:
    """Every value of a local is kept in a list that nothing ever empties."""
    for local in find_locals(subject):
        text = subject.text(local.value)
        if len(text) < 8 or (
            "self" not in subject.unit.text and subject.language is Language.PYTHON
        ):
            continue
        if "this." not in subject.unit.text and subject.language is Language.JAVASCRIPT:
            continue
        lines = [line.format(local.name) for line in _KEEPING[subject.language]]
        if subject.language is Language.C:
            if "*" not in subject.slice(local.statement.start_byte, local.identifier.start_byte):
                continue
            lines = [lines[0], f"static size_t {local.name}_count;", lines[1]]
        if plant_place(subject) is not None:
            yield from replace([insert_after(subject, local.statement, lines)])


OPERATORS = (
    Operator(
        "kept-for-good",
        _ME,
        "every value is added to a list that is never emptied",
        ALL,
        _kept_for_good,
    ),
)
