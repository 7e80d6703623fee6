"""Building things so that every step costs as much as all before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.declared import declared_type
from themis_train.degradation.layout import line_start
from themis_train.degradation.operators import Candidate, Edit, Operator
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrite_text, rewrites
from themis_train.degradation.shapes import Local, enclosing, find_locals, find_loops, references
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

if TYPE_CHECKING:
    from tree_sitter import Node

_RT = Criterion.RUNTIME_EFFICIENCY
_NAME = "{[a-z_]\\w*}"

_APPENDS = {
    Language.CPP: [
        Rewrite("assignment_expression", "$x" + _NAME + " += $y{[\"'].*}", "$x = $x + $y"),
        Rewrite("call_expression", "$x" + _NAME + ".append($y)", "$x = $x + $y"),
    ],
    Language.GO: [
        Rewrite(
            "assignment_statement",
            "$x" + _NAME + " = append($x, $y)",
            "$x = append(append({type}{{}}, $x...), $y)",
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "$x" + _NAME + ".push($y)", "$x = $x.concat([$y])"),
    ],
    Language.PYTHON: [
        Rewrite("call", "$x" + _NAME + ".append($y{.+})", "$x = $x + [$y]"),
        Rewrite("call", "$x" + _NAME + ".insert(0, $y{.+})", "$x = [$y] + $x"),
    ],
    Language.RUBY: [
        Rewrite("binary", "$x" + _NAME + " << $y{(?!.*<<).+}", "$x += [$y]"),
        Rewrite("call", "$x" + _NAME + ".push($y)", "$x += [$y]"),
    ],
}
_STATEMENTS = frozenset({"expression_statement", "statement_list", "body_statement", "then", "do"})


def _quadratic_append(subject: Subject) -> Iterator[Candidate]:
    """An append inside a loop copies all that is there already."""
    values = {local.name: local for local in find_locals(subject)}
    bodies = [loop.body for loop in find_loops(subject)]
    for rewrite in _APPENDS.get(subject.language, ()):
        for node in subject.of(frozenset({rewrite.types})):
            is_looped = any(_is_inside(node, body) for body in bodies)
            worse = rewrite_text(rewrite, subject.text(node)) if is_looped else None
            is_statement = node.parent is not None and (
                node.parent.type in _STATEMENTS | subject.dialect.blocks
            )
            if worse is None or not is_statement:
                continue
            local = values.get(worse.partition(" ")[0])
            if local is None:
                continue
            if "{type}" in worse:
                kind = declared_type(subject, local.name)
                if kind is None or not kind.startswith("[]"):
                    continue
                worse = worse.replace("{type}{{}}", f"{kind}{{}}")
            if subject.language is Language.RUBY and not subject.text(local.value).startswith("["):
                worse = worse.replace("+= [", "+= ").removesuffix("]")
            edits = [Edit(node.start_byte, node.end_byte, worse)]
            if subject.language is Language.JAVASCRIPT:
                edits += _let_for_const(subject, local)
            yield Candidate(tuple(edits))


def _let_for_const(subject: Subject, local: Local) -> list[Edit]:
    start = local.statement.start_byte
    return [Edit(start, start + 5, "let")] if subject.slice(start, start + 5) == "const" else []


@dataclass(frozen=True, slots=True)
class _Builder:
    """How text is built piece by piece, and how it would be built by adding texts."""

    declaration: tuple[str, str]
    pieces: tuple[Rewrite, ...]
    result: Rewrite


_BUILDERS = {
    Language.CSHARP: _Builder(
        (
            r"(?:var|StringBuilder)(\s+\w+\s*=\s*)new (?:System\.Text\.)?StringBuilder\([\w.]*\);",
            r'string\1"";',
        ),
        (
            Rewrite("expression_statement", "$x{\\w+}.Append($y);", "$x += $y;"),
            Rewrite("expression_statement", "$x{\\w+}.AppendLine($y);", '$x += $y + "\\n";'),
        ),
        Rewrite("invocation_expression", "$x{\\w+}.ToString()", "$x"),
    ),
    Language.GO: _Builder(
        (r"var (\w+) (?:strings\.Builder|bytes\.Buffer)", r'\1 := ""'),
        (
            Rewrite("expression_statement", "$x{\\w+}.WriteString($y)", "$x += $y"),
            Rewrite("expression_statement", "$x{\\w+}.WriteByte($y)", "$x += string($y)"),
            Rewrite("expression_statement", "$x{\\w+}.WriteRune($y)", "$x += string($y)"),
        ),
        Rewrite("call_expression", "$x{\\w+}.String()", "$x"),
    ),
    Language.JAVA: _Builder(
        (
            r"(?:final )?(?:StringBuilder|StringBuffer|var)(\s+\w+\s*=\s*)"
            r"new (?:StringBuilder|StringBuffer)\([\w.]*\);",
            r'String\1"";',
        ),
        (
            Rewrite("expression_statement", "$x{\\w+}.append($y);", "$x += $y;"),
            Rewrite(
                "expression_statement", "$x{\\w+}.append($y).append($z);", "$x += $y; $x += $z;"
            ),
        ),
        Rewrite("method_invocation", "$x{\\w+}.toString()", "$x"),
    ),
    Language.PYTHON: _Builder(
        (r"(\w+) = \[\]", r'\1 = ""'),
        (Rewrite("expression_statement", "$x{\\w+}.append($y{.+})", "$x += $y"),),
        Rewrite("call", '"".join($x{\\w+})', "$x"),
    ),
}


def _string_building(subject: Subject) -> Iterator[Candidate]:
    """Text is added to text in a loop, where a builder held the pieces."""
    rule = _BUILDERS[subject.language]
    kinds = frozenset({"expression_statement", "var_declaration", "local_variable_declaration"})
    kinds |= {"local_declaration_statement"}
    loops = list(find_loops(subject))
    for node in subject.of(kinds):
        text = subject.text(node)
        worse = re.sub(f"^(?:{rule.declaration[0]})$", rule.declaration[1], text)
        name = re.search(r"(\w+)\s*:?=", worse)
        if worse == text or name is None:
            continue
        edits = [Edit(node.start_byte, node.end_byte, worse)]
        uses = references(subject, name[1])
        if not any(_is_inside(use, loop.body) for loop in loops for use in uses):
            continue
        for use in uses:
            if use.start_byte >= node.end_byte:
                edit = _rewrite_use(subject, rule, use)
                if edit is None:
                    break
                edits.append(edit)
        else:
            if len(edits) > 2:
                yield Candidate(tuple(edits))


def _is_inside(node: Node, block: Node) -> bool:
    return block.start_byte <= node.start_byte and node.end_byte <= block.end_byte


def _rewrite_use(subject: Subject, rule: _Builder, use: Node) -> Edit | None:
    """Return how the statement or call that uses the builder is written."""
    for rewrite in (*rule.pieces, rule.result):
        node = enclosing(use, frozenset({rewrite.types}))
        worse = None if node is None else rewrite_text(rewrite, subject.text(node))
        if node is not None and worse is not None and re.match(rf"{subject.text(use)}\b", worse):
            return Edit(node.start_byte, node.end_byte, worse)
    return None


_CAPACITY = "{[\\w.>-]*(?:[cC]ap|[sS]ize|[lL]en|[aA]lloc|[mM]ax)\\w*}"
_GROWTH = [
    Rewrite("assignment_expression|assignment_statement", "$c" + _CAPACITY + " *= 2", "$c += #"),
    Rewrite("assignment_expression|assignment_statement", "$c" + _CAPACITY + " <<= 1", "$c += #"),
    Rewrite("binary_expression", "$c" + _CAPACITY + " * 2", "$c + #"),
    Rewrite("binary_expression", "2 * $c" + _CAPACITY, "$c + #"),
    Rewrite("binary_expression", "$c" + _CAPACITY + " << 1", "$c + #"),
]
_GROWING = re.compile(
    r"realloc|[rR]esize|[gG]row|[eE]xpand|copyOf|arraycopy|Array\.Copy|\bcopy\(|memcpy|[eE]nsure\w*Cap"
    r"|[cC]apacity"
)
_TARGET = re.compile(r"[\w.>-]*(?:[cC]ap|[sS]ize|[lL]en|[aA]lloc|[mM]ax|[nN]ew)\w*\s*:?=[^=]")


def _linear_growth(subject: Subject) -> Iterator[Candidate]:
    if not _GROWING.search(subject.unit.text):
        return
    step = choose(subject, ("1", "4", "8", "16", "32"))
    for rewrite in _GROWTH:
        for node in subject.of(frozenset(rewrite.types.split("|"))):
            worse = rewrite_text(rewrite, subject.text(node))
            line = subject.slice(line_start(subject, node.start_byte), node.end_byte)
            if worse is not None and _TARGET.search(line):
                yield Candidate((Edit(node.start_byte, node.end_byte, worse.replace("#", step)),))


_GROWERS = (Language.C, Language.CSHARP, Language.CPP, Language.GO, Language.JAVA)
_TEXT_ENDS = [
    Rewrite("binary_expression", "$s{\\w+}[0] == '\\0'", "strlen($s) == 0"),
    Rewrite("binary_expression", "$s{\\w+}[0] != '\\0'", "strlen($s) > 0"),
    Rewrite("binary_expression", "*$s{\\w+} == '\\0'", "strlen($s) == 0"),
    Rewrite("binary_expression", "*$s{\\w+} != '\\0'", "strlen($s) > 0"),
    Rewrite("binary_expression", "$s{\\w+}[$i{[a-z]\\w*}] != '\\0'", "$i < strlen($s)"),
    Rewrite("binary_expression", "*$s{\\w+} != 0", "strlen($s) > 0"),
]
_STRLEN = {Language.C: _TEXT_ENDS, Language.CPP: _TEXT_ENDS}
_MEASURED = re.compile(r"strlen\((\w+)\)")


def _length_for_end(subject: Subject) -> Iterator[Candidate]:
    for candidate in rewrites(_STRLEN)(subject):
        measured = _MEASURED.search(candidate.worse[0].new)
        kind = None if measured is None else declared_type(subject, measured[1])
        if kind is not None and re.search(r"[cC]har\b.*(?:\*|\[\])$", kind) and kind.count("*") < 2:
            yield candidate


_BY_VALUE = {
    Language.CPP: [
        Rewrite(
            "parameter_declaration",
            "const $t{(?:std::)?(?:string|vector|map|function|set|unordered_map|deque|list|\\w+"
            "(?:Options"
            "|Config|Map|List|Set|Vector|Array|Buffer|Data|Info|State|Request|Response|Message))"
            "(?:<.+>)?}$s{ ?}&$u{ ?}$x{\\w+}",
            "$t $x",
        ),
    ],
}

_STREAM = "{\\w*(?:out|err|file|stream|writer|log|fp|io|buf\\w*|[a-z]?w|f|response|socket|wfile)}"
_FLUSHES: dict[Language, list[Rewrite]] = {
    Language.C: [
        Rewrite("expression_statement", "printf($a{.+});", "printf($a);\nfflush(stdout);"),
        Rewrite(
            "expression_statement",
            "fprintf($f{(?!stderr)[^,()]+}, $a{.+});",
            "fprintf($f, $a);\nfflush($f);",
        ),
        Rewrite("expression_statement", "fputs($a, $f);", "fputs($a, $f);\nfflush($f);"),
        Rewrite("expression_statement", "$n{fputc|putc}($a, $f);", "$n($a, $f);\nfflush($f);"),
    ],
    Language.CPP: [
        Rewrite("expression_statement", "$o" + _STREAM + " << $a{.+};", "$o << $a << std::flush;"),
        Rewrite(
            "expression_statement",
            "std::c$o{out|err|log} << $a{.+};",
            "std::c$o << $a << std::flush;",
        ),
        Rewrite(
            "expression_statement", "$o" + _STREAM + ".write($a{.+});", "$o.write($a);\n$o.flush();"
        ),
        Rewrite(
            "expression_statement",
            "$p{(?:std::)?}printf($a{.+});",
            "$p{}printf($a);\nfflush(stdout);",
        ),
        Rewrite(
            "expression_statement",
            "$p{(?:std::)?}fprintf($f{(?!stderr)[^,()]+}, $a{.+});",
            "$p{}fprintf($f, $a);\nfflush($f);",
        ),
    ],
    Language.CSHARP: [
        Rewrite(
            "expression_statement",
            "$o{\\w*[wW]riter|\\w*[sS]tream}.$m{Write\\w*}($a{.*});",
            "$o.$m($a);\n$o.Flush();",
        ),
    ],
    Language.GO: [
        Rewrite(
            "expression_statement",
            "$o" + _STREAM + ".$m{Write\\w*}($a{.+})",
            "$o.$m($a)\n$o.Flush()",
        ),
        Rewrite(
            "expression_statement",
            "fmt.Fprint$m{f|ln|}($o" + _STREAM + ", $a{.+})",
            "fmt.Fprint$m($o, $a)\n$o.Flush()",
        ),
    ],
    Language.JAVA: [
        Rewrite(
            "expression_statement",
            "$o{(?:System\\.)?\\w*(?:out|err|[wW]riter|[sS]tream)}.$m{write|print|println|printf}($a{.*});",
            "$o.$m($a);\n$o.flush();",
        ),
    ],
    Language.PYTHON: [
        Rewrite("expression_statement", "print($a{(?!.*flush).+})", "print($a, flush=True)"),
        Rewrite(
            "expression_statement",
            "$o{(?:\\w+\\.)*\\w*(?:out|err|file|stream|writer|fp|f)}.write($a{.+})",
            "$o.write($a)\n$o.flush()",
        ),
    ],
    Language.RUBY: [
        Rewrite(
            "call",
            "$o{\\$?\\w*(?:out|err|file|io|stream|output)}.$m{puts|print|write} $a{[^( ].*}",
            "$o.$m $a\n$o.flush",
        ),
        Rewrite(
            "call",
            "$o{\\$?\\w*(?:out|err|file|io|stream|output)}.$m{puts|print|write}($a{.+})",
            "$o.$m($a)\n$o.flush",
        ),
    ],
}


def _flush_every_write(subject: Subject) -> Iterator[Candidate]:
    """Where a writer waits for the other side, or closes at once, a flush changes nothing."""
    text = subject.unit.text
    is_async = re.search(r"\bawait\b", text) and subject.language is Language.PYTHON
    is_buffered = "bufio.Writer" in text or "bufio.NewWriter" in text
    if is_async or (subject.language is Language.GO and not is_buffered):
        return
    for candidate in rewrites(_FLUSHES)(subject):
        end = candidate.worse[0].end
        after = subject.slice(end, min(end + 80, subject.unit.end_byte))
        if "lush" in subject.slice(candidate.worse[0].start, end):
            continue
        if not re.match(r"\s*[\w.$]*\(?(?:[fF]lush|[cC]lose|fflush|fclose|exit)|[^\n]*//", after):
            yield candidate


OPERATORS = (
    Operator(
        "quadratic-append",
        _RT,
        "an append in a loop copies what is there already",
        languages_of(_APPENDS),
        _quadratic_append,
    ),
    Operator(
        "string-building-in-loop",
        _RT,
        "text is added to text instead of collecting the pieces",
        tuple(_BUILDERS),
        _string_building,
    ),
    Operator(
        "flush-every-write",
        _RT,
        "a buffer is emptied after every write",
        languages_of(_FLUSHES),
        _flush_every_write,
    ),
    Operator(
        "linear-growth",
        _RT,
        "a buffer grows by one instead of doubling",
        _GROWERS,
        _linear_growth,
    ),
    Operator(
        "length-for-end",
        _RT,
        "a text is measured to see whether it goes on",
        tuple(_STRLEN),
        _length_for_end,
    ),
    Operator(
        "parameter-by-value",
        _RT,
        "a large argument is copied",
        (Language.CPP,),
        rewrites(_BY_VALUE),
    ),
)
