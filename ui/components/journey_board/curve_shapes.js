// Feelings as shapes: their colours, their faces, and smooth lines through them.

const SAMPLES = 14; // points of a drawn curve between two stages
const TONES = [[209, 73, 91], [232, 134, 84], [224, 184, 76], [124, 182, 112], [46, 158, 131]];

// The colour of a feeling: rose, orange, amber, green, teal.
function tone(value) {
  const at = Math.max(0, Math.min(3.999, value + 2));
  const low = TONES[Math.floor(at)], high = TONES[Math.floor(at) + 1];
  return `rgb(${low.map((one, i) => Math.round(one + (high[i] - one) * (at % 1))).join(" ")})`;
}

function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A face that looks as it is felt: only the mouth moves.
function face() {
  const eyes = drawn("path", { d: "M8.3 10.2v.9M15.7 10.2v.9", class: "eyes" });
  return drawn("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, eyes, drawn("path", { class: "mouth" }));
}

function feelLike(element, value) {
  element.style.setProperty("--tone", tone(value));
  const bend = value * 1.7;
  const corner = 15.6 - bend * 0.35;
  put(element.querySelector(".mouth"), "d", `M7.6 ${corner.toFixed(2)}Q12 ${(corner + bend * 1.35).toFixed(2)} 16.4 ${corner.toFixed(2)}`);
}

// A smooth line through points that never leaves their range (monotone cubic, Fritsch and Carlson 1980):
// y at x for points [[x, y], ...] of rising x.
function through(points) {
  const n = points.length;
  const slopes = points.slice(1).map(([x, y], i) => (y - points[i][1]) / (x - points[i][0]));
  const tangents = points.map((_, i) => {
    if (i === 0 || i === n - 1) return slopes[i === 0 ? 0 : n - 2] ?? 0;
    return slopes[i - 1] * slopes[i] <= 0 ? 0 : (2 * slopes[i - 1] * slopes[i]) / (slopes[i - 1] + slopes[i]);
  });
  return (x) => {
    let i = 0;
    while (i < n - 2 && x > points[i + 1][0]) i += 1;
    if (n < 2) return points[0][1];
    const width = points[i + 1][0] - points[i][0];
    const t = (x - points[i][0]) / width;
    const [a, b] = [points[i][1], points[i + 1][1]];
    const [p, q] = [tangents[i] * width, tangents[i + 1] * width];
    return a + t * (p + t * (3 * (b - a) - 2 * p - q + t * (p + q - 2 * (b - a))));
  };
}

// A curve leads over stages without a point, as a team draws it, but not into a stage that the project lost.
function sampled(points, from = points[0]?.[0], to = points.at(-1)?.[0]) {
  if (!points.length) return [];
  const y = through(points);
  const xs = new Set([from, to]);
  points.slice(1).forEach(([x], i) => {
    const before = points[i][0];
    for (let k = 0; k <= SAMPLES; k += 1) xs.add(before + ((x - before) * k) / SAMPLES);
  });
  return [...xs].filter((x) => x >= from && x <= to).sort((a, b) => a - b).map((x) => [x, y(x)]);
}

const line = (points) => (points.length ? "M" + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L") : "");
