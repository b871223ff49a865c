// The frame of the board and everything in it, drawn from the model; elements stay as long as what they show.

const MOST_SHOWN = 200; // cards drawn in one column
const PAUSE = 250; // milliseconds without a key before Python is asked what a search finds
const LONGEST_SEARCH = 200; // characters
const A_FEW = 10; // events found from which on they can be moved all at once

class Drawing extends Dragging {
  constructor(parent) {
    super();
    this.parent = parent;
    this.columns = new Map(); // place -> its elements
    this.cards = new Map(); // event -> its element
    this.selected = new Set();
    this.query = "";
    this.binOpen = false;
  }

  build() {
    const button = (name, action) =>
      make("button", { type: "button", class: "tool", "data-do": name, onclick: action }, icon(name));
    this.undo = button("undo", () => this.act({ op: "undo" }, this.w("say_undo")));
    this.redo = button("redo", () => this.act({ op: "redo" }, this.w("say_redo")));
    this.search = make("input", { type: "search", spellcheck: "false", autocomplete: "off" });
    this.search.oninput = () => {
      this.query = this.search.value.trim().slice(0, LONGEST_SEARCH);
      clearTimeout(this.asking);
      this.asking = setTimeout(() => this.find(this.query), PAUSE);
      this.render();
    };
    this.finder = make("label", { class: "search" }, icon("search"), this.search);
    this.status = make("span", { class: "status" });
    this.bar = make("div", { class: "bar" }, this.undo, this.redo, this.finder, this.status);
    this.all = make("button", { type: "button", class: "all" });
    this.all.onclick = () => this.foundMenu();
    this.jump = make("div", { class: "jump" });
    this.side = make("div", { class: "side" });
    this.add = make("div", { class: "add" });
    this.strip = make("div", { class: "strip" });
    this.live = make("div", { class: "hidden", "aria-live": "assertive", "aria-atomic": "true" });
    this.howCard = make("div", { class: "hidden", id: "how-card" });
    this.howStage = make("div", { class: "hidden", id: "how-stage" });
    this.ghost = make("div", { class: "ghost", popover: "manual", "aria-hidden": "true" });
    this.menu = make("div", { class: "menu", popover: "auto", role: "menu" });
    this.root = make("div", { class: "board", role: "group" });
    this.root.append(this.bar, this.all, this.jump, this.strip, this.live, this.howCard, this.howStage, this.ghost, this.menu);
    this.parent.append(this.root);

    this.listen();
    this.on("focusin", this.focused);
    this.on("focusout", () => this.lift && queueMicrotask(() => this.lift && !this.focusIs(this.lift) && this.drop(false)));
    this.on("dblclick", (event) => {
      const head = event.target.closest(".stage .head");
      if (head && event.target.closest(".name")) this.rename(head.parentElement.dataset.place);
    });
  }

  get busy() {
    return this.drag || this.lift || this.renaming || this.adding;
  }

  read(data) {
    return read(data);
  }

  close() {
    clearTimeout(this.asking);
    super.close();
  }

  render() {
    if (this.drag) return void (this.waiting = true);
    this.model = replay(this.server, this.pending, (model, op) => edit(model, op, this.data.palette));
    this.base = this.data.revision;
    const { stages, cards } = this.model;
    const focus = this.parent.activeElement;
    const scrolled = [this.strip.scrollLeft, this.strip.scrollTop];

    put(this.root, "lang", this.data.language);
    put(this.root, "aria-label", this.w("board_label"));
    write(this.howCard, this.w("how_card"));
    write(this.howStage, this.w("how_stage"));
    this.label(this.undo, this.w("undo"), "Ctrl+Z");
    this.label(this.redo, this.w("redo"), "Ctrl+Shift+Z");
    this.undo.disabled = !(this.data.can_undo || this.model.undoable);
    this.redo.disabled = !(this.model.redoable || (this.data.can_redo && !this.pending.length));
    put(this.search, "placeholder", this.w("search"));
    put(this.search, "aria-label", this.w("search"));
    this.drawStatus();

    this.found = this.query && this.data.found?.text === this.query ? this.data.found : undefined;
    this.means = wanted(this.query);
    const many = (this.found?.total || 0) >= A_FEW;
    this.all.style.display = many ? "" : "none";
    const values = { text: this.query, n: this.found?.total };
    if (many) write(this.all, this.query.includes("*") ? this.w("move_fitting", values) : this.w("move_found", values));

    const places = new Map([["tray", []], ...stages.map((stage) => [stage.id, []]), ["bin", []]]);
    for (const card of cards.values()) places.get(card.place).push(card);
    for (const event of this.selected) if (!cards.has(event)) this.selected.delete(event);
    for (const [event, element] of this.cards) {
      if (!cards.has(event)) {
        element.remove();
        this.cards.delete(event);
      }
    }
    for (const [place, column] of this.columns) {
      if (!places.has(place)) {
        column.element.remove();
        this.columns.delete(place);
      }
    }
    for (const [place, list] of places) this.drawColumn(place, list);
    arrange(this.side, [this.columns.get("tray").element, this.columns.get("bin").element]);
    this.drawAdd();
    arrange(this.strip, [this.side, ...stages.map((stage) => this.columns.get(stage.id).element), this.add]);
    this.drawJump();

    if (focus && focus !== this.parent.activeElement && focus.isConnected) focus.focus({ preventScroll: true });
    [this.strip.scrollLeft, this.strip.scrollTop] = scrolled;
  }

