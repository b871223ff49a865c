// The cells by name: drag or Alt+arrows move one, a click goes to it; and which cells the reader has come to.

const NEAR = "600px";
const DRAGGED = 5;
const live = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  let one = live.get(parentElement);
  if (!one) live.set(parentElement, (one = new Cells(parentElement)));
  one.receive(component);
  return () => {
    live.delete(parentElement);
    one.close();
  };
}

const placeOf = (id) => document.querySelector(`.st-key-cell_${id}`);

class Cells {
  constructor(parent) {
    this.list = document.createElement("ol");
    this.list.className = "cells";
    this.seen = new Set();
    parent.append(this.list);
    for (const name of ["pointerdown", "pointermove", "pointerup", "keydown"]) {
      this.list.addEventListener(name, (event) => this[name](event));
    }
  }

  receive({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    this.words = data.words;
    this.list.ariaLabel = data.words.label;
    const kept = this.list.getRootNode().activeElement?.closest?.(".cells li")?.dataset.id;
    this.list.replaceChildren(...data.cells.map((cell) => this.line(cell)));
    this.number();
    if (kept) this.items.find((item) => item.dataset.id === kept)?.focus({ preventScroll: true });
    clearTimeout(this.soon);
    this.watch(data.cells.map((cell) => cell.id));
  }

  line(cell) {
    const item = document.createElement("li");
    item.dataset.id = cell.id;
    item.dataset.name = cell.name;
    item.className = cell.flag;
    item.tabIndex = 0;
    item.title = `${cell.name}\n${this.words.hint}`;
    item.append(document.createElement("b"), document.createElement("span"));
    item.lastChild.textContent = cell.name;
    return item;
  }

  get items() {
    return [...this.list.children];
  }

  number() {
    this.items.forEach((item, at, all) => {
      item.firstChild.textContent = at + 1;
      const holes = { at: at + 1, n: all.length, name: item.dataset.name };
      item.ariaLabel = this.words.place.replace(/\{(\w+)\}/g, (_, name) => holes[name]);
    });
  }

  pointerdown(event) {
    const item = event.target.closest("li");
    if (!item || event.button) return;
    const drags = event.pointerType === "mouse" || event.target.matches("b");
    this.held = { item, drags, y: event.clientY, from: this.items.indexOf(item), on: false };
    if (drags) this.list.setPointerCapture(event.pointerId);
  }

  pointermove(event) {
    const held = this.held;
    if (!held?.drags || (!held.on && Math.abs(event.clientY - held.y) < DRAGGED)) return;
    held.on = true;
    held.item.classList.add("held");
    const others = this.items.filter((item) => item !== held.item);
    const next = others.find((item) => {
      const box = item.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    this.list.insertBefore(held.item, next ?? null);
    this.number();
  }

  pointerup() {
    const held = this.held;
    this.held = null;
    if (!held) return;
    held.item.classList.remove("held");
    if (held.on) this.moved(held.item, held.from);
    else this.show(held.item);
  }

  keydown(event) {
    const item = event.target.closest("li");
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const from = this.items.indexOf(item);
    if (event.key === "Enter") return this.show(item);
    const other = by && this.items[from + by];
    if (!other) return;
    event.preventDefault();
    if (!event.altKey) return other.focus();
    other[by < 0 ? "before" : "after"](item);
    item.focus();
    this.number();
    this.moved(item, from);
  }

  show(item) {
    placeOf(item.dataset.id)?.scrollIntoView();
  }

  moved(item, from) {
    const to = this.items.indexOf(item);
    if (to !== from) this.tell("move", { id: item.dataset.id, to });
  }

  // The cells are drawn after this list, so they are looked for until they are there.
  watch(ids, tries = 40) {
    this.watcher?.disconnect();
    const come = (found) => {
      const near = found.filter((one) => one.isIntersecting).map((one) => one.target);
      const fresh = ids.filter((id) => !this.seen.has(id) && near.includes(placeOf(id)));
      fresh.forEach((id) => this.seen.add(id));
      if (fresh.length) this.tell("seen", fresh);
    };
    const root = document.querySelector('[data-testid="stMain"]');
    this.watcher = new IntersectionObserver(come, { root, rootMargin: NEAR });
    const places = ids.map(placeOf);
    places.forEach((place) => place && this.watcher.observe(place));
    if (places.includes(null) && tries) this.soon = setTimeout(() => this.watch(ids, tries - 1), 250);
  }

  close() {
    clearTimeout(this.soon);
    this.watcher?.disconnect();
    this.list.remove();
  }
}
