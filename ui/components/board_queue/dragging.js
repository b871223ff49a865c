// Dragging with a mouse, a pen or a finger: from the press to the drop, with the copy that follows the pointer.
// A board brings `held(event)` (what is pressed there: {source: element, ...} or undefined), `pressedBeside()`,
// `tapped(press, event)`, `startDrag(press)` (which calls `lift`), `follow()`, `finishDrag()`, `unmark()`,
// `scrollEdges()`, `key(event)` and `busy`: whether somebody is in the midst of something.

const DRAG_FROM = 5; // pixels a mouse travels before a press becomes a drag
const LONG_PRESS = 230; // milliseconds a finger rests before it lifts a card
const NARROW = 640; // below this width (pixels) a board is a phone's

class Dragging extends Menus {
  constructor() {
    super();
    this.gate = new AbortController();
  }

  on(type, handler, options = {}) {
    this.root.addEventListener(type, handler.bind(this), { signal: this.gate.signal, ...options });
  }

  listen() {
    const { signal } = this.gate;
    this.on("pointerdown", this.pressed);
    this.on("pointermove", this.moved);
    this.on("pointerup", this.released);
    this.on("pointercancel", () => this.cancelDrag());
    this.on("touchmove", (event) => this.drag && event.cancelable && event.preventDefault(), { passive: false });
    this.on("contextmenu", (event) => (this.drag || this.press?.touch) && event.preventDefault());
    this.on("keydown", this.key);
    // Streamlit listens for single letters on the page and cannot see that these come from an input in here.
    for (const type of ["keydown", "keyup", "keypress"]) this.on(type, (event) => event.stopPropagation());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.drag) this.cancelDrag(true);
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (!typing) this.shortcut(event);
    }, { signal });
    addEventListener("journey-look", (event) => {
      event.detail.number = Math.max(event.detail.number, this.data.number);
      if (this.pending.length || this.busy) event.preventDefault();
    }, { signal });
    addEventListener("beforeunload", (event) => this.pending.length && event.preventDefault(), { signal });
    this.menu.addEventListener("keydown", (event) => this.menuKey(event), { signal });
    this.watch = new ResizeObserver(([entry]) => {
      this.root.classList.toggle("narrow", entry.contentRect.width < NARROW);
    });
    this.watch.observe(this.root);
    signal.addEventListener("abort", () => this.watch.disconnect());
  }

  pressed(event) {
    if (event.button !== 0 || this.drag || this.lift || event.target.closest(this.leaveAlone)) return;
    const held = this.held(event);
    if (!held) return this.pressedBeside(event);
    const touch = event.pointerType === "touch";
    this.press = { ...held, id: event.pointerId, x: event.clientX, y: event.clientY, touch };
    if (touch && !event.target.closest(".grip")) {
      this.press.waits = true;
      this.press.timer = setTimeout(() => this.startDrag(this.press), LONG_PRESS);
    }
  }

  moved(event) {
    if (this.drag) {
      if (event.pointerId !== this.drag.id) return;
      Object.assign(this.drag, { x: event.clientX, y: event.clientY });
      this.follow();
    } else if (this.press && event.pointerId === this.press.id) {
      const far = Math.hypot(event.clientX - this.press.x, event.clientY - this.press.y);
      if (this.press.waits && far > 10) this.endPress();
      else if (!this.press.waits && far > DRAG_FROM) {
        this.startDrag(this.press);
        if (!this.drag) return;
        Object.assign(this.drag, { x: event.clientX, y: event.clientY });
        this.follow();
      }
    }
  }

  released(event) {
    if (this.drag && event.pointerId === this.drag.id) return this.finishDrag();
    if (!this.press || event.pointerId !== this.press.id) return;
    const press = this.press;
    this.endPress();
    if (!event.target.closest("button")) this.tapped(press, event);
  }

  endPress() {
    clearTimeout(this.press?.timer);
    this.press = undefined;
  }

  // A copy of the source is in the air from now on, with the number of those that come with it.
  liftCopy(press, source, many, kind) {
    const box = source.getBoundingClientRect();
    Object.assign(this.drag, { id: press.id, x: press.x, y: press.y, dx: press.x - box.left, dy: press.y - box.top });
    if (press.touch) navigator.vibrate?.(8);
    const copy = source.cloneNode(true);
    copy.removeAttribute("tabindex");
    copy.classList.remove("lifted");
    this.ghost.replaceChildren(copy);
    this.ghost.style.width = `${box.width}px`;
    if (many > 1) this.ghost.append(make("b", { text: this.count.format(many) }));
    this.ghost.showPopover();
    this.root.setPointerCapture(press.id);
    this.root.classList.add("dragging", kind);
    this.drag.kind = kind;
    const tick = () => {
      if (!this.drag) return;
      this.scrollEdges();
      this.drag.frame = requestAnimationFrame(tick);
    };
    this.follow();
    tick();
  }

  moveCopy() {
    const { x, y, dx, dy } = this.drag;
    this.ghost.style.transform = `translate(${x - dx}px, ${y - dy}px)`;
  }

  // How far to scroll in a frame when the pointer is near an end.
  speed(near, far, at, zone = 44) {
    const over = at < near + zone ? at - near - zone : at > far - zone ? at - far + zone : 0;
    return Math.max(-14, Math.min(14, over / 4));
  }

  scrollPage() {
    for (let up = this.parent.host ?? this.parent; up; up = up.parentElement) {
      if (up.scrollHeight > up.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(up).overflowY)) {
        const box = up.getBoundingClientRect();
        up.scrollTop += this.speed(Math.max(0, box.top), Math.min(innerHeight, box.bottom), this.drag.y, 40);
        return;
      }
    }
  }

  cancelDrag(said) {
    this.endPress();
    if (!this.drag) return;
    cancelAnimationFrame(this.drag.frame);
    if (this.root.hasPointerCapture(this.drag.id)) this.root.releasePointerCapture(this.drag.id);
    this.unmark();
    this.root.classList.remove("dragging", this.drag.kind);
    this.drag = undefined;
    this.ghost.hidePopover();
    if (this.waiting) {
      this.waiting = false;
      this.render();
    }
    if (said) this.say(this.w("say_cancelled"));
  }
}
