for (const table of document.querySelectorAll("table")) {
  table.classList.add("sortable");
  table.tHead.addEventListener("click", (event) => {
    const cell = event.target.closest("th");
    const rows = [...table.tBodies[0].rows];
    const key = (row) => row.cells[cell.cellIndex].textContent;
    const sign = cell.dataset.order === "up" ? -1 : 1;
    cell.dataset.order = sign === 1 ? "up" : "down";
    rows.sort((a, b) => {
      const [x, y] = [parseFloat(key(a)), parseFloat(key(b))];
      const isText = Number.isNaN(x) || Number.isNaN(y);
      return sign * (isText ? key(a).localeCompare(key(b)) : x - y);
    });
    table.tBodies[0].append(...rows);
  });
}
