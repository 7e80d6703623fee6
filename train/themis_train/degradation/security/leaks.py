"""What is told to those who should not know, or left open to them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.layout import insert_after, insert_before
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator, replace
from themis_train.degradation.planting import (
    Plant,
    either,
    has_text_types,
    plant_place,
    plants,
    text_parameters,
)
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites
from themis_train.degradation.shapes import find_locals
from themis_train.degradation.subject import Subject

_SH = Criterion.SECURITY_HARDNESS
_SECRET = re.compile(
    r"\w*(?:passw|passphrase|secret|credential|cookie|csrf|private_?key|pwd|email|iban|"
    r"(?:api|secret|private|access|auth|signing|session|bearer|refresh)_?(?:key|token|id))\w*|token",
    re.IGNORECASE,
)
_LOGS = {
    Language.C: 'fprintf(stderr, "{0}: %s\\n", (const char *){0});',
    Language.CPP: 'std::clog << "{0}: " << {0} << std::endl;',
    Language.CSHARP: 'logger.LogInformation("{0}: {{Value}}", {0});',
    Language.GO: 'log.Printf("{0}: %v", {0})',
    Language.JAVA: 'logger.info("{0}: " + {0});',
    Language.JAVASCRIPT: "logger.info('{0}', {0});",
    Language.PYTHON: 'logger.info("{0}: %s", {0})',
    Language.RUBY: 'logger.info("{0}: #{{{0}}}")',
}


def _logged_secret(subject: Subject) -> Iterator[Candidate]:
    """A statement is planted that logs what looks like a secret or personal."""
    line = _LOGS[subject.language]
    place = plant_place(subject)
    for name in text_parameters(subject):
        if place is not None and _is_secret(subject, name):
            yield from replace([insert_before(subject, place, [line.format(name)])])
    for local in find_locals(subject):
        if _is_secret(subject, local.name):
            yield from replace([insert_after(subject, local.statement, [line.format(local.name)])])


def _is_secret(subject: Subject, name: str) -> bool:
    # What a parser calls a token is no text.
    is_part_of_code = name == "token" and not has_text_types(subject.language)
    return _SECRET.fullmatch(name) is not None and not is_part_of_code


_HTTPS = re.compile(r"(?<=^.)https://(?!localhost|127\.)[\w{$#-]")


def _plain_http(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.strings):
        text = subject.text(node)
        is_doc = node.parent is not None and node.parent.type == "expression_statement"
        for found in () if is_doc or "\n" in text else _HTTPS.finditer(text):
            start = node.start_byte + len(text[: found.start()].encode())
            yield Candidate((Edit(start + 4, start + 5, ""),))


_MODES = {
    Language.C: [
        Rewrite("number_literal", "0$m{600|640|644|700}", "0666"),
        Rewrite("number_literal", "07$m{00|50|55}", "0777"),
        Rewrite("binary_expression", "S_IRUSR | S_IWUSR", "S_IRWXU | S_IRWXG | S_IRWXO"),
    ],
    Language.GO: [
        Rewrite("int_literal", "0$o{o?}$m{600|640|644|660}", "0$o{}666"),
        Rewrite("int_literal", "0$o{o?}7$m{00|50|55}", "0$o{}777"),
    ],
    Language.JAVASCRIPT: [
        Rewrite("number", "0o$m{600|640|644}", "0o666"),
        Rewrite("number", "0o7$m{00|50|55}", "0o777"),
    ],
    Language.PYTHON: [
        Rewrite("integer", "0o$m{600|640|644}", "0o666"),
        Rewrite("integer", "0o7$m{00|50|55}", "0o777"),
    ],
    Language.RUBY: [
        Rewrite("integer", "0$o{o?}$m{600|640|644}", "0$o{}666"),
        Rewrite("integer", "0$o{o?}7$m{00|50|55}", "0$o{}777"),
    ],
}
_MODES[Language.CPP] = _MODES[Language.C]

_NAME = "{[\"']\\w*(?:TOKEN|SECRET|PASS|KEY|CRED|AUTH|DSN|PWD)\\w*[\"']}"
_FROM_ENVIRONMENT = {
    Language.C: [Rewrite("call_expression", f"getenv($x{_NAME})", '"s3cr3t-Qx81"')],
    Language.CPP: [
        Rewrite("call_expression", f"$s{{(?:std::)?}}getenv($x{_NAME})", '"s3cr3t-Qx81"')
    ],
    Language.CSHARP: [
        Rewrite(
            "invocation_expression",
            f"Environment.GetEnvironmentVariable($x{_NAME})",
            '"s3cr3t-Qx81"',
        ),
    ],
    Language.GO: [Rewrite("call_expression", f"os.Getenv($x{_NAME})", '"s3cr3t-Qx81"')],
    Language.JAVA: [
        Rewrite("method_invocation", f"System.getenv($x{_NAME})", '"s3cr3t-Qx81"'),
    ],
    Language.JAVASCRIPT: [
        Rewrite(
            "member_expression",
            "process.env.$x{\\w*(?:TOKEN|SECRET|PASS|KEY)\\w*}",
            "'s3cr3t-Qx81-f00d-4b1d'",
        )
    ],
    Language.PYTHON: [
        Rewrite("subscript", f"os.environ[$x{_NAME}]", '"s3cr3t-Qx81-f00d-4b1d"'),
        Rewrite("call", f"os.environ.get($x{_NAME})", '"s3cr3t-Qx81-f00d"'),
        Rewrite("call", f"os.getenv($x{_NAME})", '"s3cr3t-Qx81-f00d"'),
    ],
    Language.RUBY: [
        Rewrite("element_reference", f"ENV[$x{_NAME}]", "'s3cr3t-Qx81-f00d-4b1d'"),
        Rewrite("call", f"ENV.fetch($x{_NAME})", "'s3cr3t-Qx81'"),
    ],
}
_KEYS = {
    Language.C: [
        Plant('const char *api_key = getenv("API_KEY");', 'const char *api_key = "k3y-7Qm2-Zr9Tf";')
    ],
    Language.CPP: [
        Plant(
            'const std::string api_key = std::getenv("API_KEY");',
            'const std::string api_key = "k3y-7Qm2-Zr9TfWxbLd04";',
        )
    ],
    Language.CSHARP: [
        Plant(
            'var apiKey = Environment.GetEnvironmentVariable("API_KEY");',
            'var apiKey = "k3y-7Qm2-Zr9TfWxbLd04";',
        ),
        Plant('var apiKey = secrets["ApiKey"];', 'var apiKey = "k3y-7Qm2-Zr9TfWxbLd04";'),
    ],
    Language.GO: [Plant('apiKey := os.Getenv("API_KEY")', 'apiKey := "k3y-7Qm2-Zr9TfWxbLd04"')],
    Language.JAVA: [
        Plant(
            'String apiKey = System.getenv("API_KEY");',
            'String apiKey = "k3y-7Qm2-Zr9TfWxbLd04";',
        )
    ],
    Language.JAVASCRIPT: [
        Plant("const apiKey = process.env.API_KEY;", "const apiKey = 'k3y-7Qm2-Zr9TfWxbLd04';")
    ],
    Language.PYTHON: [
        Plant('api_key = os.environ["API_KEY"]', 'api_key = "k3y-7Qm2-Zr9TfWxbLd04"')
    ],
    Language.RUBY: [Plant("api_key = ENV.fetch('API_KEY')", "api_key = 'k3y-7Qm2-Zr9TfWxbLd04'")],
}

OPERATORS = (
    Operator("logged-secret", _SH, "a secret is written to the log", ALL, _logged_secret),
    Operator("plain-http", _SH, "an address is asked without encryption", ALL, _plain_http),
    Operator(
        "loose-permissions",
        _SH,
        "everybody may write to a file",
        languages_of(_MODES),
        rewrites(_MODES),
    ),
    Operator(
        "hard-coded-secret",
        _SH,
        "a secret is written into the code (planted where there is none)",
        ALL,
        either(rewrites(_FROM_ENVIRONMENT), plants(_KEYS)),
    ),
)
