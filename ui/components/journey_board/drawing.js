// The frame of the map, its lanes and cells, drawn from the model; elements stay as long as what they show.

class Drawing extends Dragging {
  constructor(parent) {
    super();
    this.parent = parent;
    this.heads = new Map(); // stage id -> the elements of its head
    this.lanes = new Map(); // lane id -> the elements of the lane
    this.cards = new Map(); // card id -> its element
    this.selected = new Set();
    this.tab = ""; // what takes the focus when one comes by Tab
    this.still = false; // somebody drags a point of a curve
  }

  build() {
    const button = (name, action) =>
      make("button", { type: "button", class: "tool", "data-do": name, onclick: action }, icon(name));
    this.undo = button("undo", () => this.act({ op: "undo" }, this.w("say_undo")));
    this.redo = button("redo", () => this.act({ op: "redo" }, this.w("say_redo")));
    this.hiddenLanes = make("button", { type: "button", class: "quiet" }, icon("eye_off"), make("span"));
    this.hiddenLanes.onclick = () => this.hiddenMenu(this.hiddenLanes);
    this.legends = [make("div", { class: "legend" }), make("div", { class: "legend" })];
    this.status = make("span", { class: "status" });
    this.bar = make("div", { class: "bar" }, this.undo, this.redo, this.hiddenLanes, this.legends[0], this.status);
    this.jump = make("div", { class: "jump" });
    this.corner = make("div", { class: "corner" }, this.legends[1]);
    this.top = make("div", { class: "heads" }, this.corner);
    this.foot = make("div", { class: "foot" });
    this.sheet = make("div", { class: "sheet" }, this.top, this.foot);
    this.slot = make("div", { class: "slot" });
    this.choice = make("div", { class: "choice", role: "toolbar" });
    this.shown = make("div", { class: "present" });
    this.live = make("div", { class: "hidden", "aria-live": "assertive", "aria-atomic": "true" });
    this.how = make("div", { class: "hidden", id: "how-card" });
    this.ghost = make("div", { class: "ghost", popover: "manual", "aria-hidden": "true" });
    this.menu = make("div", { class: "menu", popover: "auto", role: "menu" });
    this.ask = make("div", { class: "menu ask", popover: "auto", role: "dialog" });
    this.root = make("div", { class: "board map", role: "group" });
    this.root.append(this.bar, this.jump, this.sheet, this.choice, this.live, this.how, this.ghost, this.menu, this.ask);
    this.parent.append(this.root);
    this.listen();
    this.on("focusin", this.focused);
    this.on("focusout", () => this.lift && queueMicrotask(() => this.lift && !this.focusIs(this.lift) && this.drop(false)));
    this.on("dblclick", this.doubled);
    this.on("click", this.clickedBeside);
    this.listenClipboard();
    // What comes into sight by a key must not hide behind the heads.
    this.height = new ResizeObserver(([{ target }]) => (this.sheet.style.scrollPaddingTop = `${target.offsetHeight + 8}px`));
    this.height.observe(this.top);
    this.gate.signal.addEventListener("abort", () => this.height.disconnect());
    this.sheet.addEventListener("scroll", () => this.markChip(), { passive: true, signal: this.gate.signal });
  }

  get busy() {
    return Boolean(this.drag || this.lift || this.writing || this.still);
  }

  get movable() {
    return !this.data.read_only && this.data.mode !== "present";
  }

  // On a fixed board cards go from one place to another, and nothing else is changed.
  get readOnly() {
    return !this.movable || Boolean(this.data.fixed);
  }

  read(data) {
    return readMap(data);
  }

  close() {
    for (const lane of this.lanes.values()) if (lane.curve) dropCurve(this, lane.curve);
    if (this.shown.isConnected) dropPresent(this, this.shown);
    super.close();
  }

  // While a point of a curve is dragged nothing is drawn; what came in the meantime is drawn when it is let go.
  hold(held) {
    this.still = held;
    if (held || !this.waiting) return;
    this.waiting = false;
    this.render();
  }

