from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

from themis_lsp.languages import Language
from themis_lsp.units import Unit, UnitKind, find_units


def units_of(code: str, language: Language = Language.PYTHON) -> list[Unit]:
    return find_units(dedent(code).removeprefix("\n"), path="sample", language=language)


def listing(code: str, language: Language = Language.PYTHON) -> list[str]:
    return [f"{u.start_line}-{u.end_line} {u.name}" for u in units_of(code, language)]


def named(code: str, name: str, language: Language = Language.PYTHON) -> Unit:
    [unit] = [unit for unit in units_of(code, language) if unit.name == name]
    return unit


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n", "# only a comment\n", "\ufeff"])
def test_a_file_without_code_has_no_units(text: str) -> None:
    assert find_units(text, path="a.py", language=Language.PYTHON) == []


def test_a_unit_knows_its_file_and_its_bytes() -> None:
    [run, function] = units_of("é = 1\n\n\ndef ü():\n    return 'ß'\n\n")
    assert (run.path, run.language, run.kind) == (
        "sample",
        Language.PYTHON,
        UnitKind.STATEMENTS,
    )
    assert (run.start_byte, run.end_byte, run.text) == (0, 6, "é = 1")
    assert (function.start_byte, function.end_byte) == (9, 34)
    assert (function.start_line, function.end_line) == (4, 5)
    assert function.text == "def ü():\n    return 'ß'"


def test_nested_functions_are_units_inside_the_outer_one() -> None:
    outer, inner, innermost = units_of(
        """
        def outer():
            def inner():
                def innermost():
                    return 1
                return innermost
            return inner
        """
    )
    assert [inner.name, innermost.name] == ["outer.inner", "outer.inner.innermost"]
    assert outer.start_byte < inner.start_byte < innermost.start_byte
    assert innermost.end_byte < inner.end_byte < outer.end_byte


def test_a_lambda_inside_a_function_is_a_unit_if_it_spans_several_lines() -> None:
    code = """
        function outer() {
          const short = (x) => x;
          const long = (x) => {
            return x;
          };
        }
        """
    assert listing(code, Language.JAVASCRIPT) == ["1-6 outer", "3-5 outer.long"]


def test_decorators_and_the_comments_above_them_belong_to_the_function() -> None:
    code = """
        x = 1

        # Not this one.

        # This one
        # and this one.
        @decorated
        def f(): ...
        """
    assert listing(code) == ["1-1 <module>", "5-8 f"]


def test_a_comment_with_blank_lines_inside_is_taken_whole() -> None:
    code = """
        int x; /* of x
        still of x */
        /* Of f.

        Still of f. */
        // And this.
        int f(void) { return x; }
        """
    assert listing(code, Language.C) == ["1-1 <module>", "3-7 f"]


def test_a_licence_header_belongs_to_nothing() -> None:
    code = "// Licence.\n// All rights.\n\npackage a;\n\nclass A {\n  int x;\n}\n"
    assert listing(code, Language.JAVA) == ["4-4 <module>", "6-8 A"]


def test_a_module_docstring_is_no_unit_alone() -> None:
    assert listing('"""Doc."""\n\n\ndef f(): ...\n') == ["4-4 f"]
    assert listing('"""Doc."""\n\nimport os\n') == ["1-3 <module>"]


def test_a_class_that_ends_in_a_method_lends_its_brace_to_the_next_run() -> None:
    code = """
        class A {
          void f() {
          }
        }

        class B {
          int x;
        }
        """
    assert listing(code, Language.JAVA) == ["1-1 A", "2-3 A.f", "4-8 B"]


def test_without_a_run_beside_it_a_closing_line_belongs_to_nothing() -> None:
    code = """
        class A {
          void f() {
          }
        };
        void g() {
        }
        #endif
        """
    assert listing(code, Language.CPP) == ["1-1 A", "2-3 A.f", "5-6 g"]


@pytest.mark.parametrize(
    ("language", "head", "functions", "tail"),
    [
        (
            Language.JAVA,
            "class A {\n  int x;\n",
            ["  void f() {\n  }\n", "  void g() {\n  }\n"],
            "}\n",
        ),
        (Language.RUBY, "class A\n  X = 1\n", ["  def f\n  end\n", "  def g\n  end\n"], "end\n"),
    ],
)
def test_a_function_is_the_same_when_another_comes_behind_it(
    language: Language, head: str, functions: list[str], tail: str
) -> None:
    one = units_of(head + functions[0] + tail, language)
    two = units_of(head + "".join(functions) + tail, language)
    assert [unit.text for unit in one] == [unit.text for unit in two][:2]


