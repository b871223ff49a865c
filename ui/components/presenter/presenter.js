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
// Milliseconds: so long after a page went its successor is awaited, and what was sent may be on its way.
const AWAITED = 5000;
const ON_ITS_WAY = 5000;

const live = new WeakMap();

// What was pressed and not followed yet. It outlives the presenter of one page: keys that are pressed while a
// page gives way to the next one are for the next one. Only one parcel is on its way at a time, because what is
// sent from a page that Python has left already leads back to it.
class Presses {
  waiting = [];
  last = 0;

  constructor() {
    document.addEventListener("keydown", (event) => this.key(event));
  }

  // The presenter of the page that is shown, and how far Python has followed.
  from(presenter, heard) {
    this.presenter = presenter;
    clearTimeout(this.gone);
    this.waiting = this.waiting.filter(([number]) => number > heard);
    if (this.sent <= heard) this.sent = undefined;
    this.send();
  }

  without(presenter) {
    if (this.presenter !== presenter) return;
    this.presenter = undefined;
    if (this.isLeaving()) this.end();
    else this.gone = setTimeout(() => this.end(), AWAITED);
  }

  end() {
    clearTimeout(this.gone);
    this.gone = undefined;
    this.waiting = [];
  }

  isLeaving() {
    return this.waiting.some(([, go]) => go === "leave");
  }

  key(event) {
    const name = KEYS[event.key];
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing);
    const busy = event.composedPath().some((node) => node.matches && node.matches(BUSY));
    const isOn = this.presenter || this.gone;
    if (!isOn || !name || !plain || busy || event.defaultPrevented || event.repeat) return;
    event.preventDefault();
    this.press(name);
  }

  press(name) {
    if (this.isLeaving()) return;
    if (!this.waiting.length && turned(name)) return;
    this.last = Math.max(this.last + 1, Date.now());
    this.waiting.push([this.last, name]);
    this.send();
  }

  send() {
    const now = Date.now();
    if (!this.presenter || !this.waiting.length || (this.sent && now - this.sentAt < ON_ITS_WAY)) return;
    this.sent = this.last;
    this.sentAt = now;
    this.presenter.say(this.waiting);
  }
}

const presses = new Presses();

// What turns its own leaves in the browser takes the wish, as the journey map does; nobody waits for a server.
function turned(name) {
  const by = { next: 1, back: -1 }[name];
  return by && !dispatchEvent(new CustomEvent("journey-turn", { detail: { by }, cancelable: true }));
}

export default function (component) {
  const { parentElement, data } = component;
  let one = live.get(parentElement);
  if (!one) live.set(parentElement, (one = new Presenter(parentElement)));
  one.receive(data, component);
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
    window.addEventListener("resize", () => this.measureSoon(), when);
    this.buttons = Object.entries(SIGNS).map(([name, sign]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(drawn(sign));
      button.dataset.go = name;
      button.addEventListener("click", () => (name === "full" ? this.full() : presses.press(name)), when);
      this.root.append(button);
      return button;
    });
  }

  receive({ words, screen, heard }, { setTriggerValue, setStateValue }) {
    this.say = (parcel) => setTriggerValue("pressed", parcel);
    this.tell = (size) => setStateValue("screen", size);
    this.told = screen;
    for (const button of this.buttons) button.title = button.ariaLabel = words[button.dataset.go];
    this.measure();
    presses.from(this, heard);
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
    presses.without(this);
    clearTimeout(this.soon);
    this.gone.abort();
    this.root.remove();
  }
}
