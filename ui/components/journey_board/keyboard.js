// Moving about, writing, lifting and dropping with keys.

class Keyboard extends Pointer {
  focusIs(lift) {
    return this.parent.activeElement === this.elementOf(lift.moved ? `${lift.moved}|` : lift.holder);
  }

  key(event) {
    if (composing(event) || event.target.closest("input, textarea, .menu, [data-own], .present")) return;
    if (event.key === "Escape" && this.drag) return this.cancelDrag(true);
    if (!this.lift) this.shortcut(event);
    const tab = this.tabOf(event.target);
    if (!tab) {
      if (event.key === "Escape" && this.selected.size && event.target.closest(".choice")) {
        this.select([]);
        this.focusOn(this.tab);
      }
      return;
    }
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const wish = { key, letter: letterOf(event), shiftKey, altKey, command: ctrlKey || metaKey };
    let done;
    if (this.lift) done = this.liftKey(key);
    else if (!tab.includes("|")) done = this.cardKey(tab, wish);
    else if (tab.endsWith("|")) done = this.laneKey(tab.slice(0, -1), wish);
    else done = this.cellKey(tab, wish);
    if (done) event.preventDefault();
  }

  cardKey(id, { key, letter, shiftKey, altKey, command }) {
    const place = cellOf(this.model.cards.get(id));
    const list = this.cells.get(place);
    const at = list.findIndex((card) => card.id === id);
    if (command && letter === "a") return this.selectMore(list.map((card) => card.id));
    if (command && letter === "d" && !this.readOnly) this.duplicate(this.meant(id));
    else if (command) return false;
    else if (key === "Enter" && (altKey || this.readOnly)) this.tell("open", id);
    else if (altKey) return false;
    else if (key === "ContextMenu" || (key === "F10" && shiftKey)) this.cardMenu(id, this.cards.get(id));
    else if (key === "Escape") this.select([]);
    else if (key === "ArrowDown" || key === "ArrowUp") {
      const next = list[at + (key === "ArrowDown" ? 1 : -1)];
      if (next && shiftKey) this.select([...new Set([...this.selected, id, next.id])]);
      if (next) this.focusOn(next.id);
      else this.goLane(place, key === "ArrowDown" ? 1 : -1);
    } else if (key === "Home" || key === "End") this.goEnd(place, key === "Home");
    else if (key === "ArrowLeft" || key === "ArrowRight") this.goStage(place, key === "ArrowRight" ? 1 : -1, at);
    else if (key === " " && this.movable) this.liftUp(id, place);
    else if (key === " ") this.select([id]);
    else if (this.readOnly) return false;
    else if (key === "Enter" || key === "F2") this.write(id);
    else if (letter === "n") this.draft(place, id);
    else if (key === "Delete" || key === "Backspace") this.remove(this.meant(id));
    else if (letter === "x") this.toggle(id);
    else return false;
    return true;
  }

  // What a key is about: all that are selected, where the card with the focus is one of them.
  meant(id) {
    return this.selected.has(id) ? this.inOrder([...this.selected]) : [id];
  }

  toggle(id) {
    const next = new Set(this.selected);
    if (!next.delete(id)) next.add(id);
    this.select([...next]);
  }

  // The cards of the cell first, and all of the map when these are selected already.
  selectMore(ids) {
    const all = ids.every((id) => this.selected.has(id)) ? this.inOrder([...this.model.cards.keys()]) : ids;
    this.select(all);
    return true;
  }

  cellKey(place, { key, letter, command }) {
    if (command) return false;
    if (key === "ArrowLeft" || key === "ArrowRight") this.goStage(place, key === "ArrowRight" ? 1 : -1, 0);
    else if (key === "ArrowUp" && this.cells.get(place)?.length) this.focusOn(this.cells.get(place).at(-1).id);
    else if (key === "ArrowUp" || key === "ArrowDown") this.goLane(place, key === "ArrowDown" ? 1 : -1);
    else if (key === "Home" || key === "End") this.goEnd(place, key === "Home");
    else if (this.readOnly) return false;
    else if (letter === "n" || key === "F2") this.draft(place);
    else return false;
    return true;
  }

  laneKey(id, { key, shiftKey, command }) {
    if (command) return false;
    const shown = this.model.lanes.filter((lane) => !lane.hidden);
    const at = shown.findIndex((lane) => lane.id === id);
    if (key === "ArrowUp" || key === "ArrowDown") {
      const next = shown[at + (key === "ArrowDown" ? 1 : -1)];
      if (next) this.focusOn(`${next.id}|`);
      else if (key === "ArrowDown") this.addLane.focus();
    } else if (key === "ArrowRight") this.goInto(`${id}|${this.model.stages[0]?.id}`, 0);
    else if (key === "ContextMenu" || key === "Enter" || (key === "F10" && shiftKey)) this.laneMenu(id, this.lanes.get(id).more);
    else if (this.readOnly) return false;
    else if (key === "F2") this.renameLane(id);
    else if (key === " ") {
      this.lift = { moved: id, at };
      this.lanes.get(id).element.classList.add("lifted");
      this.say(this.w("say_lane_lifted", { lane: this.laneName(shown[at]) }));
    } else return false;
    return true;
  }

