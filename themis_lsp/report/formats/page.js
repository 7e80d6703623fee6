for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  const sort = (cell) => {
    const rows = [...table.tBodies[0].rows];
    const key = (row) => row.cells[cell.cellIndex].textContent;
    const sign = cell.ariaSort === "ascending" ? -1 : 1;
    for (const head of heads) head.removeAttribute("aria-sort");
    cell.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    rows.sort((a, b) => {
      const [x, y] = [parseFloat(key(a)), parseFloat(key(b))];
      const isText = Number.isNaN(x) || Number.isNaN(y);
      return sign * (isText ? key(a).localeCompare(key(b)) : x - y);
    });
    table.tBodies[0].append(...rows);
  };
  table.classList.add("sortable");
  for (const head of heads) {
    head.tabIndex = 0;
    head.addEventListener("click", () => sort(head));
    head.addEventListener("keydown", (event) => {
      if (event.key === "Enter") sort(head);
    });
  }
}
