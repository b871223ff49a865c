// The board of stages in the browser. The protocol stands in __init__.py beside this file.
// Text of users goes in through textContent and attributes only, never as markup.

const MOST_SHOWN = 200; // cards drawn in one column
const MOST_SENT = 200; // ops in one parcel
const DRAG_FROM = 5; // pixels a mouse travels before a press becomes a drag
const LONG_PRESS = 230; // milliseconds a finger rests before it lifts a card
const NARROW = 640; // below this width (pixels) the board is a phone's
const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  undo: "M7 4 3 8l4 4M3 8h8a5 5 0 0 1 0 10H8",
  redo: "m13 4 4 4-4 4m4-4H9a5 5 0 0 0 0 10h3",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Zm4.5-1.5L17 17",
  dots: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  people: "M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 17c.5-3.5 3-5 6-5s5.5 1.5 6 5",
  rows: "M4 5.5h12M4 10h12M4 14.5h8",
  flag: "M5 17.5V3.5h9.5l-2.2 3.5 2.2 3.5H5",
  plus: "M10 4v12M4 10h12",
  chevron: "m6 8 4 4 4-4",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
};

const boards = new WeakMap();

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  let board = boards.get(parentElement);
  if (!board) boards.set(parentElement, (board = new Board(parentElement)));
  board.receive(data, (parcel) => setStateValue("ops", parcel));
  return () => {
    boards.delete(parentElement);
    board.close();
  };
}

// ---- the model: plain values, every edit gives a new one --------------------------------------------------

function read(data) {
  const cards = new Map();
  const take = (place, list) => list.forEach((card) => cards.set(card.event, { ...card, place }));
  take("tray", data.tray);
  take("bin", data.bin);
  data.stages.forEach((stage) => take(stage.id, stage.events));
  return { stages: data.stages, cards, goalFixed: data.goal_fixed };
}

function edit(model, op, palette) {
  const at = model.stages.findIndex((stage) => stage.id === op.stage);
  const stages = model.stages.slice();
  let { cards, goalFixed } = model;
  const put = (events, place) => {
    cards = new Map(cards);
    for (const event of events) {
      if (cards.has(event)) cards.set(event, { ...cards.get(event), place, confidence: null });
    }
  };
  if (op.op === "place" || op.op === "place_many") {
    const known = op.to === "tray" || op.to === "bin" || stages.some((stage) => stage.id === op.to);
    if (known) put(op.events || [op.event], op.to);
  } else if (op.op === "add_stage") {
    const colour = palette.find((each) => !stages.some((s) => s.colour === each)) || palette[0];
    stages.splice(op.at ?? stages.length, 0, { id: op.id, name: op.name, colour });
  } else if (op.op === "set_goal") {
    goalFixed = op.stage !== null;
    stages.forEach((stage, i) => (stages[i] = { ...stage, goal: stage.id === op.stage }));
  } else if (at >= 0) {
    if (op.op === "rename_stage") stages[at] = { ...stages[at], name: op.name };
    if (op.op === "recolour") stages[at] = { ...stages[at], colour: op.colour };
    if (op.op === "move_stage") stages.splice(op.at, 0, ...stages.splice(at, 1));
    if (op.op === "remove_stage") {
      if (stages[at].goal) goalFixed = false;
      stages.splice(at, 1);
      put([...cards.values()].filter((card) => card.place === op.stage).map((c) => c.event), "tray");
    }
  }
  if (!goalFixed) {
    stages.forEach((stage, i) => (stages[i] = { ...stage, goal: i === stages.length - 1 }));
  }
  return { stages, cards, goalFixed };
}

// What is on the screen: the server's model with the ops on top that it has not acknowledged.
function replay(model, ops, palette) {
  const past = [model];
  let now = 0;
  for (const op of ops) {
    if (op.op === "undo") now = Math.max(0, now - 1);
    else if (op.op === "redo") now = Math.min(past.length - 1, now + 1);
    else past.splice(++now, Infinity, edit(past[now - 1], op, palette));
  }
  return { ...past[now], undoable: now > 0, redoable: now < past.length - 1 };
}

// ---- small makers -----------------------------------------------------------------------------------------

