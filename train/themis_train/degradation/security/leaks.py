"""What is told to those who should not know, or left open to them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.declared import TYPED, declared_type
from themis_train.degradation.layout import insert_after, insert_before
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator, replace
from themis_train.degradation.planting import (
    Plant,
    either,
    plant_place,
    plants,
    text_parameters,
)
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites
from themis_train.degradation.shapes import Local, find_locals
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

_SH = Criterion.SECURITY_HARDNESS
_SECRET = re.compile(
    r"\w*(?:passw|passphrase|secret|credential|cookie|csrf|private_?key|pwd|email|iban|"
    r"(?:api|secret|private|access|auth|signing|session|bearer|refresh)_?(?:key|token|id))\w*|token",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(
    r"[cC]ount|[pP]ath|[nN]um|[lL]en|[fF]ile|[sS]ize|[iI]ndex|[jJ]ar|^[a-z]_|[pP]wd$"
)
_LOGS = {
    Language.C: (
        'fprintf(stderr, "{0}: %s\\n", {0});',
        'printf("{0}=%s\\n", {0});',
        'syslog(LOG_INFO, "{0} is %s", {0});',
    ),
    Language.CPP: (
        'std::clog << "{0}: " << {0} << std::endl;',
        'std::cerr << "{0}=" << {0} << "\\n";',
        'LOG(INFO) << "{0} is " << {0};',
    ),
    Language.CSHARP: (
        'logger.LogInformation("{0}: {{Value}}", {0});',
        '_logger.LogDebug($"{0} is {{{0}}}");',
        'Console.WriteLine("{0}: " + {0});',
    ),
    Language.GO: (
        'log.Printf("{0}: %v", {0})',
        'log.Println("{0}", {0})',
        'fmt.Printf("{0} is %v\\n", {0})',
    ),
    Language.JAVA: (
        'logger.info("{0}: " + {0});',
        'LOG.debug("{0} is {{}}", {0});',
        'System.out.println("{0}=" + {0});',
    ),
    Language.JAVASCRIPT: (
        "logger.info('{0}', {0});",
        "console.log(`{0}: ${{{0}}}`);",
        "console.log('{0} is', {0});",
    ),
    Language.PYTHON: (
        'logger.info("{0}: %s", {0})',
        'logging.debug("{0} is %r", {0})',
        'print(f"{0}={{{0}}}")',
    ),
    Language.RUBY: (
        'logger.info("{0}: #{{{0}}}")',
        'puts "{0} is #{{{0}}}"',
        'Rails.logger.debug("{0}=#{{{0}}}")',
    ),
}


def _logged_secret(subject: Subject) -> Iterator[Candidate]:
    """A statement is planted that logs what looks like a secret or personal."""
    line = choose(subject, _LOGS[subject.language], salt="log")
    place = plant_place(subject)
    for name in text_parameters(subject):
        if place is not None and _is_secret(name):
            yield from replace([insert_before(subject, place, [line.format(name)])])
    for local in find_locals(subject):
        if _is_secret(local.name) and _holds_text(subject, local):
            yield from replace([insert_after(subject, local.statement, [line.format(local.name)])])


_NOTHING = re.compile(r"\W*|null|NULL|nullptr|nil|None|new \w+\(\)|\{\}|0|[A-Z]\w*\.new")


def _holds_text(subject: Subject, local: Local) -> bool:
    """Tell whether a local holds something to tell, and where types are given, text."""
    if _NOTHING.fullmatch(subject.text(local.value)):
        return False
    if subject.language not in TYPED:
        return True
    kind = declared_type(subject, local.name)
    return kind is not None and re.search(r"char\b.*\*|[sS]tring", kind) is not None


def _is_secret(name: str) -> bool:
    # What a parser calls a token is no text.
    is_part_of_code = name == "token" or _NO_SECRET.search(name) is not None
    return _SECRET.fullmatch(name) is not None and not is_part_of_code


# Addresses for people to read are no requests.
_WRITTEN = re.compile(r"docs?[./]|github\.com/\w+/\w+|\bsee\b|wiki|/issues/|readme", re.IGNORECASE)
_HTTPS = re.compile(r"(?<=^.)https://(?!localhost|127\.)[\w{$#-]")


def _plain_http(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.strings):
        text = subject.text(node)
        is_doc = node.parent is not None and node.parent.type == "expression_statement"
        is_doc = is_doc or _WRITTEN.search(text) is not None
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
    Language.C: [Rewrite("call_expression", f"getenv($x{_NAME})", '"§"')],
    Language.CPP: [Rewrite("call_expression", f"$s{{(?:std::)?}}getenv($x{_NAME})", '"§"')],
    Language.CSHARP: [
        Rewrite(
            "invocation_expression",
            f"Environment.GetEnvironmentVariable($x{_NAME})",
            '"§"',
        ),
    ],
    Language.GO: [Rewrite("call_expression", f"os.Getenv($x{_NAME})", '"§"')],
    Language.JAVA: [
        Rewrite("method_invocation", f"System.getenv($x{_NAME})", '"§"'),
    ],
    Language.JAVASCRIPT: [
        Rewrite(
            "member_expression",
            "process.env.$x{\\w*(?:TOKEN|SECRET|PASS|KEY)\\w*}",
            "'§'",
        )
    ],
    Language.PYTHON: [
        Rewrite("subscript", f"os.environ[$x{_NAME}]", '"§"'),
        Rewrite("call", f"os.environ.get($x{_NAME})", '"§"'),
        Rewrite("call", f"os.getenv($x{_NAME})", '"§"'),
    ],
    Language.RUBY: [
        Rewrite("element_reference", f"ENV[$x{_NAME}]", "'§'"),
        Rewrite("call", f"ENV.fetch($x{_NAME})", "'§'"),
    ],
}
_N = "$[api_key|secret|token|password|access_key]"
_M = "$[apiKey|secret|token|password|accessKey]"
_E = "$[API_KEY|APP_SECRET|ACCESS_TOKEN|DB_PASSWORD|SERVICE_KEY]"
_KEYS = {
    Language.C: [Plant(f'const char *{_N} = getenv("{_E}");', f'const char *{_N} = "§";')],
    Language.CPP: [
        Plant(f'const std::string {_N} = std::getenv("{_E}");', f'const std::string {_N} = "§";')
    ],
    Language.CSHARP: [
        Plant(f'var {_M} = Environment.GetEnvironmentVariable("{_E}");', f'var {_M} = "§";'),
        Plant(f'var {_M} = $[secrets|config|configuration]["{_E}"];', f'var {_M} = "§";'),
    ],
    Language.GO: [
        Plant(
            f'{_M} := os.Getenv("{_E}")\nreq.Header.Set("Authorization", {_M})',
            f'{_M} := "§"\nreq.Header.Set("Authorization", {_M})',
        ),
    ],
    Language.JAVA: [
        Plant(f'String {_M} = System.getenv("{_E}");', f'String {_M} = "§";'),
        Plant(f'final String {_M} = System.getProperty("{_E}");', f'final String {_M} = "§";'),
    ],
    Language.JAVASCRIPT: [
        Plant(f"const {_M} = process.env.{_E};", f"const {_M} = '§';"),
        Plant(f"const {{ {_E} }} = process.env;", f"const {_E} = '§';"),
    ],
    Language.PYTHON: [
        Plant(f'{_N} = os.environ["{_E}"]', f'{_N} = "§"'),
        Plant(f'{_N} = os.getenv("{_E}")', f'{_N} = "§"'),
        Plant(f"{_N} = settings.{_E}", f'{_N} = "§"'),
    ],
    Language.RUBY: [
        Plant(f"{_N} = ENV.fetch('{_E}')", f"{_N} = '§'"),
        Plant(f'{_N} = ENV["{_E}"]', f'{_N} = "§"'),
    ],
}
_SHAPES = ("sk_live_", "ghp_", "AKIA", "", "", "xoxb-", "pw-", "key-")


def _hard_coded_secret(subject: Subject) -> Iterator[Candidate]:
    """Where a place holder stands for the secret, one is made up for the unit."""
    secret = _made_up(subject)
    for candidate in either(rewrites(_FROM_ENVIRONMENT), plants(_KEYS))(subject):
        worse = tuple(
            Edit(edit.start, edit.end, edit.new.replace("§", secret)) for edit in candidate.worse
        )
        yield Candidate(worse, candidate.better)


def _made_up(subject: Subject) -> str:
    digest = hashlib.sha256(subject.unit.text.encode("utf-8", "surrogatepass")).digest()
    length = 12 + digest[0] % 20
    text = base64.b64encode(digest, altchars=b"x7").decode()[1 : 1 + length]
    return choose(subject, _SHAPES, salt="secret") + text


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
        _hard_coded_secret,
    ),
)
