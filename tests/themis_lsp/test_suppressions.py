from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.suppressions.read import MarkedText, NoteKind, read_suppressions
from themis_lsp.units.find import find_units

SH, RM = Criterion.SECURITY_HARDNESS, Criterion.READABILITY_MAINTAINABILITY
TODAY = date(2026, 6, 1)

FUNCTIONS = {
    Language.C: "int f(int a) {\n    g(a); // themis: ignore[SH] fine\n    return 1;\n}\n",
    Language.CSHARP: "class A {\n  int F(int a) {\n    G(a); // themis: ignore[SH] fine\n  }\n}\n",
    Language.CPP: "int A::f(int a) {\n  g(a); /* themis: ignore[SH] fine */\n  return 1;\n}\n",
    Language.GO: "func f(a int) int {\n\tg(a) //themis:ignore[SH] fine\n\treturn 1\n}\n",
    Language.JAVA: "class A {\n  int f(int a) {\n    g(a); // themis: ignore[SH] fine\n  }\n}\n",
    Language.JAVASCRIPT: "function f(a) {\n  g(a) /* themis: ignore[SH] fine */\n  return 1\n}\n",
    Language.PYTHON: "def f(a):\n    g(a)  # themis: ignore[SH] fine\n    return 1\n",
    Language.RUBY: "def f(a)\n  g(a) # themis: ignore[SH] fine\n  1\nend\n",
}


def read(text: str, language: Language = Language.PYTHON, **options: bool) -> MarkedText:
    return read_suppressions(text, path="a", language=language, today=TODAY, **options)


def silenced(text: str, lines: set[int], criterion: Criterion = SH) -> bool:
    """Whether a finding in the last function, that points at ``lines``, is suppressed."""
    marked = read(text)
    unit = find_units(marked.text, path="a", language=Language.PYTHON)[-1]
    return marked.suppressions.find(unit, criterion, lines) is not None


def notes(text: str, **options: bool) -> list[tuple[int, NoteKind]]:
    return [(note.line, note.kind) for note in read(text, **options).notes]


@pytest.mark.parametrize("language", Language)
def test_comments_of_every_language_suppress_and_are_not_seen_by_the_model(
    language: Language,
) -> None:
    marked = read(FUNCTIONS[language], language)
    (item,) = marked.suppressions.items
    assert (item.directive.reason, item.directive.criteria) == ("fine", {SH})
    assert "themis" not in marked.text
    before, after = FUNCTIONS[language].split("\n"), marked.text.split("\n")
    assert [line for line in zip(before, after, strict=True) if line[0] != line[1]] == [
        (before[item.line - 1], after[item.line - 1])
    ]
    assert not after[item.line - 1].endswith(" ")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (Language.PYTHON, 's = "# themis: ignore"\nt = """\n# themis: ignore-file\n"""\n'),
        (Language.JAVASCRIPT, "s = `// themis: ignore-file`\n"),
        (Language.RUBY, "s = <<~A\n  # themis: ignore-file\nA\n"),
        (Language.GO, "package a\nvar s = `// themis: ignore-file`\n"),
        (Language.C, 'char *s = "// themis: ignore-file";\n'),
    ],
)
def test_strings_are_no_comments(language: Language, text: str) -> None:
    assert read(text, language) == MarkedText(text, read("").suppressions, ()) or not (
        read(text, language).suppressions.items
    )
    assert read(text, language).text == text


def test_a_comment_on_a_line_is_for_findings_that_point_at_it() -> None:
    text = "def f(a):\n    b = a  # themis: ignore[SH, readability-maintainability]\n    return b\n"
    assert silenced(text, {2, 3})
    assert silenced(text, {2}, RM)
    assert not silenced(text, {3})
    assert not silenced(text, {2}, Criterion.RUNTIME_EFFICIENCY)


@pytest.mark.parametrize("word", ["ignore", "ignore-next-line"])
def test_alone_on_a_line_it_is_for_the_next_line_of_code(word: str) -> None:
    text = f"def f(a):\n    # themis: {word}\n    # said so\n\n    b = a\n    return b\n"
    assert silenced(text, {5})
    assert silenced(text, {3})
    assert not silenced(text, {2, 6})


def test_a_block_ends_where_it_says_and_may_stand_in_another() -> None:
    text = (
        "def f(a):\n    # themis: ignore-start[SH]\n    b = a\n    # themis: ignore-start[RM]\n"
        "    c = a\n    # themis: ignore-end\n    d = a\n    # themis: ignore-end\n    return b\n"
    )
    assert [silenced(text, {line}) for line in (3, 5, 7, 9)] == [True, True, True, False]
    assert [silenced(text, {line}, RM) for line in (3, 5, 7)] == [False, True, False]


def test_a_whole_file_is_silenced_from_anywhere_in_it() -> None:
    assert silenced("def f(a):\n    return a\n\n# themis: ignore-file\n", set())


