// Small makers of elements. Text of users goes in as textContent or attribute, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  undo: "M7 4 3 8l4 4M3 8h8a5 5 0 0 1 0 10H8",
  redo: "m13 4 4 4-4 4m4-4H9a5 5 0 0 0 0 10h3",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Zm4.5-1.5L17 17",
  dots: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  people: "M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 17c.5-3.5 3-5 6-5s5.5 1.5 6 5",
  rows: "M4 5.5h12M4 10h12M4 14.5h8",
  flag: "M5 17.5V3.5h9.5l-2.2 3.5 2.2 3.5H5",
  plus: "M10 4v12M4 10h12",
  chevron: "m6 8 4 4 4-4",
  rule: "M4 5h8M4 10h5M4 15h8M15 7.5v5m-2.2-3.8 4.4 2.6m0-2.6-4.4 2.6",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
};

function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element[name] = value;
    else if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function put(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// Put these children into this order, touching only those that are out of place.
function arrange(parent, children) {
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] || null);
  });
  while (parent.children.length > children.length) parent.lastElementChild.remove();
}

const random = () => Array.from(crypto.getRandomValues(new Uint32Array(3)), (n) => n.toString(36)).join("");
const composing = (event) => event.isComposing || event.keyCode === 229;
// The Latin letter of a key, also on a keyboard that writes Korean just now.
const letterOf = ({ key, code = "" }) => (/^[a-z]$/i.test(key) || !code.startsWith("Key") ? key : code.slice(3)).toLowerCase();