  // ---- from cell to cell

  goInto(place, at) {
    const list = this.cells.get(place) || [];
    const card = list[Math.max(0, Math.min(at, list.length - 1))];
    this.focusOn(card ? card.id : place);
  }

  goStage(place, step, at) {
    const [lane, stage] = place.split("|");
    const { stages } = this.model;
    const next = stages[stages.findIndex((each) => each.id === stage) + step];
    if (next) this.goInto(`${lane}|${next.id}`, at);
    else if (step < 0) this.focusOn(`${lane}|`);
  }

  goLane(place, step) {
    const [lane, stage] = place.split("|");
    const shown = this.model.lanes.filter((each) => !each.hidden);
    const next = shown[shown.findIndex((each) => each.id === lane) + step];
    if (next) this.goInto(`${next.id}|${stage}`, step > 0 ? 0 : Infinity);
  }

  goEnd(place, first) {
    const [lane] = place.split("|");
    this.goInto(`${lane}|${this.model.stages.at(first ? 0 : -1).id}`, 0);
  }

  // ---- lifting

  liftUp(id, place) {
    const ids = this.meant(id);
    this.lift = { ids, holder: id, from: place, over: undefined };
    for (const each of ids) this.cards.get(each)?.classList.add("lifted");
    this.root.classList.add("moving-cards");
    this.drawChoice();
    const rest = this.rest(place);
    const here = this.cells.get(place).findIndex((card) => card.id === id);
    const before = this.cells.get(place).slice(here + 1).find((card) => !ids.includes(card.id));
    this.aim(place, before ? rest.indexOf(before) : rest.length);
    this.say(this.w("say_lifted", { what: this.what(ids), place: this.placeName(place) }));
  }

  // The cards of a cell without those that are lifted.
  rest(place) {
    return (this.cells.get(place) || []).filter((card) => !this.lift.ids.includes(card.id));
  }

  aim(place, at) {
    const { lift } = this;
    this.over(place, lift.ids, Infinity);
    const rest = this.rest(place).map((card) => this.cards.get(card.id));
    lift.at = Math.max(0, Math.min(at, rest.length));
    this.markSlot(place, rest, lift.at);
    this.slot.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.say(this.w("say_over", { place: this.placeName(place), at: lift.at + 1, total: rest.length + 1 }));
  }

  liftKey(key) {
    if (key === " " || key === "Enter") this.drop(true);
    else if (key === "Escape") this.drop(false);
    else if (!key.startsWith("Arrow")) return false;
    else if (this.lift.moved) this.aimLane(key);
    else this.aimWith(key);
    return true;
  }

  aimWith(key) {
    const { over, at } = this.lift;
    const [lane, stage] = over.split("|");
    const { stages } = this.model;
    const lanes = this.model.lanes.filter((each) => !each.hidden);
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const next = stages[stages.findIndex((each) => each.id === stage) + (key === "ArrowRight" ? 1 : -1)];
      if (next) this.aim(`${lane}|${next.id}`, at);
      return;
    }
    const step = key === "ArrowDown" ? 1 : -1;
    const within = at + step;
    if (within >= 0 && within <= this.rest(over).length) return this.aim(over, within);
    const next = lanes[lanes.findIndex((each) => each.id === lane) + step];
    if (next) this.aim(`${next.id}|${stage}`, step > 0 ? 0 : Infinity);
  }

  aimLane(key) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (!step) return;
    const rest = this.model.lanes.filter((lane) => !lane.hidden && lane.id !== this.lift.moved);
    this.lift.at = Math.max(0, Math.min(rest.length, this.lift.at + step));
    this.markLane(rest.map((lane) => this.lanes.get(lane.id).element), this.lift.at);
    this.say(this.w("say_lane_over", { at: this.lift.at + 1, total: rest.length + 1 }));
  }

  drop(keep) {
    const { ids, holder, over, before, moved, at } = this.lift;
    this.unmark();
    this.lift = undefined;
    this.root.classList.remove("moving-cards");
    if (keep && moved) {
      const rest = this.model.lanes.filter((lane) => lane.id !== moved);
      const shown = rest.filter((lane) => !lane.hidden);
      this.moveLane(moved, shown[at] ? rest.indexOf(shown[at]) : rest.length);
    } else if (keep) this.moveTo(ids.filter((id) => this.model.cards.has(id)), over, before);
    else this.say(this.w("say_cancelled"));
    if (keep) this.focusOn(moved ? `${moved}|` : holder);
    this.drawChoice();
  }
}
