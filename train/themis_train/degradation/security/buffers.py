"""Memory written or read beyond its end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Candidate, Edit, Operator
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites
from themis_train.degradation.shapes import find_loops, sign_of
from themis_train.degradation.subject import Subject

_SH = Criterion.SECURITY_HARDNESS
_UNBOUNDED = {
    Language.C: [
        Rewrite("call_expression", "snprintf($b, $n, $a{.+})", "sprintf($b, $a)"),
        Rewrite("call_expression", "vsnprintf($b, $n, $a{.+})", "vsprintf($b, $a)"),
        Rewrite("call_expression", "strn$f{cpy|cat}($a, $b, $n)", "str$f($a, $b)"),
        Rewrite("call_expression", "strl$f{cpy|cat}($a, $b, $n)", "str$f($a, $b)"),
        Rewrite("call_expression", "fgets($a, $n, stdin)", "gets($a)"),
        Rewrite("call_expression", 'fscanf($f, "%$n{\\d+}s", $a)', 'fscanf($f, "%s", $a)'),
        Rewrite("call_expression", "strdup($a)", "strcpy(malloc(strlen($a)), $a)"),
    ],
}
_UNBOUNDED[Language.CPP] = [
    *_UNBOUNDED[Language.C],
    Rewrite("call_expression", "std::snprintf($b, $n, $a{.+})", "std::sprintf($b, $a)"),
    Rewrite("call_expression", "$a{[\\w.>-]+}.at($i)", "$a[$i]"),
]
_FORMATS = {
    Language.C: [
        Rewrite("call_expression", '$f{\\w*printf}($a{[^"()]*}"%s", $x)', "$f($a$x)"),
        Rewrite("call_expression", '$f{\\w*printf}("%s\\n", $x)', "$f($x)"),
        Rewrite("call_expression", 'fputs($x{[^"]+}, $f)', "fprintf($f, $x)"),
        Rewrite("call_expression", 'puts($x{[^"]+})', "printf($x)"),
    ],
    Language.GO: [
        Rewrite("call_expression", '$f{[\\w.]+f}("%s", $x{(?!err)[\\w.()\\[\\]]+})', "$f($x)"),
        Rewrite(
            "call_expression",
            '$f{[\\w.]+f}("%v", $x{(?!err)[\\w.()\\[\\]]*'
            "(?:[mM]sg|[mM]essage|[tT]ext|[sS]tr|Error\\(\\)|String\\(\\))})",
            "$f($x)",
        ),
        Rewrite(
            "call_expression",
            "$f{fmt\\.|log\\.}Print$l{ln|}($x{[\\w.]*(?:[mM]sg|[mM]essage|[tT]ext|[sS]tr|[nN]ame|[lL]ine)})",
            "$f{}Printf($x)",
        ),
        Rewrite("call_expression", 'errors.New($x{[^"]+})', "fmt.Errorf($x)"),
    ],
}
_FORMATS[Language.CPP] = _FORMATS[Language.C]

_OVERRUNS = {
    Language.C: [
        Rewrite("call_expression", "$f{memcpy|memmove}($a, $b, $n{\\w+})", "$f($a, $b, $n + 1)"),
        Rewrite("call_expression", "$f{memcpy|memmove}($a, $b, $n{[^()]+} - 1)", "$f($a, $b, $n)"),
        Rewrite(
            "call_expression",
            "$f{memcpy|memmove}($a, $b, $n{.+} * sizeof($t))",
            "$f($a, $b, ($n + 1) * sizeof($t))",
        ),
        Rewrite(
            "call_expression",
            "snprintf($b, sizeof($b) - $k{\\d+}, $r{.+})",
            "snprintf($b, sizeof($b), $r)",
        ),
        Rewrite("binary_expression", "sizeof($b) - 1", "sizeof($b)"),
        Rewrite("call_expression", "$f{\\w*[aA]lloc}(strlen($x) + 1)", "$f(strlen($x))"),
        Rewrite("call_expression", "$f{\\w*[aA]lloc}($n + 1)", "$f($n)"),
        Rewrite("call_expression", "calloc($a, $b)", "malloc(($a) * ($b))"),
        Rewrite("call_expression", "read($f, $b, $n)", "read($f, $b, $n + 1)"),
    ],
}
_OVERRUNS[Language.CPP] = _OVERRUNS[Language.C]


def _buffer_overrun(subject: Subject) -> Iterator[Candidate]:
    yield from rewrites(_OVERRUNS)(subject)
    for loop in find_loops(subject):
        sign = None if loop.condition is None else sign_of(loop.condition)
        body = subject.text(loop.body)
        if sign is not None and sign.type == "<" and re.search(r"\[[^\]]+\]\s*=(?!=)", body):
            yield Candidate((Edit(sign.start_byte, sign.end_byte, "<="),))


_COUNTING = re.compile(
    r"_?(?:\w*_)?(?:len|length|size|count|num\w*|cap|capacity|offset|pos|position|total|bytes|time|millis"
    r"|nanos|remaining|read|written|n)s?_?"
)
_WORD = re.compile(r"[A-Z]?[a-z_]+|[A-Z_]+")


def _narrow_size(subject: Subject) -> Iterator[Candidate]:
    """Only what counts something, and whose address is not taken: there the type must match."""
    for candidate in rewrites(_SIGNED)(subject):
        edit = candidate.worse[0]
        old = subject.slice(edit.start, edit.end)
        declared, _, value = old.partition("=")
        names = re.findall(r"[A-Za-z_]\w*", declared)
        name = names[-1] if names else ""
        last = (_WORD.findall(name) or [""])[-1].lower()
        is_literal = re.fullmatch(r"\s*-?\d+L?\s*;?", value) is not None
        if not _COUNTING.fullmatch(last) or is_literal:
            continue
        if not re.search(rf"&\s*{re.escape(name)}\b", subject.unit.text):
            yield candidate


_SIGNED = {
    Language.C: [
        Rewrite("parameter_declaration|declaration", "size_t $x{\\w+}$r{[^*]*}", "int $x$r"),
        Rewrite("parameter_declaration|declaration", "size_t $x{\\w+}$r{[^*]*}", "short $x$r"),
        Rewrite("parameter_declaration|declaration", "unsigned int $x{[^*]+}", "int $x"),
        Rewrite("parameter_declaration|declaration", "uint32_t $x{[^*]+}", "int $x"),
        Rewrite("parameter_declaration|declaration", "uint64_t $x{[^*]+}", "int $x"),
        Rewrite(
            "parameter_declaration|declaration", "unsigned $x{(?!char|int|long)[^*]+}", "int $x"
        ),
    ],
    Language.GO: [
        Rewrite("call_expression", "int64($y{\\w+})", "int64(int32($y))"),
        Rewrite("call_expression", "uint64($y{\\w+})", "uint64(uint32($y))"),
        Rewrite("call_expression", "int($y{\\w+})", "int(int16($y))"),
        Rewrite("call_expression", "int($y{\\w+})", "int(int32($y))"),
    ],
    Language.JAVA: [
        Rewrite("method_invocation", "Math.toIntExact($x)", "(int) ($x)"),
        Rewrite("method_invocation", "Math.addExact($a, $b)", "($a + $b)"),
        Rewrite("method_invocation", "Math.multiplyExact($a, $b)", "($a * $b)"),
        Rewrite("local_variable_declaration", "long $x{\\w+} = $v;", "int $x = (int) ($v);"),
    ],
    Language.CSHARP: [
        Rewrite("checked_expression", "checked($x)", "($x)"),
        Rewrite("parameter", "uint $x{\\w+}", "int $x"),
        Rewrite("variable_declaration", "long $x{\\w+} = $v", "int $x = (int)($v)"),
    ],
}
_SIGNED[Language.CPP] = [
    *_SIGNED[Language.C],
    Rewrite("parameter_declaration|declaration", "std::size_t $x{[^*]+}", "int $x"),
]

OPERATORS = (
    Operator(
        "unbounded-copy",
        _SH,
        "a copy does not heed where its buffer ends",
        languages_of(_UNBOUNDED),
        rewrites(_UNBOUNDED),
    ),
    Operator(
        "input-as-format",
        _SH,
        "a text from elsewhere is taken for a format",
        languages_of(_FORMATS),
        rewrites(_FORMATS),
    ),
    Operator(
        "buffer-overrun",
        _SH,
        "one element more is read or written than there are",
        languages_of(_OVERRUNS),
        _buffer_overrun,
    ),
    Operator(
        "narrow-size",
        _SH,
        "a size is kept where it may overflow or turn negative",
        languages_of(_SIGNED),
        _narrow_size,
    ),
)
