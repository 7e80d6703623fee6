"""Planted statements that open or read a file, well or badly: see ``planting``."""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.planting import Plant, plants
from themis_train.degradation.rewriting import languages_of

_ME = Criterion.MEMORY_EFFICIENCY

_UNCLOSED = {
    Language.C: [
        Plant(
            'FILE *in = fopen($x, "rb");\n'
            "if (in != NULL) {\n\tfirst = fgetc(in);\n\tfclose(in);\n}",
            'FILE *in = fopen($x, "rb");\nif (in != NULL)\n\tfirst = fgetc(in);',
        ),
        Plant(
            "char *copy = strdup($x);\nregister_name(copy);\nfree(copy);",
            "register_name(strdup($x));",
        ),
    ],
    Language.CPP: [
        Plant(
            "auto reader = std::make_unique<Reader>($x);\nreader->skip_header();",
            "auto* reader = new Reader($x);\nreader->skip_header();",
        ),
        Plant(
            'FILE* in = std::fopen($x, "rb");\nconst int first = std::fgetc(in);\nstd::fclose(in);',
            'const int first = std::fgetc(std::fopen($x, "rb"));',
        ),
    ],
    Language.CSHARP: [
        Plant(
            "using (var reader = new StreamReader($x))\n{\n\theader = reader.ReadLine();\n}",
            "var reader = new StreamReader($x);\nheader = reader.ReadLine();",
        ),
        Plant(
            "using var stream = File.OpenRead($x);\nvar first = stream.ReadByte();",
            "var first = File.OpenRead($x).ReadByte();",
        ),
    ],
    Language.GO: [
        Plant(
            "file, err := os.Open($x)\nif err == nil {\n\tdefer file.Close()\n}",
            "file, err := os.Open($x)",
        ),
        Plant(
            "resp, err := http.Get($x)\nif err == nil {\n\tresp.Body.Close()\n}",
            "resp, err := http.Get($x)",
        ),
    ],
    Language.JAVA: [
        Plant(
            "try (BufferedReader reader = Files.newBufferedReader(Path.of($x))) {\n"
            "\theader = reader.readLine();\n}",
            "BufferedReader reader = Files.newBufferedReader(Path.of($x));\n"
            "header = reader.readLine();",
        ),
        Plant(
            "Scanner scanner = new Scanner(new File($x));\nint first = scanner.nextInt();\n"
            "scanner.close();",
            "int first = new Scanner(new File($x)).nextInt();",
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "const fd = fs.openSync($x, 'r');\nfs.readSync(fd, buffer);\nfs.closeSync(fd);",
            "fs.readSync(fs.openSync($x, 'r'), buffer);",
        ),
        Plant(
            "const watcher = fs.watch($x, onChange);\n"
            "signal.addEventListener('abort', () => watcher.close());",
            "fs.watch($x, onChange);",
        ),
    ],
    Language.PYTHON: [
        Plant("with open($x) as file:\n\theader = file.readline()", "header = open($x).readline()"),
        Plant(
            "with contextlib.closing(sqlite3.connect($x)) as db:\n\tversion = read_version(db)",
            "version = read_version(sqlite3.connect($x))",
        ),
    ],
    Language.RUBY: [
        Plant("header = File.open($x) { |file| file.gets }", "header = File.open($x).gets"),
        Plant(
            "socket = TCPSocket.new($x, 80)\nbanner = socket.gets\nsocket.close",
            "banner = TCPSocket.new($x, 80).gets",
        ),
    ],
}
_AT_ONCE = {
    Language.C: [
        Plant(
            "while (fgets(line, sizeof(line), in) != NULL)\n\tlines += strstr(line, $x) != NULL;",
            "all = malloc(file_size(in) + 1);\nfread(all, 1, file_size(in), in);\n"
            "lines = count_matches(all, $x);",
        ),
    ],
    Language.CPP: [
        Plant(
            "std::ifstream in($x);\n"
            "for (std::string line; std::getline(in, line);) {\n\t++lines;\n}",
            "std::ifstream in($x);\nstd::stringstream all;\nall << in.rdbuf();\n"
            "lines = split(all.str(), '\\n').size();",
        ),
    ],
    Language.CSHARP: [
        Plant(
            "var lines = 0;\nforeach (var line in File.ReadLines($x))\n{\n\tlines++;\n}",
            "var lines = File.ReadAllText($x).Split('\\n').Length;",
        ),
        Plant(
            "var head = File.ReadLines($x).First();",
            "var head = File.ReadAllLines($x).ToList()[0];",
        ),
    ],
    Language.GO: [
        Plant(
            "scanner := bufio.NewScanner(open($x))\nfor scanner.Scan() {\n\tlines++\n}",
            'data, _ := os.ReadFile($x)\nlines = len(strings.Split(string(data), "\\n"))',
        ),
    ],
    Language.JAVA: [
        Plant(
            "long lines;\ntry (Stream<String> all = Files.lines(Path.of($x))) {\n"
            "\tlines = all.count();\n}",
            "long lines = Files.readAllLines(Path.of($x)).size();",
        ),
    ],
    Language.JAVASCRIPT: [
        Plant("fs.createReadStream($x).pipe(res);", "res.end(fs.readFileSync($x).toString());"),
        Plant(
            "const input = fs.createReadStream($x);\n"
            "readline.createInterface({ input }).on('line', () => {\n\tlines += 1;\n});",
            "lines = fs.readFileSync($x, 'utf8').split('\\n').length;",
        ),
    ],
    Language.PYTHON: [
        Plant(
            "with open($x) as file:\n\tlines = sum(1 for _ in file)",
            "with open($x) as file:\n\tlines = len(file.read().splitlines())",
        ),
        Plant(
            'with open($x) as file:\n\tmatches = [line for line in file if line.startswith("#")]',
            'with open($x) as file:\n\tmatches = [s for s in file.readlines() if s[0] == "#"]',
        ),
    ],
    Language.RUBY: [
        Plant("lines = File.foreach($x).count", 'lines = File.read($x).split("\\n").length'),
        Plant("lines = 0\nFile.foreach($x) { lines += 1 }", "lines = File.readlines($x).length"),
    ],
}

OPERATORS = tuple(
    Operator(name, _ME, summary, languages_of(table), plants(table))
    for name, summary, table in (
        ("unclosed-file", "a file or connection is opened and never closed (planted)", _UNCLOSED),
        ("file-at-once", "a file is read whole to look at its lines (planted)", _AT_ONCE),
    )
)
