// What can be done with cards and stages, the names that are typed, and the menus.

class Edits extends Drawing {
  place(events, to) {
    const { cards } = this.model;
    const moved = events.filter((event) => {
      const card = cards.get(event);
      return card && (card.place !== to || card.confidence !== null);
    });
    if (!moved.length) return;
    const said = this.w("say_dropped", { what: this.what(moved), place: this.placeName(to) });
    this.selected.clear();
    const rules = moved.map((event) => cards.get(event).rule).filter((rule) => rule !== undefined);
    const names = moved.filter((event) => cards.get(event).rule === undefined);
    for (const pattern of rules) this.act({ op: "move_rule", pattern, to }, said);
    if (names.length === 1) this.act({ op: "place", event: names[0], to }, said);
    if (names.length > 1) this.act({ op: "place_many", events: names, to }, said);
    for (const event of moved.slice(0, 50)) {
      this.cards.get(event)?.animate?.([{ outlineColor: "var(--accent)" }, { outlineColor: "transparent" }], 700);
    }
  }

  removeRule(pattern) {
    this.selected.clear();
    this.act({ op: "remove_rule", pattern }, this.w("say_rule_removed", { pattern }));
  }

  // All that the search finds, in one edit: as a rule where one takes just these, so that new names follow.
  placeFound(to) {
    const { text, pattern, total } = this.found;
    const said = this.w("say_dropped", { what: this.w("many_events", { n: total }), place: this.placeName(to) });
    this.selected.clear();
    this.act(pattern ? { op: "add_rule", pattern, to, at: null } : { op: "place_found", text, to }, said);
  }

  foundMenu() {
    this.openMenu(this.all, this.w("move_to"), this.order().map((place) => ({
      text: this.placeName(place),
      colour: this.model.stages.find((stage) => stage.id === place)?.colour || "transparent",
      run: () => this.placeFound(place),
    })));
  }

  // The pattern of a rule, as a search, shows its events one by one.
  searchFor(text) {
    this.search.value = text;
    this.search.dispatchEvent(new Event("input"));
    this.search.focus();
  }

  moveStage(id, at) {
    const from = this.model.stages.findIndex((stage) => stage.id === id);
    if (at < 0 || at >= this.model.stages.length || at === from) return;
    const said = this.w("say_stage_moved", { stage: this.placeName(id), at: at + 1 });
    this.act({ op: "move_stage", stage: id, at }, said);
    this.reveal(id);
  }

  removeStage(id) {
    const at = this.model.stages.findIndex((stage) => stage.id === id);
    const said = this.w("say_stage_removed", { stage: this.placeName(id) });
    this.act({ op: "remove_stage", stage: id }, said);
    const next = this.model.stages[Math.min(at, this.model.stages.length - 1)];
    (next ? this.columns.get(next.id).head : this.add.querySelector("button"))?.focus();
  }

  select(events, said = true) {
    this.selected = new Set(events);
    this.render();
    if (said && events.length > 1) this.say(this.w("say_selected", { n: events.length }));
  }

  choose(event, pointer, touch) {
    const place = this.model.cards.get(event).place;
    const { events } = this.columns.get(place);
    if (pointer.shiftKey && this.anchor && events.includes(this.anchor)) {
      const [a, b] = [events.indexOf(this.anchor), events.indexOf(event)].sort((x, y) => x - y);
      return this.select([...new Set([...this.selected, ...events.slice(a, b + 1)])]);
    }
    this.anchor = event;
    const next = new Set(this.selected);
    if (pointer.ctrlKey || pointer.metaKey || touch) {
      if (!next.delete(event)) next.add(event);
      return this.select([...next]);
    }
    const only = next.size === 1 && next.has(event);
    this.select(only ? [] : [event]);
  }

