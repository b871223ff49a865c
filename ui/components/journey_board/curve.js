// The emotion lane in the hand: points that are put, dragged, moved by keys and taken away, and clicks on a gap.

const LEAP = 0.5; // what Page Up adds, or a key with Shift
const IDLE = 600; // milliseconds without a key until what the keys did is one edit
const CURVE_FROM = 3; // pixels a press travels before it is a drag

const curves = new WeakMap(); // element -> what draws into it

function drawCurve(board, lane, element) {
  if (!curves.has(element)) curves.set(element, new Curve(board, element));
  curves.get(element).draw();
}

function dropCurve(board, element) {
  curves.get(element)?.close();
  curves.delete(element);
}

class Curve extends CurveDrawing {
  constructor(...looks) {
    super(...looks);
    this.gate = new AbortController();
    const on = (type, handler) => this.plot.addEventListener(type, handler.bind(this), { signal: this.gate.signal });
    on("pointerdown", this.pressed);
    on("pointermove", this.moved);
    on("pointerup", this.released);
    on("pointercancel", this.cancel);
    on("pointerleave", () => this.hover());
    on("click", this.clicked);
    on("keydown", this.key);
    on("focusout", (event) => event.target === this.points.get(this.typing?.stage) && this.keep());
  }

  // With what is being dragged or typed.
  felt(stage) {
    const now = this.press?.stage === stage ? this.press : this.typing?.stage === stage ? this.typing : undefined;
    return now && now.value !== undefined ? now.value : super.felt(stage);
  }

  placeAt(x) {
    const at = x - this.element.getBoundingClientRect().left;
    return this.places.find(({ left, width }) => at >= left && at < left + width);
  }

  pressed(event) {
    event.stopPropagation();
    this.dragged = false;
    const element = event.target.closest(".point");
    if (event.button !== 0 || !element || this.fixed || this.press || event.target.closest(".c-remove")) return;
    this.keep();
    const { stage } = element.dataset;
    this.press = { id: event.pointerId, stage, y: event.clientY, before: this.felt(stage), off: event.clientY - element.getBoundingClientRect().top - element.offsetHeight / 2 };
    this.board.hold(true);
    this.plot.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
    event.preventDefault();
  }

  moved(event) {
    if (!this.press) return void (event.pointerType === "mouse" && this.hover(event));
    if (event.pointerId !== this.press.id) return;
    event.stopPropagation();
    if (!this.press.far && Math.abs(event.clientY - this.press.y) < CURVE_FROM) return;
    this.press.far = true;
    const value = this.value(event.clientY - this.press.off);
    if (value === this.press.value) return;
    this.press.value = value;
    this.points.get(this.press.stage)?.classList.add("held");
    this.lay();
  }

  released(event) {
    if (this.press?.id !== event.pointerId) return;
    event.stopPropagation();
    const { stage, value, before, far } = this.press;
    this.letGo();
    this.dragged = true; // the click that follows is none
    if (far && value !== before) this.feel(stage, value);
    else this.lay();
  }

  cancel() {
    if (!this.press) return;
    this.letGo();
    this.lay();
  }

  letGo() {
    if (this.plot.hasPointerCapture(this.press.id)) this.plot.releasePointerCapture(this.press.id);
    this.points.get(this.press.stage)?.classList.remove("held");
    this.press = undefined;
    this.board.hold(false);
  }

  // Is there a gap between the curves at this point of the window?
  inGap(event) {
    const { left, top } = this.element.getBoundingClientRect();
    const point = new DOMPoint(event.clientX - left, event.clientY - top);
    return [...this.picture.querySelectorAll(".area")].some((area) => area.isPointInFill(point));
  }

