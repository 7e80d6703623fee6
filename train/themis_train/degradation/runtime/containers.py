"""Collections of the wrong kind, or sorted for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.layout import remove_lines
from themis_train.degradation.operators import Candidate, Edit, Operator, replace
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrite_text, rewrites
from themis_train.degradation.shapes import Local, enclosing, find_locals, is_alone, references
from themis_train.degradation.subject import Subject

_RT = Criterion.RUNTIME_EFFICIENCY
_ITEMS = "{[\\w.]+}"


@dataclass(frozen=True, slots=True)
class _ListForSet:
    """How a declaration of a set becomes one of a list, and what its methods are called then."""

    declaration: tuple[tuple[str, str], ...]
    methods: Mapping[str, str]


_LISTS = {
    Language.CSHARP: _ListForSet(
        ((r"(?<=new )(?:Hash|Sorted)Set(?=<)", "List"), (r"\b(?:Hash|Sorted|I)Set(?=<)", "List")),
        {"Add": "Add", "Contains": "Contains", "Remove": "Remove", "Count": "Count"},
    ),
    Language.JAVA: _ListForSet(
        (
            (r"(?<=new )(?:Linked)?HashSet(?=<)", "ArrayList"),
            (r"\b(?:Linked|Hash)*Set(?=<)", "List"),
        ),
        {name: name for name in ("add", "contains", "size", "isEmpty", "addAll", "stream")},
    ),
    Language.JAVASCRIPT: _ListForSet(
        (
            (r"new Set\(\)", "[]"),
            (r"new Set\((\[[^()]*\])\)", r"\1"),
            (r"new Set\(([^()]+)\)", r"[...\1]"),
        ),
        {"add": "push", "has": "includes"},
    ),
    Language.PYTHON: _ListForSet(
        (
            (r"(?<![\w.])(?:frozen)?set\(\)", "[]"),
            (r"(?<![\w.])(?:frozen)?set\((.+)\)$", r"list(\1)"),
            (r"= \{([^{}:]+)\}$", r"= [\1]"),
        ),
        {"add": "append", "update": "extend", "remove": "remove", "discard": "remove"},
    ),
    Language.RUBY: _ListForSet(
        ((r"Set\.new$", "[]"), (r"Set\.new\((.+)\)$", r"\1.to_a"), (r"\.to_set$", ".to_a")),
        {"add": "push", "include?": "include?", "each": "each", "empty?": "empty?"},
    ),
}
_TREE_FOR_HASH = {
    Language.CPP: [
        Rewrite("template_type", "unordered_map<$a{.+}>", "map<$a>"),
        Rewrite("template_type", "unordered_set<$a{.+}>", "set<$a>"),
        Rewrite("template_type", "unordered_set<$a{.+}>", "vector<$a>"),
    ],
}


def _list_for_set(subject: Subject) -> Iterator[Candidate]:
    if subject.language is Language.CPP:
        for candidate in rewrites(_TREE_FOR_HASH)(subject):
            start = candidate.worse[0].start
            node = subject.root.descendant_for_byte_range(start, start + 1)
            if node is not None and not enclosing(node, frozenset({"parameter_declaration"})):
                yield candidate
        return
    rule = _LISTS[subject.language]
    for local in find_locals(subject):
        declared = subject.text(local.statement)
        worse = declared
        for pattern, new in rule.declaration:
            worse = re.sub(pattern, new, worse)
        # A typed set must be made here: what another function returns stays a set.
        is_made = subject.dialect.end == "" or "new " in declared
        if worse == declared or not is_made or not _is_looked_up(subject, local):
            continue
        edits = [Edit(local.statement.start_byte, local.statement.end_byte, worse)]
        for use in references(subject, local.name)[1:]:
            called = re.match(r"\.(\w+\??)", subject.slice(use.end_byte, use.end_byte + 40))
            if called is None:
                continue
            if called[1] not in rule.methods:
                break
            start = use.end_byte + 1
            edits.append(Edit(start, start + len(called[1]), rule.methods[called[1]]))
        else:
            yield Candidate(tuple(edits))


def _is_looked_up(subject: Subject, local: Local) -> bool:
    """Tell whether a set is asked what it holds and stays in the unit."""
    name = re.escape(local.name)
    text = subject.unit.text
    is_asked = re.search(rf"\b{name}\s*\.(?:(?:contains|Contains|has)\b|include\?|member\?)", text)
    is_member = re.search(rf"\b(?:not )?in {name}\b(?!\.)", text)
    is_looped = re.search(rf"\bfor\b[^\n]*\bin {name}\b", text)
    leaves = re.search(rf"\breturn\s+{name}\b|[(,]\s*{name}\s*[,)]|=\s*{name}\s*;?$", text, re.M)
    asked = is_asked or (is_member and not is_looped)
    return asked is not None and bool(asked) and leaves is None


_SORTED = {
    Language.CPP: [
        Rewrite(
            "pointer_expression",
            "*std::min_element($a.begin(), $b.end())",
            "(std::sort($a.begin(), $a.end()), $a.front())",
        ),
        Rewrite(
            "pointer_expression",
            "*std::max_element($a.begin(), $b.end())",
            "(std::sort($a.begin(), $a.end()), $a.back())",
        ),
    ],
    Language.CSHARP: [
        Rewrite("invocation_expression", "$a.Min()", "$a.OrderBy(x => x).First()"),
        Rewrite("invocation_expression", "$a.Max()", "$a.OrderByDescending(x => x).First()"),
        Rewrite(
            "invocation_expression",
            "$a.Min($p{\\w+ => .+})",
            "$a.Select($p).OrderBy(x => x).First()",
        ),
        Rewrite(
            "invocation_expression",
            "$a.Max($p{\\w+ => .+})",
            "$a.Select($p).OrderBy(x => x).Last()",
        ),
    ],
    Language.JAVA: [
        Rewrite(
            "method_invocation",
            "Collections.max($a)",
            "$a.stream().sorted(Comparator.reverseOrder()).findFirst().get()",
        ),
        Rewrite(
            "method_invocation", "Collections.min($a)", "$a.stream().sorted().findFirst().get()"
        ),
        Rewrite("method_invocation", "$a.max($c)", "$a.sorted($c.reversed()).findFirst()"),
        Rewrite("method_invocation", "$a.min($c)", "$a.sorted($c).findFirst()"),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "Math.max(...$a)", "[...$a].sort((a, b) => b - a)[0]"),
        Rewrite("call_expression", "Math.min(...$a)", "[...$a].sort((a, b) => a - b)[0]"),
        Rewrite(
            "call_expression", "Math.max.apply(null, $a)", "$a.slice().sort((a, b) => b - a)[0]"
        ),
        Rewrite(
            "call_expression", "Math.min.apply(null, $a)", "$a.slice().sort((a, b) => a - b)[0]"
        ),
    ],
    Language.PYTHON: [
        Rewrite("call", "min($a" + _ITEMS + ")", "sorted($a)[0]"),
        Rewrite("call", "max($a" + _ITEMS + ")", "sorted($a)[-1]"),
        Rewrite("call", "min($a" + _ITEMS + ", key=$k{.+})", "sorted($a, key=$k)[0]"),
        Rewrite("call", "max($a" + _ITEMS + ", key=$k{.+})", "sorted($a, key=$k)[-1]"),
        Rewrite("call", "max($x{.+?} for $r{.+})", "sorted($x for $r)[-1]"),
        Rewrite("call", "min($x{.+?} for $r{.+})", "sorted($x for $r)[0]"),
    ],
    Language.RUBY: [
        Rewrite("call", "$a{(?:@?\\w+\\.)*@?\\w+s|.*[\\])\\x7d]}.min", "$a.sort.first"),
        Rewrite("call", "$a{(?:@?\\w+\\.)*@?\\w+s|.*[\\])\\x7d]}.max", "$a.sort.last"),
        Rewrite("call", "$a{.*[sS]|.*\\)}.min", "$a.sort[0]"),
        Rewrite("call", "$a.min_by $p{\\x7b.*\\x7d|\\(&:\\w+\\)}", "$a.sort_by $p.first"),
        Rewrite("call", "$a.max_by $p{\\x7b.*\\x7d|\\(&:\\w+\\)}", "$a.sort_by $p.last"),
        Rewrite("call", "$a.min_by(&:$p{\\w+})", "$a.sort_by(&:$p).first"),
    ],
}

_PREALLOCATED = {
    Language.CSHARP: [
        Rewrite(
            "object_creation_expression",
            "new $t{List|Dictionary|HashSet|Queue|Stack}<$k{[^()]+}>($n{\\d+|[\\w.()* +]*"
            "(?:[cC]ount|[lL]ength|[sS]ize|[cC]apacity)[\\w()* +]*})",
            "new $t<$k>()",
        ),
        Rewrite(
            "object_creation_expression", "new StringBuilder($n{[\\w.* +]+})", "new StringBuilder()"
        ),
    ],
    Language.GO: [
        Rewrite("call_expression", "make([]$t{[^,]+}, 0, $n)", "[]$t{}{}"),
        Rewrite("call_expression", "make(map[$k{\\w+}]$t{[^,]+}, $n)", "make(map[$k]$t)"),
    ],
    Language.JAVA: [
        Rewrite(
            "object_creation_expression",
            "new $t{ArrayList|HashMap|HashSet|ArrayDeque|LinkedHashMap}<$k{[^()]*}>($n{[^()]*"
            "(?:size|length|count|capacity|[Ll]en|[\\d]+)\\w*(?:\\(\\))?[^()]*})",
            "new $t<$k>()",
        ),
        Rewrite(
            "object_creation_expression",
            'new $t{StringBuilder|StringBuffer|ByteArrayOutputStream}($n{[^()"]*(?:\\d+|size|'
            'length|[Ll]en)\\w*(?:\\(\\))?[^()"]*})',
            "new $t()",
        ),
    ],
}
_RESERVE = Rewrite("expression_statement", "$a.reserve($n{.+});", "")


def _no_preallocation(subject: Subject) -> Iterator[Candidate]:
    yield from rewrites(_PREALLOCATED)(subject)
    if subject.language is Language.CPP:
        for node in subject.by_type.get("expression_statement", ()):
            if is_alone(subject, node) and rewrite_text(_RESERVE, subject.text(node)) is not None:
                yield from replace([remove_lines(subject, node)])


_FIELD = "{[\\w.>*-]+}"
_BULK: Mapping[Language, Sequence[Rewrite]] = {
    Language.C: [
        Rewrite(
            "expression_statement",
            "memcpy($d" + _FIELD + ", $s" + _FIELD + ", $n);",
            "for (size_t $at = 0; $at < $n; $at++)\n\t((char *)$d)[$at] = ((char *)$s)[$at];",
        ),
        Rewrite(
            "expression_statement",
            "memset($d" + _FIELD + ", $v{\\w+}, $n);",
            "for (size_t $at = 0; $at < $n; $at++)\n\t((char *)$d)[$at] = $v;",
        ),
    ],
    Language.CSHARP: [
        Rewrite(
            "expression_statement",
            "Array.Copy($s, 0, $d, 0, $n);",
            "for (int $at = 0; $at < $n; $at++)\n\t$d[$at] = $s[$at];",
        ),
        Rewrite(
            "expression_statement",
            "Array.Copy($s, $i{(?!0\\s*,)[^,]+}, $d, $j{(?!0\\s*,)[^,]+}, $n);",
            "for (int $at = 0; $at < $n; $at++)\n\t$d[$j + $at] = $s[$i + $at];",
        ),
        Rewrite(
            "expression_statement", "$a.AddRange($b);", "foreach (var $x in $b)\n\t$a.Add($x);"
        ),
    ],
    Language.GO: [
        Rewrite(
            "expression_statement",
            "copy($d{\\w+}, $s{\\w+})",
            "for $at := range $s {\n\t$d[$at] = $s[$at]\n}",
        ),
        Rewrite(
            "assignment_statement",
            "$a = append($a, $b...)",
            "for _, $x := range $b {\n\t$a = append($a, $x)\n}",
        ),
    ],
    Language.JAVA: [
        Rewrite(
            "expression_statement",
            "System.arraycopy($s, 0, $d, 0, $n);",
            "for (int $at = 0; $at < $n; $at++) {\n\t$d[$at] = $s[$at];\n}",
        ),
        Rewrite(
            "expression_statement",
            "System.arraycopy($s, $i{(?!0\\s*,)[^,]+}, $d, $j{(?!0\\s*,)[^,]+}, $n);",
            "for (int $at = 0; $at < $n; $at++) {\n\t$d[$j + $at] = $s[$i + $at];\n}",
        ),
        Rewrite(
            "expression_statement",
            "$a.addAll($b);",
            "for (var $x : $b) {\n\t$a.add($x);\n}",
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite(
            "expression_statement",
            "$a.push(...$b{[\\w.]+});",
            "for (let $at = 0; $at < $b.length; $at++) {\n\t$a.push($b[$at]);\n}",
        ),
        Rewrite(
            "expression_statement",
            "Object.assign($a" + _FIELD + ", $b" + _FIELD + ");",
            "for (const key of Object.keys($b)) {\n\t$a[key] = $b[key];\n}",
        ),
    ],
    Language.PYTHON: [
        Rewrite("expression_statement", "$a.extend($b)", "for $x in $b:\n\t$a.append($x)"),
        Rewrite(
            "expression_statement",
            "$a.update($b" + _FIELD + ")",
            "for key in $b:\n\t$a[key] = $b[key]",
        ),
        Rewrite(
            "return_statement",
            "return [$y{\\w+} for $y in $r{.+}]",
            "return list([$y for $y in $r])",
        ),
    ],
    Language.RUBY: [
        Rewrite(
            "call",
            "$a{@?\\w+}.concat($b{[\\w.@]+})",
            "$b.each do |$x|\n\t$a.push($x)\nend",
        ),
        Rewrite(
            "call",
            "$a{@?\\w+}.merge!($b{[\\w.@]+})",
            "$b.each do |key, value|\n\t$a[key] = value\nend",
        ),
        Rewrite("operator_assignment", "$a += $b{\\w+s}", "$b.each do |$x|\n\t$a += [$x]\nend"),
    ],
}
_BULK = {**_BULK, Language.CPP: _BULK[Language.C]}


OPERATORS = (
    Operator(
        "list-for-set",
        _RT,
        "a list stands where a set made look-ups fast",
        (*_LISTS, Language.CPP),
        _list_for_set,
    ),
    Operator(
        "needless-sort",
        _RT,
        "all is sorted to get the least or greatest",
        languages_of(_SORTED),
        rewrites(_SORTED),
    ),
    Operator(
        "no-preallocation",
        _RT,
        "a collection of known size grows step by step",
        (Language.CPP, *_PREALLOCATED),
        _no_preallocation,
    ),
    Operator(
        "one-by-one",
        _RT,
        "elements are copied one by one instead of all at once",
        languages_of(_BULK),
        rewrites(_BULK),
    ),
)
