--- What the specs share: a repository with a change, waiting, and a report of each check.
local M = {}

M.BEFORE = table.concat({
  "def total(items):",
  "    x = 0",
  "    for item in items:",
  "        x += item",
  "    return x",
  "",
}, "\n")
M.AFTER = M.BEFORE:gsub("x %+= item", "x = x + item.price")

---@type { text: string, level: integer? }[]
M.messages = {}
vim.notify = function(text, level)
  table.insert(M.messages, { text = text, level = level })
end

local failed = false

--- Runs a check and reports it under its sentence.
function M.check(sentence, body)
  local ok, problem = xpcall(body, debug.traceback)
  failed = failed or not ok
  io.stdout:write((ok and "ok " or "not ok ") .. sentence .. "\n")
  if not ok then
    io.stdout:write(tostring(problem):gsub("^", "  "):gsub("\n", "\n  ") .. "\n")
    for _, message in ipairs(M.messages) do
      io.stdout:write("  message: " .. message.text .. "\n")
    end
  end
end

function M.finish()
  for _, client in ipairs(vim.lsp.get_clients()) do
    client:stop(true)
  end
  vim.cmd(failed and "cquit 1" or "qall!")
end

--- Waits until `wanted` returns something, and returns it.
function M.wait_for(what, wanted)
  local got
  local is_there = vim.wait(60000, function()
    got = wanted()
    return got ~= nil and got ~= false
  end, 5)
  assert(is_there, "waited in vain for " .. what)
  return got
end

function M.same(got, expected)
  local shown = ("got %s instead of %s"):format(vim.inspect(got), vim.inspect(expected))
  assert(vim.deep_equal(got, expected), shown)
end

function M.has(text, part)
  assert(text:find(part, 1, true), ("%q is not in: %s"):format(part, text))
end

function M.git(folder, ...)
  local identity = { "-c", "user.name=A", "-c", "user.email=a@example.org" }
  local command = vim.iter({ "git", "-C", folder, identity, { ... } }):flatten():totable()
  local answer = vim.system(command):wait()
  assert(answer.code == 0, answer.stderr)
end

function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

--- A new repository whose a.py was committed and changed since; returns its folder.
function M.repository()
  local folder = vim.uv.fs_realpath(vim.fn.tempname():match("^(.*)/"))
    .. "/repository"
    .. vim.uv.hrtime()
  vim.fn.mkdir(folder, "p")
  M.git(folder, "init", "--quiet")
  M.write(folder .. "/a.py", M.BEFORE)
  M.git(folder, "add", "--all")
  M.git(folder, "commit", "--quiet", "--message", "first")
  M.write(folder .. "/a.py", M.AFTER)
  return folder
end

--- The messages so far, which are forgotten.
function M.said()
  local texts = vim.tbl_map(function(message)
    return message.text
  end, M.messages)
  M.messages = {}
  return texts
end

--- The float that is open, as text.
function M.float()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= "" then
      local buffer = vim.api.nvim_win_get_buf(window)
      return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), "\n")
    end
  end
end

return M
