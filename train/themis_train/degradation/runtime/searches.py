"""Looking for more than is needed, or twice."""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites

_RT = Criterion.RUNTIME_EFFICIENCY
_TEXT = "{\"[^\"\\n]*\"|'[^'\\n]*'}"
_BLOCK = "{\\x7b.*\\x7d|&:\\w+\\??|\\(&:\\w+\\??\\)}"

_PREFIX = {
    Language.C: [
        Rewrite("binary_expression", "strncmp($a, $b, $n) == 0", "strstr($a, $b) == $a"),
        Rewrite("unary_expression", "!strncmp($a, $b, $n)", "strstr($a, $b) == $a"),
    ],
    Language.CPP: [
        Rewrite("call_expression", "$a.starts_with($b)", "$a.find($b) == 0"),
        Rewrite("binary_expression", "$a.compare(0, $n, $b) == 0", "$a.find($b) == 0"),
        Rewrite("binary_expression", "$a.rfind($b, 0) == 0", "$a.find($b) == 0"),
        Rewrite("binary_expression", "strncmp($a, $b, $n) == 0", "strstr($a, $b) == $a"),
        Rewrite("unary_expression", "!strncmp($a, $b, $n)", "strstr($a, $b) == $a"),
    ],
    Language.CSHARP: [
        Rewrite("invocation_expression", "$a.StartsWith($b)", "($a.IndexOf($b) == 0)"),
        Rewrite("invocation_expression", "$a.StartsWith($b, $c)", "($a.IndexOf($b, $c) == 0)"),
    ],
    Language.GO: [
        Rewrite("call_expression", "strings.HasPrefix($a, $b)", "(strings.Index($a, $b) == 0)"),
        Rewrite("call_expression", "bytes.HasPrefix($a, $b)", "(bytes.Index($a, $b) == 0)"),
    ],
    Language.JAVA: [
        Rewrite("method_invocation", "$a.startsWith($b)", "($a.indexOf($b) == 0)"),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "$a.startsWith($b)", "($a.indexOf($b) === 0)"),
    ],
    Language.PYTHON: [
        Rewrite("call", "$a.startswith($b" + _TEXT + ")", "($a.find($b) == 0)"),
        Rewrite("call", "$a.startswith($b{\\w+})", "($a.find($b) == 0)"),
    ],
    Language.RUBY: [
        Rewrite("call", "$a.start_with?($b)", "($a.index($b) == 0)"),
    ],
}

_COUNTED = {
    Language.CPP: [
        Rewrite(
            "call_expression", "std::any_of($a, $b, $p{.+})", "(std::count_if($a, $b, $p) > 0)"
        ),
    ],
    Language.CSHARP: [
        Rewrite("invocation_expression", "$a.Any($p{.+})", "($a.Where($p).ToList().Count > 0)"),
        Rewrite("invocation_expression", "$a.Any()", "($a.Count() > 0)"),
        Rewrite(
            "invocation_expression",
            "$a.FirstOrDefault($p{.+})",
            "$a.Where($p).ToList().FirstOrDefault()",
        ),
        Rewrite("invocation_expression", "$a.First($p{.+})", "$a.Where($p).ToList()[0]"),
        Rewrite("invocation_expression", "$a.All($p{.+})", "($a.Where($p).Count() == $a.Count())"),
    ],
    Language.JAVA: [
        Rewrite("method_invocation", "$a.anyMatch($p{.+})", "($a.filter($p).count() > 0)"),
        Rewrite("method_invocation", "$a.noneMatch($p{.+})", "($a.filter($p).count() == 0)"),
        Rewrite(
            "method_invocation",
            "$a.findFirst()",
            "$a.collect(Collectors.toList()).stream().findFirst()",
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "$a.some($p{.+})", "($a.filter($p).length > 0)"),
        Rewrite("call_expression", "$a.find($p{.+})", "$a.filter($p)[0]"),
        Rewrite(
            "call_expression", "$a.includes($x)", "($a.filter((item) => item === $x).length > 0)"
        ),
    ],
    Language.PYTHON: [
        Rewrite("call", "any($x{.+?} for $r{.+})", "any([$x for $r])"),
        Rewrite("call", "all($x{.+?} for $r{.+})", "all([$x for $r])"),
        Rewrite("call", "next(($x{.+?} for $r{.+}), $d)", "([$x for $r] or [$d])[0]"),
    ],
    Language.RUBY: [
        Rewrite("call", "$a.any? $p" + _BLOCK, "$a.select $p.any?"),
        Rewrite("call", "$a.any?$p{\\(&:\\w+\\??\\)}", "$a.select$p.any?"),
        Rewrite("call", "$a.find $p" + _BLOCK, "$a.select $p.first"),
        Rewrite("call", "$a.detect $p" + _BLOCK, "$a.select $p.first"),
        Rewrite("call", "$a.any?", "($a.to_a.count { |item| item } > 0)"),
        Rewrite("call", "$a.find$p{\\(&:\\w+\\??\\)}", "$a.select$p.first"),
        Rewrite("call", "$a.include?($b{[a-z@]\\w*})", "($a.count($b) > 0)"),
    ],
}

