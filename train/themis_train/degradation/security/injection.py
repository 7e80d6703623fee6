"""Input that becomes part of a query or a command.

Where the unit has no such statement, one is planted: see ``planting``.
"""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.planting import Kind, Plant, either, plants
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites

_SH = Criterion.SECURITY_HARDNESS

_DB = "$[db|conn|connection|database]"
_SQL = {
    Language.C: [
        Plant(
            "sqlite3_stmt *stmt;\n"
            'sqlite3_prepare_v2(db, "DELETE FROM $t WHERE $c = ?", -1, &stmt, NULL);\n'
            "sqlite3_bind_text(stmt, 1, $x, -1, SQLITE_TRANSIENT);",
            "sqlite3_stmt *stmt;\nchar sql[256];\n"
            "snprintf(sql, sizeof(sql), \"DELETE FROM $t WHERE $c = '%s'\", $x);\n"
            "sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);",
        ),
        Plant(
            'char *$[sql|query|text] = sqlite3_mprintf("SELECT id FROM $t WHERE $c = %Q", $x);',
            "char *$[sql|query|text] = sqlite3_mprintf(\"SELECT id FROM $t WHERE $c = '%s'\", $x);",
        ),
    ],
    Language.CSHARP: [
        Plant(
            f'{_DB}.Execute("DELETE FROM $t WHERE $c = @$c", new {{ $c = $x }});',
            f"{_DB}.Execute($\"DELETE FROM $t WHERE $c = '{{$x}}'\");",
        ),
        Plant(
            '$[command|cmd].CommandText = "SELECT id FROM $t WHERE $c = @$c";\n'
            '$[command|cmd].Parameters.AddWithValue("@$c", $x);',
            '$[command|cmd].CommandText = "SELECT id FROM $t WHERE $c = \'" + $x + "\'";',
        ),
        Plant(
            f'var $[rows|found|$t] = {_DB}.Query("SELECT * FROM $t '
            f'WHERE $c = @x", new {{ x = $x }});',
            f"var $[rows|found|$t] = {_DB}.Query(\n"
            "\tstring.Format(\"SELECT * FROM $t WHERE $c = '{0}'\", $x));",
        ),
    ],
    Language.CPP: [
        Plant(
            '$[txn|tx|work].exec_params("DELETE FROM $t WHERE $c = $1", $x);',
            '$[txn|tx|work].exec(std::string("DELETE FROM $t WHERE $c = \'") + $x + "\'");',
        ),
        Plant(
            'SQLite::Statement query(db_, "SELECT id FROM $t WHERE $c = ?");\nquery.bind(1, $x);',
            "SQLite::Statement query(\n"
            '\tdb_, std::string("SELECT id FROM $t WHERE $c = \'") + $x + '
            '"\'");',
        ),
    ],
    Language.GO: [
        Plant(
            f'{_DB}.Exec("DELETE FROM $t WHERE $c = ?", $x)',
            f"{_DB}.Exec(fmt.Sprintf(\"DELETE FROM $t WHERE $c = '%s'\", $x))",
        ),
        Plant(
            f'var id int\n_ = {_DB}.QueryRow("SELECT id FROM $t WHERE $c = $1", $x).Scan(&id)',
            f'var id int\n_ = {_DB}.QueryRow("SELECT id FROM $t '
            'WHERE $c = \'" + $x + "\'").Scan(&id)',
        ),
    ],
    Language.JAVA: [
        Plant(
            '$[jdbc|jdbcTemplate|template].update("DELETE FROM $t WHERE $c = ?", $x);',
            '$[jdbc|jdbcTemplate|template].update("DELETE FROM $t WHERE $c = \'" + $x + "\'");',
        ),
        Plant(
            "PreparedStatement statement =\n"
            f'\t\t{_DB}.prepareStatement("SELECT id FROM $t WHERE $c = ?");\n'
            "statement.setString(1, $x);\nstatement.executeQuery();",
            f"Statement statement = {_DB}.createStatement();\n"
            'statement.executeQuery("SELECT id FROM $t WHERE $c = \'" + $x + "\'");',
        ),
        Plant(
            '$[em|entityManager].createQuery("from Item where $c = :$c").setParameter("$c", $x);',
            '$[em|entityManager].createQuery("from Item where $c = \'" + $x + "\'");',
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            f"{_DB}.query('DELETE FROM $t WHERE $c = ?', [$x]);",
            f"{_DB}.query(`DELETE FROM $t WHERE $c = '${{$x}}'`);",
        ),
        Plant(
            f"const $[rows|found|$t] = {_DB}.prepare('SELECT id FROM $t WHERE $c = ?').all($x);",
            f"const $[rows|found|$t] = {_DB}.prepare("
            '"SELECT id FROM $t WHERE $c = \'" + $x + "\'").all();',
        ),
        Plant(
            "$[pool|client].query('SELECT id FROM $t WHERE $c = $1', [$x]);",
            "$[pool|client].query('SELECT id FROM $t WHERE $c = \\'' + $x + '\\'');",
        ),
    ],
    Language.PYTHON: [
        Plant(
            '$[cursor|cur].execute("DELETE FROM $t WHERE $c = %s", ($x,))',
            "$[cursor|cur].execute(\"DELETE FROM $t WHERE $c = '%s'\" % $x)",
        ),
        Plant(
            f'$[rows|found|$t] = {_DB}.execute("SELECT id FROM $t WHERE $c = ?", ($x,)).fetchall()',
            f"$[rows|found|$t] = {_DB}.execute("
            "f\"SELECT id FROM $t WHERE $c = '{$x}'\").fetchall()",
        ),
        Plant(
            f'{_DB}.execute("SELECT * FROM $t WHERE $c = ?", [$x])',
            f'{_DB}.execute("SELECT * FROM $t WHERE $c = \'" + $x + "\'")',
        ),
    ],
    Language.RUBY: [
        Plant(
            '$[rows|found|$t] = $[User|Order|Item|Account].where("$c = ?", $x)',
            "$[rows|found|$t] = $[User|Order|Item|Account].where(\"$c = '#{$x}'\")",
        ),
        Plant(
            f'{_DB}.execute("DELETE FROM $t WHERE $c = ?", [$x])',
            f"{_DB}.execute(\"DELETE FROM $t WHERE $c = '#{{$x}}'\")",
        ),
        Plant(
            "$[User|Order|Item|Account].where($c: $x).delete_all",
            '$[User|Order|Item|Account].where("$c = \'" + $x + "\'").delete_all',
        ),
    ],
}
_SQL_IN_CODE = {
    Language.PYTHON: [
        Rewrite("call", '$c.execute($q{"[^"]*%s[^"]*"}, ($a,))', "$c.execute($q % $a)"),
        Rewrite("call", '$c.execute($q{"[^"]*%s[^"]*"}, [$a])', "$c.execute($q % $a)"),
    ],
    Language.RUBY: [
        Rewrite("call", 'where("$q{[^"?]*}?", $a)', "where(\"$q'#{$a}'\")"),
        Rewrite("call", '$r.where("$q{[^"?]*}?", $a)', "$r.where(\"$q'#{$a}'\")"),
        Rewrite("call", "where($k{\\w+}: $a{[a-z]\\w*})", "where(\"$k = '#{$a}'\")"),
    ],
}

