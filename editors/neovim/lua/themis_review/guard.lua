--- What can be wrong with the server, said once.
local M = {}

-- The versions this plugin knows how to talk to, the upper one exclusive.
M.OLDEST, M.BEYOND = "0.1.0", "0.2.0"
M.INSTALL = "pipx install 'themis-review[cpu]' (Python 3.11 or newer), then :ThemisReview restart"
local FAILURES_LIMIT = 3

local failures = 0
---@type table<string, true>
local said = {}

local function warn_once(text)
  if not said[text] then
    said[text] = true
    require("themis_review").say(text, vim.log.levels.WARN)
  end
end

--- Whether a version is one that this plugin knows.
---@param version string
---@return boolean
function M.knows(version)
  local parsed = vim.version.parse(version)
  return parsed ~= nil and vim.version.ge(parsed, M.OLDEST) and vim.version.lt(parsed, M.BEYOND)
end

---@param client vim.lsp.Client
function M.check_version(client)
  local version = (client.server_info or {}).version
  if not version or not M.knows(version) then
    warn_once(
      ("themis-lsp %s is not between %s and %s, some of this plugin may not work; "):format(
        version or "of an unknown version",
        M.OLDEST,
        M.BEYOND
      ) .. "bring both up to date"
    )
  end
end

--- Neovim starts a server again for every file; one that keeps failing is left alone.
---@param code integer
---@param signal integer
function M.count_exit(code, signal)
  if code == 0 and (signal == 0 or signal == 15) then
    return
  end
  failures = failures + 1
  if failures == FAILURES_LIMIT then
    vim.schedule(function()
      vim.lsp.enable("themis_review", false)
      warn_once(
        "themis-lsp failed "
          .. FAILURES_LIMIT
          .. " times and is not started again; :checkhealth themis_review tells more"
      )
    end)
  end
end

--- Whether the server failed too often to be started again.
---@return boolean
function M.gave_up()
  return failures >= FAILURES_LIMIT
end

function M.forget()
  failures, said = 0, {}
end

--- The program that starts the server, nil where the configuration starts it by a function.
---@return string?
function M.program()
  local cmd = (vim.lsp.config.themis_review or {}).cmd
  return type(cmd) == "table" and cmd[1] or nil
end

---@return boolean
function M.is_enabled()
  -- 0.11.0 has no such function yet.
  local is_enabled = vim.lsp.is_enabled
    or function(name)
      return vim.lsp._enabled_configs[name] ~= nil
    end
  return is_enabled("themis_review")
end

--- Neovim says nothing where a server cannot be started.
function M.watch()
  local group = vim.api.nvim_create_augroup("themis_review_guard", {})
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    callback = function(event)
      if not M.is_enabled() or vim.bo[event.buf].buftype ~= "" then
        return
      end
      local config = vim.lsp.config.themis_review
      local program = M.program()
      if
        program
        and vim.list_contains(config.filetypes or {}, event.match)
        and vim.fn.executable(program) == 0
      then
        warn_once(("%s is not installed: %s"):format(program, M.INSTALL))
      end
    end,
  })
end

return M