_STRING_NAME = (
    "$a{(?:[\\w@]+\\.)*\\w*(?:[tT]ext|[sS]tr|[sS]tring|[lL]ine|[nN]ame|[pP]ath|[uU]rl|[uU]ri"
    "|[mM]essage|[mM]sg|[cC]ontent|[bB]ody|[kK]ey|[hH]eader|[tT]ype|[vV]alue|[hH]ost|[lL]abel"
    "|[tT]itle|[qQ]uery|[aA]gent|[oO]utput|[pP]refix|[sS]ource|[rR]aw|[cC]ode|[fF]ile\\w*|[tT]oken)"
    "(?:\\(\\))?}"
)
_REGEX = {
    Language.CSHARP: [
        Rewrite(
            "invocation_expression",
            f"{_STRING_NAME}.Contains($x{_TEXT})",
            "Regex.IsMatch($a, Regex.Escape($x))",
        ),
        Rewrite(
            "invocation_expression",
            "$a.Replace($x" + _TEXT + ", $y)",
            "Regex.Replace($a, Regex.Escape($x), $y)",
        ),
        Rewrite("invocation_expression", '$a.EndsWith($x{"[^"]*"})', 'Regex.IsMatch($a, $x + "$")'),
    ],
    Language.GO: [
        Rewrite(
            "call_expression",
            "strings.Contains($a, $x)",
            "regexp.MustCompile(regexp.QuoteMeta($x)).MatchString($a)",
        ),
        Rewrite(
            "call_expression",
            "strings.ReplaceAll($a, $x, $y)",
            "regexp.MustCompile(regexp.QuoteMeta($x)).ReplaceAllString($a, $y)",
        ),
        Rewrite(
            "call_expression",
            "strings.HasSuffix($a, $x)",
            'regexp.MustCompile(regexp.QuoteMeta($x) + "$").MatchString($a)',
        ),
        Rewrite(
            "call_expression",
            "strings.TrimPrefix($a, $x)",
            'regexp.MustCompile("^" + regexp.QuoteMeta($x)).ReplaceAllString($a, "")',
        ),
    ],
    Language.JAVA: [
        Rewrite(
            "method_invocation",
            f'{_STRING_NAME}.contains($x{{"[^"\\n]*"}})',
            "Pattern.compile(Pattern.quote($x)).matcher($a).find()",
        ),
        Rewrite(
            "method_invocation",
            '$a.replace($x{"[^"\\n]*"}, $y)',
            "$a.replaceAll(Pattern.quote($x), $y)",
        ),
        Rewrite(
            "method_invocation",
            "$a.endsWith($x)",
            'Pattern.compile(Pattern.quote($x) + "$").matcher($a).find()',
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "$a.endsWith('$x{\\w+}')", "new RegExp('$x$$').test($a)"),
        Rewrite("call_expression", '$a.endsWith("$x{\\w+}")', 'new RegExp("$x$$").test($a)'),
        Rewrite(
            "call_expression",
            f"{_STRING_NAME}.includes($x{{[\"'][\\w /:=&,;-]+[\"']}})",
            "new RegExp($x).test($a)",
        ),
        Rewrite("call_expression", "$a.split('$x{[\\w /,;:-]}')", "$a.split(new RegExp('$x'))"),
        Rewrite("call_expression", '$a.split("$x{[\\w /,;:-]}")', '$a.split(new RegExp("$x"))'),
        Rewrite(
            "binary_expression",
            f"{_STRING_NAME}.indexOf($x{{[\"']\\w+[\"']}}) !== -1",
            "new RegExp($x).test($a)",
        ),
    ],
    Language.PYTHON: [
        Rewrite("call", "$a.replace($x" + _TEXT + ", $y)", "re.sub(re.escape($x), $y, $a)"),
        Rewrite("call", "$a.endswith($x" + _TEXT + ")", 'bool(re.search(re.escape($x) + "$", $a))'),
        Rewrite("call", "$a.split($x" + _TEXT + ")", "re.split(re.escape($x), $a)"),
        Rewrite(
            "comparison_operator",
            f"$x{_TEXT} in {_STRING_NAME}",
            "re.search(re.escape($x), $a) is not None",
        ),
    ],
    Language.RUBY: [
        Rewrite(
            "call",
            f"{_STRING_NAME}.include?($x{_TEXT})",
            "$a.match?(Regexp.new(Regexp.escape($x)))",
        ),
        Rewrite("call", "$a.end_with?($x" + _TEXT + ")", "$a.match(/#{Regexp.escape($x)}\\z/)"),
        Rewrite(
            "call", "$a.tr('$x{[^'\\\\^-]}', $y)", "$a.gsub(Regexp.new(Regexp.escape('$x')), $y)"
        ),
        Rewrite(
            "call", '$a.tr("$x{[^"\\\\^-]}", $y)', '$a.gsub(Regexp.new(Regexp.escape("$x")), $y)'
        ),
    ],
}

