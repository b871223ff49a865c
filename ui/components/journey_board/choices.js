// The menus of cards and lanes, and the bar of what can be done with the cards that are selected.

class Choices extends Writing {
  chosen(id) {
    if (!this.selected.has(id)) this.select([id]);
    return this.inOrder([...this.selected]);
  }

  cardMenu(id, anchor) {
    const ids = this.chosen(id);
    const title = ids.length > 1 ? this.w("menu_many", { n: ids.length }) : this.short(this.model.cards.get(id));
    const open = { text: this.w("open"), icon: "open", keys: this.readOnly ? undefined : "Alt+Enter", run: () => this.tell("open", id) };
    const move = { text: this.w("move_to"), icon: "move", more: true, run: () => this.stagesMenu(ids, anchor) };
    if (this.readOnly) return this.openMenu(anchor, title, [open, this.movable && move]);
    this.openMenu(anchor, title, [
      ids.length === 1 && open,
      ids.length === 1 && { text: this.w("edit"), icon: "pencil", keys: "Enter", run: () => this.write(id) },
      move,
      { text: this.w("status"), icon: "status", more: true, run: () => this.statusMenu(ids, anchor) },
      { text: this.w("owner"), icon: "owner", more: true, run: () => this.ownerMenu(ids, anchor) },
      { text: this.w("tags"), icon: "tag", more: true, run: () => this.tagsMenu(ids, anchor) },
      this.model.personas.length > 0 && { text: this.w("persona"), icon: "persona", more: true, run: () => this.personaMenu(ids, anchor) },
      this.colourRow(ids),
      { text: this.w("duplicate"), icon: "copy", keys: "Ctrl+D", run: () => this.duplicate(ids) },
      { text: this.w("delete"), icon: "trash", keys: "Del", danger: true, run: () => this.remove(ids) },
    ]);
  }

  same(ids, name) {
    const values = new Set(ids.map((id) => this.model.cards.get(id)?.[name]));
    return values.size === 1 ? [...values][0] : undefined;
  }

  colourRow(ids) {
    return {
      swatches: ["", ...this.data.colours],
      names: [this.w("no_colour"), ...this.data.colours.map((_, i) => `${this.w("colour")} ${i + 1}`)],
      now: this.same(ids, "colour") ?? "-",
      pick: (colour) => this.set(ids, { colour }, this.w("say_coloured")),
    };
  }

  colourMenu(ids, anchor) {
    this.openMenu(anchor, this.w("colour"), [this.colourRow(ids)]);
  }

  statusMenu(ids, anchor) {
    const now = this.same(ids, "status");
    this.openMenu(anchor, this.w("status"), [{ id: "" }, ...this.data.statuses.filter((each) => each.id)].map(({ id, name }) => ({
      text: id ? name : this.w("no_status"),
      now: now === id,
      run: () => this.set(ids, { status: id }, this.w("say_changed")),
    })));
  }

  personaMenu(ids, anchor) {
    const now = this.same(ids, "persona");
    const all = [{ id: "", name: this.w("everybody"), colour: "transparent" }, ...this.model.personas];
    this.openMenu(anchor, this.w("persona"), all.map(({ id, name, colour }) => ({
      text: name,
      colour,
      now: now === id,
      run: () => this.set(ids, { persona: id }, this.w("say_changed")),
    })));
  }

  ownerMenu(ids, anchor) {
    const now = this.same(ids, "owner");
    const set = (owner) => this.set(ids, { owner }, this.w("say_changed"));
    const known = [...new Set([...this.data.owners, ...[...this.model.cards.values()].map((card) => card.owner)])].filter(Boolean);
    known.sort((a, b) => a.localeCompare(b, this.data.language));
    this.openMenu(anchor, this.w("owner"), [
      { text: this.w("new_owner"), icon: "plus", run: () => this.askFor(anchor, this.w("owner"), now || "", 200, set) },
      ...known.map((name) => ({ text: name, now: now === name, run: () => set(name) })),
      { text: this.w("no_owner"), now: now === "", run: () => set("") },
    ]);
  }

