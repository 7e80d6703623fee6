"""Copies that nobody needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Candidate, Edit, Operator
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites
from themis_train.degradation.shapes import find_loops
from themis_train.degradation.subject import Subject

_ME = Criterion.MEMORY_EFFICIENCY
_PLAIN = re.compile(r"[\w.@\[\]]+(?:\.\w+\(\))?")
_COPIES = {
    Language.CPP: "std::vector<std::decay_t<decltype(*{0}.begin())>>({0}.begin(), {0}.end())",
    Language.CSHARP: "{0}.ToList()",
    Language.GO: "append({0}[:0:0], {0}...)",
    Language.JAVA: "new ArrayList<>({0})",
    Language.JAVASCRIPT: "[...{0}]",
    Language.PYTHON: "list({0})",
    Language.RUBY: "{0}.to_a.dup",
}


def _copied_collection(subject: Subject) -> Iterator[Candidate]:
    """A loop goes over a copy of what it only reads."""
    for loop in find_loops(subject):
        node = loop.node
        items = node.child_by_field_name("right") or node.child_by_field_name("value")
        if subject.language is Language.GO:
            clause = node.named_children[0]
            items = clause.child_by_field_name("right") if clause.type == "range_clause" else None
        if subject.language is Language.RUBY:
            items = node.child_by_field_name("receiver")
        if items is None or not _PLAIN.fullmatch(subject.text(items)):
            continue
        if subject.language is Language.JAVASCRIPT and " of " not in subject.slice(
            node.start_byte, items.start_byte
        ):
            continue
        if subject.language is Language.CPP:
            yield from _copied_element(subject, loop.node.start_byte, items.start_byte)
        else:
            worse = _COPIES[subject.language].format(subject.text(items))
            yield Candidate((Edit(items.start_byte, items.end_byte, worse),))


def _copied_element(subject: Subject, start: int, end: int) -> Iterator[Candidate]:
    """In C++ it is the element that is copied."""
    header = subject.slice(start, end)
    found = re.fullmatch(r"for\s*\(\s*const\s+([\w:<>, ]+?)\s*&\s*(\w+)\s*:\s*", header)
    if found is not None:
        worse = f"for ({found[1]} {found[2]} : "
        yield Candidate((Edit(start, end, worse),))


_LAZY = {
    Language.CSHARP: [
        Rewrite(
            "invocation_expression",
            "$a.Where($p{.+}).$m{Any|Count|First}()",
            "$a.Where($p).ToList().$m()",
        ),
        Rewrite("invocation_expression", "$a.Select($p{.+})", "$a.Select($p).ToList()"),
        Rewrite("invocation_expression", "$a.EnumerateFiles($p{.*})", "$a.GetFiles($p)"),
    ],
    Language.GO: [
        Rewrite("call_expression", "string($b{\\w+})", "string(append([]byte(nil), $b...))"),
        Rewrite("call_expression", "bytes.NewReader($b)", "strings.NewReader(string($b))"),
        Rewrite(
            "call_expression", "bytes.Equal($a, $b)", "strings.Compare(string($a), string($b)) == 0"
        ),
        Rewrite("call_expression", "$w.Write($b{\\w+})", "$w.Write([]byte(string($b)))"),
    ],
    Language.JAVA: [
        Rewrite("method_invocation", "$a.stream()", "new ArrayList<>($a).stream()"),
        Rewrite("method_invocation", "$a.iterator()", "new ArrayList<>($a).iterator()"),
        Rewrite("method_invocation", "Arrays.asList($a)", "new ArrayList<>(Arrays.asList($a))"),
        Rewrite(
            "method_invocation", "Collections.unmodifiable$t{List|Set}($a)", "new ArrayList<>($a)"
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "$a{[\\w.]+}.forEach($p{(?s:.+)})", "$a.slice().forEach($p)"),
        Rewrite("call_expression", "$a{[\\w.]+}.map($p{(?s:.+)})", "$a.slice().map($p)"),
        Rewrite("call_expression", "$a{[\\w.]+}.filter($p{(?s:.+)})", "[...$a].filter($p)"),
        Rewrite("call_expression", "$a{[\\w.]+}.join($p)", "$a.concat([]).join($p)"),
        Rewrite("call_expression", "Object.assign($a, $b)", "Object.assign($a, { ...$b })"),
    ],
    Language.PYTHON: [
        Rewrite("call", "sum($x{.+?} for $r{.+})", "sum([$x for $r])"),
        Rewrite("call", '"$s{[^"]*}".join($x{[^\\[\\]]+?} for $r{.+})', '"$s".join([$x for $r])'),
        Rewrite(
            "call",
            "$f{set|tuple|max|min|dict|sorted|frozenset}($x{.+?} for $r{.+})",
            "$f([$x for $r])",
        ),
        Rewrite("call", "enumerate($x{[\\w.]+})", "enumerate(list($x))"),
        Rewrite("call", "zip($a, $b)", "list(zip($a, $b))"),
        Rewrite("call", "$a{[\\w.]+}.items()", "list($a.items())"),
        Rewrite("call", "$a{[\\w.]+}.values()", "list($a.values())"),
        Rewrite("call", "map($f{.+})", "list(map($f))"),
        Rewrite("call", "range($n{\\w+})", "list(range($n))"),
        Rewrite("call", "reversed($n{[\\w.]+})", "list($n)[::-1]"),
    ],
    Language.RUBY: [
        Rewrite("call", "$a.each_line $p{(?s:.+)}", "$a.lines.each $p"),
        Rewrite("call", "$a.each_key $p{(?s:.+)}", "$a.keys.each $p"),
        Rewrite("call", "$a.each_value $p{(?s:.+)}", "$a.values.each $p"),
        Rewrite("call", "$a.each_char $p{(?s:.+)}", "$a.chars.each $p"),
        Rewrite("call", "$a.flat_map $p{(?s:.+)}", "$a.map $p.flatten"),
        Rewrite("call", "$a.lazy", "$a.to_a"),
        Rewrite("call", "$a{[\\w@.]+}.join($p)", "$a.map(&:dup).join($p)"),
    ],
}

_IN_PLACE = {
    Language.CSHARP: [
        Rewrite("invocation_expression", "$a{\\w+}.AddRange($b)", "$a = $a.Concat($b).ToList()"),
        Rewrite("invocation_expression", "$a{\\w+}.Sort()", "$a = $a.OrderBy(x => x).ToList()"),
        Rewrite("invocation_expression", "$a{\\w+}.Add($b)", "$a = $a.Append($b).ToList()"),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "$a{[\\w.]+}.push(...$b)", "$a = [...$a, ...$b]"),
        Rewrite("call_expression", "Object.assign($a{[\\w.]+}, $b)", "$a = { ...$a, ...$b }"),
        Rewrite(
            "assignment_expression",
            "$a{\\w*(?:[mM]ap|[cC]ache|[oO]bj\\w*|acc|[oO]ptions|[pP]arams|[hH]eaders|[dD]ict)}"
            "[$k{\\w+}] = $v{[^=].*}",
            "$a = { ...$a, [$k]: $v }",
        ),
        Rewrite("call_expression", "$a{this\\.\\w+}.push($b)", "$a = [...$a, $b]"),
    ],
    Language.PYTHON: [
        Rewrite("call", "$a{[\\w.]+}.extend($b{.+})", "$a = $a + list($b)"),
        Rewrite("call", "$a{[\\w.]+}.update($b{[\\w.]+})", "$a = {**$a, **$b}"),
        Rewrite("call", "$a{[\\w.]+}.sort()", "$a = sorted($a)"),
        Rewrite("call", "$a{[\\w.]+}.sort($k{.+})", "$a = sorted($a, $k)"),
        Rewrite("call", "$a{[\\w.]+}.reverse()", "$a = $a[::-1]"),
        Rewrite("call", "$a{[\\w.]+}.append($b{.+})", "$a = [*$a, $b]"),
    ],
    Language.RUBY: [
        Rewrite("call", "$a{@?\\w+}.concat($b)", "$a = $a + $b"),
        Rewrite(
            "call",
            "$a{@?\\w+}.$m{merge|gsub|sub|map|select|reject|uniq|compact|sort}!($b)",
            "$a = $a.$m($b)",
        ),
        Rewrite(
            "call",
            "$a{@?\\w+}.$m{uniq|compact|sort|reverse|flatten|strip|downcase|chomp}!",
            "$a = $a.$m",
        ),
        Rewrite("binary", "$a{@\\w+} << $b", "$a = [*$a, $b]"),
        Rewrite("call", "$a{@?\\w+}.push($b)", "$a = [*$a, $b]"),
    ],
}


def _copy_for_in_place(subject: Subject) -> Iterator[Candidate]:
    for candidate in rewrites(_IN_PLACE)(subject):
        edit = candidate.worse[0]
        node = subject.root.descendant_for_byte_range(edit.start, edit.end)
        while node is not None and node.parent is not None and node.parent.end_byte == edit.end:
            if node.parent.start_byte != edit.start:
                break
            node = node.parent
        kinds = subject.dialect.blocks | {"expression_statement"}
        if node is not None and node.parent is not None and node.parent.type in kinds:
            yield candidate


_DEEP = {
    Language.CSHARP: [
        Rewrite(
            "argument",
            "$x{\\w*(?:[lL]ist|[aA]rray|[iI]tems|[vV]alues|[eE]lements|[nN]odes|[tT]okens|[aA]rguments)}",
            "$x.ToArray()",
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite(
            "arguments",
            "($x{(?!this|null|true|err)[a-z]\\w{3,}})",
            "(structuredClone($x))",
        ),
        Rewrite(
            "return_statement",
            "return $x{(?!this|null|true|false)[a-z]\\w{3,}};",
            "return structuredClone($x);",
        ),
    ],
    Language.PYTHON: [
        Rewrite(
            "return_statement",
            "return $x{(?!None|True|False)[a-z]\\w{2,}s?}",
            "return copy.deepcopy($x)",
        ),
        Rewrite(
            "argument_list", "($x{(?!None|True|False|self)[a-z]\\w{3,}s})", "(copy.deepcopy($x))"
        ),
    ],
    Language.RUBY: [
        Rewrite(
            "argument_list",
            "($x{(?!nil|true|false|self)[a-z]\\w{3,}s})",
            "(Marshal.load(Marshal.dump($x)))",
        ),
        Rewrite("return", "return $x{(?!nil|true|false|self)[a-z]\\w{3,}}", "return $x.dup"),
    ],
}

_MOVED = {
    Language.CPP: [
        Rewrite("call_expression", "std::move($x{[\\w.>*-]+})", "$x"),
        Rewrite("call_expression", "std::forward<$t{.+}>($x{\\w+})", "$x"),
    ],
}
_FROZEN = {
    Language.RUBY: [
        Rewrite("call", "$x{\"[^\"]*\"|'[^']*'|[\\w.\\[\\]%]+}.freeze", "$x"),
    ],
}


def _reference_dropped(subject: Subject) -> Iterator[Candidate]:
    for node in subject.by_type.get("declaration", ()):
        text = subject.text(node)
        found = re.match(r"const\s+([\w:<>, ]+?)\s*&\s*(?=\w+\s*=)", text)
        if found is not None:
            worse = f"{found[1]} "
            end = node.start_byte + len(found[0].encode())
            yield Candidate((Edit(node.start_byte, end, worse),))


OPERATORS = (
    Operator(
        "copied-collection",
        _ME,
        "a loop goes over a copy",
        tuple(_COPIES),
        _copied_collection,
    ),
    *(
        Operator(name, _ME, summary, languages_of(table), rewrites(table))
        for name, summary, table in (
            ("needless-copy", "a collection is copied on its way", _LAZY),
            ("deep-copy", "a whole value is copied to be passed on", _DEEP),
            ("lost-move", "a value is copied instead of moved", _MOVED),
            ("lost-freeze", "equal texts are kept as many objects", _FROZEN),
        )
    ),
    Operator(
        "copy-for-in-place",
        _ME,
        "a changed copy is made instead of a change",
        languages_of(_IN_PLACE),
        _copy_for_in_place,
    ),
    Operator(
        "copied-variable",
        _ME,
        "a variable holds a copy instead of a reference",
        (Language.CPP,),
        _reference_dropped,
    ),
)