  column(place) {
    let column = this.columns.get(place);
    if (column) return column;
    const name = make("span", { class: "name" });
    const list = make("ul", { class: "cards", role: "list" });
    const note = make("p", { class: "note" });
    const title = make("div", { class: "title" }, name);
    const head = make("div", { class: "head" }, title);
    const element = make("section", { class: "col", "data-place": place }, head, list, note);
    column = { element, head, title, name, list, note };
    if (place === "tray" || place === "bin") {
      element.classList.add(place);
      column.size = make("span", { class: "size" });
      title.append(column.size);
      if (place === "bin") {
        title.append(icon("chevron"));
        put(title, "role", "button");
        put(title, "tabindex", "0");
        title.onclick = () => {
          this.binOpen = !this.binOpen;
          this.render();
        };
      }
    } else {
      element.classList.add("stage");
      column.flag = icon("flag");
      column.menu = make("button", { type: "button", class: "more" }, icon("dots"));
      column.menu.onclick = () => this.stageMenu(place, column.menu);
      title.append(column.flag, column.menu);
      column.reach = make("div", { class: "reach" });
      column.number = make("strong");
      column.share = make("span");
      column.fill = make("i");
      const meter = make("div", { class: "meter" }, column.fill);
      column.reach.append(icon("people"), column.number, meter, column.share);
      column.drop = make("div", { class: "drop" });
      head.append(column.reach, column.drop);
      put(head, "tabindex", "0");
      put(head, "aria-describedby", "how-stage");
    }
    this.columns.set(place, column);
    return column;
  }

  drawColumn(place, list) {
    const column = this.column(place);
    const stage = this.model.stages.find((each) => each.id === place);
    const name = this.placeName(place);
    const hidden = this.data.hidden?.[place] || 0;
    if (this.renaming !== place) write(column.name, name);
    put(column.element, "aria-label", name);
    put(column.list, "aria-label", name);
    if (stage) {
      column.element.style.setProperty("--colour", stage.colour);
      column.flag.style.display = stage.goal ? "" : "none";
      put(column.name, "title", name);
      this.label(column.menu, this.w("stage_menu", { stage: name }));
      const known = typeof stage.reach === "number";
      write(column.number, known ? this.w("people", { n: stage.reach }) : "–");
      write(column.share, known ? this.share(stage.reach_share) : "");
      column.fill.style.width = `${100 * (stage.reach_share || 0)}%`;
      write(column.drop, this.w(stage.goal ? "completed" : "drop_off", { share: this.share(stage.drop_off) }));
      put(column.drop, "title", this.w(stage.goal ? "completed_hint" : "drop_off_hint"));
      put(column.reach, "title", this.w("reach_hint"));
      const goal = stage.goal ? `, ${this.w("goal")}` : "";
      const figures = [column.number, column.share, column.drop].map((element) => element.textContent);
      put(column.head, "aria-label", [name + goal, ...figures].join(", "));
    } else {
      const names = list.reduce((sum, card) => sum + (card.extra ? 0 : (card.names ?? 1)), hidden);
      write(column.size, this.count.format(names));
      put(column.title, "title", this.w(`${place}_hint`));
      if (place === "bin") {
        put(column.title, "aria-expanded", String(this.binOpen || Boolean(this.query)));
        column.element.classList.toggle("closed", !this.binOpen && !this.query);
      }
    }

    const means = (card) => this.means(card.rule ?? card.event);
    const found = list.filter(this.query ? means : (card) => !card.extra);
    const rank = (card) => (card.rule === undefined ? card.customers : Infinity);
    found.sort((a, b) => (rank(a) === rank(b) ? b.rows - a.rows || (a.event < b.event ? -1 : 1) : rank(b) - rank(a)));
    column.events = found.map((card) => card.event);
    const shown = found.slice(0, MOST_SHOWN);
    arrange(column.list, shown.map((card) => this.drawCard(card)));
    if (!shown.some((card) => card.event === column.tab)) column.tab = shown[0]?.event;
    for (const card of shown) put(this.cards.get(card.event), "tabindex", card.event === column.tab ? "0" : "-1");

    const empty = stage ? "stage_empty" : `${place}_empty`;
    // Of what was found Python knows the number; edits that it has not heard of yet may have moved some.
    const rules = found.filter((card) => card.rule !== undefined).length;
    const total = this.found && !this.pending.length ? rules + (this.found.places[place] || 0) : found.length;
    const over = Math.max(0, total - shown.length) + (this.query ? 0 : hidden);
    const none = !this.query ? empty : this.found ? "none_found" : "searching";
    write(column.note, over ? this.w(this.query ? "more" : "hidden", { n: over }) : found.length ? "" : this.w(none));
    column.element.classList.toggle("empty", !found.length);
  }

