// What can be done with cards and lanes: each an edit that Python knows and can take back.

class Edits extends Cards {
  select(ids, said = true) {
    this.selected = new Set(ids);
    for (const [id, element] of this.cards) {
      const chosen = this.selected.has(id);
      if (element.classList.contains("selected") === chosen) continue;
      element.classList.toggle("selected", chosen);
      put(element, "aria-selected", chosen ? "true" : null);
    }
    this.drawChoice();
    if (said && ids.length > 1) this.say(this.w("say_selected", { n: ids.length }));
  }

  choose(id, pointer, touch) {
    const place = cellOf(this.model.cards.get(id));
    const ids = (this.cells.get(place) || []).map((card) => card.id);
    if (pointer.shiftKey && this.anchor && ids.includes(this.anchor)) {
      const [a, b] = [ids.indexOf(this.anchor), ids.indexOf(id)].sort((x, y) => x - y);
      return this.select([...new Set([...this.selected, ...ids.slice(a, b + 1)])]);
    }
    this.anchor = id;
    const next = new Set(this.selected);
    if (pointer.ctrlKey || pointer.metaKey || pointer.shiftKey || (touch && next.size)) {
      if (!next.delete(id)) next.add(id);
      return this.select([...next]);
    }
    this.select([id]);
  }

  // In the order in which they are read: lane by lane, stage by stage, from top to bottom.
  inOrder(ids) {
    const lanes = new Map(this.model.lanes.map((lane, at) => [lane.id, at]));
    const stages = new Map(this.model.stages.map((stage, at) => [stage.id, at]));
    const cards = ids.map((id) => this.model.cards.get(id)).filter(Boolean);
    cards.sort((a, b) => lanes.get(a.lane) - lanes.get(b.lane) || stages.get(a.stage) - stages.get(b.stage) || byKey(a, b));
    return cards.map((card) => card.id);
  }

  // One edit for all of them, so that one step takes them all back.
  actAll(edits, said) {
    if (edits.length === 1) this.act(edits[0], said);
    else if (edits.length) this.act({ op: "many", edits }, said);
  }

  // Put cards into a cell, before the one of this id or at its end.
  moveTo(ids, place, before) {
    const [lane, stage] = place.split("|");
    const moved = this.inOrder(ids);
    const rest = (this.cells.get(place) || []).filter((card) => !moved.includes(card.id));
    const at = before === undefined ? rest.length : rest.findIndex((card) => card.id === before);
    const stays = (this.cells.get(place) || []).map((card) => card.id);
    const wanted = [...rest.slice(0, at).map((card) => card.id), ...moved, ...rest.slice(at).map((card) => card.id)];
    if (stays.length === wanted.length && stays.every((id, i) => id === wanted[i])) return;
    const keys = keysBetween(rest[at - 1]?.key ?? "", rest[at]?.key ?? "", moved.length);
    const edits = moved.map((id, i) => ({ op: "move_card", id, lane, stage, key: keys[i] }));
    this.actAll(edits, this.w("say_dropped", { what: this.what(moved), place: this.placeName(place) }));
    for (const id of moved.slice(0, 50)) {
      this.cards.get(id)?.animate?.([{ outlineColor: "var(--accent)" }, { outlineColor: "transparent" }], 700);
    }
  }

  remove(ids) {
    const gone = this.inOrder(ids);
    if (!gone.length) return;
    const next = this.neighbour(gone);
    const said = this.w("say_removed", { what: this.what(gone) });
    this.selected.clear();
    this.actAll(gone.map((id) => ({ op: "remove_card", id })), said);
    this.focusOn(next);
  }

  // Where the focus goes when these cards are gone.
  neighbour(gone) {
    const place = cellOf(this.model.cards.get(gone[0]));
    const list = this.cells.get(place) || [];
    const last = list.findIndex((card) => card.id === gone.at(-1));
    const rest = list.filter((card) => !gone.includes(card.id));
    const after = list.slice(last + 1).find((card) => !gone.includes(card.id));
    return after?.id ?? rest.at(-1)?.id ?? place;
  }

  set(ids, fields, said) {
    const changed = ids.filter((id) => {
      const card = this.model.cards.get(id);
      return card && Object.entries(fields).some(([name, value]) => JSON.stringify(card[name]) !== JSON.stringify(value));
    });
    this.actAll(changed.map((id) => ({ op: "set_card", id, fields })), said);
  }

