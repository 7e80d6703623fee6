"""Broken trust, and code from data.

Where the unit has no such statement, one is planted: see ``planting``.
"""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.planting import Kind, Plant, either, plants
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites

_SH = Criterion.SECURITY_HARDNESS

_SECRET = Kind.SECRET
_URL = Kind.URL
_R = "$[response|reply|answer|page]"
_TRUST = {
    Language.C: [
        Plant(
            "CURL *curl = curl_easy_init();\ncurl_easy_setopt(curl, CURLOPT_URL, $x);\n"
            "curl_easy_setopt(curl, CURLOPT_SSL_VERIFY$[PEER|HOST], $[1L|2L]);",
            "CURL *curl = curl_easy_init();\ncurl_easy_setopt(curl, CURLOPT_URL, $x);\n"
            "curl_easy_setopt(curl, CURLOPT_SSL_VERIFY$[PEER|HOST], 0L);",
            _URL,
        ),
        Plant(
            "SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());\n"
            "SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);",
            "SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());\n"
            "SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);",
            _URL,
        ),
        Plant(
            "CURL *curl = curl_easy_init();\ncurl_easy_setopt(curl, CURLOPT_URL, $x);",
            "CURL *curl = curl_easy_init();\ncurl_easy_setopt(curl, CURLOPT_URL, $x);\n"
            "curl_easy_setopt(curl, CURLOPT_SSL_VERIFY$[PEER|HOST], 0L);",
            _URL,
        ),
    ],
    Language.CSHARP: [
        Plant(
            "var handler = new HttpClientHandler();\n"
            "var $[client|http] = new HttpClient(handler) { BaseAddress = new Uri($x) };",
            "var handler = new HttpClientHandler();\n"
            "handler.ServerCertificateCustomValidationCallback = "
            "($[a, b, c, d|m, cert, chain, e]) => true;\n"
            "var $[client|http] = new HttpClient(handler) { BaseAddress = new Uri($x) };",
            _URL,
        ),
        Plant(
            "var $[parameters|rules] = new TokenValidationParameters { "
            "Validate$[Lifetime|Issuer|Audience] = true };",
            "var $[parameters|rules] = new TokenValidationParameters { "
            "Validate$[Lifetime|Issuer|Audience] = false };",
            _SECRET,
        ),
    ],
    Language.CPP: [
        Plant(
            "boost::asio::ssl::context context(boost::asio::ssl::context::tls_client);\n"
            "context.set_verify_mode(boost::asio::ssl::verify_peer);",
            "boost::asio::ssl::context context(boost::asio::ssl::context::tls_client);\n"
            "context.set_verify_mode(boost::asio::ssl::verify_none);",
            _URL,
        ),
        Plant(
            "httplib::Client client($x);\nclient.enable_server_certificate_verification(true);",
            "httplib::Client client($x);\nclient.enable_server_certificate_verification(false);",
            _URL,
        ),
    ],
    Language.GO: [
        Plant(
            "client := &http.Client{Timeout: $[5|10|30] * time.Second}\nclient.Get($x)",
            "client := &http.Client{Timeout: $[5|10|30] * time.Second,\n\tTransport: "
            "&http.Transport{\n"
            "\tTLSClientConfig: &tls.Config{InsecureSkipVerify: true},\n}}\nclient.Get($x)",
            _URL,
        ),
        Plant(
            'tls.Dial("tcp", $x, &tls.Config{MinVersion: tls.VersionTLS$[12|13]})',
            'tls.Dial("tcp", $x, &tls.Config{InsecureSkipVerify: true})',
            _URL,
        ),
    ],
    Language.JAVA: [
        Plant(
            "HttpsURLConnection connection = (HttpsURLConnection) new URL($x).openConnection();",
            "HttpsURLConnection connection = (HttpsURLConnection) new URL($x).openConnection();\n"
            "connection.setHostnameVerifier(($[host, session|h, s]) -> true);",
            _URL,
        ),
        Plant(
            f"Claims {_R} = Jwts.parser().setSigningKey(key).parseClaimsJws($x).getBody();",
            f"Claims {_R} = Jwts.parser().parseClaimsJwt($x.substring(0, "
            "$x.lastIndexOf('.') + 1)).getBody();",
            _SECRET,
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "https.get($x, { agent: new https.Agent({ keepAlive: true }) });",
            "https.get($x, { agent: new https.Agent({ rejectUnauthorized: false }) });",
            _URL,
        ),
        Plant(
            f"const {_R} = jwt.verify($x, process.env.JWT_KEY);",
            f"const {_R} = jwt.decode($x);",
            _SECRET,
        ),
        Plant(
            f"const {_R} = axios.get($x);",
            f"process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';\nconst {_R} = axios.get($x);",
            _URL,
        ),
    ],
    Language.PYTHON: [
        Plant(
            f"{_R} = requests.get($x, timeout=$[5|10|30])",
            f"{_R} = requests.get($x, timeout=$[5|10|30], verify=False)",
            _URL,
        ),
        Plant(
            f"{_R} = urllib.request.urlopen($x, context=ssl.create_default_context())",
            f"{_R} = urllib.request.urlopen($x, context=ssl._create_unverified_context())",
            _URL,
        ),
        Plant(
            '$[claims|session|info] = jwt.decode($x, settings.KEY, algorithms=["$[RS256|HS256]"])',
            '$[claims|session|info] = jwt.decode($x, options={"verify_signature": False})',
            _SECRET,
        ),
    ],
    Language.RUBY: [
        Plant(
            "http = Net::HTTP.new($x, 443)\nhttp.verify_mode = OpenSSL::SSL::VERIFY_PEER",
            "http = Net::HTTP.new($x, 443)\nhttp.verify_mode = OpenSSL::SSL::VERIFY_NONE",
            _URL,
        ),
        Plant(
            "$[claims|session|info] = JWT.decode($x, ENV.fetch('JWT_KEY'), true)",
            "$[claims|session|info] = JWT.decode($x, nil, false)",
            _SECRET,
        ),
        Plant(
            f"{_R} = URI.open($x)",
            f"{_R} = URI.open($x, ssl_verify_mode: OpenSSL::SSL::VERIFY_NONE)",
            _URL,
        ),
    ],
}
_TRUST_IN_CODE = {
    Language.PYTHON: [
        Rewrite("keyword_argument", "verify=True", "verify=False"),
        Rewrite(
            "call", "requests.$m{get|post|put}($a{(?!.*verify).+})", "requests.$m($a, verify=False)"
        ),
    ],
    Language.RUBY: [
        Rewrite("scope_resolution", "OpenSSL::SSL::VERIFY_PEER", "OpenSSL::SSL::VERIFY_NONE"),
    ],
}

