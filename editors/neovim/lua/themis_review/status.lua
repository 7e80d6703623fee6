--- What the statusline shows.
local M = {}

---@type table<integer, table<string|integer, true>>
local running = {}

--- How many diagnostics of each kind a buffer has.
---@param buffer integer
---@return integer worse, integer weak
local function count(buffer)
  local worse, weak = 0, 0
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    if diagnostic.source == "themis" then
      if diagnostic.severity == vim.diagnostic.severity.HINT then
        weak = weak + 1
      else
        worse = worse + 1
      end
    end
  end
  return worse, weak
end

---@param buffer integer
---@return string
function M.describe(buffer)
  local client = require("themis_review").client(buffer)
  if not client then
    return ""
  end
  if next(running[client.id] or {}) then
    return "themis: reviewing"
  end
  local worse, weak = count(buffer)
  local parts = {}
  if worse > 0 then
    table.insert(parts, worse .. " worse")
  end
  if weak > 0 then
    table.insert(parts, weak .. " weak")
  end
  return #parts == 0 and "themis" or "themis: " .. table.concat(parts, ", ")
end

--- Has the statusline drawn anew when what it shows has changed.
function M.watch()
  local group = vim.api.nvim_create_augroup("themis_review_status", {})
  vim.api.nvim_create_autocmd("LspProgress", {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if not client or client.name ~= "themis_review" then
        return
      end
      local progress = event.data.params
      local tokens = vim.tbl_get(running, client.id) or {}
      tokens[progress.token] = progress.value.kind ~= "end" and true or nil
      running[client.id] = tokens
      vim.cmd.redrawstatus()
    end,
  })
  vim.api.nvim_create_autocmd("LspDetach", {
    group = group,
    callback = function(event)
      running[event.data.client_id] = nil
    end,
  })
  vim.api.nvim_create_autocmd("DiagnosticChanged", {
    group = group,
    callback = function()
      vim.cmd.redrawstatus()
    end,
  })
end

return M
