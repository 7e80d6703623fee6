"""More memory than the task needs: whole files, large buffers, wide types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Candidate, Edit, Operator
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites
from themis_train.degradation.subject import Subject

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
            "data, _ := io.ReadAll($r)\n$e := json.Unmarshal(data, $v)",
        ),
        Rewrite(
            "assignment_statement",
            "$e{\\w+} = json.NewDecoder($r).Decode($v)",
            "data, _ := io.ReadAll($r)\n$e = json.Unmarshal(data, $v)",
        ),
        Rewrite(
            "short_var_declaration",
            "$x{\\w+} := bufio.New$k{Scanner|Reader}($r)",
            "data, _ := io.ReadAll($r)\n$x := bufio.New$k(bytes.NewReader(data))",
        ),
        Rewrite(
            "assignment_statement|short_var_declaration",
            "$n{\\w+}, $e{\\w+} $s{:?=} io.Copy($w, $r)",
            "data, _ := io.ReadAll($r)\n$n, $e $s $w.Write(data)",
        ),
        Rewrite(
            "expression_statement",
            "io.Copy($w, $r)",
            "data, _ := io.ReadAll($r)\n$w.Write(data)",
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
        Rewrite("call", "$f.each_line $b{(?s:.+)}", '$f.read.split("\\n").each $b'),
        Rewrite("call", "IO.copy_stream($a, $b)", "$b.write($a.read)"),
        Rewrite("call", "$f{\\w*(?:io|file|input|body)}.read($n{[^()]+})", "$f.read[0, $n]"),
        Rewrite("call", "File.open($p, $m).each $b{(?s:.+)}", "File.read($p).lines.each $b"),
    ],
}


def _whole_file_read(subject: Subject) -> Iterator[Candidate]:
    yield from rewrites(_WHOLE)(subject)
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
        Rewrite("array_declarator", "$x{\\w*}[$n{\\d{2,5}}]", "$x[$n * 1024]"),
        Rewrite("call_expression", "malloc($n{[^()]+|sizeof\\([^()]*\\)})", "malloc(($n) * 4)"),
        Rewrite("array_declarator", "$x{\\w*}[$n{[A-Z][A-Z_0-9]+}]", "$x[$n * 16]"),
    ],
    Language.CSHARP: [
        Rewrite("array_creation_expression", "new byte[$n" + _SIZE + "]", "new byte[$n * 1024]"),
        Rewrite("array_creation_expression", "new char[$n" + _SIZE + "]", "new char[$n * 1024]"),
    ],
    Language.GO: [
        Rewrite("call_expression", "make([]byte, $n" + _SIZE + ")", "make([]byte, $n*1024)"),
        Rewrite("call_expression", "make([]$t{[^,]+}, 0, $n)", "make([]$t, 0, 64*($n))"),
        Rewrite("call_expression", "make(chan $t{[^,]+})", "make(chan $t, 1<<20)"),
        Rewrite("call_expression", "make(map[$k{\\w+}]$t{[^,]+})", "make(map[$k]$t, 1<<20)"),
    ],
    Language.JAVA: [
        Rewrite(
            "array_creation_expression", "new $t{byte|char}[$n" + _SIZE + "]", "new $t[$n * 1024]"
        ),
        Rewrite(
            "object_creation_expression",
            "new $t{\\w*(?:List|Map|Set)}<$k{.*}>()",
            "new $t<$k>(1 << 20)",
        ),
        Rewrite("object_creation_expression", "new StringBuilder()", "new StringBuilder(1 << 20)"),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "Buffer.alloc($n)", "Buffer.alloc($n * 1024)"),
        Rewrite("call_expression", "Buffer.allocUnsafe($n)", "Buffer.allocUnsafe($n * 1024)"),
        Rewrite("new_expression", "new Uint8Array($n{[\\w.]+})", "new Float64Array($n)"),
        Rewrite("new_expression", "new Array($n{[\\w.]+})", "new Array($n * 64).fill(null)"),
    ],
    Language.PYTHON: [
        Rewrite("call", "bytearray($n{[\\w.]+})", "bytearray($n * 1024)"),
        Rewrite("call", "$f.read($n{\\d{3,6}|[A-Z_]{3,}|\\w*size})", "$f.read($n * 1024)"),
        Rewrite("call", "deque(maxlen=$n)", "deque()"),
        Rewrite("call", "lru_cache(maxsize=$n)", "lru_cache(maxsize=None)"),
    ],
}
_BUFFERS[Language.CPP] = [
    *_BUFFERS[Language.C],
    Rewrite("new_expression", "new char[$n]", "new char[($n) * 16]"),
]

_HEAP = {
    Language.C: [
        Rewrite(
            "declaration",
            "$t{(?:unsigned )?char|u?int\\d*(?:_t)?} $x{\\w+}[$n{\\w+}];",
            "$t *$x = malloc($n);",
        ),
    ],
    Language.CPP: [
        Rewrite(
            "declaration",
            "$t{(?:unsigned )?char|u?int\\w*} $x{\\w+}[$n{\\w+}];",
            "$t* $x = new $t[$n];",
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
    Language.CSHARP: [
        Rewrite("variable_declaration", "int $x{\\w+} = $v", "object $x = $v"),
        Rewrite("generic_name", "List<$t{byte|int|long|bool|char}>", "List<object>"),
        Rewrite("generic_name", "Dictionary<int, $t{.+}>", "Dictionary<object, $t>"),
    ],
    Language.JAVA: [
        Rewrite("local_variable_declaration", "int $x{\\w+} = $v;", "Integer $x = $v;"),
        Rewrite("local_variable_declaration", "long $x{\\w+} = $v;", "Long $x = $v;"),
        Rewrite("local_variable_declaration", "boolean $x{\\w+} = $v;", "Boolean $x = $v;"),
        Rewrite("local_variable_declaration", "double $x{\\w+} = $v;", "Double $x = $v;"),
    ],
}
_WIDE = {
    Language.C: [
        Rewrite(
            "declaration",
            "$t{short|u?int16_t|float} $x{\\w+}[$n];",
            "double $x[$n];",
        ),
        Rewrite("call_expression", "malloc($n * sizeof($t))", "malloc($n * sizeof($t) * 2)"),
        Rewrite("call_expression", "calloc($n, sizeof($t))", "calloc($n * 2, sizeof($t))"),
    ],
    Language.CPP: [
        Rewrite("template_type", "vector<$t{u?int8_t|short|float}>", "vector<double>"),
        Rewrite("template_type", "vector<$t{int|int32_t|uint32_t}>", "vector<long long>"),
        Rewrite("template_type", "vector<bool>", "vector<int>"),
    ],
    Language.GO: [
        Rewrite("map_type", "map[$k{\\w+}]$v{bool|struct..}", "map[$k]interface{}"),
        Rewrite("slice_type", "[]$t{bool|u?int8|u?int16|float32}", "[]float64"),
    ],
}

OPERATORS = (
    Operator(
        "whole-file-read",
        _ME,
        "a file is read whole instead of piece by piece",
        languages_of(_WHOLE),
        _whole_file_read,
    ),
    *(
        Operator(name, _ME, summary, languages_of(table), rewrites(table))
        for name, summary, table in (
            ("oversized-buffer", "much more is set aside than is needed", _BUFFERS),
            ("heap-for-stack", "memory is taken from the heap and never freed", _HEAP),
            ("boxed-values", "numbers are kept as objects", _BOXED),
            ("wide-elements", "elements are kept in a wider type than they need", _WIDE),
        )
    ),
)