def test_an_opening_line_goes_to_the_function_after() -> None:
    code = """
        class A {
          int x;
          void f() { }
         public:
          void g() { }
        #if SLOW
          void g() { x = 1; }
        #endif
        };
        """
    assert listing(code, Language.CPP) == ["1-2 A", "3-3 A.f", "4-5 A.g", "6-7 A.g"]


def test_a_file_of_braces_alone_is_one_run() -> None:
    assert listing("}\n\n};\n", Language.C) == ["1-3 <module>"]


def test_namespaces_and_modules_head_the_run_of_the_class_inside() -> None:
    assert listing("module A\n  class B\n    X = 1\n  end\nend\n", Language.RUBY) == ["1-5 A.B"]
    code = "#include <a>\nnamespace a {\nnamespace b {\nstruct C {\n  int x;\n};\n}}\n"
    assert listing(code, Language.CPP) == ["1-3 <module>", "4-7 a.b.C"]


def test_a_class_on_one_line_is_a_statement() -> None:
    assert listing("class A(Exception): pass\nclass B(A): x = 1\n") == ["1-2 <module>"]


def test_functions_that_share_a_line_are_units_of_their_own() -> None:
    code = "int f(void) { return 1; } int g(void) { return 2; }\n"
    assert [unit.text for unit in units_of(code, Language.C)] == [
        "int f(void) { return 1; }",
        "int g(void) { return 2; }",
    ]


def test_a_function_takes_what_is_left_of_its_lines() -> None:
    code = "module.exports.run = function () {\n  return 1;\n}.bind(this); // bound\n"
    [unit] = units_of(code, Language.JAVASCRIPT)
    assert unit.text == code.rstrip("\n")


@pytest.mark.parametrize(
    "wrapped",
    [
        "(function () {\n%s\n})();\n",
        "(function main() {\n%s\n})();\n",
        "!function () {\n%s\n}.call(this);\n",
        "define(['a'], function (a) {\n%s\n});\n",
        "describe('a', () => {\n%s\n});\n",
    ],
)
def test_a_wrapper_around_a_file_is_no_unit(wrapped: str) -> None:
    body = "function f() {\n  return 1;\n}\nvar x = 1;\nfunction g() { return 2; }"
    names = [unit.name for unit in units_of(wrapped % body, Language.JAVASCRIPT)]
    assert [name for name in names if name != "<module>"] == ["f", "g"]
    assert "<module>" in names


def test_prototypes_and_abstract_methods_stay_in_runs() -> None:
    assert listing("int f(void);\nint g(int a);\n", Language.C) == ["1-2 <module>"]
    code = "interface A {\n  void f();\n  int g();\n}\n"
    assert listing(code, Language.JAVA) == ["1-4 A"]
    assert listing(code, Language.CSHARP) == ["1-4 A"]


def test_a_macro_that_loops_is_no_function() -> None:
    code = "void f() {\n  FOR_EACH(a, b) {\n    g(a);\n  }\n  FOR(x) {\n    h(x);\n  }\n}\n"
    assert listing(code, Language.C) == listing(code, Language.CPP) == ["1-8 f"]


def test_a_macro_that_defines_is_a_function_named_by_its_arguments() -> None:
    assert listing("TEST(A, b) {\n  f();\n}\n", Language.CPP) == ["1-3 TEST(A, b)"]
    assert listing("TEST_BEGIN(a) {\n  f();\n}\n", Language.C) == ["1-3 TEST_BEGIN(a)"]


def test_unknown_macros_do_not_hide_what_they_stand_before() -> None:
    code = """
        #include <a>
        A_BEGIN_NAMESPACE
        class A_API B : public C {
          A_OBJECT
         public:
          A_INLINE B(int x) : x_(x) {}
          A_DEVICE_FUNC
          A_INLINE int f() const { return x_; }
        };
        A_END_NAMESPACE
        """
    assert listing(code, Language.CPP) == ["1-2 <module>", "3-5 B", "6-6 B.B", "7-8 B.f"]


