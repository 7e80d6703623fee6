from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.changes import Change, ChangeKind, FileUnits, Pairing, pair_units
from themis_lsp.languages import Language, parse_language
from themis_lsp.units import Unit, UnitKind, find_units

SAMPLES = Path(__file__).parent / "sources" / "units"
NAMES = ["c", "cpp", "csharp", "go", "java", "javascript", "python", "ruby"]
TOTAL = "def total(items):\n    result = 0\n    for item in items:\n        result += item\n"
TOTAL += "    return result\n"
LABEL = 'def label(name):\n    text = name.strip()\n    return text.title() + "!"\n'


def units(text: str | None, path: str, language: Language = Language.PYTHON) -> tuple[Unit, ...]:
    return () if text is None else tuple(find_units(text, path=path, language=language))


def pair(*files: tuple[str | None, str | None], language: Language = Language.PYTHON) -> Pairing:
    """Pair files, each (before, after); the first is called ``0.py``."""
    return pair_units(
        [
            FileUnits(units(before, f"{n}.py", language), units(after, f"{n}.py", language))
            for n, (before, after) in enumerate(files)
        ]
    )


def said(pairing: Pairing) -> list[str]:
    return [_say(change) for change in pairing.changes]


def _say(change: Change) -> str:
    sides = [f"{unit.path}:{unit.name}" for unit in (change.before, change.after) if unit]
    return f"{change.kind} {' -> '.join(dict.fromkeys(sides))}"


# One file


def test_a_unit_with_other_text_is_modified() -> None:
    after = TOTAL.replace("+= item", "+= item.price")
    assert said(pair((TOTAL + LABEL, after + LABEL))) == ["modified 0.py:total"]


def test_what_only_one_side_has_is_added_or_deleted() -> None:
    assert said(pair((TOTAL, TOTAL + LABEL))) == ["added 0.py:label"]
    assert said(pair((TOTAL + LABEL, LABEL))) == ["deleted 0.py:total"]


def test_a_unit_rewritten_under_its_name_is_modified() -> None:
    after = "def total(xs):\n    return sum(x.y for x in xs)\n"
    assert said(pair((TOTAL, after))) == ["modified 0.py:total"]


def test_a_renamed_unit_is_recognised_though_edited() -> None:
    after = TOTAL.replace("total", "sum_up").replace("+= item", "+= item.price")
    assert said(pair((TOTAL + LABEL, LABEL + after))) == ["renamed 0.py:total -> 0.py:sum_up"]


def test_a_method_that_went_to_another_class_is_moved() -> None:
    inside = "".join(f"    {line}\n" for line in TOTAL.replace("items)", "self)").splitlines())
    pairing = pair((f"class A:\n{inside}", f"class B:\n{inside.replace('0', '1')}"))
    assert "moved 0.py:A.total -> 0.py:B.total" in said(pairing)


def test_unlike_units_are_not_paired() -> None:
    assert said(pair((TOTAL, LABEL))) == ["added 0.py:label", "deleted 0.py:total"]


def test_of_several_of_one_name_the_most_alike_are_paired() -> None:
    one = "int f(int a) {\n  int b = a;\n  return b + 1;\n}\n"
    two = "int f(char *s, long n) {\n  while (n--) s++;\n  return *s;\n}\n"
    pairing = pair((one + two, two.replace("*s;", "*s + 2;") + one), language=Language.CPP)
    (change,) = pairing.changes
    assert change.kind is ChangeKind.MODIFIED
    assert change.before is not None
    assert "while" in change.before.text


def test_an_edit_is_seen_in_the_innermost_unit_around_it() -> None:
    before = "def outer(a):\n    def inner(b):\n        return b\n    return inner(a)\n"
    assert said(pair((before, before.replace("return b", "return b + 1")))) == [
        "modified 0.py:outer.inner"
    ]
    assert said(pair((before, before.replace("inner(a)", "inner(2)")))) == ["modified 0.py:outer"]


# Several files


def test_a_unit_that_went_to_another_file_is_moved() -> None:
    after = TOTAL.replace("+= item", "+= item.price")
    assert said(pair((TOTAL + LABEL, LABEL), (None, after))) == ["moved 0.py:total -> 1.py:total"]


def test_a_unit_that_went_to_another_file_as_it_is_has_not_changed() -> None:
    pairing = pair((TOTAL + LABEL, LABEL), (None, TOTAL))
    assert not pairing.changes
    assert [(one.path, other.path) for one, other in pairing.unchanged] == [
        ("0.py", "0.py"),
        ("0.py", "1.py"),
    ]


def test_one_name_in_one_file_comes_before_the_same_text_in_another() -> None:
    pairing = pair((TOTAL, TOTAL.replace("0", "1")), (None, TOTAL))
    assert said(pairing) == ["modified 0.py:total", "added 1.py:total"]


def test_languages_are_not_mixed() -> None:
    text = "function f(a) {\n  return a;\n}\n"
    files = FileUnits(
        units(text, "a.js", Language.JAVASCRIPT), units(text, "a.java", Language.JAVA)
    )
    assert {change.kind for change in pair_units([files]).changes} <= {
        ChangeKind.ADDED,
        ChangeKind.DELETED,
    }


