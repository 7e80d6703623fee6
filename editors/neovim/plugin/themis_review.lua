if vim.g.loaded_themis_review then
  return
end
vim.g.loaded_themis_review = true

if vim.fn.has("nvim-0.11") == 0 then
  -- Nothing of the plugin can load here: say so when it is used, not at every start.
  vim.cmd([[command! -nargs=* ThemisReview echohl WarningMsg | ]]
    .. [[echomsg 'Themis Review needs Neovim 0.11 or newer; with an older one, start ]]
    .. [[themis-lsp --stdio from your own LSP setup.' | echohl None]])
  return
end

require("themis_review.command").define()
require("themis_review.guard").watch()
require("themis_review.status").watch()
