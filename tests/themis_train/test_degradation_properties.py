from __future__ import annotations

from pathlib import Path

import pytest
from degradation_examples import (
    NAMES,
    degraded_examples,
    example_subjects,
    example_text,
    make_worse,
    subjects_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from themis_train.degradation.apply import Degraded, Span, apply_candidate
from themis_train.degradation.operators import Candidate, Edit
from themis_train.degradation.registry import operators_for
from themis_train.degradation.subject import Subject, count_faults, parse

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language

FUNCTION = "def greet(nàme):\n    # héllo, ✓\n    text = 'ü' + nàme\n    return text\n"
ODD = {
    Language.C: "\nint odd(char *x) {\n  ;\n  for (;;) ;\n  if (x) ; else ;\n  return 1;\n}\n",
    Language.CPP: "\nint odd(char *x) try {\n  ;\n  [](){}();\n  return 1; } catch (...) { }\n",
    Language.CSHARP: (
        "\nclass Odd { int F(int x) {\n;\ntry { } catch { }\nreturn x; } int G => 1; }\n"
    ),
    Language.GO: "\nfunc odd(x ...string) {\n\tfor {\n\t}\n\tif x := y; x {\n\t}\n}\n",
    Language.JAVA: "\nclass Odd { int f(int... x) {\n;\nfor (;;) ; } int g() { return 1; } }\n",
    Language.JAVASCRIPT: "\nfunction odd({ x }, ...y) {\n;\nfor (;;) ;\ntry { } catch { }\n}\n",
    Language.PYTHON: (
        "\ndef odd(*, x=1, **y):\n    try: pass\n    except: pass\n    a = b = x; c, = y\n"
    ),
    Language.RUBY: "\ndef odd(*, x: 1, **)\n  begin\n  rescue\n  end\n  a = b = x\nend\n",
}


def _without(text: str, spans: tuple[Span, ...]) -> bytes:
    data, kept, position = text.encode(), [], 0
    for span in spans:
        assert position <= span.start_byte <= span.end_byte <= len(data)
        kept.append(data[position : span.start_byte])
        position = span.end_byte
    return b"".join([*kept, data[position:]])


def _check_spans(sides: Degraded) -> None:
    assert len(sides.chosen_spans) == len(sides.rejected_spans) > 0
    assert _without(sides.chosen, sides.chosen_spans) == _without(
        sides.rejected, sides.rejected_spans
    )
    for text, spans in (
        (sides.chosen, sides.chosen_spans),
        (sides.rejected, sides.rejected_spans),
    ):
        data = text.encode()
        for span in spans:
            data[span.start_byte : span.end_byte].decode()  # no character is cut in two
            assert span.start_line == data[: span.start_byte].count(b"\n") + 1
            last = max(span.start_byte, span.end_byte - 1)
            assert span.end_line == data[:last].count(b"\n") + 1


def _faults_with(subject: Subject, text: str) -> int:
    unit = subject.unit
    before, after = subject.data[: unit.start_byte], subject.data[unit.end_byte :]
    return count_faults(parse(before + text.encode() + after, unit.language).root_node)


@pytest.mark.parametrize("language", Language)
def test_all_that_is_made_parses_and_says_exactly_what_differs(language: Language) -> None:
    for operator in operators_for(language, set(Criterion)):
        for subject, sides in degraded_examples(operator, language):
            assert sides.chosen != sides.rejected
            assert _faults_with(subject, sides.chosen) == 0, operator.name
            assert _faults_with(subject, sides.rejected) == 0, operator.name
            _check_spans(sides)


@pytest.mark.parametrize("language", Language)
def test_all_that_is_made_of_odd_code_parses(language: Language) -> None:
    file = Path(__file__).parent.parent / "themis_lsp/sources/units" / f"{NAMES[language]}.txt"
    for subject in subjects_of(file.read_text(encoding="utf-8") + ODD[language], language):
        for operator in operators_for(language, set(Criterion)):
            for candidate in operator.find(subject):
                sides = apply_candidate(subject, candidate)
                if sides is not None:
                    faults = _faults_with(subject, sides.rejected)
                    assert faults <= subject.file.fault_count, operator.name
                    _check_spans(sides)


@pytest.mark.parametrize("language", Language)
def test_an_operator_proposes_the_same_again(language: Language) -> None:
    for operator in operators_for(language, set(Criterion)):
        for subject in example_subjects(language):
            assert list(operator.find(subject)) == list(operator.find(subject))


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_spans_are_exact_for_any_edits(data: st.DataObject) -> None:
    (subject,) = subjects_of(FUNCTION, Language.PYTHON)
    text = subject.unit.text
    cuts = data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=6).map(sorted))
    edits = [
        Edit(
            len(text[:a].encode()), len(text[:b].encode()), data.draw(st.text("é✓a\n", max_size=4))
        )
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    sides = apply_candidate(subject, Candidate(tuple(edits)))
    if sides is not None:
        assert sides.chosen == text
        _check_spans(sides)


def test_what_does_not_parse_is_dropped() -> None:
    (subject,) = subjects_of(FUNCTION, Language.PYTHON)
    start = subject.unit.text.index("=")
    edit = Edit(len(subject.unit.text[:start].encode()), subject.unit.end_byte, "= (")
    assert apply_candidate(subject, Candidate((edit,))) is None


def test_edits_outside_of_the_unit_or_over_each_other_are_dropped() -> None:
    text = "first = 1\n\n\n" + FUNCTION
    (subject,) = subjects_of(text, Language.PYTHON)
    assert apply_candidate(subject, Candidate((Edit(0, 5, "last"),))) is None
    start = subject.unit.start_byte
    overlapping = (Edit(start, start + 9, "def f"), Edit(start + 4, start + 9, "g"))
    assert apply_candidate(subject, Candidate(overlapping)) is None


def test_a_function_that_does_not_parse_is_left_alone() -> None:
    broken = "int broken(void) {\n    return (1;\n    }\n}\n"
    sound = "int sound(void) {\n    return 2;\n}\n"
    assert [s.unit.name for s in subjects_of(sound + broken, Language.C)] == ["sound"]


def test_line_endings_stay_as_they_are() -> None:
    text = example_text(Language.CSHARP).replace("\n", "\r\n")
    for operator in operators_for(Language.CSHARP, set(Criterion)):
        for worse in make_worse(operator, text, Language.CSHARP):
            assert "\n" not in worse.replace("\r\n", ""), operator.name
