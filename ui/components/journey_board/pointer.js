// What is dragged on the map, and where it may be dropped.

class Pointer extends Choices {
  get leaveAlone() {
    return "button, input, textarea, .menu, .choice, [data-own]";
  }

  held(event) {
    const card = event.target.closest(".card");
    const lane = event.target.closest(".lane-head");
    return card || lane ? { card, lane } : undefined;
  }

  pressedBeside(event) {
    this.ended = Boolean(this.writing || this.selected.size);
    if (this.selected.size && event.target.closest(".sheet")) this.select([]);
  }

  // A click on a cell is where N and what is pasted go, and in an empty one it answers the question there;
  // unless the press only ended what was being done before.
  clickedBeside(event) {
    const cell = !event.target.closest(`.card, ${this.leaveAlone}`) && event.target.closest(".cell");
    if (!cell || this.writing || this.readOnly || event.pointerType === "touch") return;
    const place = cell.dataset.cell;
    if (this.ended || this.cells.get(place)?.length || cell.querySelector(".figures:not(:empty)")) this.focusOn(place);
    else this.draft(place);
  }

  tapped({ card, lane, touch }, event) {
    if (card?.isConnected) this.choose(card.dataset.id, event, touch);
    if (card?.isConnected) card.focus({ preventScroll: true });
    else lane?.focus({ preventScroll: true });
  }

  startDrag(press) {
    this.endPress();
    if (!this.movable || this.writing || (this.data.fixed && !press.card)) return;
    const source = press.card || press.lane;
    if (press.card) {
      const { id } = press.card.dataset;
      if (!this.selected.has(id)) this.select([id], false);
      this.drag = { ids: this.inOrder([...this.selected]), holder: id };
      for (const each of this.drag.ids) this.cards.get(each)?.classList.add("lifted");
      this.ghost.style.setProperty("--tint", getComputedStyle(press.card).getPropertyValue("--tint"));
    } else {
      this.drag = { moved: press.lane.closest(".lane").dataset.lane };
      this.lanes.get(this.drag.moved).element.classList.add("lifted");
    }
    this.drawChoice();
    this.liftCopy(press, source, this.drag.ids?.length, press.card ? "moving-cards" : "moving-lane");
  }

  follow() {
    this.moveCopy();
    const { x, y, ids, moved } = this.drag;
    if (moved) return this.followLane(moved, y);
    const under = this.parent.elementFromPoint(x, y);
    const chip = under?.closest?.("[data-jump]");
    if (chip) this.overChip(chip.dataset.jump);
    const cell = under?.closest?.(".cell");
    this.over(cell && this.root.contains(cell) ? cell.dataset.cell : undefined, ids, y);
  }

  followLane(moved, y) {
    const rest = this.model.lanes.filter((lane) => !lane.hidden && lane.id !== moved).map((lane) => this.lanes.get(lane.id).element);
    const at = rest.filter((element) => {
      const box = element.getBoundingClientRect();
      return box.top + box.height / 2 < y;
    }).length;
    this.drag.at = at;
    this.markLane(rest, at);
  }

  // Show where a lane would come to stand among the others that are shown.
  markLane(rest, at) {
    rest.forEach((element, i) => {
      put(element, "data-mark", i === at ? "before" : i === rest.length - 1 && at >= rest.length ? "after" : null);
    });
  }

  // On a phone a card rests on the name of a stage, and that stage comes.
  overChip(stage) {
    if (this.drag.chip === stage) return;
    this.drag.chip = stage;
    this.reveal(stage);
  }

  // Mark the cell that takes them, and there before which card.
  over(place, ids, y) {
    const now = this.drag || this.lift;
    if (now.over !== place) {
      this.cell(now.over ?? "")?.element.classList.remove("over");
      now.over = place;
      const cell = place && this.cell(place);
      cell?.element.classList.add("over");
      if (cell) cell.element.append(this.slot);
      else this.slot.remove();
    }
    if (!place) return;
    const rest = (this.cells.get(place) || []).filter((card) => !ids.includes(card.id)).map((card) => this.cards.get(card.id));
    let at = rest.findIndex((element) => {
      const box = element.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    if (at < 0) at = rest.length;
    this.markSlot(place, rest, at);
  }

  markSlot(place, rest, at) {
    const now = this.drag || this.lift;
    now.before = rest[at]?.dataset.id;
    const { list } = this.cell(place);
    const after = rest[at - 1];
    const top = rest[at] ? rest[at].offsetTop - 4 : after ? after.offsetTop + after.offsetHeight + 2 : list.offsetTop + 4;
    this.slot.style.transform = `translateY(${top}px)`;
  }

  scrollEdges() {
    const { x, y, moved } = this.drag;
    const { sheet } = this;
    const before = [sheet.scrollLeft, sheet.scrollTop];
    const box = sheet.getBoundingClientRect();
    const narrow = this.root.classList.contains("narrow");
    const left = narrow ? box.left : this.corner.getBoundingClientRect().right;
    const top = this.top.getBoundingClientRect().bottom;
    if (!moved && y > box.top && y < box.bottom) sheet.scrollLeft += this.speed(left, box.right, x);
    if (x > box.left && x < box.right) sheet.scrollTop += this.speed(top, Math.min(box.bottom, innerHeight), y, 40);
    if (sheet.scrollTop === before[1]) this.scrollPage();
    if (sheet.scrollLeft !== before[0] || sheet.scrollTop !== before[1]) this.follow();
  }

  finishDrag() {
    const { ids, holder, over, before, moved, at } = this.drag;
    const { base } = this;
    const { lanes } = this.model;
    this.cancelDrag();
    this.base = base; // what came while the card was in the air was not seen
    if (moved && at !== undefined) {
      const rest = lanes.filter((lane) => lane.id !== moved);
      const shown = rest.filter((lane) => !lane.hidden);
      const next = shown[at] ? rest.indexOf(shown[at]) : rest.length;
      this.moveLane(moved, next);
      this.focusOn(`${moved}|`);
    }
    if (!ids) return;
    const there = ids.filter((id) => this.model.cards.has(id));
    if (over && there.length && this.cell(over)) this.moveTo(there, over, before);
    this.cards.get(holder)?.focus({ preventScroll: true });
    this.drawChoice();
  }

  unmark() {
    const now = this.drag || this.lift;
    if (now.over) this.cell(now.over)?.element.classList.remove("over");
    this.slot.remove();
    this.root.querySelectorAll(".lifted").forEach((element) => element.classList.remove("lifted"));
    if (now.moved) this.root.querySelectorAll("[data-mark]").forEach((element) => element.removeAttribute("data-mark"));
  }

  cancelDrag(said) {
    super.cancelDrag(said);
    if (said) this.drawChoice();
  }
}
