"""More memory than the task needs: whole files, large buffers, wide types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Candidate, Edit, Operator
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites
from themis_train.degradation.shapes import enclosing
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

_ME = Criterion.MEMORY_EFFICIENCY
_SIZE = "{\\d{2,6}|[A-Z][A-Z_0-9]+|[\\w.]*[Bb]uf\\w*[Ss]ize\\w*}"

_WHOLE = {
    Language.CSHARP: [
        Rewrite("invocation_expression", "File.ReadLines($p)", "File.ReadAllLines($p)"),
        Rewrite(
            "invocation_expression",
            "$r{\\w*[rR]eader}.ReadLine()",
            "$r.ReadToEnd().Split('\\n').FirstOrDefault()",
        ),
        Rewrite(
            "invocation_expression", "File.OpenRead($p)", "new MemoryStream(File.ReadAllBytes($p))"
        ),
    ],
    Language.GO: [
        Rewrite(
            "short_var_declaration",
            "$e{\\w+} := json.NewDecoder($r).Decode($v)",
            "$all, _ := io.ReadAll($r)\n$e := json.Unmarshal($all, $v)",
        ),
        Rewrite(
            "assignment_statement",
            "$e{\\w+} = json.NewDecoder($r).Decode($v)",
            "$all, _ := io.ReadAll($r)\n$e = json.Unmarshal($all, $v)",
        ),
        Rewrite(
            "short_var_declaration",
            "$y{\\w+} := bufio.New$k{Scanner|Reader}($r{(?!bytes\\.|strings\\.)[^()]+})",
            "$all, _ := io.ReadAll($r)\n$y := bufio.New$k(bytes.NewReader($all))",
        ),
        Rewrite(
            "assignment_statement|short_var_declaration",
            "$n{\\w+}, $e{\\w+} $s{:?=} io.Copy($w, $r)",
            "$all, _ := io.ReadAll($r)\n$n, $e $s $w.Write($all)",
        ),
        Rewrite(
            "expression_statement",
            "io.Copy($w, $r)",
            "$all, _ := io.ReadAll($r)\n$w.Write($all)",
        ),
    ],
    Language.JAVA: [
        Rewrite("method_invocation", "Files.lines($p)", "Files.readAllLines($p).stream()"),
        Rewrite(
            "method_invocation", "$r.lines()", "$r.lines().collect(Collectors.toList()).stream()"
        ),
        Rewrite(
            "method_invocation",
            "Files.newInputStream($p)",
            "new ByteArrayInputStream(Files.readAllBytes($p))",
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "fs.createReadStream($p)", "Readable.from(fs.readFileSync($p))"),
        Rewrite("call_expression", "createReadStream($p)", "Readable.from(readFileSync($p))"),
    ],
    Language.PYTHON: [
        Rewrite(
            "call",
            "$f{\\w*(?:f|file|fp|fh|stream|handle|input)}.readline()",
            "$f.read().splitlines(True)[0]",
        ),
        Rewrite("call", "$f{\\w*(?:f|file|fp|fh|stream)}.read($n{[\\w.]+})", "$f.read()[:$n]"),
        Rewrite("call", "$r.iter_content($n{.*})", "[$r.content]"),
        Rewrite("call", "json.load($f)", "json.loads($f.read())"),
        Rewrite("call", "shutil.copyfileobj($a, $b)", "$b.write($a.read())"),
    ],
    Language.RUBY: [
        Rewrite("call", "File.foreach($p) $b{(?s:.+)}", "File.readlines($p).each $b"),
        Rewrite(
            "call",
            "$f{\\w*(?:io|file|input|body|f)}.each_line $b{(?s:(?:do|\\x7b).+)}",
            '$f.read.split("\\n").each $b',
        ),
        Rewrite("call", "IO.copy_stream($a, $b)", "$b.write($a.read)"),
        Rewrite("call", "$f{\\w*(?:io|file|input|body)}.read($n{[^(),]+})", "$f.read[0, $n]"),
        Rewrite("call", "File.open($p, $m).each $b{(?s:.+)}", "File.read($p).lines.each $b"),
    ],
}


def _whole_file_read(subject: Subject) -> Iterator[Candidate]:
    for candidate in rewrites(_WHOLE)(subject):
        start = candidate.worse[0].start
        if subject.slice(max(start - 6, subject.unit.start_byte), start) != "await ":
            yield candidate
    if subject.language is Language.PYTHON:
        for node in subject.by_type.get("for_statement", ()):
            items = node.child_by_field_name("right")
            text = "" if items is None else subject.text(items)
            if items is not None and re.fullmatch(
                r"\w*(?:f|file|fp|fh|stream|handle|infile)", text
            ):
                yield Candidate((Edit(items.end_byte, items.end_byte, ".readlines()"),))


_BUFFERS = {
    Language.C: [
        Rewrite("array_declarator", "$y{\\w*}[$n{\\d{2,5}}]", "$y[#]"),
        Rewrite("call_expression", "malloc($n{\\w+})", "malloc($n * %)"),
        Rewrite("call_expression", "malloc($n{[^()]+ \\+ [^()]+})", "malloc(($n) * %)"),
        Rewrite("array_declarator", "$y{\\w*}[$n{[A-Z][A-Z_0-9]+}]", "$y[$n * %]"),
    ],
    Language.CSHARP: [
        Rewrite("array_creation_expression", "new $t{byte|char}[$n{\\d{2,6}}]", "new $t[#]"),
        Rewrite("array_creation_expression", f"new $t{{byte|char}}[$n{_SIZE}]", "new $t[$n * %]"),
    ],
    Language.GO: [
        Rewrite("call_expression", "make([]byte, $n{\\d{2,6}})", "make([]byte, #)"),
        Rewrite("call_expression", "make([]byte, $n" + _SIZE + ")", "make([]byte, $n*%)"),
        Rewrite("call_expression", "make([]$t{[^,]+}, 0, $n{[^()+-]+})", "make([]$t, 0, $n*%)"),
        Rewrite(
            "call_expression", "make([]$t{[^,]+}, 0, $n{len\\(\\w+\\)})", "make([]$t, 0, $n*%)"
        ),
        Rewrite(
            "call_expression", "make(chan $t{(?!struct)[^,\\s][^,]*}, $n{\\d+})", "make(chan $t, #)"
        ),
        Rewrite("call_expression", "make(map[$k{\\w+}]$t{[^,]+})", "make(map[$k]$t, #)"),
    ],
    Language.JAVA: [
        Rewrite("array_creation_expression", "new $t{byte|char}[$n{\\d{2,6}}]", "new $t[#]"),
        Rewrite("array_creation_expression", f"new $t{{byte|char}}[$n{_SIZE}]", "new $t[$n * %]"),
        Rewrite(
            "object_creation_expression",
            "new $t{(?:Linked)?Hash(?:Map|Set)|ArrayList|ArrayDeque}<$k{.*}>($n{\\d*})",
            "new $t<$k>(#)",
        ),
        Rewrite(
            "object_creation_expression", "new StringBuilder($n{\\d*})", "new StringBuilder(#)"
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite(
            "call_expression", "Buffer.alloc$u{(?:Unsafe)?}($n{\\d{2,6}})", "Buffer.alloc$u(#)"
        ),
        Rewrite(
            "call_expression", "Buffer.alloc$u{(?:Unsafe)?}($n{[\\w.]+})", "Buffer.alloc$u($n * %)"
        ),
        Rewrite(
            "new_expression",
            "new Uint$b{8|16}Array($n{\\d+|\\w*(?:[sS]ize|[lL]ength|[lL]en)})",
            "new Float64Array($n)",
        ),
    ],
    Language.PYTHON: [
        Rewrite("call", "bytearray($n{\\d+})", "bytearray(#)"),
        Rewrite("call", "bytearray($n{[A-Z_]{3,}|\\w*(?:size|length|len)})", "bytearray($n * %)"),
        Rewrite("call", "$f.read($n{\\d{3,6}})", "$f.read(#)"),
        Rewrite("call", "$f.read($n{[A-Z_]{3,}|\\w*size})", "$f.read($n * %)"),
        Rewrite("call", "deque(maxlen=$n)", "deque()"),
        Rewrite("call", "lru_cache(maxsize=$n)", "lru_cache(maxsize=None)"),
    ],
}
_BUFFERS[Language.CPP] = [
    *_BUFFERS[Language.C],
    Rewrite("new_expression", "new char[$n{\\w+}]", "new char[$n * %]"),
]

_HEAP = {
    Language.C: [
        Rewrite(
            "declaration",
            "$t{(?:unsigned )?char} $y{\\w+}[$n{\\w+}];",
            "$t *$y = malloc($n);",
        ),
        Rewrite("declaration", "char $y{\\w+}[$n{\\w+}];", "char *$y = calloc(1, $n);"),
        Rewrite(
            "declaration",
            "$t{u?int\\d*(?:_t)?|double|long|float|struct \\w+} $y{\\w+}[$n{\\w+}];",
            "$t *$y = malloc($n * sizeof($t));",
        ),
        Rewrite(
            "declaration",
            "$t{u?int\\d*(?:_t)?|double|long|float|struct \\w+} $y{\\w+}[$n{\\w+}];",
            "$t *$y = calloc($n, sizeof(*$y));",
        ),
    ],
    Language.CPP: [
        Rewrite(
            "declaration",
            "$t{(?:unsigned )?char|u?int\\w*|double|float} $y{\\w+}[$n{\\w+}];",
            "$t* $y = new $t[$n];",
        ),
        Rewrite(
            "declaration",
            "$t{(?:unsigned )?char|u?int\\w*|double|float} $y{\\w+}[$n{\\w+}];",
            "auto* $y = new $t[$n];",
        ),
        Rewrite("call_expression", "std::make_unique<$t{.+}>($a{.*})", "new $t($a)"),
        Rewrite("call_expression", "std::make_shared<$t{.+}>($a{.*})", "new $t($a)"),
        Rewrite(
            "declaration",
            "std::$t{string|ostringstream|stringstream} $x{\\w+};",
            "auto& $x = *new std::$t();",
        ),
        Rewrite(
            "declaration", "std::vector<$t{.+}> $x{\\w+};", "auto& $x = *new std::vector<$t>();"
        ),
    ],
}

_BOXED = {
    Language.JAVA: [
        Rewrite(
            "local_variable_declaration", "int $y{\\w+} = $v{(?!.*')[^\"]+};", "Integer $y = $v;"
        ),
        Rewrite("local_variable_declaration", "long $y{\\w+} = $v{\\d+L};", "Long $y = $v;"),
        Rewrite("local_variable_declaration", "boolean $y{\\w+} = $v;", "Boolean $y = $v;"),
        Rewrite(
            "local_variable_declaration", "double $y{\\w+} = $v{\\d+\\.\\d+};", "Double $y = $v;"
        ),
        Rewrite(
            "local_variable_declaration",
            "int[] $y{\\w+} = new int[$n];",
            "Integer[] $y = new Integer[$n];",
        ),
    ],
}
_WIDE = {
    Language.C: [
        Rewrite(
            "declaration",
            "$t{short|u?int16_t|float} $x{\\w+}[$n];",
            "double $x[$n];",
        ),
        Rewrite("declaration", "$t{u?int8_t} $y{(?!buf|str|name)\\w+}[$n];", "long $y[$n];"),
        Rewrite("declaration", "bool $y{\\w+}[$n];", "int $y[$n];"),
        Rewrite("declaration", "bool $y{\\w+}[$n];", "long $y[$n];"),
    ],
    Language.CPP: [
        Rewrite("template_type", "vector<$t{short|float}>", "vector<double>"),
        Rewrite("template_type", "vector<$t{int|int32_t|u?int16_t}>", "vector<long long>"),
        Rewrite("template_type", "vector<bool>", "vector<int>"),
        Rewrite("template_type", "vector<bool>", "vector<char>"),
    ],
    Language.GO: [
        Rewrite(
            "call_expression", "make(map[$k{\\w+}]$v{bool|struct..})", "make(map[$k]interface{})"
        ),
        Rewrite("call_expression", "make(map[$k{\\w+}]$v{bool|struct..})", "make(map[$k]any)"),
    ],
}

_FACTORS = ("8", "16", "32", "64", "100", "256", "1024")
_ROUND = ("65536", "100000", "131072", "262144", "500000", "1000000", "1048576", "4194304")


def _oversized(subject: Subject) -> Iterator[Candidate]:
    """In a table ``%`` stands for a factor and ``#`` for a size, drawn anew for each place."""
    for candidate in rewrites(_BUFFERS)(subject):
        edit = candidate.worse[0]
        salt = str(edit.start)
        node = subject.root.descendant_for_byte_range(edit.start, edit.end)
        if node is not None and enclosing(node, frozenset({"parameter_declaration"})) is not None:
            continue
        new = edit.new.replace("%", choose(subject, _FACTORS, salt=salt))
        new = new.replace("#", choose(subject, _ROUND, salt=salt))
        yield Candidate((Edit(edit.start, edit.end, new),))


