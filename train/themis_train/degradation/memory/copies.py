"""Copies that nobody needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.declared import declared_type, is_collection
from themis_train.degradation.operators import Candidate, Edit, Operator
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites
from themis_train.degradation.shapes import find_loops
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

_ME = Criterion.MEMORY_EFFICIENCY
_PLAIN = re.compile(r"[\w.@\[\]]+(?:\.\w+\(\))?")
_COPIES = {
    Language.CPP: "std::vector<std::decay_t<decltype(*{0}.begin())>>({0}.begin(), {0}.end())",
    Language.CSHARP: "{0}.ToList()",
    Language.GO: "slices.Clone({0})",
    Language.JAVA: "new ArrayList<>({0})",
    Language.JAVASCRIPT: "[...{0}]",
    Language.PYTHON: "list({0})",
    Language.RUBY: "{0}.to_a",
}


# Where a copy of something else does not compile.
_KNOWN = (Language.GO, Language.JAVA)


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
        if subject.language in _KNOWN and not is_collection(subject, subject.text(items)):
            continue
        if subject.language is Language.JAVASCRIPT and " of " not in subject.slice(
            node.start_byte, items.start_byte
        ):
            continue
        if subject.language is Language.CPP:
            yield from _copied_element(subject, loop.node.start_byte, items.start_byte)
        else:
            forms = _OTHER_COPIES.get(subject.language, ())
            form = choose(subject, (_COPIES[subject.language], *forms), salt=str(node.start_byte))
            worse = form.format(subject.text(items))
            yield Candidate((Edit(items.start_byte, items.end_byte, worse),))


def _copied_element(subject: Subject, start: int, end: int) -> Iterator[Candidate]:
    """In C++ it is the element that is copied."""
    header = subject.slice(start, end)
    found = re.fullmatch(r"for\s*\(\s*const\s+([\w:<>, ]+?)\s*&\s*(\w+)\s*:\s*", header)
    if found is not None:
        worse = f"for ({found[1]} {found[2]} : "
        yield Candidate((Edit(start, end, worse),))


_SEVERAL = "$a{(?:[\\w.]+\\.)?(?:(?:values|keySet|entrySet)\\(\\)|\\w+(?:s|List|Set))}"
_OTHER_COPIES = {
    Language.CSHARP: ("{0}.ToArray()",),
    Language.GO: ("append({0}[:0:0], {0}...)",),
    Language.JAVA: ("new LinkedList<>({0})",),
    Language.JAVASCRIPT: ("Array.from({0})",),
    Language.PYTHON: ("tuple({0})", "[item for item in {0}]"),
    Language.RUBY: ("{0}.dup", "{0}.to_a.dup"),
}
_LAZY = {
    Language.CSHARP: [
        Rewrite(
            "invocation_expression",
            "$a.Where($p{.+}).$m{Any|Count|First}()",
            "$a.Where($p).ToList().$m()",
        ),
        Rewrite("invocation_expression", "$a.Select($p{\\w+ => .+})", "$a.Select($p).ToList()"),
        Rewrite("invocation_expression", "$a.EnumerateFiles($p{.*})", "$a.GetFiles($p)"),
    ],
    Language.GO: [
        Rewrite("call_expression", "bytes.NewReader($b)", "strings.NewReader(string($b))"),
        Rewrite(
            "call_expression", "bytes.Contains($a, $b)", "strings.Contains(string($a), string($b))"
        ),
        Rewrite(
            "call_expression",
            "bytes.HasPrefix($a, $b)",
            "strings.HasPrefix(string($a), string($b))",
        ),
        Rewrite(
            "call_expression",
            "bytes.Equal($a, $b)",
            "(strings.Compare(string($a), string($b)) == 0)",
        ),
        Rewrite("call_expression", "$w.Write($b{\\w+})", "$w.Write([]byte(string($b)))"),
    ],
    Language.JAVA: [
        Rewrite("method_invocation", f"{_SEVERAL}.stream()", "new ArrayList<>($a).stream()"),
        Rewrite("method_invocation", f"{_SEVERAL}.iterator()", "new ArrayList<>($a).iterator()"),
        Rewrite("method_invocation", f"{_SEVERAL}.forEach($p)", "new ArrayList<>($a).forEach($p)"),
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
        Rewrite("call", "filter($f{.+})", "list(filter($f))"),
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
        Rewrite("call", "$a{[\\w@.]+}.join($p)", "$a.map(&:to_s).join($p)"),
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
        name = edit.new.partition(" ")[0]
        if node is None or node.parent is None or node.parent.type not in kinds:
            continue
        if _is_list(subject, name):
            yield candidate


def _is_list(subject: Subject, name: str) -> bool:
    """Tell whether a name stands for a list or the like that may be set to another."""
    text, word = subject.unit.text, re.escape(name)
    match subject.language:
        case Language.CSHARP:
            return re.fullmatch(r"List<.*>", declared_type(subject, name) or "") is not None
        case Language.JAVASCRIPT:
            is_local = re.search(rf"\b(?:let|var) {word} = [\[{{]", text) is not None
            return is_local or name.startswith("this.")
        case Language.PYTHON | Language.RUBY:
            made = (
                rf"(?<![\w.]){word}(?:: [^=\n]+)? (?:\|\|)?= "
                r"(?:[\[{\"']|list\(|dict\(|\w+\.(?:dup|to_a)\b)"
            )
            return re.search(made, text) is not None
        case _:
            return True


_DEEP = {
    Language.CSHARP: [
        Rewrite(
            "argument",
            "$x{[a-z]\\w*}",
            "$x.ToArray()",
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite("arguments", "($x{[a-z]\\w+})", "(structuredClone($x))"),
        Rewrite("arguments", "($x{[a-z]\\w+})", "(JSON.parse(JSON.stringify($x)))"),
        Rewrite("return_statement", "return $x{[a-z]\\w+};", "return structuredClone($x);"),
        Rewrite(
            "return_statement", "return $x{[a-z]\\w+};", "return JSON.parse(JSON.stringify($x));"
        ),
    ],
    Language.PYTHON: [
        Rewrite("return_statement", "return $x{[a-z]\\w+}", "return copy.deepcopy($x)"),
        Rewrite("return_statement", "return $x{[a-z]\\w+}", "return deepcopy($x)"),
        Rewrite("argument_list", "($x{[a-z]\\w+})", "(copy.deepcopy($x))"),
    ],
    Language.RUBY: [
        Rewrite("argument_list", "($x{[a-z]\\w+})", "(Marshal.load(Marshal.dump($x)))"),
        Rewrite("return", "return $x{[a-z]\\w+}", "return $x.dup"),
        Rewrite("return", "return $x{[a-z]\\w+}", "return Marshal.load(Marshal.dump($x))"),
    ],
}
_LITERAL = {
    Language.JAVASCRIPT: r"\b(?:const|let|var) {0} = [\[{{]",
    Language.PYTHON: r"(?<![\w.]){0}(?:: [^=\n]+)? = (?:[\[{{]|list\(|dict\(|set\()",
    Language.RUBY: r"(?<![\w.@]){0} = (?:[\[{{]|Hash\.new|Array\.new)",
}


def _deep_copy(subject: Subject) -> Iterator[Candidate]:
    """Only what holds much, a list or a mapping made here, is a waste to copy."""
    pattern = _LITERAL.get(subject.language)
    for candidate in rewrites(_DEEP)(subject):
        edit = candidate.worse[0]
        words = re.findall(r"[A-Za-z_]\w*", subject.slice(edit.start, edit.end))
        name = words[-1]
        if pattern is None:
            kind = declared_type(subject, name) or ""
            is_much = re.fullmatch(r"List<.*>|[\w.]+\[\]", kind) is not None
        else:
            is_much = re.search(pattern.format(re.escape(name)), subject.unit.text) is not None
        if is_much:
            yield candidate


_MOVED = {
    Language.CPP: [
        Rewrite("call_expression", "std::move($x{[\\w.>*-]+})", "$x"),
        Rewrite("call_expression", "std::forward<$t{.+}>($x{\\w+})", "$x"),
    ],
}
_FROZEN = {
    Language.RUBY: [
        Rewrite("call", "$x{\"[^\"#]*\"|'[^']*'}.freeze", "$x"),
    ],
}


def _needless_copy(subject: Subject) -> Iterator[Candidate]:
    """A copy that is copied again at once gives itself away, and in C# is of another type."""
    for candidate in rewrites(_LAZY)(subject):
        edit = candidate.worse[0]
        after = subject.slice(edit.end, min(edit.end + 12, subject.unit.end_byte))
        before = subject.slice(max(edit.start - 20, subject.unit.start_byte), edit.start)
        if not re.match(r"\.To[A-Z]|\.to_a\b", after) and not re.search(
            r"(?:List<.*>|list)\($", before
        ):
            yield candidate


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
    Operator(
        "needless-copy",
        _ME,
        "a collection is copied on its way",
        languages_of(_LAZY),
        _needless_copy,
    ),
    Operator(
        "deep-copy",
        _ME,
        "a whole value is copied to be passed on",
        languages_of(_DEEP),
        _deep_copy,
    ),
    *(
        Operator(name, _ME, summary, languages_of(table), rewrites(table))
        for name, summary, table in (
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