_PATH = Kind.PATH
_SHELL = {
    Language.C: [
        Plant(
            'if (fork() == 0)\n\texeclp("$[tar|gzip|convert|unzip]", '
            '"$[tar|gzip|convert|unzip]", "--", $x, NULL);',
            "char command[256];\n"
            'snprintf(command, sizeof(command), "$[tar|gzip|convert|unzip] %s", $x);\n'
            "system(command);",
            _PATH,
        ),
        Plant(
            'char *const args[] = {"rm", "-f", "--", (char *)$x, NULL};\n'
            "posix_spawnp(NULL, args[0], NULL, NULL, args, environ);",
            'char command[512];\nsprintf(command, "rm -f %s", $x);\nsystem(command);',
            _PATH,
        ),
    ],
    Language.CSHARP: [
        Plant(
            'Process.Start(new ProcessStartInfo("$[git|tar|zip]") { ArgumentList = { $x } });',
            'Process.Start("cmd.exe", "/c $[git|tar|zip] " + $x);',
            _PATH,
        ),
        Plant(
            'Process.Start("$[git|file|open]", new[] { "--", $x });',
            'Process.Start("/bin/sh", $"-c \\"$[git|file|open] {$x}\\"");',
            _PATH,
        ),
    ],
    Language.CPP: [
        Plant(
            'boost::process::system("$[convert|tar|gzip]", "--", $x);',
            'std::system((std::string("$[convert|tar|gzip] ") + $x).c_str());',
            _PATH,
        ),
        Plant(
            "std::filesystem::remove($x);",
            'std::system(("rm -f " + std::string($x)).c_str());',
            _PATH,
        ),
    ],
    Language.GO: [
        Plant(
            'exec.Command("$[git|file|gzip]", "--", $x).Run()',
            'exec.Command("sh", "-c", "$[git|file|gzip] "+$x).Run()',
            _PATH,
        ),
        Plant(
            'out, _ := exec.Command("tar", "-tf", $x).Output()\nlog.Printf("%s", out)',
            'out, _ := exec.Command("bash", "-c", fmt.Sprintf("tar -tf %s", $x)).Output()\n'
            'log.Printf("%s", out)',
            _PATH,
        ),
    ],
    Language.JAVA: [
        Plant(
            'new ProcessBuilder("$[git|file|gzip]", "--", $x).start();',
            'new ProcessBuilder("sh", "-c", "$[git|file|gzip] " + $x).start();',
            _PATH,
        ),
        Plant(
            'new ProcessBuilder(List.of("tar", "xf", $x)).start();',
            'new ProcessBuilder("sh", "-c", "tar xf " + $x).start();',
            _PATH,
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "execFileSync('$[git|file|gzip]', ['--', $x]);",
            "execSync(`$[git|file|gzip] ${$x}`);",
            _PATH,
        ),
        Plant(
            "spawn('$[convert|tar|zip]', [$x]);",
            "spawn('$[convert|tar|zip] ' + $x, { shell: true });",
            _PATH,
        ),
        Plant(
            "child_process.execFile('ls', ['-l', $x]);",
            "child_process.exec('ls -l ' + $x);",
            _PATH,
        ),
    ],
    Language.PYTHON: [
        Plant(
            'subprocess.run(["$[git|file|gzip]", "--", $x], check=True)',
            'os.system("$[git|file|gzip] %s" % $x)',
            _PATH,
        ),
        Plant(
            'subprocess.run(["tar", "xf", $x], check=True)',
            'subprocess.run(f"tar xf {$x}", shell=True, check=True)',
            _PATH,
        ),
        Plant(
            '$[out|listing|answer] = subprocess.check_output(["ls", "-l", $x])',
            '$[out|listing|answer] = subprocess.check_output("ls -l " + $x, shell=True)',
            _PATH,
        ),
    ],
    Language.RUBY: [
        Plant('system("$[git|file|gzip]", "--", $x)', 'system("$[git|file|gzip] #{$x}")', _PATH),
        Plant(
            '$[out|listing|answer], = Open3.capture2("file", $x)',
            "$[out|listing|answer] = `file #{$x}`",
            _PATH,
        ),
        Plant('system("tar", "xf", $x)', 'system("tar xf " + $x)', _PATH),
    ],
}
_SHELL_IN_CODE = {
    Language.GO: [
        Rewrite("call_expression", "exec.Command($a, $b)", 'exec.Command("sh", "-c", $a+" "+$b)'),
        Rewrite(
            "call_expression",
            "exec.Command($a, $b...)",
            'exec.Command("sh", "-c", $a+" "+strings.Join($b, " "))',
        ),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "spawn($a, $b)", "spawn($a, $b, { shell: true })"),
        Rewrite("call_expression", "execFileSync($a, $b)", "execSync($a + ' ' + $b.join(' '))"),
    ],
    Language.PYTHON: [
        Rewrite(
            "call",
            "subprocess.$f{\\w+}($a{\\w+}, $k{(?!.*shell).+})",
            'subprocess.$f(" ".join($a), shell=True, $k)',
        ),
        Rewrite("call", "shlex.quote($a)", "$a"),
    ],
    Language.RUBY: [
        Rewrite("call", "Shellwords.escape($a)", "$a"),
        Rewrite("call", "$a.shellescape", "$a"),
        Rewrite("call", "Shellwords.join($a)", "$a.join(' ')"),
    ],
}

OPERATORS = tuple(
    Operator(name, _SH, summary, languages_of(*tables), either(*finds))
    for name, summary, tables, finds in (
        (
            "sql-from-strings",
            "a query is put together from input (planted where there is none)",
            (_SQL, _SQL_IN_CODE),
            (rewrites(_SQL_IN_CODE), plants(_SQL)),
        ),
        (
            "shell-from-strings",
            "a command line is put together from input (planted where there is none)",
            (_SHELL, _SHELL_IN_CODE),
            (rewrites(_SHELL_IN_CODE), plants(_SHELL)),
        ),
    )
)