  render() {
    if (this.drag || this.still) return void (this.waiting = true);
    this.model = replay(this.server, this.pending, editMap);
    this.base = this.data.revision;
    const presenting = this.data.mode === "present";
    put(this.root, "lang", this.data.language);
    put(this.root, "aria-label", this.w("board_label"));
    this.root.classList.toggle("presenting", presenting);
    this.root.classList.toggle("read-only", this.readOnly);
    this.root.classList.toggle("fixed", Boolean(this.data.fixed));
    if (presenting) {
      if (!this.shown.isConnected) this.root.append(this.shown);
      return drawPresent(this, this.shown);
    }
    if (this.shown.isConnected) {
      dropPresent(this, this.shown);
      this.shown.remove();
      this.shown.replaceChildren();
    }
    const focus = this.parent.activeElement;
    const scrolled = [this.sheet.scrollLeft, this.sheet.scrollTop];
    this.index();
    this.drawBar();
    this.drawHeads();
    this.drawLanes();
    this.drawJump();
    this.drawChoice();
    this.giveTab();
    if (focus && focus !== this.parent.activeElement && focus.isConnected) focus.focus({ preventScroll: true });
    [this.sheet.scrollLeft, this.sheet.scrollTop] = scrolled;
  }

  // Which cards stand in which cell, from top to bottom.
  index() {
    const { cards } = this.model;
    this.cells = new Map();
    for (const card of cards.values()) {
      const cell = cellOf(card);
      if (this.cells.has(cell)) this.cells.get(cell).push(card);
      else this.cells.set(cell, [card]);
    }
    for (const list of this.cells.values()) list.sort(byKey);
    this.about = JSON.stringify([this.data.language, this.model.personas, this.data.statuses]);
    for (const id of this.selected) if (!cards.has(id)) this.selected.delete(id);
    for (const [id, element] of this.cards) {
      if (cards.has(id) || this.writing?.id === id) continue;
      element.remove();
      this.cards.delete(id);
    }
  }

  drawBar() {
    this.label(this.undo, this.w("undo"), "Ctrl+Z");
    this.label(this.redo, this.w("redo"), "Ctrl+Shift+Z");
    this.undo.style.display = this.redo.style.display = this.readOnly ? "none" : "";
    this.undo.disabled = !(this.data.can_undo || this.model.undoable);
    this.redo.disabled = !(this.model.redoable || (this.data.can_redo && !this.pending.length));
    const hidden = this.model.lanes.filter((lane) => lane.hidden).length;
    this.hiddenLanes.style.display = hidden ? "" : "none";
    write(this.hiddenLanes.lastChild, this.w("hidden_lanes", { n: hidden }));
    for (const legend of this.legends) this.drawLegend(legend);
    write(this.how, this.w(!this.readOnly ? "how_card" : this.movable ? "how_move" : "how_read"));
    this.drawStatus();
    if (!this.movable) write(this.status, "");
  }

  // What the stripes beside the cells say.
  drawLegend(legend) {
    if (legend.lang === this.data.language) return;
    legend.lang = this.data.language;
    legend.replaceChildren(...["measured", "partly", "assumed"].map((level) => {
      const told = { class: "level", "data-evidence": level, title: this.w(`${level}_hint`) };
      return make("span", told, make("i"), make("span", { text: this.w(level) }));
    }));
  }

  drawHeads() {
    const { stages } = this.model;
    this.sheet.style.setProperty("--n", String(Math.max(1, stages.length)));
    for (const [id, head] of this.heads) {
      if (stages.some((stage) => stage.id === id)) continue;
      head.element.remove();
      this.heads.delete(id);
    }
    for (const stage of stages) {
      let head = this.heads.get(stage.id);
      if (!head) {
        const name = make("div", { class: "name", role: "heading", "aria-level": "3" });
        const figures = make("div", { class: "figures" });
        const element = make("div", { class: "head stage-head", "data-stage": stage.id }, name, figures);
        this.heads.set(stage.id, (head = { element, name, figures }));
      }
      write(head.name, stage.name);
      put(head.element, "title", stage.lost ? this.w("lost_stage_hint") : null);
      head.element.classList.toggle("lost", Boolean(stage.lost));
      head.element.style.setProperty("--colour", stage.colour || "var(--muted)");
      drawHead(this, stage, head.figures);
    }
    arrange(this.top, [this.corner, ...stages.map((stage) => this.heads.get(stage.id).element)]);
  }

