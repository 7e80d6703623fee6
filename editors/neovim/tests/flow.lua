--- Open, diagnostic, edit, hover, action, statusline, comparison.
local t = require("harness")
local themis = require("themis_review")
local folder = t.repository()
local opened

local function warnings()
  return vim.diagnostic.get(0, { severity = vim.diagnostic.severity.WARN })
end

t.check("a changed function is warned of when its file is opened", function()
  themis.setup({ init_options = { debounceMs = 20 } })
  opened = vim.uv.hrtime()
  vim.cmd.edit(folder .. "/a.py")
  local found = t.wait_for("a warning", function()
    return warnings()[1]
  end)
  io.stdout:write(("# first diagnostics %d ms after opening, the server's start included\n"):format(
    (vim.uv.hrtime() - opened) / 1e6
  ))
  t.has(found.message, "regressed")
  t.same(found.source, "themis")
  t.same(found.lnum, 3)
  t.same(themis.statusline(), "themis: 1 worse")
end)

t.check("a second file is reviewed by the same server", function()
  t.write(folder .. "/b.py", t.BEFORE)
  t.git(folder, "add", "b.py")
  t.git(folder, "commit", "--quiet", "--message", "second")
  t.write(folder .. "/b.py", t.AFTER)
  opened = vim.uv.hrtime()
  vim.cmd.edit(folder .. "/b.py")
  t.wait_for("a warning", function()
    return warnings()[1]
  end)
  io.stdout:write(("# first diagnostics %d ms after opening, in a running server\n"):format(
    (vim.uv.hrtime() - opened) / 1e6
  ))
  t.same(#vim.lsp.get_clients({ name = "themis_review" }), 1)
  vim.cmd.edit(folder .. "/a.py")
end)

t.check("taking the change back takes the warning away, without saving", function()
  vim.api.nvim_buf_set_lines(0, 3, 4, true, { "        x += item" })
  t.wait_for("no warning", function()
    return #warnings() == 0
  end)
  t.same(themis.statusline(), "themis")
  vim.api.nvim_buf_set_lines(0, 3, 4, true, { "        x = x * item.cost" })
  t.wait_for("a warning", function()
    return warnings()[1]
  end)
end)

t.check("the float shows the five criteria", function()
  vim.api.nvim_win_set_cursor(0, { 4, 10 })
  vim.cmd.ThemisReview()
  local text = t.wait_for("a float", t.float)
  for _, words in ipairs({ "correctness", "runtime", "memory", "security", "readability" }) do
    t.has(text:lower(), words)
  end
  vim.cmd("fclose")
end)

t.check("the columns of the float stand one below the other", function()
  local lines = require("themis_review.criteria").align({
    "**f**",
    "",
    "| | percentile | worse? |",
    "|:--|--:|--:|",
    "| memory | 7 | 95% |",
    "| größe | 100 |  |",
  })
  t.same(lines, {
    "**f**",
    "",
    "        percentile  worse?",
    "memory           7     95%",
    "größe          100        ",
  })
end)

t.check("a line outside of any function gets a message instead", function()
  vim.api.nvim_buf_set_lines(0, -1, -1, true, { "", "" })
  vim.api.nvim_win_set_cursor(0, { vim.api.nvim_buf_line_count(0), 0 })
  t.said()
  vim.cmd.ThemisReview("criteria")
  local said = t.wait_for("a message", function()
    return t.messages[1]
  end)
  t.has(said.text, "nothing is known of this line")
end)

t.check("the comparison shows the text of HEAD beside the buffer", function()
  local window = vim.api.nvim_get_current_win()
  vim.cmd.ThemisReview("compare")
  t.same(vim.api.nvim_get_current_win(), window)
  t.same(vim.wo.diff, true)
  vim.cmd.wincmd("h")
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), "\n") .. "\n"
  t.same(text, t.BEFORE)
  vim.cmd.close()
  t.same(vim.wo.diff, false)
end)

t.check("the server is started anew on request", function()
  local before = themis.client().id
  vim.cmd.ThemisReview("restart")
  t.wait_for("another client", function()
    local client = themis.client()
    return client and client.id ~= before
  end)
  t.wait_for("its warning", function()
    return warnings()[1]
  end)
end)

t.check("code actions are offered at a warning", function()
  local client = themis.client()
  local params = vim.lsp.util.make_given_range_params({ 4, 0 }, { 4, 3 }, 0, "utf-16")
  params.context = { diagnostics = vim.lsp.diagnostic.from(warnings()) }
  local answer = client:request_sync("textDocument/codeAction", params, 5000, 0)
  assert(answer and answer.result and #answer.result > 0, vim.inspect(answer))
  for _, action in ipairs(answer.result) do
    io.stdout:write("# " .. action.title .. "\n")
  end
end)

t.check("nothing was said on the way", function()
  local unexpected = vim.tbl_filter(function(text)
    return not text:find("nothing is known", 1, true)
  end, t.said())
  t.same(unexpected, {})
end)

t.finish()
