--- What :checkhealth says, and what is said where the server cannot run.
local t = require("harness")
local themis = require("themis_review")
local folder = t.repository()

local function checkhealth()
  vim.cmd("silent checkhealth themis_review")
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), "\n")
  vim.cmd.bwipeout()
  return text
end

local function open(name)
  t.write(folder .. "/" .. name, t.BEFORE)
  vim.cmd.edit(folder .. "/" .. name)
end

t.check("health is well where everything is there", function()
  local text = checkhealth()
  t.has(text, "OK themis-lsp")
  t.has(text, "OK themis-review doctor")
  assert(not text:find("ERROR"), text)
end)

t.check("health says that the server is not enabled", function()
  t.has(checkhealth(), "not enabled")
end)

t.check("a missing server is told once, with what to do", function()
  themis.setup({ cmd = { "themis-lsp-that-is-not-there", "--stdio" } })
  for _, name in ipairs({ "a.py", "b.py", "c.py" }) do
    open(name)
  end
  local said = t.said()
  t.same(#said, 1)
  t.has(said[1], "themis-lsp-that-is-not-there is not installed")
  t.has(said[1], "pipx install")
  t.has(checkhealth(), "ERROR themis-lsp-that-is-not-there is not installed")
end)

t.check("a server that keeps failing is left alone after three times", function()
  vim.lsp.enable("themis_review", false)
  require("themis_review.guard").forget()
  t.said()
  local log = folder .. "/starts"
  local script = folder .. "/failing"
  t.write(script, "#!/bin/sh\necho start >> " .. log .. "\nexit 3\n")
  vim.fn.setfperm(script, "rwxr-xr-x")
  themis.setup({ cmd = { script } })
  for number = 1, 6 do
    open(("d%d.py"):format(number))
    t.wait_for("its end", function()
      return #vim.lsp.get_clients({ _uninitialized = true }) == 0
    end)
    vim.wait(50)
  end
  t.same(#vim.fn.readfile(log), 3)
  local ours = vim.tbl_filter(function(text)
    return text:find("^Themis Review:") ~= nil
  end, t.said())
  t.same(#ours, 1)
  t.has(ours[1], "not started again")
  t.has(checkhealth(), "ERROR the server failed too often")
  t.has(checkhealth(), "ERROR " .. script)
end)

t.check("versions of the server that are not known are told", function()
  local guard = require("themis_review.guard")
  guard.forget()
  t.same({ guard.knows("0.1.0"), guard.knows("0.1.7"), guard.knows("0.2.0") }, { true, true, false })
  guard.check_version({ server_info = { version = "9.0.0" } })
  guard.check_version({ server_info = { version = "9.0.0" } })
  local said = t.said()
  t.same(#said, 1)
  t.has(said[1], "themis-lsp 9.0.0 is not between")
end)

t.check("an older Neovim gets a message and a command that says so", function()
  local has = vim.fn.has
  vim.fn.has = function(feature)
    return feature == "nvim-0.11" and 0 or has(feature)
  end
  vim.g.loaded_themis_review = nil
  themis.setup()
  t.has(t.said()[1], "needs Neovim 0.11")
  vim.cmd.runtime("plugin/themis_review.lua")
  t.has(vim.fn.execute("ThemisReview staged"), "needs Neovim 0.11 or newer")
  t.has(checkhealth(), "Neovim 0.11 or newer is needed")
  vim.fn.has = has
end)

t.finish()
