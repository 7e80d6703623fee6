--- The unit under the cursor on the five criteria, in a float.
local M = {}

local function show(result)
  local themis = require("themis_review")
  if not result or not result.contents then
    themis.say("nothing is known of this line: no function, or not reviewed yet")
    return
  end
  local lines = vim.lsp.util.convert_input_to_markdown_lines(result.contents)
  vim.lsp.util.open_floating_preview(lines, "markdown", {
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