function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element[name] = value;
    else if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function put(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// Put these children into this order, touching only those that are out of place.
function arrange(parent, children) {
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] || null);
  });
  while (parent.children.length > children.length) parent.lastElementChild.remove();
}

const random = () => Array.from(crypto.getRandomValues(new Uint32Array(3)), (n) => n.toString(36)).join("");
const composing = (event) => event.isComposing || event.keyCode === 229;
const plain = (text) => text.normalize("NFC").toLowerCase();

class Board {
  constructor(parent) {
    this.parent = parent;
    this.client = random();
    this.seq = 0;
    this.parcels = 0;
    this.pending = [];
    this.columns = new Map(); // place -> its elements
    this.cards = new Map(); // event -> its element
    this.selected = new Set();
    this.query = "";
    this.binOpen = false;
    this.gate = new AbortController();
  }

  // ---- to and from Python ---------------------------------------------------------------------------------

  receive(data, send) {
    this.data = data;
    this.send = send;
    this.words = data.words;
    this.count = new Intl.NumberFormat(data.language, { maximumFractionDigits: 0 });
    this.percent = new Intl.NumberFormat(data.language, {
      style: "percent",
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    });
    const ack = data.ack[this.client] || 0;
    const heard = data.heard && data.heard.client === this.client ? data.heard.n : 0;
    const before = this.pending.length;
    this.pending = this.pending.filter((op) => op.seq > ack);
    const kept = this.pending.filter((op) => !(op.parcel <= heard));
    this.refused = kept.length < this.pending.length || (this.refused && before === 0);
    this.pending = kept;
    this.late = this.late && kept.length > 0;
    this.server = read(data);
    if (!this.root) this.build();
    if (kept.length && kept.some((op) => !op.parcel)) this.flush();
    else if (!kept.length) clearTimeout(this.timer);
    this.render();
    if (this.refused && before) this.say(this.w("refused"));
  }

  act(op, said) {
    this.refused = false;
    this.pending.push({ ...op, seq: ++this.seq });
    this.flush();
    this.render();
    if (said) this.say(said);
  }

