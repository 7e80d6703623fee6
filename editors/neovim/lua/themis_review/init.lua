--- Themis Review in Neovim; `:help themis_review`.
local M = {}

M.NAME = "themis_review"

--- Overrides what lsp/themis_review.lua says with `config`, and starts the server in what it reviews.
---@param config? vim.lsp.Config
function M.setup(config)
  if vim.fn.has("nvim-0.11") == 0 then
    vim.notify("Themis Review needs Neovim 0.11 or newer", vim.log.levels.WARN)
    return
  end
  -- Where a plugin manager put the folder on the path after start-up, plugin/ has not been read.
  vim.cmd.runtime("plugin/themis_review.lua")
  if config and next(config) then
    vim.lsp.config(M.NAME, config)
  end
  vim.lsp.enable(M.NAME)
end

--- Starts the server anew, also after it was stopped for failing.
function M.restart()
  require("themis_review.guard").forget()
  vim.lsp.enable(M.NAME, false)
  local is_gone = function()
    return #vim.lsp.get_clients({ name = M.NAME, _uninitialized = true }) == 0
  end
  if not vim.wait(3000, is_gone, 20) then
    for _, client in ipairs(vim.lsp.get_clients({ name = M.NAME })) do
      client:stop(true)
    end
    vim.wait(1000, is_gone, 20)
  end
  vim.lsp.enable(M.NAME)
end

--- What the statusline is to show of a buffer, the current one unless named; "" where no server is.
---@param buffer? integer
---@return string
function M.statusline(buffer)
  return require("themis_review.status").describe(buffer or 0)
end

--- The client that reviews a buffer.
---@param buffer? integer
---@return vim.lsp.Client?
function M.client(buffer)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buffer or 0 })[1]
end

--- One message, under the plugin's name.
---@param text string
---@param level? integer
function M.say(text, level)
  vim.notify("Themis Review: " .. text, level or vim.log.levels.INFO)
end

return M