def _on_heap(subject: Subject) -> Iterator[Candidate]:
    """Of a pointer ``sizeof`` is not the size of the buffer: where it is asked, nothing is done."""
    for candidate in rewrites(_HEAP)(subject):
        edit = candidate.worse[0]
        found = re.search(r"(\w+)\s*(?:\[[^\]]*\])?\s*;?$", subject.slice(edit.start, edit.end))
        name = "" if found is None else re.escape(found[1])
        if not re.search(
            rf"(?:sizeof|ARRAY_LENGTH|countof|ArraySize)\s*\(?\s*{name}\b", subject.unit.text
        ):
            yield candidate


def _widened(subject: Subject) -> Iterator[Candidate]:
    """Only what the unit declares for itself: callers keep the type of what is passed."""
    for candidate in rewrites(_WIDE)(subject):
        start = candidate.worse[0].start
        node = subject.root.descendant_for_byte_range(start, start + 1)
        if node is not None and (
            subject.language is not Language.CPP
            or (
                enclosing(node, frozenset({"declaration"})) is not None
                and enclosing(node, frozenset({"parameter_declaration"})) is None
            )
        ):
            yield candidate


OPERATORS = (
    Operator(
        "whole-file-read",
        _ME,
        "a file is read whole instead of piece by piece",
        languages_of(_WHOLE),
        _whole_file_read,
    ),
    *(
        Operator(name, _ME, summary, languages_of(table), find)
        for name, summary, table, find in (
            ("oversized-buffer", "much more is set aside than is needed", _BUFFERS, _oversized),
            ("heap-for-stack", "memory is taken from the heap and never freed", _HEAP, _on_heap),
            ("boxed-values", "numbers are kept as objects", _BOXED, rewrites(_BOXED)),
            ("wide-elements", "elements are kept in a wider type than needed", _WIDE, _widened),
        )
    ),
)
