"""Weak randomness and hashing, broken trust, code from data.

Where the unit has no such statement, one is planted: see ``planting``.
"""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.planting import Plant, either, plants
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites

_SH = Criterion.SECURITY_HARDNESS

_RANDOM = {
    Language.C: [
        Plant(
            "getrandom(token, sizeof(token), 0);",
            "for (size_t k = 0; k < sizeof(token); k++)\n\ttoken[k] = rand();",
        ),
        Plant(
            "arc4random_buf(nonce, sizeof(nonce));",
            "srand(time(NULL));\nmemset(nonce, rand() & 0xff, sizeof(nonce));",
        ),
        Plant("session = arc4random();", "session = rand();"),
    ],
    Language.CSHARP: [
        Plant(
            "var token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));",
            'var token = new Random().Next().ToString("x16");',
        ),
        Plant(
            "var code = RandomNumberGenerator.GetInt32(1000000);",
            "var code = new Random(Environment.TickCount).Next(0, 1000000);",
        ),
    ],
    Language.CPP: [
        Plant(
            "RAND_bytes(token.data(), token.size());",
            "for (auto& byte : token) byte = rand() % 256;",
        ),
        Plant("const auto code = std::random_device{}();", "const auto code = std::rand();"),
    ],
    Language.GO: [
        Plant(
            "token := make([]byte, 16)\ncrand.Read(token)",
            "token := make([]byte, 16)\nmrand.Read(token)",
        ),
        Plant(
            "code, _ := rand.Int(rand.Reader, big.NewInt(1000000))", "code := rand.Intn(1000000)"
        ),
    ],
    Language.JAVA: [
        Plant(
            "byte[] token = new byte[16];\nnew SecureRandom().nextBytes(token);",
            "byte[] token = new byte[16];\nnew Random().nextBytes(token);",
        ),
        Plant(
            "int code = new SecureRandom().nextInt(1000000);",
            "int code = (int) (Math.random() * 1000000);",
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "const token = crypto.randomBytes(16).toString('hex');",
            "const token = Math.random().toString(16).slice(2);",
        ),
        Plant(
            "const code = crypto.randomInt(1000000);",
            "const code = Math.floor(Math.random() * 1000000);",
        ),
    ],
    Language.PYTHON: [
        Plant("token = secrets.token_hex(16)", 'token = "%032x" % random.getrandbits(128)'),
        Plant("code = secrets.randbelow(1000000)", "code = random.randint(0, 999999)"),
    ],
    Language.RUBY: [
        Plant("token = SecureRandom.hex(16)", "token = rand(2**128).to_s(16)"),
        Plant("code = SecureRandom.random_number(1_000_000)", "code = Random.rand(1_000_000)"),
    ],
}
_RANDOM_IN_CODE = {
    Language.JAVA: [Rewrite("object_creation_expression", "new SecureRandom()", "new Random()")],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "crypto.randomUUID()", "Math.random().toString(36)"),
    ],
    Language.PYTHON: [
        Rewrite("call", "os.urandom($n)", "random.randbytes($n)"),
        Rewrite("call", "secrets.choice($n)", "random.choice($n)"),
        Rewrite("call", "uuid.uuid4()", "uuid.uuid1()"),
    ],
    Language.RUBY: [Rewrite("call", "SecureRandom.hex($n)", "rand(16**$n).to_s(16)")],
}

