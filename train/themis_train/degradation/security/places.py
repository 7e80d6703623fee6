"""Planted statements that let input become a path or a part of a page: see ``planting``."""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.planting import Kind, Plant, plants
from themis_train.degradation.rewriting import languages_of

_SH = Criterion.SECURITY_HARDNESS
_PATH = Kind.PATH
_ROOT = "$[/srv/files|/var/lib/app|uploads|/data/static|public|./storage]"
_P = "$[target|full|location|where]"
_PATHS = {
    Language.C: [
        Plant(
            f"char {_P}[PATH_MAX];\nif (strstr($x, \"..\") != NULL || $x[0] == '/')\n\tabort();\n"
            f'snprintf({_P}, sizeof({_P}), "{_ROOT}/%s", $x);',
            f'char {_P}[PATH_MAX];\nsnprintf({_P}, sizeof({_P}), "{_ROOT}/%s", $x);',
            _PATH,
        ),
        Plant(
            "int fd = openat(root_fd, $x, O_RDONLY | O_NOFOLLOW);",
            "int fd = open($x, O_RDONLY);",
            _PATH,
        ),
    ],
    Language.CSHARP: [
        Plant(
            f'var {_P} = Path.Combine("{_ROOT}", Path.GetFileName($x));',
            f'var {_P} = Path.Combine("{_ROOT}", $x);',
            _PATH,
        ),
        Plant(
            f'var {_P} = File.OpenRead(Path.Join("{_ROOT}", Path.GetFileName($x)));',
            f'var {_P} = File.OpenRead("{_ROOT}/" + $x);',
            _PATH,
        ),
    ],
    Language.CPP: [
        Plant(
            f'const auto {_P} = std::filesystem::path("{_ROOT}") / '
            "std::filesystem::path($x).filename();",
            f'const auto {_P} = std::filesystem::path("{_ROOT}") / $x;',
            _PATH,
        ),
        Plant(
            f'std::ifstream {_P}("{_ROOT}/" + std::filesystem::path($x).filename().string());',
            f'std::ifstream {_P}(std::string("{_ROOT}/") + $x);',
            _PATH,
        ),
    ],
    Language.GO: [
        Plant(
            f'{_P} := filepath.Join("{_ROOT}", filepath.Base($x))\nos.Remove({_P})',
            f'{_P} := filepath.Join("{_ROOT}", $x)\nos.Remove({_P})',
            _PATH,
        ),
        Plant(
            f"if !filepath.IsLocal($x) {{\n"
            '\tpanic("$[bad path|path leaves its folder|refused]")\n}}\n'
            f'os.Remove(filepath.Join("{_ROOT}", $x))',
            f'os.Remove(filepath.Join("{_ROOT}", $x))',
            _PATH,
        ),
    ],
    Language.JAVA: [
        Plant(
            f'Path {_P} = Path.of("{_ROOT}").resolve(Path.of($x).getFileName());',
            f'Path {_P} = Path.of("{_ROOT}").resolve($x);',
            _PATH,
        ),
        Plant(
            f'File {_P} = new File("{_ROOT}", new File($x).getName());',
            f'File {_P} = new File("{_ROOT}", $x);',
            _PATH,
        ),
        Plant(
            f'Path {_P} = Paths.get("{_ROOT}", $x).normalize();\n'
            f'if (!{_P}.startsWith("{_ROOT}")) {{\n\tthrow new SecurityException($x);\n}}',
            f'Path {_P} = Paths.get("{_ROOT}", $x).normalize();',
            _PATH,
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            f"const {_P} = path.join('{_ROOT}', path.basename($x));",
            f"const {_P} = path.join('{_ROOT}', $x);",
            _PATH,
        ),
        Plant(
            f"const {_P} = fs.readFileSync(path.join('{_ROOT}', path.basename($x)));",
            f"const {_P} = fs.readFileSync(`{_ROOT}/${{$x}}`);",
            _PATH,
        ),
        Plant(
            f"res.sendFile($x, {{ root: '{_ROOT}' }});", f"res.sendFile('{_ROOT}/' + $x);", _PATH
        ),
    ],
    Language.PYTHON: [
        Plant(
            f'{_P} = os.path.join("{_ROOT}", os.path.basename($x))',
            f'{_P} = os.path.join("{_ROOT}", $x)',
            _PATH,
        ),
        Plant(
            f'{_P} = (Path("{_ROOT}") / $x).resolve()\n'
            f'if not {_P}.is_relative_to("{_ROOT}"):\n\traise ValueError($x)',
            f'{_P} = (Path("{_ROOT}") / $x).resolve()',
            _PATH,
        ),
        Plant(
            f'{_P} = open("{_ROOT}/" + os.path.basename($x)).read()',
            f'{_P} = open("{_ROOT}/" + $x).read()',
            _PATH,
        ),
    ],
    Language.RUBY: [
        Plant(
            f'{_P} = File.join("{_ROOT}", File.basename($x))',
            f'{_P} = File.join("{_ROOT}", $x)',
            _PATH,
        ),
        Plant(
            f'{_P} = File.read(File.join("{_ROOT}", File.basename($x)))',
            f'{_P} = open("{_ROOT}/#{{$x}}").read',
            _PATH,
        ),
    ],
}