  // Send all that is not acknowledged; again, later and later, until an answer comes.
  flush(wait = 5000) {
    const ops = this.pending.slice(0, MOST_SENT);
    this.parcels += 1;
    ops.forEach((op) => (op.parcel ||= this.parcels));
    this.send({ client: this.client, n: this.parcels, ops: ops.map(({ parcel, ...op }) => op) });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.pending.length) return;
      this.late = true;
      this.render();
      this.flush(Math.min(wait * 2, 60000));
    }, wait);
  }

  close() {
    clearTimeout(this.timer);
    this.cancelDrag();
    this.gate.abort();
    this.root.remove();
  }

  // ---- words ----------------------------------------------------------------------------------------------

  w(key, values = {}) {
    return this.words[key].replace(/\{(\w+)(?::([^{}|]*)\|([^{}|]*))?\}/g, (_, name, one, many) => {
      const value = values[name];
      if (one !== undefined) return value === 1 ? one : many;
      return typeof value === "number" ? this.count.format(value) : value;
    });
  }

  share(value) {
    if (value === null || value === undefined) return "–";
    if (value > 0 && value < 0.001) return "<" + this.percent.format(0.001);
    if (value > 0.999 && value < 1) return ">" + this.percent.format(0.999);
    return this.percent.format(value);
  }

  say(text) {
    // The same sentence twice in a row is spoken twice only if it differs.
    this.live.textContent = this.live.textContent === text ? text + "\u00a0" : text;
  }

  placeName(place) {
    if (place === "tray" || place === "bin") return this.w(place);
    return this.model.stages.find((stage) => stage.id === place)?.name ?? "";
  }

  what(events) {
    return events.length === 1
      ? this.w("one_card", { event: events[0] })
      : this.w("many_cards", { n: events.length });
  }

  // ---- the frame, once ------------------------------------------------------------------------------------

  build() {
    const button = (name, action) =>
      make("button", { type: "button", class: "tool", "data-do": name, onclick: action }, icon(name));
    this.undo = button("undo", () => this.act({ op: "undo" }, this.w("say_undo")));
    this.redo = button("redo", () => this.act({ op: "redo" }, this.w("say_redo")));
    this.search = make("input", { type: "search", spellcheck: "false", autocomplete: "off" });
    this.search.oninput = () => {
      this.query = plain(this.search.value.trim());
      this.render();
    };
    this.finder = make("label", { class: "search" }, icon("search"), this.search);
    this.status = make("span", { class: "status" });
    this.bar = make("div", { class: "bar" }, this.undo, this.redo, this.finder, this.status);
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
    this.root.append(this.bar, this.jump, this.strip, this.live, this.howCard, this.howStage, this.ghost, this.menu);
    this.parent.append(this.root);

    const signal = this.gate.signal;
    const on = (type, handler, options = {}) =>
      this.root.addEventListener(type, handler.bind(this), { signal, ...options });
    on("pointerdown", this.pressed);
    on("pointermove", this.moved);
    on("pointerup", this.released);
    on("pointercancel", () => this.cancelDrag());
    on("touchmove", (event) => this.drag && event.cancelable && event.preventDefault(), { passive: false });
    on("contextmenu", (event) => (this.drag || this.press?.touch) && event.preventDefault());
    on("keydown", this.key);
    // Streamlit listens for single letters on the page and cannot see that these come from an input in here.
    for (const type of ["keydown", "keyup", "keypress"]) on(type, (event) => event.stopPropagation());
    on("focusin", this.focused);
    on("focusout", () => this.lift && queueMicrotask(() => this.lift && !this.focusIs(this.lift) && this.drop(false)));
    on("dblclick", (event) => {
      const head = event.target.closest(".stage .head");
      if (head && event.target.closest(".name")) this.rename(head.parentElement.dataset.place);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.drag) this.cancelDrag(true);
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (!typing) this.shortcut(event);
    }, { signal });
    this.menu.addEventListener("keydown", (event) => this.menuKey(event), { signal });
    this.watch = new ResizeObserver(([entry]) => {
      this.root.classList.toggle("narrow", entry.contentRect.width < NARROW);
    });
    this.watch.observe(this.root);
    signal.addEventListener("abort", () => this.watch.disconnect());
  }

  shortcut(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const letter = event.key.toLowerCase();
    const wish = letter === "z" ? (event.shiftKey ? "redo" : "undo") : letter === "y" ? "redo" : "";
    if (!wish) return;
    event.preventDefault();
    if (!this[wish].disabled) this[wish].click();
  }

  // ---- drawing --------------------------------------------------------------------------------------------

  render() {
    if (this.drag) return void (this.waiting = true);
    this.model = replay(this.server, this.pending, this.data.palette);
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
    const state = this.late ? "offline" : this.pending.length ? "saving" : this.refused ? "refused" : "saved";
    write(this.status, this.w(state));
    put(this.status, "data-state", state);
    this.root.classList.toggle("stale", this.pending.length > 0);

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

  label(element, text, keys) {
    put(element, "aria-label", text);
    put(element, "title", keys ? `${text} (${keys})` : text);
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
      column.reach.append(icon("people"), column.number, column.share);
      column.fill = make("i");
      column.drop = make("div", { class: "drop" });
      head.append(column.reach, make("div", { class: "meter" }, column.fill), column.drop);
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
      put(column.head, "aria-label", `${name}${goal}, ${column.number.textContent}, ${column.share.textContent}, ${column.drop.textContent}`);
    } else {
      write(column.size, this.count.format(list.length + hidden));
      put(column.title, "title", this.w(`${place}_hint`));
      if (place === "bin") {
        put(column.title, "aria-expanded", String(this.binOpen || Boolean(this.query)));
        column.element.classList.toggle("closed", !this.binOpen && !this.query);
      }
    }

    const found = this.query ? list.filter((card) => plain(card.event).includes(this.query)) : list;
    found.sort((a, b) => b.customers - a.customers || b.rows - a.rows || (a.event < b.event ? -1 : 1));
    column.events = found.map((card) => card.event);
    const shown = found.slice(0, MOST_SHOWN);
    arrange(column.list, shown.map((card) => this.drawCard(card)));
    if (!shown.some((card) => card.event === column.tab)) column.tab = shown[0]?.event;
    for (const card of shown) put(this.cards.get(card.event), "tabindex", card.event === column.tab ? "0" : "-1");

    const empty = stage ? "stage_empty" : `${place}_empty`;
    const over = found.length - shown.length;
    const parts = [];
    if (!found.length && !hidden) parts.push(this.query ? this.w("none_found") : this.w(empty));
    if (over) parts.push(this.w("more", { n: over }));
    if (hidden) parts.push(this.w("not_sent", { n: hidden }));
    write(column.note, parts.join(" "));
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
        make("span", { class: "event", text: card.event, title: card.event }),
        make("span", { class: "guess", text: "?" }),
        make("span", { class: "counts" }, icon("people"), make("span"), icon("rows"), make("span")),
        menu,
      );
      element.dataset.event = card.event;
      this.cards.set(card.event, element);
    }
    const [, , guess, counts, menu] = element.children;
    const long = [this.w("customers_long", { n: card.customers }), this.w("rows_long", { n: card.rows })];
    write(counts.children[1], this.count.format(card.customers));
    write(counts.children[3], this.count.format(card.rows));
    put(counts, "title", long.join(" · "));
    this.label(menu, this.w("card_menu", { event: card.event }));
    const guessed = typeof card.confidence === "number";
    const doubt = guessed ? this.w("guess", { share: this.share(card.confidence) }) : "";
    put(element, "data-guess", guessed ? (card.confidence < 0.6 ? "weak" : "fair") : null);
    put(guess, "title", guessed ? doubt : null);
    put(element, "aria-label", [card.event, ...long, doubt].filter(Boolean).join(", "));
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

  // ---- names ----------------------------------------------------------------------------------------------

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

  // ---- edits ----------------------------------------------------------------------------------------------

  place(events, to) {
    const { cards } = this.model;
    const moved = events.filter((event) => cards.has(event) && (cards.get(event).place !== to || cards.get(event).confidence !== null));
    if (!moved.length) return;
    const said = this.w("say_dropped", { what: this.what(moved), place: this.placeName(to) });
    this.selected.clear();
    this.act(moved.length === 1 ? { op: "place", event: moved[0], to } : { op: "place_many", events: moved, to }, said);
    for (const event of moved.slice(0, 50)) {
      this.cards.get(event)?.animate?.([{ outlineColor: "var(--accent)" }, { outlineColor: "transparent" }], 700);
    }
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

  // ---- menus ----------------------------------------------------------------------------------------------

  openMenu(anchor, title, items) {
    const back = anchor.closest(".card") || anchor.closest(".head") || anchor;
    const shut = (action) => () => {
      this.menu.hidePopover();
      back.focus({ preventScroll: true });
      action();
    };
    this.menu.replaceChildren(make("div", { class: "menu-title", text: title }));
    put(this.menu, "aria-label", title);
    for (const item of items) {
      if (!item) continue;
      if (item.swatches) {
        const row = make("div", { class: "swatches", role: "group", "aria-label": this.w("colour") });
        item.swatches.forEach((colour, i) => {
          const swatch = make("button", { type: "button", role: "menuitemradio", class: "swatch", tabindex: "-1" });
          put(swatch, "aria-label", `${this.w("colour")} ${i + 1}`);
          put(swatch, "aria-checked", String(colour.toLowerCase() === item.now.toLowerCase()));
          swatch.style.setProperty("--colour", colour);
          swatch.onclick = shut(() => item.pick(colour));
          row.append(swatch);
        });
        this.menu.append(row);
        continue;
      }
      const entry = make("button", { type: "button", role: "menuitem", tabindex: "-1" });
      if (item.colour) entry.append(make("i", { class: "dot" }));
      if (item.colour) entry.style.setProperty("--colour", item.colour);
      entry.append(make("span", { text: item.text }));
      if (item.now) entry.append(icon("check"));
      entry.disabled = Boolean(item.off);
      if (item.danger) entry.classList.add("danger");
      entry.onclick = shut(item.run);
      this.menu.append(entry);
    }
    this.menuBack = back;
    this.menu.showPopover();
    const a = anchor.getBoundingClientRect();
    const m = this.menu.getBoundingClientRect();
    const left = Math.max(8, Math.min(a.left, innerWidth - m.width - 8));
    const below = a.bottom + 4 + m.height < innerHeight - 8;
    this.menu.style.left = `${left}px`;
    this.menu.style.top = `${below ? a.bottom + 4 : Math.max(8, a.top - m.height - 4)}px`;
    this.menu.querySelector("[role^=menuitem]:not(:disabled)")?.focus();
  }

  menuKey(event) {
    const items = [...this.menu.querySelectorAll("[role^=menuitem]:not(:disabled)")];
    const at = items.indexOf(this.parent.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    event.stopPropagation();
    if (step) items[(at + step + items.length) % items.length].focus();
    else if (event.key === "Home") items[0].focus();
    else if (event.key === "End") items.at(-1).focus();
    else if (event.key === "Escape" || event.key === "Tab") {
      this.menu.hidePopover();
      this.menuBack.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  }

  cardMenu(event, anchor) {
    if (!this.selected.has(event)) this.select([event]);
    const events = [...this.selected];
    const here = this.model.cards.get(event);
    const guessed = events.length === 1 && typeof here.confidence === "number";
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

  // ---- choosing -------------------------------------------------------------------------------------------

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

  // ---- dragging with a mouse, a pen or a finger -----------------------------------------------------------

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
      others.forEach((element, i) => put(element, "data-mark", i === at ? "before" : i === at - 1 && i === others.length - 1 ? "after" : null));
      return;
    }
    const under = this.parent.elementFromPoint(x, y)?.closest?.("[data-place]");
    this.over(under && this.root.contains(under) ? under.dataset.place : undefined);
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
    const speed = (near, far, at, zone = 44) => (at < near + zone ? (at - near - zone) / 4 : at > far - zone ? (at - far + zone) / 4 : 0);
    const clamp = (v) => Math.max(-14, Math.min(14, v));
    const strip = this.strip.getBoundingClientRect();
    const left = this.root.classList.contains("narrow") ? strip.left : this.side.getBoundingClientRect().right;
    const inside = y > strip.top && y < strip.bottom;
    if (inside && (x < strip.left || x > left - 1)) this.strip.scrollLeft += clamp(speed(left, strip.right, x));
    const list = this.drag.over && this.columns.get(this.drag.over)?.list;
    if (list && list.scrollHeight > list.clientHeight) {
      const box = list.getBoundingClientRect();
      list.scrollTop += clamp(speed(box.top, box.bottom, y, 36));
    }
    for (let up = this.parent.host ?? this.parent; up; up = up.parentElement) {
      if (up.scrollHeight > up.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(up).overflowY)) {
        const box = up.getBoundingClientRect();
        up.scrollTop += clamp(speed(Math.max(0, box.top), Math.min(innerHeight, box.bottom), y, 40));
        break;
      }
    }
    if (this.strip.scrollLeft !== before[0]) this.follow();
  }

  finishDrag() {
    const { events, stage, over, at } = this.drag;
    this.cancelDrag();
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

  // ---- the keyboard ---------------------------------------------------------------------------------------

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
    const place = this.model.cards.get(event).place;
    const column = this.columns.get(place);
    const shown = [...column.list.children];
    const at = shown.indexOf(this.cards.get(event));
    if (key === " ") this.liftUp(event, place);
    else if (key === "Enter" || key === "ContextMenu") this.cardMenu(event, this.cards.get(event));
    else if (key === "Escape") this.select([]);
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
      rest.forEach((stage, i) => put(this.columns.get(stage.id).element, "data-mark", i === this.lift.at ? "before" : i === this.lift.at - 1 && i === rest.length - 1 ? "after" : null));
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
    this.over(undefined);
    this.lift = undefined;
    this.root.classList.remove("moving-cards");
    this.root.querySelectorAll(".lifted").forEach((element) => element.classList.remove("lifted"));
    this.root.querySelectorAll("[data-mark]").forEach((element) => element.removeAttribute("data-mark"));
    if (keep && stage) this.moveStage(stage, at);
    else if (keep && over !== from) this.place(events, over);
    else this.say(this.w("say_cancelled"));
    if (keep) (stage ? this.columns.get(stage).head : this.cards.get(holder))?.focus();
  }
}
