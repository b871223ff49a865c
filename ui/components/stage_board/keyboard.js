// Moving about, lifting and dropping with keys.

class Keyboard extends Pointer {
  focused(event) {
    const card = event.target.closest(".card");
    if (!card || event.target !== card) return;
    const column = this.columns.get(card.closest("[data-place]").dataset.place);
    const old = this.cards.get(column.tab);
    if (old && old !== card) put(old, "tabindex", "-1");
    column.tab = card.dataset.event;
    put(card, "tabindex", "0");
  }

  focusIs(lift) {
    const active = this.parent.activeElement;
    return lift.stage ? active === this.columns.get(lift.stage)?.head : active === this.cards.get(lift.holder);
  }

  key(event) {
    if (composing(event) || event.target.closest("input, .menu")) return;
    this.shortcut(event);
    if (event.key === "Escape" && this.drag) return this.cancelDrag(true);
    const { target } = event;
    if (target.matches("[role=button]") && (event.key === " " || event.key === "Enter")) {
      target.click();
      return event.preventDefault();
    }
    const card = target.matches(".card") ? target.dataset.event : undefined;
    const head = target.matches(".stage > .head") ? target.parentElement.dataset.place : undefined;
    if (!card && !head) return;
    const done = this.lift ? this.liftKey(event.key) : card ? this.cardKey(card, event) : this.headKey(head, event);
    if (done) event.preventDefault();
  }

  cardKey(event, { key, shiftKey, ctrlKey, metaKey }) {
    const { place, rule } = this.model.cards.get(event);
    const column = this.columns.get(place);
    const shown = [...column.list.children];
    const at = shown.indexOf(this.cards.get(event));
    if (key === " ") this.liftUp(event, place);
    else if (key === "Enter" || key === "ContextMenu") this.cardMenu(event, this.cards.get(event));
    else if (key === "Escape") this.select([]);
    else if (key === "Delete" && rule !== undefined) this.removeRule(rule);
    else if (key.toLowerCase() === "a" && (ctrlKey || metaKey)) this.select(column.events);
    else if (key === "ArrowDown" || key === "ArrowUp") {
      const next = shown[at + (key === "ArrowDown" ? 1 : -1)];
      if (next && shiftKey) this.select([...new Set([...this.selected, event, next.dataset.event])]);
      if (next) next.focus();
      else if (key === "ArrowUp" && place !== "tray" && place !== "bin") column.head.focus();
    } else if (key === "Home" || key === "End") shown.at(key === "Home" ? 0 : -1).focus();
    else if (key === "ArrowLeft" || key === "ArrowRight") this.goAside(place, key === "ArrowRight" ? 1 : -1, at);
    else return false;
    return true;
  }

  headKey(id, { key }) {
    if (key === " ") {
      this.lift = { stage: id, at: this.model.stages.findIndex((stage) => stage.id === id) };
      this.columns.get(id).element.classList.add("lifted");
      const what = this.w("one_stage", { stage: this.placeName(id) });
      this.say(this.w("say_lifted", { what, place: this.count.format(this.lift.at + 1) }));
    } else if (key === "Enter" || key === "ContextMenu") this.stageMenu(id, this.columns.get(id).menu);
    else if (key === "F2") this.rename(id);
    else if (key === "Delete") this.removeStage(id);
    else if (key === "ArrowDown") this.columns.get(id).list.firstElementChild?.focus();
    else if (key === "ArrowLeft" || key === "ArrowRight") this.goAside(id, key === "ArrowRight" ? 1 : -1, -1);
    else return false;
    return true;
  }

  // From a card (at >= 0) or a head to the nearest column on that side that can take the focus.
  goAside(place, step, at) {
    const order = this.order();
    for (let i = order.indexOf(place) + step; order[i]; i += step) {
      const { list, head, element } = this.columns.get(order[i]);
      const stage = element.classList.contains("stage");
      const near = at < 0 && stage ? head : list.children[Math.min(Math.max(at, 0), list.children.length - 1)];
      const target = near?.checkVisibility?.() === false ? undefined : near || (stage ? head : undefined);
      if (!target) continue;
      target.focus();
      return;
    }
  }

  liftUp(event, place) {
    const events = this.selected.has(event) ? [...this.selected] : [event];
    this.lift = { events, holder: event, from: place, over: undefined };
    for (const each of events) this.cards.get(each)?.classList.add("lifted");
    this.root.classList.add("moving-cards");
    this.over(place);
    this.say(this.w("say_lifted", { what: this.what(events), place: this.placeName(place) }));
  }

  liftKey(key) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: 0, ArrowDown: 0 }[key];
    if (key === " " || key === "Enter") this.drop(true);
    else if (key === "Escape") this.drop(false);
    else if (step === undefined) return false;
    else if (step && this.lift.stage) {
      const last = this.model.stages.length - 1;
      this.lift.at = Math.max(0, Math.min(last, this.lift.at + step));
      const rest = this.model.stages.filter((stage) => stage.id !== this.lift.stage);
      this.mark(rest.map((stage) => this.columns.get(stage.id).element), this.lift.at);
      this.say(this.w("say_over", { place: this.placeName(this.lift.stage), at: this.lift.at + 1, total: last + 1 }));
    } else if (step) {
      const order = this.order();
      const at = Math.max(0, Math.min(order.length - 1, order.indexOf(this.lift.over) + step));
      this.over(order[at]);
      this.reveal(order[at]);
      this.say(this.w("say_over", { place: this.placeName(order[at]), at: at + 1, total: order.length }));
    }
    return true;
  }

  drop(keep) {
    const { events, stage, over, at, from, holder } = this.lift;
    this.unmark();
    this.lift = undefined;
    this.root.classList.remove("moving-cards");
    if (keep && stage) this.moveStage(stage, at);
    else if (keep && over !== from) this.place(events, over);
    else this.say(this.w("say_cancelled"));
    if (keep) (stage ? this.columns.get(stage).head : this.cards.get(holder))?.focus();
  }
}