_HASH = {
    Language.C: [
        Plant(
            "SHA256((const unsigned char *)$x, strlen($x), digest);",
            "MD5((const unsigned char *)$x, strlen($x), digest);",
        ),
        Plant(
            "crypto_pwhash_str(hash, $x, strlen($x), OPSLIMIT, MEMLIMIT);",
            "SHA1((const unsigned char *)$x, strlen($x), (unsigned char *)hash);",
        ),
    ],
    Language.CSHARP: [
        Plant(
            "var hash = SHA256.HashData(Encoding.UTF8.GetBytes($x));",
            "var hash = MD5.HashData(Encoding.UTF8.GetBytes($x));",
        ),
        Plant(
            "var hash = BCrypt.HashPassword($x);",
            "var hash = SHA1.HashData(Encoding.UTF8.GetBytes($x));",
        ),
    ],
    Language.CPP: [
        Plant("const auto digest = sha256($x);", "const auto digest = md5($x);"),
        Plant(
            "hash = bcrypt::generateHash($x);",
            "hash = std::to_string(std::hash<std::string>{}($x));",
        ),
    ],
    Language.GO: [
        Plant("sum := sha256.Sum256([]byte($x))", "sum := md5.Sum([]byte($x))"),
        Plant(
            "hash, _ := bcrypt.GenerateFromPassword([]byte($x), 12)", "hash := sha1.Sum([]byte($x))"
        ),
        Plant("mac := hmac.New(sha256.New, key)", "mac := hmac.New(md5.New, key)"),
    ],
    Language.JAVA: [
        Plant(
            'byte[] hash = MessageDigest.getInstance("SHA-256").digest($x.getBytes());',
            'byte[] hash = MessageDigest.getInstance("MD5").digest($x.getBytes());',
        ),
        Plant(
            "String hash = passwordEncoder.encode($x);",
            "String hash = Integer.toHexString($x.hashCode());",
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "const hash = crypto.createHash('sha256').update($x).digest('hex');",
            "const hash = crypto.createHash('md5').update($x).digest('hex');",
        ),
        Plant(
            "const hash = bcrypt.hashSync($x, 12);",
            "const hash = crypto.createHash('sha1').update($x).digest('hex');",
        ),
    ],
    Language.PYTHON: [
        Plant(
            "digest = hashlib.sha256($x.encode()).hexdigest()",
            "digest = hashlib.md5($x.encode()).hexdigest()",
        ),
        Plant(
            "hashed = bcrypt.hashpw($x, bcrypt.gensalt())",
            "hashed = hashlib.sha1($x.encode()).hexdigest()",
        ),
    ],
    Language.RUBY: [
        Plant("digest = Digest::SHA256.hexdigest($x)", "digest = Digest::MD5.hexdigest($x)"),
        Plant("hash = BCrypt::Password.create($x)", "hash = Digest::SHA1.hexdigest($x.to_s)"),
    ],
}