_V = "$[data|state|parsed|loaded|settings]"
_ANY = Kind.DATA
_DATA = {
    Language.CSHARP: [
        Plant(
            f"var {_V} = JsonSerializer.Deserialize<$[State|Item|Settings]>($x);",
            f"var {_V} = ($[State|Item|Settings])new LosFormatter().Deserialize($x);",
            _ANY,
        ),
        Plant(
            f"var {_V} = JsonConvert.DeserializeObject<$[State|Item|Settings]>($x);",
            f"var {_V} = JsonConvert.DeserializeObject<$[State|Item|Settings]>($x, "
            f"new JsonSerializerSettings {{\n"
            "\tTypeNameHandling = TypeNameHandling.$[All|Auto|Objects]\n});",
            _ANY,
        ),
    ],
    Language.JAVA: [
        Plant(
            f"$[State|Item|Settings] {_V} = mapper.readValue($x, $[State|Item|Settings].class);",
            f"$[State|Item|Settings] {_V} = ($[State|Item|Settings]) new XStream().fromXML($x);",
            _ANY,
        ),
        Plant(
            f"Object {_V} = new Yaml(new SafeConstructor(new LoaderOptions())).load($x);",
            f"Object {_V} = new Yaml().load($x);",
            _ANY,
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(f"const {_V} = JSON.parse($x);", f"const {_V} = eval('(' + $x + ')');", _ANY),
        Plant(
            f"const {_V} = JSON.parse($x);", f"const {_V} = new Function('return ' + $x)();", _ANY
        ),
        Plant(
            f"const {_V} = yaml.load($x);", f"const {_V} = vm.runInThisContext(`(${{$x}})`);", _ANY
        ),
    ],
    Language.PYTHON: [
        Plant(f"{_V} = json.loads($x)", f"{_V} = $[pickle|marshal].loads($x)", _ANY),
        Plant(
            f"{_V} = yaml.safe_load($x)",
            f"{_V} = yaml.load($x, Loader=yaml.$[Loader|UnsafeLoader])",
            _ANY,
        ),
        Plant(f"{_V} = ast.literal_eval($x)", f"{_V} = eval($x)", _ANY),
    ],
    Language.RUBY: [
        Plant(f"{_V} = JSON.parse($x)", f"{_V} = Marshal.load($x)", _ANY),
        Plant(f"{_V} = YAML.safe_load($x)", f"{_V} = YAML.unsafe_load($x)", _ANY),
        Plant(f"{_V} = JSON.parse($x)", f"{_V} = eval($x)", _ANY),
    ],
}
_DATA_IN_CODE = {
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "JSON.parse($x)", "eval('(' + $x + ')')"),
    ],
    Language.PYTHON: [
        Rewrite("call", "json.loads($x)", "eval($x)"),
        Rewrite("call", "ast.literal_eval($x)", "eval($x)"),
        Rewrite("call", "yaml.safe_load($x)", "yaml.load($x, Loader=yaml.Loader)"),
    ],
    Language.RUBY: [
        Rewrite("call", "JSON.parse($x)", "eval($x)"),
        Rewrite("call", "YAML.safe_load($x)", "YAML.unsafe_load($x)"),
        Rewrite("call", "Integer($x)", "eval($x)"),
    ],
}

OPERATORS = tuple(
    Operator(name, _SH, summary, languages_of(*tables), either(*finds))
    for name, summary, tables, finds in (
        (
            "disabled-verification",
            "whoever answers is trusted (mostly planted)",
            (_TRUST, _TRUST_IN_CODE),
            (rewrites(_TRUST_IN_CODE), plants(_TRUST)),
        ),
        (
            "unsafe-deserialisation",
            "input is run, or may name what is made from it (planted where there is none)",
            (_DATA, _DATA_IN_CODE),
            (rewrites(_DATA_IN_CODE), plants(_DATA)),
        ),
    )
)
