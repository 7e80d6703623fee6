--- The quickfix list of a review of changes.
local t = require("harness")
local folder = t.repository()

local function review(...)
  vim.fn.setqflist({}, "f")
  t.said()
  vim.cmd.ThemisReview({ args = { ... } })
  t.wait_for("a list or a message", function()
    return #vim.fn.getqflist() > 0 or t.messages[1]
  end)
  return vim.fn.getqflist({ items = true, title = true })
end

vim.cmd.edit(folder .. "/a.py")

t.check("what is staged and got worse is listed, with the place", function()
  t.git(folder, "add", "a.py")
  local list = review("staged")
  t.same(list.title, "Themis Review --staged")
  assert(#list.items > 0)
  local first = list.items[1]
  t.has(first.text, "total: ")
  t.has(first.text, "regressed")
  t.same({ first.lnum, first.col, first.type }, { 4, 9, "W" })
  t.same(vim.uv.fs_realpath(vim.api.nvim_buf_get_name(first.bufnr)), folder .. "/a.py")
  t.same(vim.bo.buftype, "quickfix")
  vim.cmd.cclose()
end)

t.check("columns are right behind characters of several bytes", function()
  local items = require("themis_review.quickfix").items({
    changes = {
      {
        after = { path = "c.py", start_line = 1, name = "f" },
        start_column = 1,
        costliest_side = "after",
        criteria = {
          Memory_Efficiency = {
            verdict = "regressed",
            probability = 0.999,
            concern = vim.NIL,
            costliest = { { line = 1, start_column = 6, end_column = 7 } },
          },
        },
      },
    },
  }, (function()
    t.write(folder .. "/c.py", "x = '🦊' + y\n")
    return folder
  end)())
  t.same({ items[1].col, items[1].end_col }, { 6, 10 })
  t.same(items[1].text, "f: memory efficiency regressed (99 % likely)")
end)

t.check("where nothing changed, a message says so", function()
  t.git(folder, "commit", "--quiet", "--message", "second")
  local list = review("staged")
  t.same(list.items, {})
  t.same(t.said(), { "Themis Review: 0 changed units, none found worse" })
end)

t.check("a revision that is not there is a message", function()
  review("since", "nowhere")
  t.has(t.said()[1], "nowhere")
end)

t.check("outside of a repository a message says so", function()
  vim.cmd.edit(vim.fn.tempname() .. ".py")
  review("staged")
  t.has(t.said()[1], "no git repository")
end)

t.check("a missing command line is one message that says what to do", function()
  vim.cmd.edit(folder .. "/a.py")
  local path = vim.env.PATH
  vim.env.PATH = "/nowhere"
  review("staged")
  vim.env.PATH = path
  local said = t.said()
  t.same(#said, 1)
  t.has(said[1], "pipx install")
end)

t.check("an unknown subcommand is answered with those there are", function()
  review("stagd")
  t.has(t.said()[1], "staged")
  t.same(vim.fn.getcompletion("ThemisReview st", "cmdline"), { "staged" })
end)

t.finish()
