// The presentation view in the browser: the keys of a clicker, and the buttons for those without one.

const KEYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back", Escape: "leave" };
// Drawn, because not every font has such signs.
const SIGNS = {
  back: "M10 3 5 8l5 5",
  next: "m6 3 5 5-5 5",
  full: "M6 2.5H2.5V6M10 2.5h3.5V6M6 13.5H2.5V10M10 13.5h3.5V10",
  leave: "m3.5 3.5 9 9m0-9-9 9",
};
const SVG = "http://www.w3.org/2000/svg";
// Whoever is inside of these means something else by a key.
const BUSY = 'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="listbox"], .board';
const ROUGHLY = 40;

const live = new WeakMap();

export default function (component) {
  const { parentElement, data } = component;
  let one = live.get(parentElement);
  if (!one) live.set(parentElement, (one = new Presenter(parentElement)));
  one.receive(data.words, component);
  return () => {
    live.delete(parentElement);
    one.close();
  };
}

function drawn(sign) {
  const picture = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("aria-hidden", "true");
  line.setAttribute("d", sign);
  picture.append(line);
  return picture;
}

class Presenter {
  constructor(parent) {
    this.root = document.createElement("nav");
    this.root.className = "presenter";
    parent.append(this.root);
    this.gone = new AbortController();
    const when = { signal: this.gone.signal };
    document.addEventListener("keydown", (event) => this.key(event), when);
    window.addEventListener("resize", () => this.measureSoon(), when);
    this.buttons = Object.entries(SIGNS).map(([name, sign]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(drawn(sign));
      button.dataset.go = name;
      button.addEventListener("click", () => (name === "full" ? this.full() : this.go(name)), when);
      this.root.append(button);
      return button;
    });
  }

  receive(words, { setTriggerValue, setStateValue }) {
    this.go = (name) => this.turned(name) || setTriggerValue("go", name);
    this.tell = (size) => setStateValue("screen", size);
    for (const button of this.buttons) button.title = button.ariaLabel = words[button.dataset.go];
    this.measure();
  }

  key(event) {
    const name = KEYS[event.key];
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing);
    const busy = event.composedPath().some((node) => node.matches && node.matches(BUSY));
    if (!name || !plain || busy || event.defaultPrevented || event.repeat) return;
    event.preventDefault();
    this.go(name);
  }

  // What turns its own leaves in the browser takes the wish, as the journey map does; nobody waits for a server.
  turned(name) {
    const by = { next: 1, back: -1 }[name];
    return by && !dispatchEvent(new CustomEvent("journey-turn", { detail: { by }, cancelable: true }));
  }

  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  }

  measureSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.measure(), 200);
  }

  // A little more or less room is no reason to draw everything again.
  measure() {
    const size = [innerWidth, innerHeight];
    if (this.told && size.every((length, side) => Math.abs(length - this.told[side]) < ROUGHLY)) return;
    this.told = size;
    this.tell(size);
  }

  close() {
    clearTimeout(this.soon);
    this.gone.abort();
    this.root.remove();
  }
}