  drawLanes() {
    const lanes = this.model.lanes.filter((lane) => !lane.hidden);
    for (const [id, lane] of this.lanes) {
      if (lanes.some((each) => each.id === id)) continue;
      if (lane.curve) dropCurve(this, lane.curve);
      lane.element.remove();
      this.lanes.delete(id);
    }
    for (const lane of lanes) this.drawLane(lane);
    this.drawFoot();
    arrange(this.sheet, [this.top, ...lanes.map((lane) => this.lanes.get(lane.id).element), this.foot]);
  }

  laneName(lane) {
    return lane.name || this.w(`lane_${lane.kind}`);
  }

  lane(lane) {
    let drawn = this.lanes.get(lane.id);
    if (drawn) return drawn;
    const sign = icon(ICONS[lane.kind] ? lane.kind : "own");
    const name = make("span", { class: "name" });
    const more = make("button", { type: "button", class: "more", tabindex: "-1" }, icon("dots"));
    const head = make("div", { class: "head lane-head", tabindex: "-1", "data-lane-head": lane.id }, sign, name, more);
    more.onclick = () => this.laneMenu(lane.id, more);
    const element = make("section", { class: "lane", "data-lane": lane.id, "data-kind": lane.kind }, head);
    drawn = { element, head, name, more, cells: new Map() };
    if (lane.kind === "emotion") {
      drawn.curve = make("div", { class: "curve", "data-own": "" });
      element.append(drawn.curve);
    }
    this.lanes.set(lane.id, drawn);
    return drawn;
  }

  drawLane(lane) {
    const drawn = this.lane(lane);
    const name = this.laneName(lane);
    if (this.writing?.lane !== lane.id || this.writing.kind !== "lane") write(drawn.name, name);
    put(drawn.name, "title", name);
    put(drawn.element, "aria-label", name);
    put(drawn.head, "aria-label", this.w("lane_label", { lane: name }));
    this.label(drawn.more, this.w("lane_menu", { lane: name }));
    const { stages } = this.model;
    for (const [id, cell] of drawn.cells) {
      if (stages.some((stage) => stage.id === id)) continue;
      cell.element.remove();
      drawn.cells.delete(id);
    }
    for (const stage of stages) this.drawCell(lane, stage, drawn);
    const cells = stages.map((stage) => drawn.cells.get(stage.id).element);
    arrange(drawn.element, [drawn.head, ...(drawn.curve ? [drawn.curve] : []), ...cells]);
    if (drawn.curve) drawCurve(this, lane, drawn.curve);
  }

  drawCell(lane, stage, drawn) {
    let cell = drawn.cells.get(stage.id);
    const place = `${lane.id}|${stage.id}`;
    if (!cell) {
      const list = make("ul", { class: "cards" });
      const hint = make("p", { class: "hint" });
      const add = make("button", { type: "button", class: "plus", tabindex: "-1", "data-add": place }, icon("plus"));
      const element = make("div", { class: "cell", "data-cell": place, "data-stage": stage.id }, list, hint, add);
      add.onclick = () => this.draft(place);
      cell = { element, list, hint, add };
      if (lane.kind === "kpi") {
        cell.figures = make("div", { class: "figures" });
        element.prepend(cell.figures);
      }
      drawn.cells.set(stage.id, cell);
    }
    const cards = this.cells.get(place) || [];
    const label = this.w("cell_label", { lane: this.laneName(lane), stage: stage.name });
    const evidence = this.data.cells?.[place] || "";
    put(cell.list, "aria-label", evidence ? `${label}, ${this.w(evidence)}` : label);
    put(cell.add, "aria-label", this.w("add_here", { lane: this.laneName(lane), stage: stage.name }));
    put(cell.add, "title", this.w("add_title"));
    put(cell.element, "data-evidence", evidence || null);
    // Where something stands, and under a curve, nothing is asked; who answers still reads the question.
    const told = cards.length || drawn.curve || this.data.kpi?.[stage.id]?.length && cell.figures;
    write(cell.hint, told ? "" : lane.hints?.[stage.id] || "");
    cell.element.classList.toggle("empty", !cards.length);
    if (cell.figures) drawKpi(this, lane, stage, cell.figures);
    this.arrangeCards(place, cell, cards);
  }

