--- `:checkhealth themis_review`.
local M = {}

local health = vim.health or {}

--- What a program says, nil where it cannot be started.
local function ask(command)
  local ok, run = pcall(vim.system, command, { text = true, timeout = 30000 })
  return ok and run:wait() or nil
end

local function check_server(guard)
  local program = guard.program()
  if not program then
    health.info("the server is started by a function of your configuration")
    return
  end
  local answer = ask({ program, "--version" })
  if not answer then
    health.error(program .. " is not installed", { guard.INSTALL })
  elseif answer.code ~= 0 then
    health.error(program .. " fails: " .. vim.trim(answer.stderr), { guard.INSTALL })
  else
    local version = vim.trim(answer.stdout):match("%S+$") or ""
    local text = ("%s %s (%s)"):format(program, version, vim.fn.exepath(program))
    if guard.knows(version) then
      health.ok(text)
    else
      health.warn(text, { ("this plugin knows %s up to %s"):format(guard.OLDEST, guard.BEYOND) })
    end
  end
end

local function check_review()
  local program = require("themis_review.quickfix").program()
  local answer = ask({ program, "doctor" })
  if not answer then
    health.error("themis-review is not installed", { require("themis_review.guard").INSTALL })
    return
  end
  local report = answer.code == 0 and health.ok or health.error
  report(program .. " doctor" .. (answer.code == 0 and "" or " found what is amiss"))
  for line in vim.gsplit(vim.trim(answer.stdout .. answer.stderr), "\n") do
    health.info(line)
  end
end

local function check_clients(guard)
  local clients = vim.lsp.get_clients({ name = "themis_review" })
  if guard.gave_up() then
    health.error("the server failed too often and is not started", { ":ThemisReview restart" })
  elseif not guard.is_enabled() then
    health.warn("not enabled", { 'vim.lsp.enable("themis_review") in your init.lua' })
  elseif #clients == 0 then
    health.info("enabled; no server runs yet")
  end
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    health.ok(("reviews %d buffers below %s"):format(buffers, client.root_dir or "no folder"))
  end
end

function M.check()
  if vim.fn.has("nvim-0.11") == 0 then
    -- Its functions had other names in another module.
    local old = vim.health or require("health")
    local start, error = old.start or old.report_start, old.error or old.report_error
    start("themis_review")
    error("Neovim 0.11 or newer is needed")
    return
  end
  health.start("themis_review")
  health.ok("Neovim " .. tostring(vim.version()))
  if vim.fn.executable("git") == 1 then
    health.ok("git")
  else
    health.warn("git is not installed: changes cannot be reviewed, weak units can")
  end
  local guard = require("themis_review.guard")
  check_server(guard)
  check_review()
  check_clients(guard)
end

return M