  // An input in place of something; done(name) on Enter or leaving, undefined on Escape.
  askText(value, done, taken) {
    const input = make("input", { class: "naming", type: "text", maxlength: "60", "aria-label": this.w("stage_name") });
    input.value = value;
    let open = true;
    const finish = (keep) => {
      if (!open) return;
      const name = input.value.normalize("NFC").trim();
      if (keep === "enter" && name && taken(name)) {
        input.setCustomValidity(this.w("name_taken"));
        input.reportValidity();
        this.say(this.w("name_taken"));
        return;
      }
      open = false;
      done(keep && name && name !== value && !taken(name) && name.isWellFormed?.() !== false ? name : undefined, keep);
    };
    input.oninput = () => input.setCustomValidity("");
    input.onblur = () => finish("leave");
    input.onkeydown = (event) => {
      event.stopPropagation();
      if (composing(event)) return;
      if (event.key === "Enter") finish("enter");
      if (event.key === "Escape") finish("");
    };
    return input;
  }

  taken(name, but) {
    return this.model.stages.some((stage) => stage.id !== but && stage.name === name);
  }

  rename(id) {
    const { name, head } = this.columns.get(id);
    if (this.renaming) return;
    this.renaming = id;
    const input = this.askText(this.placeName(id), (text, how) => {
      this.renaming = undefined;
      input.replaceWith(name);
      if (text) this.act({ op: "rename_stage", stage: id, name: text }, this.w("say_stage_renamed", { stage: text }));
      else this.render();
      if (how !== "leave") this.columns.get(id)?.head.focus();
    }, (text) => this.taken(text, id));
    name.replaceWith(input);
    head.scrollIntoView({ block: "nearest", inline: "nearest" });
    input.focus();
    input.select();
  }

  askName() {
    this.adding = true;
    const input = this.askText("", (name, how) => {
      this.adding = false;
      const id = `s${random()}`;
      if (name) this.act({ op: "add_stage", name, id, at: null }, this.w("say_stage_added", { stage: name }));
      else this.render();
      if (how === "leave") return;
      if (name) this.reveal(id);
      (name ? this.columns.get(id).head : this.add.querySelector("button")).focus({ preventScroll: true });
    }, (text) => this.taken(text));
    put(input, "placeholder", this.w("stage_name"));
    this.add.replaceChildren(input);
    input.focus();
  }

  cardMenu(event, anchor) {
    if (!this.selected.has(event)) this.select([event]);
    const events = [...this.selected];
    const here = this.model.cards.get(event);
    const rule = events.length === 1 ? here.rule : undefined;
    const guessed = events.length === 1 && this.cards.get(event).dataset.guess !== undefined;
    const title = events.length > 1 ? this.w("move_many_to", { n: events.length }) : this.w("move_to");
    this.openMenu(anchor, title, [
      guessed && { text: this.w("confirm"), run: () => this.place(events, here.place) },
      ...this.order().map((place) => ({
        text: this.placeName(place),
        colour: this.model.stages.find((stage) => stage.id === place)?.colour || "transparent",
        now: events.length === 1 && here.place === place,
        off: events.length === 1 && here.place === place,
        run: () => this.place(events, place),
      })),
      { text: this.w("select_all"), run: () => this.select(this.columns.get(here.place).events) },
      rule !== undefined && { text: this.w("rule_show"), run: () => this.searchFor(rule) },
      rule !== undefined && { text: this.w("rule_remove"), danger: true, run: () => this.removeRule(rule) },
    ]);
  }

  stageMenu(id, anchor) {
    const { stages, goalFixed } = this.model;
    const at = stages.findIndex((stage) => stage.id === id);
    const stage = stages[at];
    const goal = stage.goal
      ? { text: this.w("clear_goal"), off: !goalFixed, run: () => this.act({ op: "set_goal", stage: null }) }
      : { text: this.w("set_goal"), run: () => this.act({ op: "set_goal", stage: id }) };
    this.openMenu(anchor, stage.name, [
      { text: this.w("rename"), run: () => this.rename(id) },
      { text: this.w("move_left"), off: at === 0, run: () => this.moveStage(id, at - 1) },
      { text: this.w("move_right"), off: at === stages.length - 1, run: () => this.moveStage(id, at + 1) },
      goal,
      { swatches: this.data.palette, now: stage.colour, pick: (colour) => this.act({ op: "recolour", stage: id, colour }) },
      { text: this.w("delete"), danger: true, run: () => this.removeStage(id) },
    ]);
  }
}
