// What is dragged on the board of stages, and where it may be dropped.

class Pointer extends Edits {
  get leaveAlone() {
    return "button, input, .menu, [role=button]";
  }

  held(event) {
    const card = event.target.closest(".card");
    const head = event.target.closest(".stage > .head");
    return card || head ? { card, head } : undefined;
  }

  pressedBeside() {
    if (this.selected.size) this.select([]);
  }

  tapped({ card, touch }, event) {
    if (card) this.choose(card.dataset.event, event, touch);
  }

  startDrag(press) {
    this.endPress();
    const event = press.card?.dataset.event;
    if (event && !this.selected.has(event)) this.select([event], false);
    const source = press.card || press.head;
    const column = source.parentElement;
    this.drag = event ? { events: [...this.selected] } : { stage: column.dataset.place };
    if (this.drag.stage) this.ghost.style.setProperty("--colour", column.style.getPropertyValue("--colour"));
    for (const each of this.drag.events || []) this.cards.get(each)?.classList.add("lifted");
    if (this.drag.stage) column.classList.add("lifted");
    this.liftCopy(press, source, this.drag.events?.length, event ? "moving-cards" : "moving-stage");
  }

  follow() {
    const { x, y, stage } = this.drag;
    this.moveCopy();
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
    const before = this.strip.scrollLeft;
    const strip = this.strip.getBoundingClientRect();
    const left = this.root.classList.contains("narrow") ? strip.left : this.side.getBoundingClientRect().right;
    const inside = y > strip.top && y < strip.bottom;
    if (inside && (x < strip.left || x > left - 1)) this.strip.scrollLeft += this.speed(left, strip.right, x);
    const list = this.drag.over && this.columns.get(this.drag.over)?.list;
    if (list && list.scrollHeight > list.clientHeight) {
      const box = list.getBoundingClientRect();
      list.scrollTop += this.speed(box.top, box.bottom, y, 36);
    }
    this.scrollPage();
    if (this.strip.scrollLeft !== before) this.follow();
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

  unmark() {
    this.over(undefined);
    this.root.querySelectorAll(".lifted").forEach((element) => element.classList.remove("lifted"));
    this.root.querySelectorAll("[data-mark]").forEach((element) => element.removeAttribute("data-mark"));
  }
}
