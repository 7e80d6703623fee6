--- `:ThemisReview`.
local M = {}

---@type table<string, fun(arguments: string[])>
local subcommands = {
  criteria = function()
    require("themis_review.criteria").open()
  end,
  compare = function()
    require("themis_review.compare").open()
  end,
  staged = function()
    require("themis_review.quickfix").review({ "--staged" })
  end,
  uncommitted = function()
    require("themis_review.quickfix").review({ "--uncommitted" })
  end,
  since = function(arguments)
    if #arguments ~= 1 then
      require("themis_review").say("say since what, as in :ThemisReview since main")
      return
    end
    require("themis_review.quickfix").review({ "--since", arguments[1] })
  end,
  restart = function()
    require("themis_review").restart()
  end,
  log = function()
    vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
  end,
  health = function()
    vim.cmd.checkhealth("themis_review")
  end,
}

local function names()
  local all = vim.tbl_keys(subcommands)
  table.sort(all)
  return all
end

local function complete(lead, line)
  if #vim.split(vim.trim(line), "%s+") > (lead == "" and 1 or 2) then
    return {}
  end
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names())
end

function M.define()
  vim.api.nvim_create_user_command("ThemisReview", function(call)
    local arguments = vim.list_slice(call.fargs, 2)
    local run = subcommands[call.fargs[1] or "criteria"]
    if run then
      run(arguments)
    else
      local all = table.concat(names(), ", ")
      require("themis_review").say(("%s is none of %s"):format(call.fargs[1], all))
    end
  end, { nargs = "*", complete = complete, desc = "Themis Review" })
end

return M