def test_code_outside_of_functions_is_silenced_where_it_points_or_as_a_whole() -> None:
    text = "# themis: ignore-start\nx = 1\ny = 2\n# themis: ignore-end\nz = 3\n"
    marked = read(text)
    (unit,) = find_units(marked.text, path="a", language=Language.PYTHON)
    assert marked.suppressions.find(unit, SH, {2}) is not None
    assert marked.suppressions.find(unit, SH, ()) is None
    assert silenced(text.replace("z = 3\n", ""), set())
    assert silenced("def f(): ...\n\n\n# themis: ignore\n\n# why\nx = 1\ny = 2\n", {8})
    assert not silenced("x = 1  # themis: ignore\ny = 2\n", {2})
    assert silenced(text + "# themis: ignore-file\n", set())


@pytest.mark.parametrize(
    "head",
    [
        "def f(a):  # themis: ignore",
        "# themis: ignore\ndef f(a):",
        "@g('f')\n# themis: ignore\ndef f(a):",
        "@g('f')  # themis: ignore\n@h\ndef f(a):",
        "@g('f')\ndef f(a):  # themis: ignore",
    ],
)
def test_on_its_first_lines_it_is_for_the_whole_function(head: str) -> None:
    assert silenced(f"x = 1\n\n\n{head}\n    b = a\n    return b\n", set())
    inner = f"def g(a):\n    b = a\n    return b\n\n\n{head}\n    return 1\n"
    unit, *_ = find_units(inner, path="a", language=Language.PYTHON)
    assert read(inner).suppressions.find(unit, SH, {2}) is None


def test_it_may_stand_behind_another_comment_and_prose_is_no_directive() -> None:
    assert silenced("def f(a):\n    return a  # noqa  # themis: ignore[SH]\n", {2})
    for prose in ("see themis: ignore", "# themis: a titaness", "Themis: ignore"):
        text = f"def f(a):\n    return a  # {prose}\n"
        assert read(text) == MarkedText(text, read(text).suppressions, ())
        assert not silenced(text, {2})


def test_what_a_longer_comment_quotes_is_no_directive() -> None:
    text = "/* To silence it write\n * // themis: ignore\n * or /* themis: ignore\n */\nint a;\n"
    for quoted in (text, text.replace("\n * ", "\n")):
        marked = read(quoted, Language.C)
        assert (marked.text, marked.suppressions.items, marked.notes) == (quoted, (), ())
    several = read("/* themis: ignore-file[SH] known\n * since long */\nint a;\n", Language.C)
    assert several.text == "\n\nint a;\n"
    assert several.suppressions.items[0].directive.reason == "known"


def test_on_its_last_day_it_counts_and_on_the_next_it_is_expired() -> None:
    text = "def f(a):\n    return a  # themis: ignore[SH] until={} for now\n"
    assert silenced(text.format("2026-06-01"), {2})
    assert read(text.format("2026-06-01")).suppressions.items[0].directive.reason == "for now"
    assert not silenced(text.format("2026-05-31"), {2})
    assert notes(text.format("2026-05-31")) == [(2, NoteKind.EXPIRED)]


def test_a_reason_can_be_required() -> None:
    text = "x = 1  # themis: ignore\ny = 2  # themis: ignore[SH] - because\n"
    assert notes(text) == []
    assert notes(text, requires_reason=True) == [(1, NoteKind.WITHOUT_REASON)]
    (item,) = read(text, requires_reason=True).suppressions.items
    assert item.directive.reason == "because"


@pytest.mark.parametrize(
    ("directive", "words"),
    [
        ("ignore[XX]", "a:2: suppression ignored: unknown criterion 'XX'; choose from FC"),
        ("ignore[]", "the brackets name no criterion"),
        ("ignore[SH", "the bracket is never closed"),
        ("ignor[SH]", "'ignor' is no directive; did you mean ignore?"),
        ("silence[SH]", "'silence' is no directive; there are ignore, ignore-next-line"),
        ("ignore until=2027-13-01", "until=2027-13-01 is no day"),
        ("ignore until=", "until= is no day"),
        ("ignore-start", "the block never ends"),
        ("ignore-end", "no themis: ignore-start above"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_suppresses_nothing(
    directive: str, words: str
) -> None:
    marked = read(f"def f(a):\n    return a  # themis: {directive}\n")
    (note,) = marked.notes
    assert note.kind is NoteKind.WRONG
    assert words in str(note)
    assert marked.suppressions.items == ()


@settings(max_examples=60)
@given(st.text("é🦉#/*:themignor[]-S H\n\t", max_size=80), st.sampled_from(list(Language)))
def test_lines_and_what_stands_before_a_directive_stay_where_they_are(
    text: str, language: Language
) -> None:
    source = f"x = 1 # themis: ignore\n{text}\n/* themis: ignore é */ y\n"
    before, after = source.split("\n"), read(source, language).text.split("\n")
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        kept = len(new.rstrip()) if " themis:" not in new else 0
        assert all(a in (" ", b) for a, b in zip(new[:kept], old, strict=False))