  tagsMenu(ids, anchor) {
    const cards = ids.map((id) => this.model.cards.get(id));
    const known = [...new Set([...this.model.cards.values()].flatMap((card) => card.tags))];
    known.sort((a, b) => a.localeCompare(b, this.data.language));
    const all = (tag) => cards.every((card) => card.tags.includes(tag));
    const give = (tag) => {
      const off = all(tag);
      const edits = [];
      for (const card of cards) {
        const rest = card.tags.filter((each) => each !== tag);
        if (off || !card.tags.includes(tag)) edits.push({ op: "set_card", id: card.id, fields: { tags: (off ? rest : [...card.tags, tag]).slice(0, 10) } });
      }
      this.actAll(edits, this.w("say_changed"));
    };
    this.openMenu(anchor, this.w("tags"), [
      { text: this.w("new_tag"), icon: "plus", run: () => this.askFor(anchor, this.w("new_tag"), "", 60, (text) => {
        const tag = text.replace(/^#+/, "").trim();
        if (tag && !all(tag)) give(tag);
      }) },
      ...known.map((tag) => ({ text: `#${tag}`, now: all(tag), run: () => give(tag) })),
    ]);
  }

  stagesMenu(ids, anchor) {
    const now = this.same(ids, "stage");
    this.openMenu(anchor, this.w("move_to"), this.model.stages.map((stage) => ({
      text: stage.name,
      colour: stage.colour || "transparent",
      now: now === stage.id,
      more: true,
      run: () => this.lanesMenu(ids, stage, anchor),
    })));
  }

  lanesMenu(ids, stage, anchor) {
    const now = new Set(ids.map((id) => cellOf(this.model.cards.get(id))));
    this.openMenu(anchor, stage.name, this.model.lanes.filter((lane) => !lane.hidden).map((lane) => {
      const place = `${lane.id}|${stage.id}`;
      const here = now.size === 1 && now.has(place);
      return { text: this.laneName(lane), icon: ICONS[lane.kind] ? lane.kind : "own", now: here, off: here, run: () => this.moveTo(ids, place) };
    }));
  }

  laneMenu(id, anchor) {
    const lane = this.model.lanes.find((each) => each.id === id);
    const shown = this.model.lanes.filter((each) => !each.hidden);
    const at = shown.findIndex((each) => each.id === id);
    const cards = [...this.model.cards.values()].filter((card) => card.lane === id);
    this.openMenu(anchor, this.laneName(lane), [
      !this.readOnly && { text: this.w("rename"), icon: "pencil", keys: "F2", run: () => this.renameLane(id) },
      !this.readOnly && { text: this.w("move_up"), icon: "up", off: at === 0, run: () => this.shiftLane(id, -1) },
      !this.readOnly && { text: this.w("move_down"), icon: "down", off: at === shown.length - 1, run: () => this.shiftLane(id, 1) },
      { text: this.w("select_lane", { n: cards.length }), icon: "status", off: !cards.length, run: () => this.select(this.inOrder(cards.map((card) => card.id))) },
      !this.readOnly && { text: this.w("hide_lane"), icon: "eye_off", run: () => this.hideLane(id, true) },
      !this.readOnly && { text: cards.length ? this.w("remove_lane_cards", { n: cards.length }) : this.w("remove_lane"), icon: "trash", danger: true, run: () => this.removeLane(id) },
    ]);
  }

  hiddenMenu(anchor) {
    const hidden = this.model.lanes.filter((lane) => lane.hidden);
    this.openMenu(anchor, this.w("show_lane"), hidden.map((lane) => ({
      text: this.laneName(lane),
      icon: ICONS[lane.kind] ? lane.kind : "own",
      off: this.readOnly,
      run: () => this.hideLane(lane.id, false),
    })));
  }

  newLaneMenu(anchor) {
    const there = new Set(this.model.lanes.map((lane) => lane.kind));
    const kinds = ["goals", "actions", "touchpoints", "thoughts", "emotion", "pains", "opportunities", "owner", "kpi"];
    this.openMenu(anchor, this.w("add_lane"), [
      ...this.model.lanes.filter((lane) => lane.hidden).map((lane) => ({ text: this.w("show_again", { lane: this.laneName(lane) }), icon: "eye", run: () => this.hideLane(lane.id, false) })),
      ...kinds.filter((kind) => !there.has(kind)).map((kind) => ({ text: this.w(`lane_${kind}`), icon: kind, run: () => this.newLane(kind) })),
      { text: this.w("own_lane"), icon: "own", run: () => this.newLane("own") },
    ]);
  }

  // A small field beside something; done(text) on Enter.
  askFor(anchor, title, value, longest, done) {
    const back = anchor.closest(".card") || anchor.closest(".head") || anchor;
    const input = make("input", { type: "text", maxlength: String(longest), "aria-label": title, spellcheck: "false", autocomplete: "off" });
    input.value = value;
    const close = () => {
      this.ask.hidePopover();
      back.focus({ preventScroll: true });
    };
    input.onkeydown = (event) => {
      event.stopPropagation();
      if (composing(event)) return;
      if (event.key === "Enter") {
        const text = input.value.normalize("NFC").trim();
        close();
        if (text.isWellFormed?.() !== false) done(text);
      } else if (event.key === "Escape") close();
    };
    this.ask.replaceChildren(make("div", { class: "menu-title", text: title }), input, make("p", { class: "menu-note", text: this.w("enter_keeps") }));
    put(this.ask, "aria-label", title);
    this.ask.showPopover();
    this.beside(this.ask, anchor);
    input.focus();
    input.select();
  }

  // What can be done with those that are selected, as long as some are.
  drawChoice() {
    const ids = [...this.selected];
    const open = ids.length > 0 && !this.drag && !this.lift && !this.writing;
    this.choice.classList.toggle("open", open);
    if (!open) return;
    const one = ids.length === 1;
    const state = JSON.stringify([one ? 1 : ids.length, this.readOnly, this.movable, this.data.language, this.model.personas.length]);
    if (this.choice.state === state) return;
    this.choice.state = state;
    const tool = (name, key, action) => {
      const button = make("button", { type: "button", class: "tool", "aria-label": this.w(key), title: this.w(key) }, icon(name));
      button.onclick = () => action(this.inOrder([...this.selected]), button);
      return button;
    };
    put(this.choice, "aria-label", this.w("choice_label"));
    this.choice.replaceChildren(
      make("span", { class: "count", text: this.w("selected", { n: ids.length }) }),
      ...(one ? [tool("open", "open", ([id]) => this.tell("open", id))] : []),
      ...(this.movable ? [tool("move", "move_to", (those, button) => this.stagesMenu(those, button))] : []),
      ...(this.readOnly ? [] : [
        ...(one ? [tool("pencil", "edit", ([id]) => this.write(id))] : []),
        tool("palette", "colour", (those, button) => this.colourMenu(those, button)),
        tool("status", "status", (those, button) => this.statusMenu(those, button)),
        tool("owner", "owner", (those, button) => this.ownerMenu(those, button)),
        tool("tag", "tags", (those, button) => this.tagsMenu(those, button)),
        ...(this.model.personas.length ? [tool("persona", "persona", (those, button) => this.personaMenu(those, button))] : []),
        tool("copy", "duplicate", (those) => this.duplicate(those)),
        tool("trash", "delete", (those) => this.remove(those)),
      ]),
      tool("close", "unselect", () => this.select([])),
    );
  }
}
