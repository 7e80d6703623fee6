-- What `vim.lsp.enable("themis_review")` starts; `vim.lsp.config("themis_review", {...})` overrides.
---@type vim.lsp.Config
return {
  cmd = { "themis-lsp", "--stdio" },
  filetypes = { "c", "cpp", "cs", "go", "java", "javascript", "javascriptreact", "python", "ruby" },
  root_markers = { ".themis.toml", ".git" },
  -- The settings of docs/server.md go here: base, model, weakHints, ...
  init_options = {},
  on_init = function(client)
    require("themis_review.guard").check_version(client)
  end,
  on_exit = function(code, signal)
    require("themis_review.guard").count_exit(code, signal)
  end,
}
