--- The buffer beside its text in the commit it is compared with.
local M = {}

local function base_of(client)
  return vim.tbl_get(client or {}, "config", "init_options", "base") or "HEAD"
end

local function show(text, name, source)
  vim.cmd("diffthis")
  vim.cmd("leftabove vertical new")
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].buftype = "nofile"
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].swapfile = false
  local lines = vim.split(text:gsub("\r\n", "\n"):gsub("\n$", ""), "\n")
  vim.api.nvim_buf_set_lines(buffer, 0, -1, true, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].syntax = vim.bo[source].filetype
  vim.api.nvim_buf_set_name(buffer, name)
  vim.cmd("diffthis")
  vim.api.nvim_create_autocmd("BufWipeout", {
    buffer = buffer,
    once = true,
    callback = function()
      for _, window in ipairs(vim.fn.win_findbuf(source)) do
        vim.api.nvim_win_call(window, function()
          vim.cmd("diffoff")
        end)
      end
    end,
  })
  vim.cmd.wincmd("p")
end

--- Opens the comparison; closing the left window ends it.
function M.open()
  local themis = require("themis_review")
  local source = vim.api.nvim_get_current_buf()
  local file = vim.uv.fs_realpath(vim.api.nvim_buf_get_name(source))
  if vim.bo[source].buftype ~= "" or not file then
    themis.say("this buffer is no saved file: there is nothing to compare it with")
    return
  end
  local base = base_of(themis.client(source))
  local object = base .. ":./" .. vim.fs.basename(file)
  if base:find("^%-") or base:find(":", 1, true) then
    themis.say("the setting base is no commit or branch: " .. base, vim.log.levels.WARN)
    return
  end
  -- Unlike show, this runs nothing that the repository may have configured.
  local command = { "git", "-C", vim.fs.dirname(file), "cat-file", "blob", object }
  local ok, run = pcall(vim.system, command)
  local answer = ok and run:wait() or { code = 127, stderr = "git is not installed" }
  if answer.code ~= 0 then
    themis.say(("no text of this file in %s: %s"):format(base, vim.trim(answer.stderr)))
    return
  end
  local number = vim.fn.bufnr()
  show(answer.stdout, ("themis://%d/%s"):format(number, object), source)
end

return M
