// Measured figures: below the name of a stage and in a cell of the KPI lane, with what they rest on.

const EVIDENCE = {
  measured: "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z",
  partly: "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12Zm0 0v12",
  assumed: "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z",
};

// A small sign of how well something is known: full, half full or empty.
function evidenceMark(board, level) {
  const svg = document.createElementNS(SVG, "svg");
  const ring = document.createElementNS(SVG, "path");
  const fill = document.createElementNS(SVG, "path");
  const said = document.createElementNS(SVG, "title");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "evidence");
  svg.setAttribute("data-evidence", level);
  svg.setAttribute("role", "img");
  said.textContent = board.w(level);
  ring.setAttribute("d", EVIDENCE.measured);
  fill.setAttribute("class", "filled");
  fill.setAttribute("d", level === "partly" ? "M10 4a6 6 0 0 1 0 12Z" : level === "measured" ? EVIDENCE.measured : "");
  svg.append(said, ring, fill);
  return svg;
}

function drawHead(board, stage, element) {
  drawMetrics(board, element, stage.head || []);
}

function drawKpi(board, lane, stage, element) {
  element.classList.add("kpi");
  drawMetrics(board, element, board.data.kpi?.[stage.id] || []);
}

// The figures of a stage, one below the other; an element that stands stays, so that nothing flickers.
function drawMetrics(board, element, metrics) {
  element.classList.add("metrics");
  element.setAttribute("role", "list");
  const old = new Map([...element.children].map((row) => [row.dataset.key, row]));
  const rows = metrics.map((metric) => drawMetric(board, old.get(metric.key) || metricRow(metric.key), metric));
  arrange(element, rows);
  element.classList.toggle("none", !metrics.length);
}

function metricRow(key) {
  const row = make("div", { class: "metric", role: "listitem" });
  row.dataset.key = key;
  row.append(
    make("span", { class: "m-label" }, make("span"), make("i", { class: "m-new" })),
    make("span", { class: "m-value" }, make("s", { class: "m-was" }), make("b"), make("small", { class: "m-n" })),
  );
  return row;
}

function drawMetric(board, row, metric) {
  const [label, value] = row.children;
  const [was, text, n] = value.querySelectorAll("s, b, small");
  write(label.querySelector("span"), metric.label);
  write(label.querySelector("i"), metric.changed ? board.w("head_changed") : "");
  // Where only the people are others, a number is not crossed out beside itself.
  write(was, metric.changed && metric.was_text !== metric.text ? metric.was_text || "" : "");
  write(text, metric.text);
  write(n, metric.n_text || "");
  row.classList.toggle("changed", Boolean(metric.changed));
  put(row, "data-evidence", metric.evidence || null);
  const mark = label.querySelector(".evidence");
  if (mark?.dataset.evidence !== metric.evidence) {
    mark?.remove();
    if (metric.evidence) label.prepend(evidenceMark(board, metric.evidence));
  }
  const told = [metric.label, metric.text, metric.n_text, metric.range_text].filter(Boolean);
  if (metric.changed && metric.was_text) told.push(board.w("head_was", { text: metric.was_text }));
  if (metric.evidence) told.push(board.w(metric.evidence));
  put(row, "title", told.join(" · "));
  return row;
}