  drawCard(card) {
    let element = this.cards.get(card.event);
    if (!element) {
      element = make("li", { class: "card", "aria-describedby": "how-card" });
      const menu = make("button", { type: "button", class: "more", tabindex: "-1" }, icon("dots"));
      menu.onclick = () => this.cardMenu(card.event, menu);
      element.append(
        make("span", { class: "grip", "aria-hidden": "true" }),
        make("span", { class: "event" }),
        make("span", { class: "guess", text: "?" }),
        make("span", { class: "counts" }, ...["people", "rows"].map((kind) => make("span", {}, icon(kind), make("b")))),
        menu,
      );
      element.dataset.event = card.event;
      if (card.rule !== undefined) element.dataset.rule = card.rule;
      this.cards.set(card.event, element);
    }
    const [, label, guess, counts, menu] = element.children;
    const rule = card.rule !== undefined;
    const names = rule ? this.w("rule_names", { n: card.names }) : "";
    if (rule && !label.children.length) label.append(icon("rule"), make("span"), make("small"));
    write(rule ? label.children[1] : label, rule ? `${card.rule} ` : card.event);
    if (rule) write(label.children[2], `· ${names}`);
    put(label, "title", rule ? this.w("rule_hint", { pattern: card.rule, n: card.names }) : card.event);
    const known = typeof card.customers === "number"; // of a rule they are not always counted
    const long = [this.w("rows_long", { n: card.rows })];
    if (known) long.unshift(this.w("customers_long", { n: card.customers }));
    counts.children[0].style.display = known ? "" : "none";
    write(counts.children[0].lastChild, known ? this.count.format(card.customers) : "");
    write(counts.children[1].lastChild, this.count.format(card.rows));
    put(counts, "title", long.join(" · "));
    this.label(menu, rule ? this.w("rule_menu", { pattern: card.rule }) : this.w("card_menu", { event: card.event }));
    const guessed = card.place !== "tray" && typeof card.confidence === "number";
    const doubt = guessed ? this.w("guess", { share: this.share(card.confidence) }) : "";
    put(element, "data-guess", guessed ? (card.confidence < 0.6 ? "weak" : "fair") : null);
    put(guess, "title", guessed ? doubt : null);
    put(element, "aria-label", [rule ? this.w("rule_label", { pattern: card.rule }) : card.event, names, ...long, doubt].filter(Boolean).join(", "));
    const chosen = this.selected.has(card.event);
    element.classList.toggle("selected", chosen);
    return element;
  }

  drawAdd() {
    if (this.adding) return;
    const full = this.model.stages.length >= this.data.most_stages;
    const button = make("button", { type: "button", class: "plus" }, icon("plus"), make("span", { text: this.w("add_stage") }));
    button.disabled = full;
    if (full) put(button, "title", this.w("add_full", { n: this.data.most_stages }));
    button.onclick = () => this.askName();
    const hint = this.model.stages.length ? [] : [make("p", { class: "note", text: this.w("no_stages") })];
    this.add.replaceChildren(button, ...hint);
  }

  // A phone shows one column at a time: chips to see, reach and drop on all of them.
  drawJump() {
    const chips = [...this.columns.keys()];
    chips.sort((a, b) => this.order().indexOf(a) - this.order().indexOf(b));
    this.jump.replaceChildren(
      ...chips.map((place) => {
        const stage = this.model.stages.find((each) => each.id === place);
        const chip = make("button", { type: "button", class: "chip", "data-place": place, text: this.placeName(place) });
        if (stage) chip.style.setProperty("--colour", stage.colour);
        chip.onclick = () => {
          if (place === "bin" && !this.binOpen) {
            this.binOpen = true;
            this.render();
          }
          this.reveal(place);
        };
        return chip;
      }),
    );
  }

  order() {
    return ["tray", ...this.model.stages.map((stage) => stage.id), "bin"];
  }

  reveal(place) {
    const { element } = this.columns.get(place);
    element.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "smooth" });
  }

  placeName(place) {
    if (place === "tray" || place === "bin") return this.w(place);
    return this.model.stages.find((stage) => stage.id === place)?.name ?? "";
  }

  what(events) {
    const { rule } = this.model.cards.get(events[0]) || {};
    if (events.length === 1 && rule !== undefined) return this.w("one_rule", { pattern: rule });
    return events.length === 1
      ? this.w("one_card", { event: events[0] })
      : this.w("many_cards", { n: events.length });
  }
}