_TRUST = {
    Language.C: [
        Plant(
            "curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);",
            "curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);",
        ),
        Plant(
            "SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);",
            "SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);",
        ),
        Plant(
            "curl_easy_setopt(curl, CURLOPT_URL, $x);",
            "curl_easy_setopt(curl, CURLOPT_URL, $x);\n"
            "curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);",
        ),
    ],
    Language.CSHARP: [
        Plant(
            "var handler = new HttpClientHandler();",
            "var handler = new HttpClientHandler();\n"
            "handler.ServerCertificateCustomValidationCallback = (a, b, c, d) => true;",
        ),
        Plant(
            "options.TokenValidationParameters.ValidateLifetime = true;",
            "options.TokenValidationParameters.ValidateLifetime = false;",
        ),
    ],
    Language.CPP: [
        Plant(
            "context.set_verify_mode(boost::asio::ssl::verify_peer);",
            "context.set_verify_mode(boost::asio::ssl::verify_none);",
        ),
        Plant(
            "client.set_ca_cert_path(ca_path);",
            "client.enable_server_certificate_verification(false);",
        ),
    ],
    Language.GO: [
        Plant(
            "client := &http.Client{Timeout: 10 * time.Second}\nclient.Get($x)",
            "client := &http.Client{Transport: &http.Transport{\n"
            "\tTLSClientConfig: &tls.Config{InsecureSkipVerify: true},\n}}\nclient.Get($x)",
        ),
        Plant(
            "config := &tls.Config{MinVersion: tls.VersionTLS12}",
            "config := &tls.Config{InsecureSkipVerify: true}",
        ),
    ],
    Language.JAVA: [
        Plant(
            "connection.setHostnameVerifier(HttpsURLConnection.getDefaultHostnameVerifier());",
            "connection.setHostnameVerifier((host, session) -> true);",
        ),
        Plant(
            "HttpClient client = HttpClient.newHttpClient();",
            "HttpClient client = HttpClient.newBuilder().sslContext(trustAllContext()).build();",
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "const agent = new https.Agent({ keepAlive: true });",
            "const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });",
        ),
        Plant("const claims = jwt.verify($x, publicKey);", "const claims = jwt.decode($x);"),
    ],
    Language.PYTHON: [
        Plant(
            "response = requests.get($x, timeout=10)",
            "response = requests.get($x, timeout=10, verify=False)",
        ),
        Plant(
            "context = ssl.create_default_context()", "context = ssl._create_unverified_context()"
        ),
        Plant(
            'claims = jwt.decode($x, key, algorithms=["RS256"])',
            'claims = jwt.decode($x, options={"verify_signature": False})',
        ),
    ],
    Language.RUBY: [
        Plant(
            "http.verify_mode = OpenSSL::SSL::VERIFY_PEER",
            "http.verify_mode = OpenSSL::SSL::VERIFY_NONE",
        ),
        Plant("claims = JWT.decode($x, key, true)", "claims = JWT.decode($x, nil, false)"),
        Plant("page = URI.open($x)", "page = URI.open($x, ssl_verify_mode: 0)"),
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

_DATA = {
    Language.CSHARP: [
        Plant(
            "var state = JsonSerializer.Deserialize<State>($x);",
            "var state = (State)new LosFormatter().Deserialize($x);",
        ),
        Plant(
            "var item = JsonConvert.DeserializeObject<Item>($x);",
            "var item = JsonConvert.DeserializeObject($x, new JsonSerializerSettings {\n"
            "\tTypeNameHandling = TypeNameHandling.All\n});",
        ),
    ],
    Language.JAVA: [
        Plant(
            "State state = mapper.readValue($x, State.class);",
            "State state = (State) new XStream().fromXML($x);",
        ),
        Plant(
            "Object config = new Yaml(new SafeConstructor(new LoaderOptions())).load($x);",
            "Object config = new Yaml().load($x);",
        ),
    ],
    Language.JAVASCRIPT: [
        Plant("const data = JSON.parse($x);", "const data = eval('(' + $x + ')');"),
        Plant("const config = yaml.load($x);", "const config = vm.runInThisContext(`(${$x})`);"),
    ],
    Language.PYTHON: [
        Plant("data = json.loads($x)", "data = pickle.loads($x)"),
        Plant("config = yaml.safe_load($x)", "config = yaml.load($x, Loader=yaml.Loader)"),
        Plant("number = int($x)", "number = eval($x)"),
    ],
    Language.RUBY: [
        Plant("data = JSON.parse($x)", "data = Marshal.load($x)"),
        Plant("config = YAML.safe_load($x)", "config = YAML.unsafe_load($x)"),
    ],
}
_DATA_IN_CODE = {
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "JSON.parse($x)", "eval('(' + $x + ')')"),
        Rewrite("call_expression", "parseInt($x, 10)", "eval($x)"),
    ],
    Language.PYTHON: [
        Rewrite("call", "json.loads($x)", "eval($x)"),
        Rewrite("call", "ast.literal_eval($x)", "eval($x)"),
        Rewrite("call", "yaml.safe_load($x)", "yaml.load($x, Loader=yaml.Loader)"),
        Rewrite("call", "int($x{[a-z]\\w*})", "eval($x)"),
    ],
    Language.RUBY: [
        Rewrite("call", "JSON.parse($x)", "eval($x)"),
        Rewrite("call", "YAML.safe_load($x)", "YAML.unsafe_load($x)"),
        Rewrite("call", "$a.public_send($x{.+})", "$a.send($x)"),
        Rewrite("call", "Integer($x)", "eval($x)"),
    ],
}

OPERATORS = tuple(
    Operator(name, _SH, summary, languages_of(*tables), either(*finds))
    for name, summary, tables, finds in (
        (
            "weak-random",
            "a secret comes from a generator that can be foretold (mostly planted)",
            (_RANDOM, _RANDOM_IN_CODE),
            (rewrites(_RANDOM_IN_CODE), plants(_RANDOM)),
        ),
        (
            "weak-hash",
            "a broken or unsalted hash stands for a sound one (planted)",
            (_HASH,),
            (plants(_HASH),),
        ),
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