# White space


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        (Language.PYTHON, TOTAL, TOTAL.replace("\n    for", "\n\n    for").replace(" = ", "  =  ")),
        (Language.PYTHON, TOTAL, "if True:\n    " + TOTAL.replace("\n", "\n    ").rstrip() + "\n"),
        (Language.GO, "func f() {\n\tg(1)\n\th()\n}\n", "func f() {\n\n    g( 1 )\n\n\n\th()\n}\n"),
        (Language.JAVASCRIPT, "function f(a) {\n  return a\n}\n", "function f( a ) { return a }\n"),
        (Language.RUBY, "def f(a)\n  g a\n  h a\nend\n", "def f(a)\n    g a\n\n    h  a\nend\n"),
        (Language.C, "int f(int a)\n{\n\treturn a;\n}\n", "int f(int a) {\n  return a;\n}\n"),
        (
            Language.JAVA,
            "class A { int f() {\n return 1; } }",
            "class A { int f()\n{ return 1; } }",
        ),
    ],
)
def test_white_space_without_meaning_is_no_change(
    language: Language, before: str, after: str
) -> None:
    changes = pair((before, after), language=language).changes
    assert not [change for change in changes if change.unit.kind is not UnitKind.STATEMENTS]


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        (
            Language.PYTHON,
            "def f(a):\n    if a:\n        g()\n        h()\n",
            "def f(a):\n    if a:\n        g()\n    h()\n",
        ),
        (Language.PYTHON, 'def f():\n    return "a b"\n', 'def f():\n    return "ab"\n'),
        (
            Language.JAVASCRIPT,
            "function f(a) {\n  return a\n}\n",
            "function f(a) {\n  return\n a\n}\n",
        ),
        (
            Language.JAVASCRIPT,
            "function f(a) {\n  return `${a} ${a}`\n}\n",
            "function f(a) {\n  return `${a}${a}`\n}\n",
        ),
        (Language.GO, "func f() {\n\tg(`a\nb`)\n}\n", "func f() {\n\tg(`a\n b`)\n}\n"),
        (Language.RUBY, "def f(a)\n  g -a\nend\n", "def f(a)\n  g - a\nend\n"),
        (
            Language.CSHARP,
            'class A { string F() { return "a b"; } }',
            'class A { string F() { return "ab"; } }',
        ),
        (Language.CPP, 'char *f() { return R"(a b)"; }', 'char *f() { return R"(ab)"; }'),
    ],
)
def test_white_space_with_a_meaning_is_a_change(
    language: Language, before: str, after: str
) -> None:
    changes = pair((before, after), language=language).changes
    assert [change.kind for change in changes] == [ChangeKind.MODIFIED]


# Properties


def _sides(files: Sequence[FileUnits]) -> tuple[Counter[Unit], Counter[Unit]]:
    return (
        Counter(unit for file in files for unit in file.before),
        Counter(unit for file in files for unit in file.after),
    )


def check_pairing(files: Sequence[FileUnits]) -> None:
    pairing = pair_units(files)
    pairs = [*((c.before, c.after) for c in pairing.changes), *pairing.unchanged]
    before, after = _sides(files)
    assert Counter(one for one, _ in pairs if one is not None) == before
    assert Counter(other for _, other in pairs if other is not None) == after
    turned = pair_units([FileUnits(file.after, file.before) for file in files])
    assert Counter((c.after, c.before) for c in turned.changes) == Counter(
        (c.before, c.after) for c in pairing.changes
    )
    assert Counter((b, a) for a, b in turned.unchanged) == Counter(pairing.unchanged)
    for change in pairing.changes:
        assert (change.before is None) == (change.kind is ChangeKind.ADDED)
        assert (change.after is None) == (change.kind is ChangeKind.DELETED)


def _sample(name: str) -> str:
    return (SAMPLES / f"{name}.txt").read_text(encoding="utf-8")


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """The text with lines deleted, doubled, moved and changed."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(lines) - 1))
        end = min(len(lines), start + draw(st.integers(1, 8)))
        piece = lines[start:end]
        del lines[start:end]
        place = draw(st.integers(0, len(lines)))
        again = draw(st.sampled_from([[], piece, piece * 2, [line + " x" for line in piece]]))
        lines[place:place] = again
        lines = lines or [""]
    return "\n".join(lines)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=6)
@given(data=st.data())
def test_every_unit_is_paired_or_changed_once_and_either_way_round(
    name: str, data: st.DataObject
) -> None:
    language, text = parse_language(name), _sample(name)
    files = []
    for number in range(data.draw(st.integers(1, 2))):
        before, after = data.draw(edited(text)), data.draw(edited(text))
        path = f"{number}.txt"
        files.append(FileUnits(units(before, path, language), units(after, path, language)))
    check_pairing(files)


_BODIES = st.sampled_from(
    ["    return a\n", "    b = a\n    return b\n", "    for c in a:\n        d(c)\n"]
)
_FUNCTIONS = st.lists(
    st.builds("def {}(a):\n{}".format, st.sampled_from("fgh"), _BODIES), max_size=6
)


@settings(max_examples=50)
@given(st.lists(st.tuples(_FUNCTIONS, _FUNCTIONS), min_size=1, max_size=3))
def test_twins_are_paired_once_and_either_way_round(
    files: list[tuple[list[str], list[str]]],
) -> None:
    check_pairing(
        [
            FileUnits(units("\n".join(before), f"{n}.py"), units("\n".join(after), f"{n}.py"))
            for n, (before, after) in enumerate(files)
        ]
    )


@pytest.mark.parametrize("name", NAMES)
def test_identical_files_have_no_changes(name: str) -> None:
    text = _sample(name)
    pairing = pair((text, text), language=parse_language(name))
    assert not pairing.changes
    assert all(before == after for before, after in pairing.unchanged)


@settings(max_examples=30)
@given(st.data())
def test_functions_in_another_order_are_no_change(data: st.DataObject) -> None:
    functions = data.draw(_FUNCTIONS)
    reordered = data.draw(st.permutations(functions))
    assert not pair(("\n".join(functions), "\n".join(reordered))).changes