def test_long_runs_are_split_where_a_statement_begins() -> None:
    code = "".join(f"x{i} = [\n    {i},\n]\n" for i in range(100))
    units = units_of(code)
    assert all(unit.text.startswith("x") and unit.text.endswith("]") for unit in units)
    assert "".join(unit.text + "\n" for unit in units) == code
    assert all(20 <= unit.end_line - unit.start_line + 1 <= 80 for unit in units)


def test_an_edit_leaves_distant_parts_of_a_long_run_alone() -> None:
    code = "".join(f"x{i} = {i}\n" for i in range(600))
    before = {unit.text for unit in units_of(code)}
    after = {unit.text for unit in units_of("y = 0\nz = 0\n" + code)}
    assert len(before & after) >= len(before) - 3


def test_a_long_text_is_not_split() -> None:
    assert len(units_of('x = """\n' + "def f(): ...\n" * 200 + '"""\n')) == 1


@pytest.mark.parametrize(
    ("code", "language", "names"),
    [
        ("def f(:\n    return 1\n\n\ndef g():\n    return 2\n", Language.PYTHON, {"g"}),
        ("int f(void) {\n  if (\n}\n\nint g(void) { return 1; }\n", Language.C, set()),
        ("class A {\n  void f() { }\n  void g( {\n", Language.JAVA, {"f"}),
        ("function f() { return 1; }\nfunction (\n", Language.JAVASCRIPT, {"f"}),
        (
            "<<<<<<< HEAD\ndef f():\n    return 1\n=======\ndef g():\n    return 2\n>>>>>>> b\n",
            Language.PYTHON,
            {"f", "g"},
        ),
        ("def f():\n    print 'a'\n    exec 'b'\n", Language.PYTHON, {"f"}),
    ],
)
def test_code_that_does_not_parse_has_units(code: str, language: Language, names: set[str]) -> None:
    units = units_of(code, language)
    assert names <= {unit.name for unit in units}
    covered = {line for unit in units for line in range(unit.start_line, unit.end_line + 1)}
    lines = enumerate(code.split("\n"), 1)
    assert covered >= {n for n, line in lines if line.strip(" =")}


def test_lone_surrogates_are_kept() -> None:
    [unit] = units_of("x = '\ud800é'  # \udfff\n")
    assert unit.text == "x = '\ud800é'  # \udfff"
    assert unit.end_byte == len(unit.text.encode("utf-8", "surrogatepass"))


def test_a_byte_order_mark_is_in_no_unit() -> None:
    [unit] = units_of("\ufeffx = 1\n")
    assert (unit.text, unit.start_byte, unit.start_line) == ("x = 1", 3, 1)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("x = " + "[" * 10_000 + "]" * 10_000, Language.PYTHON),
        ("x = " + "(" * 5_000, Language.RUBY),
        ("int x = " + "(" * 5_000 + "1" + ")" * 5_000 + ";", Language.C),
        ("void f() { " + "if (x) " * 5_000 + "; }", Language.CPP),
        ("class A {\n" * 5_000, Language.JAVA),
        ("namespace A {\n" * 5_000, Language.CSHARP),
        ("package a\nvar x = " + "[" * 10_000, Language.GO),
        ("function f() {\n" * 5_000 + "}\n" * 5_000, Language.JAVASCRIPT),
    ],
)
def test_deep_nesting_is_no_trouble(code: str, language: Language) -> None:
    units = units_of(code, language)
    covered = {line for unit in units for line in range(unit.start_line, unit.end_line + 1)}
    assert len(covered) == len(code.rstrip("\n").split("\n"))
    assert sum(len(unit.text) for unit in units) <= 70 * len(code)


def test_importing_units_does_not_load_tree_sitter() -> None:
    program = "import sys, themis_lsp.units; sys.exit('tree_sitter' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_finding_units_imports_only_the_grammar_it_needs() -> None:
    program = (
        "import sys; from themis_lsp.units import find_units;"
        "from themis_lsp.languages import Language;"
        "find_units('package a', path='a.go', language=Language.GO);"
        "found = {name for name in sys.modules if name.startswith('tree_sitter_')};"
        "sys.exit({n.split('.')[0] for n in found} != {'tree_sitter_go'})"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
