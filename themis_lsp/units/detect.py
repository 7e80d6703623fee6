"""Which language a file is in: by its name, else by its ``#!`` line."""

from __future__ import annotations

import re
from pathlib import PurePath

from themis_lsp.languages import Language

_EXTENSIONS = {
    Language.C: ".c .h",
    Language.CSHARP: ".cs .csx",
    Language.CPP: ".cc .cpp .cxx .c++ .hh .hpp .hxx .h++ .inl .ipp .tpp .txx .tcc .ixx .cppm",
    Language.GO: ".go",
    Language.JAVA: ".java",
    Language.JAVASCRIPT: ".js .mjs .cjs .jsx .es6",
    Language.PYTHON: ".py .pyi .pyw .wsgi",
    Language.RUBY: ".rb .rbw .rake .gemspec .podspec .ru .thor .jbuilder .rabl",
}
_NAMES = {
    Language.JAVASCRIPT: "Jakefile",
    Language.PYTHON: "SConstruct SConscript wscript",
    Language.RUBY: (
        "Rakefile Gemfile Vagrantfile Podfile Guardfile Capfile Brewfile Berksfile Thorfile "
        "Fastfile Appfile Dangerfile Puppetfile Appraisals Steepfile .irbrc .pryrc"
    ),
}
_BY_EXTENSION = {ext: lang for lang, exts in _EXTENSIONS.items() for ext in exts.split()}
_BY_NAME = {name: language for language, names in _NAMES.items() for name in names.split()}
_CPP_BY_CAPITAL = frozenset({".C", ".H"})

_SHEBANG = re.compile(r"#![ \t]*(\S+)(.*)")
_INTERPRETERS = (
    (re.compile(r"(?:python|pypy|jython)w?[\d.]*"), Language.PYTHON),
    (re.compile(r"(?:j|m|truffle)?ruby[\d.]*|rake"), Language.RUBY),
    (re.compile(r"node(?:js)?[\d.]*|deno|bun"), Language.JAVASCRIPT),
)

_SAYS_CPP = re.compile(r"[^\n]*-\*-[^\n]*\bc\+\+[^\n]*-\*-", re.IGNORECASE)
_NOT_CODE = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL
)
_DIRECTIVE = re.compile(r"[ \t]*#[ \t]*(if\w*|el\w+|endif)\b(.*)")
_CPP_ONLY = re.compile(
    r"""
      \b(?:class|struct|union)\s+(?:[A-Z_]+\s+)?\w+\s*(?:final\s*)?:(?!:)
    | \b(?:enum\s+)?class\s+(?:\w+\s+)?\w[\w:]*\s*[;{]
    | \b(?:inline\s+)?namespace\s*(?:\w[\w:]*\s*)?\{
    | \btemplate\s*<
    | \busing\s+(?:namespace\s|\w[\w:]*\s*[=;])
    | \w\s*::\s*~?\w
    | ^[ \t]*(?:public|private|protected)\s*:
    | \b(?:constexpr|consteval|constinit|noexcept|decltype|nullptr)\b
    | \b(?:static|dynamic|const|reinterpret)_cast\s*<
    | \bvirtual\s+[\w~]
    | \boperator\s*(?:[-+*/%^&|~!=<>]+|\(\s*\)|\[\s*\]|new|delete)\s*\(
    | \)\s*(?:const\s*)?(?:override|final)?\s*=\s*(?:default|delete)\s*;
    | ^[ \t]*\#[ \t]*include[ \t]*<[a-z_]+>
    """,
    re.VERBOSE | re.MULTILINE,
)


def language_by_name(path: str) -> Language | None:
    """Return the language that the file's name alone tells; C for every ``.h``."""
    name = PurePath(path).name
    if name in _BY_NAME:
        return _BY_NAME[name]
    extension = PurePath(name).suffix
    if extension in _CPP_BY_CAPITAL:
        return Language.CPP
    return _BY_EXTENSION.get(extension.lower())


def may_be_source(path: str) -> bool:
    """Tell, without reading it, whether a file is worth reading.

    It is if its name tells a language, or has no extension: then its ``#!`` line may tell one.
    """
    return language_by_name(path) is not None or not PurePath(path).suffix


def detect_language(path: str, text: str) -> Language | None:
    """Return the language of a file, or None if it is in none of the eight.

    A ``.h`` is C++ if its first line says so (``-*- C++ -*-``) or it has something that only C++
    has, outside of comments, strings and ``#ifdef __cplusplus``; else C.
    """
    language = language_by_name(path)
    if language is None:
        return _language_by_shebang(text)
    if language is Language.C and PurePath(path).suffix.lower() == ".h" and _is_cpp(text):
        return Language.CPP
    return language


def _language_by_shebang(text: str) -> Language | None:
    found = _SHEBANG.match(text.removeprefix("\ufeff"))
    if found is None:
        return None
    command = found[1]
    if PurePath(command).name == "env":
        words = found[2].replace("-S", " ").split()
        command = next((word for word in words if word[0] != "-" and "=" not in word), "")
    program = PurePath(command).name
    for pattern, language in _INTERPRETERS:
        if pattern.fullmatch(program):
            return language
    return None


def _is_cpp(header: str) -> bool:
    if _SAYS_CPP.match(header):
        return True
    return _CPP_ONLY.search(_seen_by_c(_NOT_CODE.sub(" ", header))) is not None


def _seen_by_c(code: str) -> str:
    """Return the lines of a header that a C compiler may see."""
    kept = []
    hidden_now_and_after_else: list[tuple[bool, bool]] = []
    for line in code.split("\n"):
        found = _DIRECTIVE.match(line)
        if found is None:
            if not any(hidden for hidden, _ in hidden_now_and_after_else):
                kept.append(line)
            continue
        word, condition = found.groups()
        if word.startswith("if"):
            asks = "__cplusplus" in condition
            denies = word == "ifndef" or "!" in condition
            hidden_now_and_after_else.append((asks and not denies, asks and denies))
        elif hidden_now_and_after_else:
            _, hidden = hidden_now_and_after_else.pop()
            if word != "endif":
                hidden_now_and_after_else.append((hidden, False))
    return "\n".join(kept)