  // Copies of cards, as they would be told to Python; who wrote them and what came of them is not copied.
  copied(ids) {
    return this.inOrder(ids).map((id) => {
      const { lane, stage, text, colour, tags, owner, status, persona, more } = this.model.cards.get(id);
      const told = { lane, stage, text, colour, tags, owner, status, persona, ...more };
      return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== "" && value !== undefined));
    });
  }

  // New cards into a cell, behind the one of this id or at its end.
  addAll(cards, place, after, said) {
    const [lane, stage] = place.split("|");
    const list = this.cells.get(place) || [];
    const at = after === undefined ? list.length : list.findIndex((card) => card.id === after) + 1;
    const keys = keysBetween(list[at - 1]?.key ?? "", list[at]?.key ?? "", cards.length);
    const added = cards.map((card, i) => ({ ...card, id: newId(), lane, stage, key: keys[i] }));
    this.actAll(added.map((card) => ({ op: "add_card", card })), said);
    return added.map((card) => card.id);
  }

  duplicate(ids) {
    const all = this.inOrder(ids);
    if (!all.length) return;
    const edits = [];
    const fresh = [];
    const places = new Map();
    for (const id of all) {
      const place = cellOf(this.model.cards.get(id));
      places.set(place, [...(places.get(place) || []), id]);
    }
    for (const [place, those] of places) {
      const list = this.cells.get(place);
      const at = list.findIndex((card) => card.id === those.at(-1)) + 1;
      const keys = keysBetween(list[at - 1].key, list[at]?.key ?? "", those.length);
      this.copied(those).forEach((card, i) => {
        const id = newId();
        fresh.push(id);
        edits.push({ op: "add_card", card: { ...card, id, key: keys[i] } });
      });
    }
    this.actAll(edits, this.w("say_duplicated", { n: fresh.length }));
    this.select(fresh, false);
    this.focusOn(fresh[0]);
  }

  // ---- lanes

  moveLane(id, at) {
    const lanes = this.model.lanes.filter((lane) => lane.id !== id);
    const from = this.model.lanes.findIndex((lane) => lane.id === id);
    if (at < 0 || at > lanes.length || at === from) return;
    const key = between(lanes[at - 1]?.key ?? "", lanes[at]?.key ?? "");
    const lane = this.laneName(this.model.lanes[from]);
    this.act({ op: "set_lane", id, fields: { key } }, this.w("say_lane_moved", { lane, at: at + 1 }));
  }

  // Up or down past the next lane that is shown.
  shiftLane(id, step) {
    const { lanes } = this.model;
    const shown = lanes.filter((lane) => !lane.hidden);
    const other = shown[shown.findIndex((lane) => lane.id === id) + step];
    if (other) this.moveLane(id, lanes.findIndex((lane) => lane.id === other.id));
  }

  hideLane(id, hidden) {
    const lane = this.laneName(this.model.lanes.find((each) => each.id === id));
    this.act({ op: "set_lane", id, fields: { hidden } }, this.w(hidden ? "say_lane_hidden" : "say_lane_shown", { lane }));
  }

  newLane(kind) {
    const id = newId();
    const key = between(this.model.lanes.at(-1)?.key ?? "", "");
    this.act({ op: "add_lane", lane: { id, kind, key } }, this.w("say_lane_added"));
    const { head } = this.lanes.get(id);
    head.scrollIntoView({ block: "nearest" });
    head.focus({ preventScroll: true });
    if (kind === "own") this.renameLane(id);
  }

  removeLane(id) {
    const lane = this.laneName(this.model.lanes.find((each) => each.id === id));
    this.act({ op: "remove_lane", id }, this.w("say_lane_removed", { lane }));
    this.addLane.focus({ preventScroll: true });
  }

  // ---- the focus

  // The element of a card, of the button of a cell ("lane|stage") or of the head of a lane ("lane|").
  elementOf(tab) {
    if (!tab) return undefined;
    if (!tab.includes("|")) return this.cards.get(tab);
    return tab.endsWith("|") ? this.lanes.get(tab.slice(0, -1))?.head : this.cell(tab)?.add;
  }

  focusOn(tab) {
    this.elementOf(tab)?.focus({ preventScroll: false });
  }

  // One element of the grid takes the focus by Tab; arrows go on from there.
  giveTab() {
    if (!this.elementOf(this.tab)?.isConnected) {
      const lane = this.model.lanes.find((each) => !each.hidden);
      this.tab = lane ? `${lane.id}|` : "";
    }
    const element = this.elementOf(this.tab);
    if (element) put(element, "tabindex", "0");
  }

  focused(event) {
    const tab = this.tabOf(event.target);
    if (!tab) return;
    const old = this.elementOf(this.tab);
    if (old && tab !== this.tab) put(old, "tabindex", "-1");
    this.tab = tab;
    put(event.target, "tabindex", "0");
  }

  tabOf(element) {
    const { id, add, laneHead } = element.dataset || {};
    return id || add || (laneHead && `${laneHead}|`);
  }
}
