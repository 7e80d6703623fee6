--- The unit under the cursor on the five criteria, in a float.
local M = {}

local function cells_of(line)
  return vim.tbl_map(vim.trim, vim.split(line:gsub("^|", ""):gsub("|$", ""), "|"))
end

local function pad(text, width, is_first)
  local blanks = (" "):rep(width - vim.fn.strdisplaywidth(text))
  return is_first and text .. blanks or blanks .. text
end

--- Lines of Markdown with the columns of their tables one below the other, to be read as they are.
---@param lines string[]
---@return string[]
function M.align(lines)
  local widths = {}
  local kept = vim.tbl_filter(function(line)
    return not line:find("^|[:%-| ]+|$") or line:find("^|[ |]+|$") ~= nil
  end, lines)
  for _, line in ipairs(kept) do
    for column, cell in ipairs(line:find("^|") and cells_of(line) or {}) do
      widths[column] = math.max(widths[column] or 0, vim.fn.strdisplaywidth(cell))
    end
  end
  return vim.tbl_map(function(line)
    if not line:find("^|") then
      return line
    end
    local cells = {}
    for column, cell in ipairs(cells_of(line)) do
      table.insert(cells, pad(cell, widths[column], column == 1))
    end
    return table.concat(cells, "  ")
  end, kept)
end

local function show(result)
  local themis = require("themis_review")
  if not result or not result.contents then
    themis.say("nothing is known of this line: no function, or not reviewed yet")
    return
  end
  local lines = vim.lsp.util.convert_input_to_markdown_lines(result.contents)
  vim.lsp.util.open_floating_preview(M.align(lines), "markdown", {
    border = "rounded",
    title = " Themis Review ",
    focus_id = "themis_review",
    wrap = false,
  })
end

--- Opens the float; called again, moves into it.
function M.open()
  local themis = require("themis_review")
  local client = themis.client()
  if not client then
    themis.say("no server reviews this buffer; :checkhealth themis_review tells why")
    return
  end
  local window = vim.api.nvim_get_current_win()
  local params = vim.lsp.util.make_position_params(window, client.offset_encoding)
  local buffer = vim.api.nvim_get_current_buf()
  client:request("textDocument/hover", params, function(problem, result)
    if problem then
      themis.say(problem.message, vim.log.levels.WARN)
    elseif vim.api.nvim_get_current_buf() == buffer then
      show(result)
    end
  end, buffer)
end

return M