  // Before a click it is seen where it would put a point.
  hover(event) {
    const over = event && !this.fixed && !event.target.closest(".point, .gap, .add-point") && this.placeAt(event.clientX);
    const free = over && !over.lost && typeof this.felt(over.id) !== "number";
    this.guess.classList.toggle("seen", Boolean(free));
    this.plot.classList.toggle("over-gap", Boolean(event && !free && this.inGap(event)));
    if (!free) return;
    const value = this.value(event.clientY);
    feelLike(this.guess, value);
    Object.assign(this.guess.style, { left: `${over.x}px`, top: `${this.y(value) - this.top}px` });
  }

  clicked(event) {
    event.stopPropagation();
    const dragged = this.dragged;
    this.dragged = false;
    if (dragged || event.target.closest(".gap")) return;
    const remove = event.target.closest(".c-remove");
    if (remove) return this.remove(remove.closest(".point").dataset.stage);
    const add = event.target.closest(".add-point");
    if (!add && event.target.closest(".point")) return;
    const place = add ? this.places.find(({ id }) => id === add.dataset.stage) : this.placeAt(event.clientX);
    if (!place) return;
    if (this.fixed || place.lost || typeof this.felt(place.id) === "number") {
      if (this.gaps.has(place.id) && this.inGap(event)) this.board.tell("gap", place.id);
      return;
    }
    this.hover();
    this.feel(place.id, add ? this.guessed(place) : this.value(event.clientY));
    this.points.get(place.id)?.focus({ preventScroll: true });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey) {
      if (!["Control", "Meta"].includes(event.key)) this.keep();
      return this.board.shortcut(event);
    }
    if (event.altKey || composing(event)) return;
    event.stopPropagation();
    if (event.key === "Escape" && this.press) return this.cancel();
    const { target, key, shiftKey } = event;
    const at = this.places.findIndex(({ id }) => id === target.dataset.stage);
    if (at < 0) return;
    if (key === "ArrowLeft" || key === "ArrowRight") this.aside(at, key === "ArrowRight" ? 1 : -1);
    else if (!target.matches(".point") || this.fixed) return;
    else if (key === "Delete" || key === "Backspace") this.remove(target.dataset.stage);
    else if (key === "Escape" && this.typing) this.take();
    else {
      const now = this.felt(target.dataset.stage);
      const big = shiftKey ? LEAP : STEP;
      const to = { ArrowUp: now + big, ArrowDown: now - big, PageUp: now + LEAP, PageDown: now - LEAP, Home: LOWEST, End: HIGHEST }[key];
      if (to === undefined) return;
      this.type(target.dataset.stage, this.near(to));
    }
    event.preventDefault();
  }

  aside(at, step) {
    const { id } = this.places[at + step] || {};
    (this.points.get(id) || this.adds.get(id))?.focus();
  }

  // Some presses of a key are one edit.
  type(stage, value) {
    if (this.typing && this.typing.stage !== stage) this.keep();
    if (!this.typing) this.board.hold(true);
    clearTimeout(this.typing?.timer);
    this.typing = { stage, value, timer: setTimeout(() => this.keep(), IDLE) };
    this.lay();
  }

  keep() {
    if (!this.typing) return;
    const { stage, value } = this.typing;
    this.take();
    if (value !== this.felt(stage)) this.feel(stage, value);
  }

  take() {
    if (!this.typing) return;
    clearTimeout(this.typing.timer);
    this.typing = undefined;
    this.board.hold(false);
    this.lay();
  }

  remove(stage) {
    this.take();
    this.feel(stage, null);
    this.adds.get(stage)?.focus({ preventScroll: true });
  }

  feel(stage, value) {
    const { name } = this.places.find(({ id }) => id === stage);
    const said = value === null ? this.board.w("curve_removed", { stage: name }) : this.board.w("curve_said", { stage: name, value: this.say(value) });
    this.board.act({ op: "feel", persona: this.who, stage, value: value === null ? null : Number(value.toFixed(1)) }, said);
    this.lay();
  }

  close() {
    this.keep();
    this.gate.abort();
    this.watch.disconnect();
    this.element.remove();
  }
}
