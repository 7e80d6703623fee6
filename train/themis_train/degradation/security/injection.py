"""Input that becomes part of a query, a command, a path or a page.

Where the unit has no such statement, one is planted: see ``planting``.
"""

from __future__ import annotations

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.planting import Plant, either, plants
from themis_train.degradation.rewriting import Rewrite, languages_of, rewrites

_SH = Criterion.SECURITY_HARDNESS

_SQL = {
    Language.C: [
        Plant(
            'sqlite3_prepare_v2(db, "DELETE FROM $t WHERE $c = ?", -1, &stmt, NULL);\n'
            "sqlite3_bind_text(stmt, 1, $x, -1, SQLITE_TRANSIENT);",
            "snprintf(sql, sizeof(sql), \"DELETE FROM $t WHERE $c = '%s'\", $x);\n"
            "sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);",
        ),
        Plant(
            'sql = sqlite3_mprintf("SELECT id FROM $t WHERE $c = %Q", $x);',
            "sql = sqlite3_mprintf(\"SELECT id FROM $t WHERE $c = '%s'\", $x);",
        ),
    ],
    Language.CSHARP: [
        Plant(
            'connection.Execute("DELETE FROM $t WHERE $c = @$c", new { $c = $x });',
            "connection.Execute($\"DELETE FROM $t WHERE $c = '{$x}'\");",
        ),
        Plant(
            'command.CommandText = "SELECT id FROM $t WHERE $c = @$c";\n'
            'command.Parameters.AddWithValue("@$c", $x);',
            'command.CommandText = "SELECT id FROM $t WHERE $c = \'" + $x + "\'";',
        ),
        Plant(
            'var rows = connection.Query("SELECT * FROM $t WHERE $c = @x", new { x = $x });',
            "var rows = connection.Query(\n"
            "\tstring.Format(\"SELECT * FROM $t WHERE $c = '{0}'\", $x));",
        ),
    ],
    Language.CPP: [
        Plant(
            'txn.exec_params("DELETE FROM $t WHERE $c = $1", $x);',
            'txn.exec(std::string("DELETE FROM $t WHERE $c = \'") + $x + "\'");',
        ),
        Plant(
            'query.prepare("SELECT id FROM $t WHERE $c = ?");\nquery.bind(1, $x);',
            'query.prepare(std::string("SELECT id FROM $t WHERE $c = \'") + $x + "\'");',
        ),
    ],
    Language.GO: [
        Plant(
            'db.Exec("DELETE FROM $t WHERE $c = ?", $x)',
            "db.Exec(fmt.Sprintf(\"DELETE FROM $t WHERE $c = '%s'\", $x))",
        ),
        Plant(
            'row := db.QueryRow("SELECT id FROM $t WHERE $c = $1", $x)',
            'row := db.QueryRow("SELECT id FROM $t WHERE $c = \'" + $x + "\'")',
        ),
    ],
    Language.JAVA: [
        Plant(
            'jdbc.update("DELETE FROM $t WHERE $c = ?", $x);',
            'jdbc.update("DELETE FROM $t WHERE $c = \'" + $x + "\'");',
        ),
        Plant(
            "PreparedStatement statement =\n"
            '\t\tconnection.prepareStatement("SELECT id FROM $t WHERE $c = ?");\n'
            "statement.setString(1, $x);",
            "Statement statement = connection.createStatement();\n"
            'statement.executeQuery("SELECT id FROM $t WHERE $c = \'" + $x + "\'");',
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "db.query('DELETE FROM $t WHERE $c = ?', [$x]);",
            "db.query(`DELETE FROM $t WHERE $c = '${$x}'`);",
        ),
        Plant(
            "const rows = db.prepare('SELECT id FROM $t WHERE $c = ?').all($x);",
            'const rows = db.prepare("SELECT id FROM $t WHERE $c = \'" + $x + "\'").all();',
        ),
    ],
    Language.PYTHON: [
        Plant(
            'cursor.execute("DELETE FROM $t WHERE $c = %s", ($x,))',
            "cursor.execute(\"DELETE FROM $t WHERE $c = '%s'\" % $x)",
        ),
        Plant(
            'rows = db.execute("SELECT id FROM $t WHERE $c = ?", (str($x),)).fetchall()',
            "rows = db.execute(f\"SELECT id FROM $t WHERE $c = '{$x}'\").fetchall()",
        ),
        Plant(
            'db.execute("SELECT * FROM $t WHERE $c = ?", ($x,))',
            'db.execute("SELECT * FROM $t WHERE $c = \'" + str($x) + "\'")',
        ),
    ],
    Language.RUBY: [
        Plant('$t = Record.where("$c = ?", $x)', "$t = Record.where(\"$c = '#{$x}'\")"),
        Plant(
            'db.execute("DELETE FROM $t WHERE $c = ?", [$x])',
            "db.execute(\"DELETE FROM $t WHERE $c = '#{$x}'\")",
        ),
        Plant("Record.where($c: $x)", 'Record.where("$c = \'" + $x.to_s + "\'")'),
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

_SHELL = {
    Language.C: [
        Plant(
            'execlp("convert", "convert", "--", $x, NULL);',
            'snprintf(command, sizeof(command), "convert %s", $x);\nsystem(command);',
        ),
        Plant(
            'char *const arguments[] = {"tar", "xf", (char *)$x, NULL};\nexecvp("tar", arguments);',
            'sprintf(command, "tar xf %s", $x);\nsystem(command);',
        ),
    ],
    Language.CSHARP: [
        Plant(
            'Process.Start(new ProcessStartInfo("git") { ArgumentList = { "show", $x } });',
            'Process.Start("cmd.exe", "/c git show " + $x);',
        ),
        Plant(
            'Process.Start("git", new[] { "show", $x });',
            'Process.Start(new ProcessStartInfo("/bin/sh", $"-c \\"git show {$x}\\""));',
        ),
    ],
    Language.CPP: [
        Plant(
            'boost::process::system("convert", "--", $x);',
            'std::system((std::string("convert ") + $x).c_str());',
        ),
    ],
    Language.GO: [
        Plant(
            'exec.Command("git", "show", "--", $x).Run()',
            'exec.Command("sh", "-c", "git show " + $x).Run()',
        ),
        Plant(
            'cmd := exec.CommandContext(ctx, "tar", "-xf", $x)\ncmd.Run()',
            'cmd := exec.CommandContext(ctx, "bash", "-c", "tar -xf "+$x)\ncmd.Run()',
        ),
    ],
    Language.JAVA: [
        Plant(
            'new ProcessBuilder("git", "show", "--", $x).start();',
            'Runtime.getRuntime().exec("sh -c git show " + $x);',
        ),
        Plant(
            'new ProcessBuilder(List.of("tar", "xf", $x)).start();',
            'new ProcessBuilder("sh", "-c", "tar xf " + $x).start();',
        ),
    ],
    Language.JAVASCRIPT: [
        Plant("execFileSync('git', ['show', '--', $x]);", "execSync(`git show ${$x}`);"),
        Plant("spawn('convert', [$x]);", "spawn('convert ' + $x, { shell: true });"),
    ],
    Language.PYTHON: [
        Plant(
            'subprocess.run(["git", "show", "--", $x], check=True)',
            'os.system("git show %s" % $x)',
        ),
        Plant(
            'subprocess.run(["tar", "xf", $x], check=True)',
            'subprocess.run(f"tar xf {$x}", shell=True, check=True)',
        ),
    ],
    Language.RUBY: [
        Plant('system("git", "show", "--", $x)', 'system("git show #{$x}")'),
        Plant('out, = Open3.capture2("file", $x)', "out = `file #{$x}`"),
        Plant('system("tar", "xf", $x)', 'system("tar xf " + $x + " 2>/dev/null")'),
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

_PATHS = {
    Language.C: [
        Plant(
            "if (strstr($x, \"..\") != NULL || $x[0] == '/')\n\tabort();\n"
            'snprintf(path, sizeof(path), "%s/%s", root, $x);',
            'snprintf(path, sizeof(path), "%s/%s", root, $x);',
        ),
        Plant("fd = openat(root_fd, $x, O_RDONLY | O_NOFOLLOW);", "fd = open($x, O_RDONLY);"),
    ],
    Language.CSHARP: [
        Plant(
            "var path = Path.Combine(root, Path.GetFileName($x));",
            "var path = Path.Combine(root, $x);",
        ),
        Plant(
            "var file = File.OpenRead(SafePath(root, $x));", "var file = File.OpenRead(root + $x);"
        ),
    ],
    Language.CPP: [
        Plant(
            "const auto path = root / std::filesystem::path($x).filename();",
            "const auto path = root / $x;",
        ),
        Plant(
            "std::ifstream file(root / std::filesystem::path($x).filename());",
            'std::ifstream file(std::string(root) + "/" + $x);',
        ),
    ],
    Language.GO: [
        Plant(
            "path := filepath.Join(root, filepath.Base($x))\nos.ReadFile(path)",
            "path := filepath.Join(root, $x)\nos.ReadFile(path)",
        ),
        Plant(
            'if !filepath.IsLocal($x) {\n\tpanic("path leaves its folder")\n}\n'
            "os.Remove(filepath.Join(root, $x))",
            "os.Remove(filepath.Join(root, $x))",
        ),
    ],
    Language.JAVA: [
        Plant(
            "Path path = root.resolve(Path.of($x).getFileName());",
            "Path path = root.resolve($x);",
        ),
        Plant(
            "File file = new File(root, new File($x).getName());",
            "File file = new File(root, $x);",
        ),
    ],
    Language.JAVASCRIPT: [
        Plant(
            "const file = path.join(root, path.basename($x));",
            "const file = path.join(root, $x);",
        ),
        Plant(
            "res.sendFile($x, { root });", "res.sendFile(`${root}/${$x}`, { dotfiles: 'allow' });"
        ),
    ],
    Language.PYTHON: [
        Plant("path = os.path.join(root, os.path.basename($x))", "path = os.path.join(root, $x)"),
        Plant(
            "target = (root / $x).resolve()\n"
            'if not target.is_relative_to(root):\n\traise ValueError("outside of the folder")',
            "target = (root / $x).resolve()",
        ),
    ],
    Language.RUBY: [
        Plant("path = File.join(root, File.basename($x))", "path = File.join(root, $x)"),
        Plant(
            "body = File.read(File.join(root, File.basename($x)))",
            'body = open("#{root}/#{$x}").read',
        ),
    ],
}

_OUTPUT = {
    Language.C: [
        Plant("write_escaped(out, $x);", 'fprintf(out, "<td class=\\"cell\\">%s</td>", $x);'),
    ],
    Language.CSHARP: [
        Plant(
            'writer.Write($"<b>{WebUtility.HtmlEncode($x)}</b>");',
            'writer.Write("<b>" + $x + "</b>");',
        ),
        Plant("output.Content.SetContent($x);", "output.Content.SetHtmlContent($x);"),
    ],
    Language.CPP: [
        Plant('out << "<b>" << html_escape($x) << "</b>";', 'out << "<b>" << $x << "</b>";'),
        Plant("element.set_text($x);", "element.set_inner_html($x);"),
    ],
    Language.GO: [
        Plant(
            'fmt.Fprintf(w, "<b>%s</b>", html.EscapeString($x))', 'fmt.Fprintf(w, "<b>%s</b>", $x)'
        ),
        Plant("page.Title = $x", "page.Title = template.HTML($x)"),
    ],
    Language.JAVA: [
        Plant(
            'out.println("<b>" + HtmlUtils.htmlEscape($x) + "</b>");',
            'out.println("<b>" + $x + "</b>");',
        ),
        Plant(
            'document.body().appendElement("p").text($x);',
            'document.body().append("<p>" + $x + "</p>");',
        ),
    ],
    Language.JAVASCRIPT: [
        Plant("element.textContent = $x;", "element.innerHTML = $x;"),
        Plant("node.append($x);", "node.insertAdjacentHTML('beforeend', $x);"),
        Plant("res.send(`<b>${escapeHtml($x)}</b>`);", "res.send(`<b>${$x}</b>`);"),
    ],
    Language.PYTHON: [
        Plant('page = f"<b>{html.escape($x)}</b>"', 'page = f"<b>{$x}</b>"'),
        Plant("title = escape($x)", "title = Markup($x)"),
        Plant("label = $x", "label = mark_safe($x)"),
    ],
    Language.RUBY: [
        Plant('page << "<b>#{CGI.escapeHTML($x)}</b>"', 'page << "<b>#{$x}</b>"'),
        Plant("content_tag(:b, $x)", "content_tag(:b, $x.html_safe)"),
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
        (
            "unchecked-path",
            "a path from input may lead out of its folder (planted)",
            (_PATHS,),
            (plants(_PATHS),),
        ),
        (
            "unescaped-output",
            "input is written into a page as it is (planted)",
            (_OUTPUT,),
            (plants(_OUTPUT),),
        ),
    )
)
