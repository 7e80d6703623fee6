--- A review of changes by the command line, as a quickfix list.
local M = {}

local WEAK_BELOW = 10

local WORDS = {
  Functional_Correctness = "functional correctness",
  Runtime_Efficiency = "runtime efficiency",
  Memory_Efficiency = "memory efficiency",
  Security_Hardness = "security hardness",
  Readability_Maintainability = "readability and maintainability",
}

--- The byte, from 1, of a code point of a line, both from 1.
local function byte_column(path, line, column)
  local ok, lines = pcall(vim.fn.readfile, path, "", line)
  local text = ok and lines[line] or nil
  if not text then
    return 1
  end
  local index = vim.fn.byteidx(text, column - 1)
  return (index < 0 and #text or index) + 1
end

local function item(root, place, text, kind)
  local path = vim.fs.joinpath(root, place.path)
  return {
    filename = path,
    lnum = place.line,
    col = byte_column(path, place.line, place.start_column),
    end_lnum = place.end_column and place.line or nil,
    end_col = place.end_column and byte_column(path, place.line, place.end_column) or nil,
    text = text,
    type = kind,
  }
end

local function place_of(path, line, column, costliest)
  local cost = costliest and costliest[1]
  if cost then
    return {
      path = path,
      line = cost.line,
      start_column = cost.start_column,
      end_column = cost.end_column,
    }
  end
  return { path = path, line = line, start_column = column }
end

local function changed(root, change, items)
  local after = change.after
  for criterion, reading in vim.spairs(change.criteria) do
    if type(after) == "table" and reading.verdict == "regressed" then
      local costliest = change.costliest_side == "after" and reading.costliest or nil
      local place = place_of(after.path, after.start_line, change.start_column, costliest)
      local concern = type(reading.concern) == "table" and ": " .. reading.concern.title or ""
      local percent = math.min(99, math.floor(100 * reading.probability))
      local text = ("%s: %s regressed (%d %% likely)%s"):format(
        after.name,
        WORDS[criterion] or criterion,
        percent,
        concern
      )
      table.insert(items, item(root, place, text, "W"))
    end
  end
end

local function added(root, unit, items)
  local weakest, lowest = nil, WEAK_BELOW
  for criterion, reading in vim.spairs(unit.criteria) do
    if type(reading.percentile) == "number" and reading.percentile < lowest then
      weakest, lowest = criterion, reading.percentile
    end
  end
  if weakest and unit.ranked then
    local costliest = unit.criteria[weakest].costliest
    local place = place_of(unit.path, unit.start_line, unit.start_column, costliest)
    local text = ("%s (new): %s at percentile %d"):format(unit.name, WORDS[weakest] or weakest, lowest)
    table.insert(items, item(root, place, text, "I"))
  end
end

--- Quickfix items for a review in the JSON of docs/json.md; its paths are below `root`.
---@param review table
---@param root string
---@return table[]
function M.items(review, root)
  local items = {}
  for _, change in ipairs(type(review.changes) == "table" and review.changes or {}) do
    changed(root, change, items)
  end
  for _, unit in ipairs(review.units or {}) do
    added(root, unit, items)
  end
  return items
end

--- The command line that stands beside the server in use, else the one on the path.
---@return string
function M.program()
  local server = require("themis_review.guard").program()
  local folder = server and server:find("[/\\]") and vim.fs.dirname(server) or nil
  local beside = folder and vim.fs.joinpath(folder, "themis-review")
  return beside and vim.fn.executable(beside) == 1 and beside or "themis-review"
end

local function arguments(what)
  local command = { M.program(), "check", "--format", "json" }
  vim.list_extend(command, what)
  local client = require("themis_review").client()
  local options = vim.tbl_get(client or {}, "config", "init_options") or {}
  if options.model then
    vim.list_extend(command, { "--model", options.model })
  end
  if options.provider then
    vim.list_extend(command, { "--provider", options.provider })
  end
  return command
end

local function finish(answer, root, title)
  local themis = require("themis_review")
  local ok, review = pcall(vim.json.decode, answer.stdout or "")
  if not ok or type(review) ~= "table" then
    local reason = vim.trim(answer.stderr or "")
    themis.say(reason ~= "" and reason or "the review broke off", vim.log.levels.WARN)
    return
  end
  for _, problem in ipairs(review.errors or {}) do
    themis.say(problem.message, vim.log.levels.WARN)
  end
  local items = M.items(review, root)
  vim.fn.setqflist({}, " ", { title = title, items = items })
  if #items > 0 then
    vim.cmd("botright copen")
  elseif #(review.errors or {}) == 0 then
    local count = type(review.changes) == "table" and #review.changes or 0
    themis.say(("%d changed units, none found worse"):format(count))
  end
end

--- Reviews what `what`, options of the command line, chooses; fills and opens the quickfix list.
---@param what string[]
function M.review(what)
  local themis = require("themis_review")
  local name = vim.api.nvim_buf_get_name(0)
  local start = name ~= "" and vim.bo.buftype == "" and vim.fs.dirname(name) or vim.fn.getcwd()
  local root = vim.fs.root(start, ".git")
  if not root then
    themis.say("there is no git repository around " .. start, vim.log.levels.WARN)
    return
  end
  local title = "Themis Review " .. table.concat(what, " ")
  local ok = pcall(vim.system, arguments(what), { cwd = root, text = true }, function(answer)
    vim.schedule(function()
      finish(answer, root, title)
    end)
  end)
  if not ok then
    local install = require("themis_review.guard").INSTALL
    themis.say("themis-review is not installed: " .. install, vim.log.levels.WARN)
  end
end

return M