  // What is written in stays where it is: to move it would take the focus, and with it a syllable.
  arrangeCards(place, cell, cards) {
    const elements = cards.filter((card) => card.id !== this.writing?.id).map((card) => this.drawCard(card));
    const { writing } = this;
    if (writing?.kind === "card" && writing.place === place) {
      const before = elements.indexOf(this.cards.get(writing.after));
      const at = writing.after === undefined ? Math.min(writing.at, elements.length) : before < 0 ? elements.length : before + 1;
      elements.splice(at, 0, writing.element);
      if (writing.element.parentElement !== cell.list) cell.list.append(writing.element);
      // Others are put around it.
      const around = elements.indexOf(writing.element);
      elements.slice(0, around).forEach((each) => cell.list.insertBefore(each, writing.element));
      elements.slice(around + 1).forEach((each) => cell.list.append(each));
      for (const child of [...cell.list.children]) if (!elements.includes(child)) child.remove();
      return;
    }
    arrange(cell.list, elements);
  }

  drawFoot() {
    if (!this.addLane) {
      this.addLane = make("button", { type: "button", class: "quiet add-lane", tabindex: "-1" }, icon("plus"), make("span"));
      this.addLane.onclick = () => this.newLaneMenu(this.addLane);
      this.foot.append(this.addLane);
    }
    write(this.addLane.lastChild, this.w("add_lane"));
    this.foot.style.display = this.readOnly ? "none" : "";
  }

  // A phone shows one stage at a time: chips to see, reach and drop on all of them.
  drawJump() {
    const chips = this.model.stages.map((stage) => {
      const chip = make("button", { type: "button", class: "chip", "data-jump": stage.id, text: stage.name });
      chip.style.setProperty("--colour", stage.colour || "var(--line)");
      chip.onclick = () => this.reveal(stage.id);
      return chip;
    });
    this.jump.replaceChildren(...chips);
    this.markChip();
  }

  // Which stage is in sight, among the chips of a phone.
  markChip() {
    if (!this.root.classList.contains("narrow")) return;
    const { sheet, jump } = this;
    const width = sheet.scrollWidth / Math.max(1, jump.children.length);
    const last = sheet.scrollLeft + sheet.clientWidth > sheet.scrollWidth - 4;
    const at = last ? jump.children.length - 1 : Math.round(sheet.scrollLeft / width);
    [...jump.children].forEach((chip, i) => {
      if (chip.classList.contains("now") === (i === at)) return;
      chip.classList.toggle("now", i === at);
      put(chip, "aria-current", i === at ? "true" : null);
      if (i === at) jump.scrollTo({ left: chip.offsetLeft - jump.offsetLeft - 12 });
    });
  }

  reveal(stage) {
    const at = this.model.stages.findIndex((each) => each.id === stage);
    const { element } = this.heads.get(stage);
    const left = element.offsetLeft - (this.root.classList.contains("narrow") ? 0 : this.corner.offsetWidth);
    if (at >= 0) this.sheet.scrollTo({ left, behavior: "smooth" });
  }

  stageName(id) {
    return this.model.stages.find((stage) => stage.id === id)?.name ?? "";
  }

  placeName(place) {
    const [lane, stage] = place.split("|");
    const told = this.model.lanes.find((each) => each.id === lane);
    return this.w("cell_label", { lane: told ? this.laneName(told) : "", stage: this.stageName(stage) });
  }

  cell(place) {
    const [lane, stage] = place.split("|");
    return this.lanes.get(lane)?.cells.get(stage);
  }
}
