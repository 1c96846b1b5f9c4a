(() => {
  const root = document.documentElement, button = document.getElementById("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.hidden = false;
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  name();

  const rupees = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 0 });
  const when = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Kolkata", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
  for (const svg of document.querySelectorAll("svg[data-hover]")) {
    const hover = JSON.parse(svg.dataset.hover), box = svg.parentElement;
    const tip = box.appendChild(document.createElement("div"));
    tip.className = "tip";
    const cross = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    cross.setAttribute("class", "cross");
    svg.addEventListener("pointerleave", () => { tip.style.display = "none"; cross.removeAttribute("d"); });
    svg.addEventListener("pointermove", (event) => {
      const frame = svg.getBoundingClientRect(), x = (event.clientX - frame.left) * svg.viewBox.baseVal.width / frame.width;
      let row = hover.x.findIndex((each) => each >= x);
      if (row < 0) row = hover.x.length - 1;
      if (row > 0 && x - hover.x[row - 1] < hover.x[row] - x) row -= 1;
      cross.setAttribute("d", `M${hover.x[row]},${hover.top}V${hover.bottom}`);
      tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: when.format(hover.at[row] * 1000) }));
      for (const [label, values] of Object.entries(hover.values)) {
        const line = document.createElement("span");
        line.append(label, Object.assign(document.createElement("em"), { textContent: rupees.format(values[row]).replace("-", "\u2212") }));
        tip.append(line);
      }
      tip.style.display = "block";
      const left = hover.x[row] * frame.width / svg.viewBox.baseVal.width;
      tip.style.left = `${left + (left > frame.width / 2 ? -tip.offsetWidth - 14 : 14)}px`;
      tip.style.top = `${event.clientY - box.getBoundingClientRect().top + 12}px`;
    });
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.addEventListener("click", () => {
      const falls = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falls > 0 ? "ascending" : "descending");
      const key = (row) => { const cell = row.cells[column], value = cell.dataset.v; return value === undefined ? cell.textContent : Number(value); };
      const rows = [...table.tBodies[0].rows].filter((row) => !row.classList.contains("gap"));
      rows.sort((one, other) => { const a = key(one), b = key(other); return (a < b ? -1 : a > b ? 1 : 0) * falls; });
      table.querySelector(".gap")?.remove();
      table.tBodies[0].append(...rows);
    }));
  }
})();
