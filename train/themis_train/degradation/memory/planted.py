"""Planted statements that open or read a file, well or badly: see ``planting``."""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.planting import Kind, Plant, plants
from themis_train.degradation.rewriting import languages_of

_ME = Criterion.MEMORY_EFFICIENCY
_PATH = Kind.PATH
_V = "$[line|head|header|first|firstLine]"
_S = "$[line|head|header|first|first_line]"
_F = "$[in|fp|stream|handle|f]"
_MB = "$[16|32|64|128|256]"
_ALL = "$[all|whole|content|everything]"
_E = "$[openErr|fileErr|e]"
_N = "$[count|lines|total|rows]"

_UNCLOSED = {
    Language.C: [
        Plant(
            f'FILE *{_F} = fopen($x, "rb");\nint {_S} = {_F} != NULL ? fgetc({_F}) : EOF;\n'
            f"if ({_F} != NULL)\n\tfclose({_F});",
            f'FILE *{_F} = fopen($x, "rb");\nint {_S} = {_F} != NULL ? fgetc({_F}) : EOF;',
            _PATH,
        ),
        Plant(
            "char *$[copy|dup|own|saved] = strdup($x);\nputs($[copy|dup|own|saved]);\n"
            "free($[copy|dup|own|saved]);",
            "char *$[copy|dup|own|saved] = strdup($x);\nputs($[copy|dup|own|saved]);",
        ),
    ],
    Language.CPP: [
        Plant(
            f'FILE* {_F} = std::fopen($x, "rb");\nconst int {_S} = std::fgetc({_F});\n'
            f"std::fclose({_F});",
            f'FILE* {_F} = std::fopen($x, "rb");\nconst int {_S} = std::fgetc({_F});',
            _PATH,
        ),
        Plant(
            f"auto {_F} = std::make_unique<std::ifstream>($x);\nconst int {_S} = {_F}->get();",
            f"auto* {_F} = new std::ifstream($x);\nconst int {_S} = {_F}->get();",
            _PATH,
        ),
        Plant(
            "const std::string $[copy|own|saved|text] = $x;\n"
            "std::cout << $[copy|own|saved|text].size();",
            "auto* $[copy|own|saved|text] = new std::string($x);\n"
            "std::cout << $[copy|own|saved|text]->size();",
        ),
    ],
    Language.CSHARP: [
        Plant(
            f"string {_V};\nusing (var reader = new StreamReader($x))\n"
            f"{{\n\t{_V} = reader.ReadLine();\n}}",
            f"var reader = new StreamReader($x);\nvar {_V} = reader.ReadLine();",
            _PATH,
        ),
        Plant(
            f"using var {_F} = File.OpenRead($x);\nvar {_V} = {_F}.ReadByte();",
            f"var {_F} = File.OpenRead($x);\nvar {_V} = {_F}.ReadByte();",
            _PATH,
        ),
    ],
    Language.GO: [
        Plant(
            f"{_F}, {_E} := os.Open($x)\nif {_E} == nil {{\n"
            f"\tdefer {_F}.Close()\n\tlog.Println({_F}.Name())\n}}",
            f"{_F}, {_E} := os.Open($x)\nif {_E} == nil {{\n\tlog.Println({_F}.Name())\n}}",
            _PATH,
        ),
        Plant(
            f"resp, {_E} := http.Get($x)\nif {_E} == nil {{\n"
            "\tdefer resp.Body.Close()\n\tlog.Println(resp.Status)\n}",
            f"resp, {_E} := http.Get($x)\nif {_E} == nil {{\n\tlog.Println(resp.Status)\n}}",
            Kind.URL,
        ),
    ],
    Language.JAVA: [
        Plant(
            f"String {_V};\ntry (BufferedReader reader = Files.newBufferedReader(Path.of($x))) {{\n"
            f"\t{_V} = reader.readLine();\n}}",
            f"BufferedReader reader = Files.newBufferedReader(Path.of($x));\n"
            f"String {_V} = reader.readLine();",
            _PATH,
        ),
        Plant(
            f"Scanner scanner = new Scanner(new File($x));\nString {_V} = scanner.nextLine();\n"
            "scanner.close();",
            f"String {_V} = new Scanner(new File($x)).nextLine();",
            _PATH,
        ),
        Plant(
            f"int {_V};\ntry (InputStream {_F} = new FileInputStream($x)) {{\n"
            f"\t{_V} = {_F}.read();\n}}",
            f"int {_V} = new FileInputStream($x).read();",
            _PATH,
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            f"const fd = fs.openSync($x, 'r');\nconst {_V} = fs.fstatSync(fd);\nfs.closeSync(fd);",
            f"const fd = fs.openSync($x, 'r');\nconst {_V} = fs.fstatSync(fd);",
            _PATH,
        ),
        Plant(
            "const watcher = fs.watch($x);\nwatcher.once('change', () => watcher.close());",
            "const watcher = fs.watch($x);\nwatcher.on('change', () => {});",
            _PATH,
        ),
        Plant(
            "const timer = setInterval(() => console.log($x), $[500|1000|5000]);\ntimer.unref();\n"
            "setTimeout(() => clearInterval(timer), 60000);",
            "setInterval(() => console.log($x), $[500|1000|5000]);",
        ),
    ],
    Language.PYTHON: [
        Plant(
            f"with open($x) as {_F}:\n\t{_S} = {_F}.readline()",
            f"{_F} = open($x)\n{_S} = {_F}.readline()",
            _PATH,
        ),
        Plant(
            f"with open($x, encoding='utf-8') as {_F}:\n\t{_S} = {_F}.read(64)",
            f"{_S} = open($x, encoding='utf-8').read(64)",
            _PATH,
        ),
        Plant(
            "with urllib.request.urlopen($x) as $[response|reply|page]:\n"
            f"\t{_S} = $[response|reply|page].read(64)",
            f"{_S} = urllib.request.urlopen($x).read(64)",
            Kind.URL,
        ),
    ],
    Language.RUBY: [
        Plant(f"{_S} = File.open($x) {{ |f| f.gets }}", f"{_S} = File.open($x).gets", _PATH),
        Plant(f"{_S} = File.open($x, &:readline)", f"{_S} = File.open($x).readline", _PATH),
        Plant(
            f"socket = TCPSocket.new($x, $[25|80|6379])\n{_S} = socket.gets\nsocket.close",
            f"{_S} = TCPSocket.new($x, $[25|80|6379]).gets",
            Kind.URL,
        ),
    ],
}
_AT_ONCE = {
    Language.C: [
        Plant(
            f'FILE *{_F} = fopen($x, "r");\nlong {_N} = 0;\nint c;\n'
            f"while ({_F} != NULL && (c = fgetc({_F})) != EOF)\n\t{_N} += c == '\\n';",
            f'FILE *{_F} = fopen($x, "r");\nchar *{_ALL} = malloc({_MB} << 20);\n'
            f"size_t {_N} = {_F} == NULL ? 0 : fread({_ALL}, 1, {_MB} << 20, {_F});",
            _PATH,
        ),
    ],
    Language.CPP: [
        Plant(
            f"std::ifstream {_F}($x);\nsize_t {_N} = 0;\n"
            f"for (std::string line; std::getline({_F}, line);)\n\t++{_N};",
            f"std::ifstream {_F}($x);\nstd::stringstream {_ALL};\n{_ALL} << {_F}.rdbuf();\n"
            f"const std::string text = {_ALL}.str();\n"
            f"const auto {_N} = std::count(text.begin(), text.end(), '\\n');",
            _PATH,
        ),
    ],
    Language.CSHARP: [
        Plant(
            f"var {_N} = File.ReadLines($x).Count();",
            f"var {_N} = File.ReadAllText($x).Split('\\n').Length;",
            _PATH,
        ),
        Plant(
            f"var {_V} = File.ReadLines($x).First();",
            f"var {_V} = File.ReadAllLines($x)[0];",
            _PATH,
        ),
        Plant(
            f"using var {_F} = File.OpenRead($x);",
            f"using var {_F} = new MemoryStream(File.ReadAllBytes($x));",
            _PATH,
        ),
    ],
    Language.GO: [
        Plant(
            f"{_F}, _ := os.Open($x)\n{_N} := 0\n"
            f"for s := bufio.NewScanner({_F}); s.Scan(); {{\n\t{_N}++\n}}\n"
            f"log.Println({_N})",
            f'data, _ := os.ReadFile($x)\n{_N} := len(strings.Split(string(data), "\\n"))\n'
            f"log.Println({_N})",
            _PATH,
        ),
        Plant(
            f"{_F}, _ := os.Open($x)\nio.Copy(os.Stdout, {_F})",
            "data, _ := os.ReadFile($x)\nos.Stdout.Write(data)",
            _PATH,
        ),
    ],
    Language.JAVA: [
        Plant(
            f"long {_N};\ntry (Stream<String> all = Files.lines(Path.of($x))) {{\n"
            f"\t{_N} = all.count();\n}}",
            f"long {_N} = Files.readAllLines(Path.of($x)).size();",
            _PATH,
        ),
        Plant(
            f"String {_V};\ntry (BufferedReader reader = Files.newBufferedReader(Path.of($x))) {{\n"
            f"\t{_V} = reader.readLine();\n}}",
            f'String {_V} = Files.readString(Path.of($x)).split("\\n")[0];',
            _PATH,
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "fs.createReadStream($x).pipe(process.stdout);",
            "process.stdout.write(fs.readFileSync($x));",
            _PATH,
        ),
        Plant(
            f"let {_N} = 0;\nfs.createReadStream($x).on('data', (chunk) => {{\n"
            f"\t{_N} += chunk.length;\n}});",
            f"const {_N} = fs.readFileSync($x).length;",
            _PATH,
        ),
    ],
    Language.PYTHON: [
        Plant(
            f"with open($x) as {_F}:\n\t{_N} = sum(1 for _ in {_F})",
            f"with open($x) as {_F}:\n\t{_N} = len({_F}.readlines())",
            _PATH,
        ),
        Plant(
            f"with open($x) as {_F}:\n\t{_S} = {_F}.readline()",
            f"with open($x) as {_F}:\n\t{_S} = {_F}.read().splitlines()[0]",
            _PATH,
        ),
        Plant(
            f"with open($x, 'rb') as {_F}:\n\tdigest = hashlib.file_digest({_F}, 'sha256')",
            f"with open($x, 'rb') as {_F}:\n\tdigest = hashlib.sha256({_F}.read())",
            _PATH,
        ),
    ],
    Language.RUBY: [
        Plant(f"{_N} = File.foreach($x).count", f"{_N} = File.readlines($x).length", _PATH),
        Plant(f"{_N} = File.foreach($x).count", f'{_N} = File.read($x).split("\\n").length', _PATH),
        Plant(f"{_S} = File.open($x, &:gets)", f"{_S} = File.readlines($x).first", _PATH),
        Plant(f"{_S} = File.foreach($x).first", f"{_S} = File.read($x).lines.first", _PATH),
    ],
}

OPERATORS = tuple(
    Operator(name, _ME, summary, languages_of(table), plants(table))
    for name, summary, table in (
        ("unclosed-file", "a file or connection is opened and never closed (planted)", _UNCLOSED),
        ("file-at-once", "a file is read whole to look at its lines (planted)", _AT_ONCE),
    )
)
