from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themis_lsp.errors import UserError
from themis_lsp.languages import Language, parse_language
from themis_lsp.units import detect_language, language_by_name, may_be_source


@pytest.mark.parametrize(
    ("names", "language"),
    [
        ("a.c", Language.C),
        ("a.cs a.csx", Language.CSHARP),
        ("a.cc a.cpp a.cxx a.c++ a.hpp a.hh a.hxx a.h++ a.inl a.ipp a.tpp a.C a.H", Language.CPP),
        ("a.go a_test.go", Language.GO),
        ("A.java", Language.JAVA),
        ("a.js a.mjs a.cjs a.jsx a.test.js .eslintrc.js", Language.JAVASCRIPT),
        ("a.py a.pyi a.pyw a.PY SConstruct wscript", Language.PYTHON),
        ("a.rb a.rake a.gemspec config.ru Rakefile Gemfile Vagrantfile Podfile", Language.RUBY),
        ("Guardfile Capfile", Language.RUBY),
    ],
)
def test_a_name_tells_the_language(names: str, language: Language) -> None:
    for name in names.split():
        assert language_by_name(f"some/folder.d/{name}") is language
        assert detect_language(name, "") is language
        assert may_be_source(name)


@pytest.mark.parametrize("name", ["a.ts", "a.md", "a.cu", "a.json", "Gemfile.lock", "a.py.orig"])
def test_other_names_are_rejected_unread(name: str) -> None:
    assert language_by_name(name) is None
    assert not may_be_source(name)
    assert detect_language(name, "x = 1\n") is None


@pytest.mark.parametrize(
    ("first_line", "language"),
    [
        ("#!/usr/bin/python", Language.PYTHON),
        ("#!/usr/bin/env python3.11", Language.PYTHON),
        ("#! /usr/local/bin/pypy3 -u", Language.PYTHON),
        ("#!/usr/bin/env -S python3 -X dev", Language.PYTHON),
        ("#!/usr/bin/env -Snode --harmony", Language.JAVASCRIPT),
        ("#!/usr/bin/env LANG=C ruby -w", Language.RUBY),
        ("#!/usr/bin/nodejs", Language.JAVASCRIPT),
        ("#!/usr/bin/env rake\r", Language.RUBY),
        ("\ufeff#!/usr/bin/env ruby3.2", Language.RUBY),
        ("#!/bin/sh", None),
        ("#!/usr/bin/env", None),
        ("#!", None),
        ("# python", None),
        ("#!/usr/bin/pythonic", None),
    ],
)
def test_a_first_line_tells_the_language(first_line: str, language: Language | None) -> None:
    assert may_be_source("bin/tool")
    assert language_by_name("bin/tool") is None
    assert detect_language("bin/tool", first_line + "\nexit\n") is language


def test_a_name_outweighs_the_first_line() -> None:
    assert detect_language("a.rb", "#!/usr/bin/env python\n") is Language.RUBY


@pytest.mark.parametrize(
    "code",
    [
        "class Shape;",
        "class SHAPES_API Shape : public Named {\n};",
        "struct Shape final : Named {};",
        "enum class Kind { Round };",
        "namespace shapes { int x; }",
        "namespace {\nint x;\n}",
        "template <typename T> T area(T);",
        "using namespace std;",
        "using Area = double;",
        "std::string name(void);",
        "struct Shape {\npublic:\n  int x;\n};",
        "constexpr int sides = 4;",
        "struct Shape { virtual int area(); };",
        "Shape operator+(Shape a, Shape b);",
        "#include <vector>",
        "#ifndef __cplusplus\n#error C++ only\n#endif\nclass Shape;",
        "#ifndef __cplusplus\nint a;\n#else\nint b;\n#endif\nint f(void) { return a::b; }",
    ],
)
def test_a_header_with_what_only_cpp_has_is_cpp(code: str) -> None:
    assert language_by_name("a.h") is Language.C
    assert detect_language("a.h", f"#pragma once\n{code}\n") is Language.CPP


def test_a_header_may_say_in_its_first_line_that_it_is_cpp() -> None:
    assert detect_language("a.h", "// Shapes -*- C++ -*-\nint x;\n") is Language.CPP
    assert detect_language("a.h", "int x;\n// -*- C++ -*-\n") is Language.C


@pytest.mark.parametrize(
    "code",
    [
        "",
        "int area(struct shape *this, int class, void *template);",
        "/* class Shape; std::string */ int x; // namespace a {",
        'const char *text = "class Shape; std::string";',
        '#ifdef __cplusplus\nextern "C" {\n#endif\nint x;\n#ifdef __cplusplus\n}\n#endif',
        "#if defined(__cplusplus) && X\nclass Shape;\n#else\ntypedef struct shape Shape;\n#endif",
        "#ifndef __cplusplus\ntypedef int bool;\n#else\nclass Shape;\n#endif",
        "#ifdef __cplusplus\n#if A\nnamespace a {\n#endif\n#endif\nint x;",
        "struct bits { unsigned private : 1; unsigned class : 2; };",
        "#include <stdio.h>\n#include <sys/types.h>",
        "#endif\n#else\n#elif X",
    ],
)
def test_any_other_header_is_c(code: str) -> None:
    assert detect_language("a.h", f"#pragma once\n{code}\n") is Language.C


@settings(max_examples=60)
@given(st.text(), st.text())
def test_detection_never_fails(name: str, text: str) -> None:
    assert detect_language(name, text) in {None, *Language}
    assert detect_language("a.h", text) in {Language.C, Language.CPP}
    assert may_be_source(name) or language_by_name(name) is None


@pytest.mark.parametrize("language", Language)
def test_a_language_is_parsed_from_how_it_is_shown(language: Language) -> None:
    assert parse_language(f" {language.value.upper()} ") is language


def test_the_published_spellings_are_accepted() -> None:
    assert parse_language("CSharp") is Language.CSHARP
    assert parse_language("Cpp") is Language.CPP


def test_an_unknown_language_names_the_choices() -> None:
    with pytest.raises(UserError, match=r"'rust'.*C\+\+.*Ruby"):
        parse_language("rust")