_KEY = "{[\\w.\\[\\]@:]+|\"[^\"]*\"|'[^']*'}"
_TABLE = (
    "$d{(?:[\\w@]+\\.)*\\w*(?:[oO]ptions|[oO]pts|[cC]onfig|[mM]ap|[cC]ache|[hH]eaders|[tT]able|[dD]ict"
    "|[lL]ookup|[pP]arams|[aA]ttributes|[sS]ettings|[dD]ata|[vV]alues|[iI]ndex|kwargs|[kK]nown"
    "|[rR]egistry|[mM]eta|environ|[hH]ooks|info|\\w+s_by_\\w+|[bB]y[A-Z]\\w+)}"
)
_TWICE = {
    Language.CSHARP: [
        Rewrite(
            "invocation_expression",
            "$d.GetValueOrDefault($k" + _KEY + ")",
            "($d.ContainsKey($k) ? $d[$k] : default)",
        ),
        Rewrite(
            "invocation_expression",
            "$d{[\\w.]+}.TryAdd($k" + _KEY + ", $v)",
            "(!$d.ContainsKey($k) && $d.TryAdd($k, $v))",
        ),
        Rewrite(
            "invocation_expression",
            "$d{[\\w.]+}.TryGetValue($k" + _KEY + ", out $v)",
            "($d.ContainsKey($k) && $d.TryGetValue($k, out $v))",
        ),
        Rewrite(
            "invocation_expression",
            "$d{\\w*(?:[dD]ictionary|[mM]ap|[cC]ache|[lL]ookup|[tT]able)}.TryGetValue($k"
            + _KEY
            + ", out $v)",
            "($d.Keys.Contains($k) && $d.TryGetValue($k, out $v))",
        ),
    ],
    Language.JAVA: [
        Rewrite(
            "method_invocation",
            f'{_TABLE}.get($k{{"[^"]*"|[a-z]\\w*[kK]ey|name|type|id|[A-Z_]+}})',
            "($d.containsKey($k) ? $d.get($k) : null)",
        ),
        Rewrite(
            "method_invocation",
            f"{_TABLE}.getOrDefault($k, $v)",
            "($d.containsKey($k) ? $d.get($k) : $v)",
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite(
            "call_expression",
            f"{_TABLE}.get($k" + _KEY + ")",
            "($d.has($k) ? $d.get($k) : undefined)",
        ),
        Rewrite(
            "binary_expression", f"{_TABLE}[$k{{[a-zA-Z_][\\w.]*}}] || $v", "($d[$k] ? $d[$k] : $v)"
        ),
    ],
    Language.PYTHON: [
        Rewrite("call", f"{_TABLE}.get($k" + _KEY + ")", "($d[$k] if $k in $d else None)"),
        Rewrite(
            "call", f"{_TABLE}.get($k" + _KEY + ", $v{[^=*]+})", "($d[$k] if $k in $d else $v)"
        ),
    ],
    Language.RUBY: [
        Rewrite("call", "$d.fetch($k" + _KEY + ", $v)", "($d.key?($k) ? $d[$k] : $v)"),
        Rewrite("binary", "$d{[\\w@.]+}[$k{:\\w+}] || $v{.+}", "($d[$k] ? $d[$k] : $v)"),
    ],
}

OPERATORS = tuple(
    Operator(name, _RT, summary, languages_of(table), rewrites(table))
    for name, summary, table in (
        ("scan-for-prefix", "a whole text is searched to see how it begins", _PREFIX),
        ("count-for-any", "all are counted or collected to know whether there is one", _COUNTED),
        ("regex-for-plain-text", "a regular expression looks for plain text", _REGEX),
        ("double-lookup", "a key is looked up twice", _TWICE),
    )
)
