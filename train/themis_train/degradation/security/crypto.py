"""Weak randomness and hashing, mostly planted: see ``planting``."""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.planting import Kind, Plant, either, plants
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites

_SH = Criterion.SECURITY_HARDNESS
_SECRET = Kind.SECRET
_T = "$[token|nonce|salt|ticket|sid]"
_C = "$[code|pin|otp|challenge]"
_SIZE = "$[16|20|24|32]"
_TOP = "$[10000|100000|1000000|999999]"
_RANDOM = {
    Language.C: [
        Plant(
            f"unsigned char {_T}[{_SIZE}];\ngetrandom({_T}, sizeof({_T}), 0);",
            f"unsigned char {_T}[{_SIZE}];\nfor (size_t k = 0; k < sizeof({_T}); k++)\n"
            f"\t{_T}[k] = rand();",
            _SECRET,
        ),
        Plant(
            f"unsigned {_C} = arc4random_uniform({_TOP});",
            f"unsigned {_C} = rand() % {_TOP};",
            _SECRET,
        ),
        Plant(f"long {_C} = arc4random();", f"srand(time(NULL));\nlong {_C} = rand();", _SECRET),
    ],
    Language.CSHARP: [
        Plant(
            f"var {_T} = Convert.ToHexString(RandomNumberGenerator.GetBytes({_SIZE}));",
            f'var {_T} = new Random().Next().ToString("x{_SIZE}");',
            _SECRET,
        ),
        Plant(
            f"var {_C} = RandomNumberGenerator.GetInt32({_TOP});",
            f"var {_C} = new Random(Environment.TickCount).Next({_TOP});",
            _SECRET,
        ),
    ],
    Language.CPP: [
        Plant(
            f"std::array<unsigned char, {_SIZE}> {_T};\nRAND_bytes({_T}.data(), {_T}.size());",
            f"std::array<unsigned char, {_SIZE}> {_T};\n"
            f"for (auto& byte : {_T}) byte = rand() % 256;",
            _SECRET,
        ),
        Plant(
            f"const auto {_C} = std::random_device{{}}() % {_TOP};",
            f"const auto {_C} = std::rand() % {_TOP};",
            _SECRET,
        ),
    ],
    Language.GO: [
        Plant(
            f"{_T} := make([]byte, {_SIZE})\ncryptorand.Read({_T})",
            f"{_T} := make([]byte, {_SIZE})\nmathrand.Read({_T})",
            _SECRET,
        ),
        Plant(
            f"{_C}, _ := rand.Int(rand.Reader, big.NewInt({_TOP}))\nlog.Println({_C})",
            f"{_C} := rand.Intn({_TOP})\nlog.Println({_C})",
            _SECRET,
        ),
    ],
    Language.JAVA: [
        Plant(
            f"byte[] {_T} = new byte[{_SIZE}];\nnew SecureRandom().nextBytes({_T});",
            f"byte[] {_T} = new byte[{_SIZE}];\nnew Random().nextBytes({_T});",
            _SECRET,
        ),
        Plant(
            f"int {_C} = new SecureRandom().nextInt({_TOP});",
            f"int {_C} = (int) (Math.random() * {_TOP});",
            _SECRET,
        ),
        Plant(
            f"String {_T} = new BigInteger(128, new SecureRandom()).toString(16);",
            f"String {_T} = Long.toHexString(System.nanoTime());",
            _SECRET,
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            f"const {_T} = crypto.randomBytes({_SIZE}).toString('hex');",
            f"const {_T} = Math.random().toString(16).slice(2);",
            _SECRET,
        ),
        Plant(
            f"const {_C} = crypto.randomInt({_TOP});",
            f"const {_C} = Math.floor(Math.random() * {_TOP});",
            _SECRET,
        ),
        Plant(
            f"const {_T} = crypto.randomUUID();", f"const {_T} = Date.now().toString(36);", _SECRET
        ),
    ],
    Language.PYTHON: [
        Plant(
            f"{_T} = secrets.token_hex({_SIZE})",
            f'{_T} = "%x" % random.getrandbits(8 * {_SIZE})',
            _SECRET,
        ),
        Plant(f"{_C} = secrets.randbelow({_TOP})", f"{_C} = random.randrange({_TOP})", _SECRET),
        Plant(
            f"{_T} = secrets.token_urlsafe({_SIZE})",
            f'{_T} = "".join(random.choices(string.ascii_letters, k={_SIZE}))',
            _SECRET,
        ),
    ],
    Language.RUBY: [
        Plant(f"{_T} = SecureRandom.hex({_SIZE})", f"{_T} = rand(16**{_SIZE}).to_s(16)", _SECRET),
        Plant(f"{_C} = SecureRandom.random_number({_TOP})", f"{_C} = Random.rand({_TOP})", _SECRET),
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

_D = "$[hash|digest|sum|hashed|fingerprint]"
_WEAK = "$[MD5|SHA1]"
_WEAK_LOW = "$[md5|sha1]"
_HASH = {
    Language.C: [
        Plant(
            f"unsigned char {_D}[32];\nSHA256((const unsigned char *)$x, strlen($x), {_D});",
            f"unsigned char {_D}[32];\n{_WEAK}((const unsigned char *)$x, strlen($x), {_D});",
            _SECRET,
        ),
        Plant(
            f"char {_D}[128];\ncrypto_pwhash_str({_D}, $x, strlen($x), "
            "$[2|3|4]U, $[64|128|256]U << 20);",
            f"unsigned char {_D}[128];\n{_WEAK}((const unsigned char *)$x, strlen($x), {_D});",
            _SECRET,
        ),
    ],
    Language.CSHARP: [
        Plant(
            f"var {_D} = SHA256.HashData(Encoding.UTF8.GetBytes($x));",
            f"var {_D} = {_WEAK}.HashData(Encoding.UTF8.GetBytes($x));",
            _SECRET,
        ),
        Plant(
            f"var {_D} = BCrypt.Net.BCrypt.HashPassword($x);",
            f"var {_D} = {_WEAK}.HashData(Encoding.UTF8.GetBytes($x));",
            _SECRET,
        ),
    ],
    Language.CPP: [
        Plant(
            f"const auto {_D} = $[hash_|crypto::|]sha256($x);",
            f"const auto {_D} = $[hash_|crypto::|]{_WEAK_LOW}($x);",
            _SECRET,
        ),
        Plant(
            f"const auto {_D} = bcrypt::generateHash($x);",
            f"const auto {_D} = std::to_string(std::hash<std::string>{{}}($x));",
            _SECRET,
        ),
    ],
    Language.GO: [
        Plant(
            f'{_D} := sha256.Sum256([]byte($x))\nlog.Printf("%x", {_D})',
            f'{_D} := $[md5.Sum|sha1.Sum]([]byte($x))\nlog.Printf("%x", {_D})',
            _SECRET,
        ),
        Plant(
            f"{_D}, _ := bcrypt.GenerateFromPassword([]byte($x), $[10|12|14])\n"
            f'log.Printf("%x", {_D})',
            f'{_D} := $[md5.Sum|sha1.Sum]([]byte($x))\nlog.Printf("%x", {_D})',
            _SECRET,
        ),
    ],
    Language.JAVA: [
        Plant(
            f'byte[] {_D} = MessageDigest.getInstance("$[SHA-256|SHA-512]").digest($x.getBytes());',
            f'byte[] {_D} = MessageDigest.getInstance("$[MD5|SHA-1]").digest($x.getBytes());',
            _SECRET,
        ),
        Plant(
            f"String {_D} = $[passwordEncoder|encoder].encode($x);",
            f"String {_D} = Integer.toHexString($x.hashCode());",
            _SECRET,
        ),
        Plant(
            f"String {_D} = BCrypt.hashpw($x, BCrypt.gensalt());",
            f"String {_D} = DigestUtils.{_WEAK_LOW}Hex($x);",
            _SECRET,
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            f"const {_D} = crypto.createHash('$[sha256|sha512]').update($x).digest('hex');",
            f"const {_D} = crypto.createHash('{_WEAK_LOW}').update($x).digest('hex');",
            _SECRET,
        ),
        Plant(
            f"const {_D} = bcrypt.hashSync($x, $[10|12]);",
            f"const {_D} = crypto.createHash('{_WEAK_LOW}').update($x).digest('hex');",
            _SECRET,
        ),
    ],
    Language.PYTHON: [
        Plant(
            f"{_D} = hashlib.$[sha256|sha512|blake2b]($x.encode()).hexdigest()",
            f"{_D} = hashlib.{_WEAK_LOW}($x.encode()).hexdigest()",
            _SECRET,
        ),
        Plant(
            f"{_D} = bcrypt.hashpw($x.encode(), bcrypt.gensalt())",
            f"{_D} = hashlib.{_WEAK_LOW}($x.encode()).hexdigest()",
            _SECRET,
        ),
        Plant(
            f'{_D} = hashlib.new("$[sha256|sha3_256]", $x.encode()).digest()',
            f'{_D} = hashlib.new("{_WEAK_LOW}", $x.encode()).digest()',
            _SECRET,
        ),
    ],
    Language.RUBY: [
        Plant(
            f"{_D} = Digest::$[SHA256|SHA512].hexdigest($x)",
            f"{_D} = Digest::{_WEAK}.hexdigest($x)",
            _SECRET,
        ),
        Plant(
            f"{_D} = BCrypt::Password.create($x)",
            f"{_D} = Digest::{_WEAK}.hexdigest($x)",
            _SECRET,
        ),
        Plant(
            f'{_D} = OpenSSL::HMAC.hexdigest("SHA256", secret_key, $x)',
            f'{_D} = OpenSSL::Digest.hexdigest("{_WEAK}", $x)',
            _SECRET,
        ),
    ],
}

OPERATORS = (
    Operator(
        "weak-random",
        _SH,
        "a secret comes from a generator that can be foretold (mostly planted)",
        languages_of(_RANDOM, _RANDOM_IN_CODE),
        either(rewrites(_RANDOM_IN_CODE), plants(_RANDOM)),
    ),
    Operator(
        "weak-hash",
        _SH,
        "a broken or unsalted hash stands for a sound one (planted)",
        languages_of(_HASH),
        plants(_HASH),
    ),
)