_TAG = "$[b|p|td|h1|li|span]"
_PAGE = "$[page|html|markup|cell|row]"
_OUTPUT = {
    Language.C: [
        Plant(
            f'printf("<{_TAG}>");\nfor (const char *p = $x; *p; p++)\n\tprintf("&#%d;", *p);\n'
            f'printf("</{_TAG}>");',
            f'printf("<{_TAG}>%s</{_TAG}>", $x);',
        ),
        Plant(
            f'char *{_PAGE} = g_markup_printf_escaped("<{_TAG}>%s</{_TAG}>", $x);',
            f'char *{_PAGE} = g_strdup_printf("<{_TAG}>%s</{_TAG}>", $x);',
        ),
    ],
    Language.CSHARP: [
        Plant(
            f'var {_PAGE} = $"<{_TAG}>{{WebUtility.HtmlEncode($x)}}</{_TAG}>";',
            f'var {_PAGE} = $"<{_TAG}>{{$x}}</{_TAG}>";',
        ),
        Plant(
            f'var {_PAGE} = "<{_TAG}>" + HttpUtility.HtmlEncode($x) + "</{_TAG}>";',
            f'var {_PAGE} = "<{_TAG}>" + $x + "</{_TAG}>";',
        ),
        Plant(
            "$[output|context].Content.SetContent($x);",
            "$[output|context].Content.SetHtmlContent($x);",
        ),
    ],
    Language.CPP: [
        Plant(
            f'const auto {_PAGE} = "<{_TAG}>" + html_escape($x) + "</{_TAG}>";',
            f'const auto {_PAGE} = std::string("<{_TAG}>") + $x + "</{_TAG}>";',
        ),
        Plant(
            f'std::cout << "<{_TAG}>" << escape_html($x) << "</{_TAG}>";',
            f'std::cout << "<{_TAG}>" << $x << "</{_TAG}>";',
        ),
    ],
    Language.GO: [
        Plant(
            f'fmt.Printf("<{_TAG}>%s</{_TAG}>", html.EscapeString($x))',
            f'fmt.Printf("<{_TAG}>%s</{_TAG}>", $x)',
        ),
        Plant(
            f'{_PAGE} := "<{_TAG}>" + template.HTMLEscapeString($x) + "</{_TAG}>"\n'
            f"fmt.Println({_PAGE})",
            f'{_PAGE} := "<{_TAG}>" + $x + "</{_TAG}>"\nfmt.Println({_PAGE})',
        ),
    ],
    Language.JAVA: [
        Plant(
            f'String {_PAGE} = "<{_TAG}>" + HtmlUtils.htmlEscape($x) + "</{_TAG}>";',
            f'String {_PAGE} = "<{_TAG}>" + $x + "</{_TAG}>";',
        ),
        Plant(
            f'String {_PAGE} = String.format("<{_TAG}>%s</{_TAG}>", '
            "StringEscapeUtils.escapeHtml4($x));",
            f'String {_PAGE} = String.format("<{_TAG}>%s</{_TAG}>", $x);',
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "$[element|node|target|box].textContent = $x;",
            "$[element|node|target|box].innerHTML = $x;",
        ),
        Plant(
            "$[element|node|target|box].append($x);",
            "$[element|node|target|box].insertAdjacentHTML('beforeend', $x);",
        ),
        Plant(
            f"const {_PAGE} = `<{_TAG}>${{escapeHtml($x)}}</{_TAG}>`;",
            f"const {_PAGE} = `<{_TAG}>${{$x}}</{_TAG}>`;",
        ),
    ],
    Language.PYTHON: [
        Plant(
            f'{_PAGE} = f"<{_TAG}>{{html.escape($x)}}</{_TAG}>"',
            f'{_PAGE} = f"<{_TAG}>{{$x}}</{_TAG}>"',
        ),
        Plant("$[title|label|note] = escape($x)", "$[title|label|note] = Markup($x)"),
        Plant(
            "$[title|label|note] = conditional_escape($x)", "$[title|label|note] = mark_safe($x)"
        ),
    ],
    Language.RUBY: [
        Plant(
            f'{_PAGE} = "<{_TAG}>#{{CGI.escapeHTML($x)}}</{_TAG}>"',
            f'{_PAGE} = "<{_TAG}>#{{$x}}</{_TAG}>"',
        ),
        Plant(
            f"{_PAGE} = content_tag(:{_TAG}, $x)", f"{_PAGE} = content_tag(:{_TAG}, $x.html_safe)"
        ),
    ],
}

OPERATORS = tuple(
    Operator(name, _SH, summary, languages_of(table), plants(table))
    for name, summary, table in (
        ("unchecked-path", "a path from input may lead out of its folder (planted)", _PATHS),
        ("unescaped-output", "input is written into a page as it is (planted)", _OUTPUT),
    )
)
