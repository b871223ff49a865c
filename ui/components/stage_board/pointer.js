// Dragging with a mouse, a pen or a finger.

const DRAG_FROM = 5; // pixels a mouse travels before a press becomes a drag
const LONG_PRESS = 230; // milliseconds a finger rests before it lifts a card

class Pointer extends Edits {
  pressed(event) {
    if (event.button !== 0 || this.drag || this.lift || event.target.closest("button, input, .menu, [role=button]")) return;
    const card = event.target.closest(".card");
    const head = event.target.closest(".stage > .head");
    if (!card && !head) {
      if (this.selected.size) this.select([]);
      return;
    }
    const touch = event.pointerType === "touch";
    this.press = { id: event.pointerId, x: event.clientX, y: event.clientY, card, head, touch };
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
        const press = this.press;
        this.startDrag(press);
        Object.assign(this.drag, { x: event.clientX, y: event.clientY });
        this.follow();
      }
    }
  }

  released(event) {
    if (this.drag && event.pointerId === this.drag.id) return this.finishDrag();
    if (!this.press || event.pointerId !== this.press.id) return;
    const { card, touch } = this.press;
    this.endPress();
    if (card && !event.target.closest("button")) this.choose(card.dataset.event, event, touch);
  }

  endPress() {
    clearTimeout(this.press?.timer);
    this.press = undefined;
  }

  startDrag(press) {
    this.endPress();
    const event = press.card?.dataset.event;
    if (event && !this.selected.has(event)) this.select([event], false);
    const source = press.card || press.head;
    const box = source.getBoundingClientRect();
    this.drag = { id: press.id, x: press.x, y: press.y, dx: press.x - box.left, dy: press.y - box.top };
    if (event) this.drag.events = [...this.selected];
    else this.drag.stage = press.head.parentElement.dataset.place;
    if (press.touch) navigator.vibrate?.(8);
    const copy = source.cloneNode(true);
    copy.removeAttribute("tabindex");
    this.ghost.replaceChildren(copy);
    this.ghost.style.width = `${box.width}px`;
    if (this.drag.stage) this.ghost.style.setProperty("--colour", source.parentElement.style.getPropertyValue("--colour"));
    if (this.drag.events?.length > 1) this.ghost.append(make("b", { text: this.count.format(this.drag.events.length) }));
    this.ghost.showPopover();
    this.root.setPointerCapture(press.id);
    this.root.classList.add("dragging", this.drag.stage ? "moving-stage" : "moving-cards");
    for (const each of this.drag.events || []) this.cards.get(each)?.classList.add("lifted");
    if (this.drag.stage) source.parentElement.classList.add("lifted");
    const tick = () => {
      if (!this.drag) return;
      this.scrollEdges();
      this.drag.frame = requestAnimationFrame(tick);
    };
    this.follow();
    tick();
  }

  follow() {
    const { x, y, dx, dy, stage } = this.drag;
    this.ghost.style.transform = `translate(${x - dx}px, ${y - dy}px)`;
    if (stage) {
      const others = this.model.stages.filter((each) => each.id !== stage).map((each) => this.columns.get(each.id).element);
      const boxes = others.map((element) => element.getBoundingClientRect());
      const at = boxes.filter((box) => box.left + box.width / 2 < x).length;
      this.drag.at = at;
      this.mark(others, at);
      return;
    }
    const under = this.parent.elementFromPoint(x, y)?.closest?.("[data-place]");
    this.over(under && this.root.contains(under) ? under.dataset.place : undefined);
  }

  // Show where a stage would come to stand among the others.
  mark(others, at) {
    const last = others.length - 1;
    others.forEach((element, i) => {
      put(element, "data-mark", i === at ? "before" : i === last && at > last ? "after" : null);
    });
  }

  over(place) {
    const now = this.drag || this.lift;
    if (now.over === place) return;
    now.over = place;
    this.root.querySelectorAll("[data-place]").forEach((element) => {
      element.classList.toggle("over", element.dataset.place === place);
    });
  }

  scrollEdges() {
    const { x, y } = this.drag;
    const before = [this.strip.scrollLeft, scrollY];
    const speed = (near, far, at, zone = 44) => {
      const over = at < near + zone ? at - near - zone : at > far - zone ? at - far + zone : 0;
      return Math.max(-14, Math.min(14, over / 4));
    };
    const strip = this.strip.getBoundingClientRect();
    const left = this.root.classList.contains("narrow") ? strip.left : this.side.getBoundingClientRect().right;
    const inside = y > strip.top && y < strip.bottom;
    if (inside && (x < strip.left || x > left - 1)) this.strip.scrollLeft += speed(left, strip.right, x);
    const list = this.drag.over && this.columns.get(this.drag.over)?.list;
    if (list && list.scrollHeight > list.clientHeight) {
      const box = list.getBoundingClientRect();
      list.scrollTop += speed(box.top, box.bottom, y, 36);
    }
    for (let up = this.parent.host ?? this.parent; up; up = up.parentElement) {
      if (up.scrollHeight > up.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(up).overflowY)) {
        const box = up.getBoundingClientRect();
        up.scrollTop += speed(Math.max(0, box.top), Math.min(innerHeight, box.bottom), y, 40);
        break;
      }
    }
    if (this.strip.scrollLeft !== before[0]) this.follow();
  }

  finishDrag() {
    const { events, stage, over, at } = this.drag;
    const { base } = this;
    this.cancelDrag();
    this.base = base; // what came while the card was in the air was not seen
    if (stage && at !== undefined) this.moveStage(stage, at);
    else if (events && over) this.place(events, over);
    const target = stage ? this.columns.get(stage)?.head : this.cards.get(events[0]);
    target?.focus({ preventScroll: true });
  }

  cancelDrag(said) {
    this.endPress();
    if (!this.drag) return;
    cancelAnimationFrame(this.drag.frame);
    if (this.root.hasPointerCapture(this.drag.id)) this.root.releasePointerCapture(this.drag.id);
    this.over(undefined);
    this.drag = undefined;
    this.ghost.hidePopover();
    this.root.classList.remove("dragging", "moving-stage", "moving-cards");
    this.root.querySelectorAll(".lifted").forEach((element) => element.classList.remove("lifted"));
    this.root.querySelectorAll("[data-mark]").forEach((element) => element.removeAttribute("data-mark"));
    if (this.waiting) {
      this.waiting = false;
      this.render();
    }
    if (said) this.say(this.w("say_cancelled"));
  }
}
