// The presentation view: first the whole journey, then a stage after the other, in large letters and with
// nothing around. The leaves are turned here, so that a room does not wait for a server.

const TURNS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
const FEW_LETTERS = 320, MANY_LETTERS = 900; // letters on a leaf: below they are larger, above smaller
const shows = new WeakMap(); // element -> what draws into it
const opened = new Map(); // map -> the leaf that was open

function drawPresent(board, element) {
  if (!shows.has(element)) shows.set(element, new Presentation(board, element));
  shows.get(element).draw();
}

function dropPresent(board, element) {
  shows.get(element)?.close();
  shows.delete(element);
}

class Presentation {
  constructor(board, element) {
    this.board = board;
    this.element = element;
    this.at = opened.get(board.data.map) ?? (board.data.at ?? -1) + 1; // 0 is the whole journey
    this.leaves = make("nav", { class: "leaves" });
    this.leaf = make("div", { class: "leaf" });
    this.feelings = make("div");
    this.curve = new Curve(board, this.feelings, { still: true });
    element.classList.add("present");
    put(element, "data-own", "");
    element.replaceChildren(this.leaves, this.leaf);
    this.gate = new AbortController();
    const when = { signal: this.gate.signal };
    const key = (event) => this.key(event);
    element.addEventListener("keydown", key, when);
    document.addEventListener("keydown", key, when);
    // The presenter's buttons and clicker: what is turned here needs no other page.
    addEventListener("journey-turn", (event) => this.turn(event.detail.by) && event.preventDefault(), when);
    let from;
    element.addEventListener("pointerdown", (event) => (from = event.pointerType === "touch" ? event : undefined), when);
    element.addEventListener("pointerup", (event) => {
      const [x, y] = from ? [event.clientX - from.clientX, event.clientY - from.clientY] : [0, 0];
      from = undefined;
      if (Math.abs(x) > 60 && Math.abs(x) > 2 * Math.abs(y)) this.turn(x < 0 ? 1 : -1);
    }, when);
  }

  key(event) {
    const by = TURNS[event.key];
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing);
    const busy = event.composedPath().some((node) => node.matches?.("input, textarea, select, [contenteditable], [role=dialog], [role=listbox]"));
    if (!by || !plain || busy || event.defaultPrevented || !this.turn(by)) return;
    event.preventDefault();
  }

  // Was there another leaf on that side?
  turn(by) {
    return this.open(this.at + by);
  }

  open(at) {
    if (at < 0 || at >= this.stages.length + 1) return false;
    this.way = Math.sign(at - this.at);
    this.at = at;
    opened.set(this.board.data.map, at);
    this.draw();
    this.board.say(this.title);
    this.element.scrollIntoView({ block: "start" });
    return true;
  }

  // Stages that the project lost are shown while there is something in them.
  get stages() {
    const { stages } = this.board.model;
    return stages.filter((stage) => !stage.lost || this.cards(stage.id).length);
  }

  get title() {
    return this.at ? this.stages[this.at - 1].name : this.board.w("present_overview");
  }

  // In which version the map is shown, and as whom; its name is the heading of the page.
  get subject() {
    const { version, persona, personas } = this.board.data;
    const who = personas.find(({ id }) => id === persona)?.name;
    return [version === "to_be" ? this.board.w("curve_to_be") : "", who].filter(Boolean).join(" · ");
  }

  get lanes() {
    return this.board.model.lanes.filter((lane) => !lane.hidden);
  }

  // The cards of a stage from top to bottom, as far as they are about the persona that is shown.
  cards(stage, lane) {
    const { persona } = this.board.data;
    const those = [...this.board.model.cards.values()].filter(
      (card) => card.stage === stage && (!lane || card.lane === lane) && (!persona || !card.persona || card.persona === persona),
    );
    return those.sort((a, b) => (a.key === b.key ? (a.id < b.id ? -1 : 1) : a.key < b.key ? -1 : 1));
  }

  get feels() {
    const { data, model } = this.board;
    if (!this.lanes.some(({ kind }) => kind === "emotion")) return false;
    return data.curve.measured.length > 0 || Object.values(model.felt).some((one) => Object.keys(one).length);
  }

  draw() {
    this.at = Math.max(0, Math.min(this.stages.length, this.at));
    const stage = this.stages[this.at - 1];
    this.drawLeaves();
    this.curve.here = stage?.id;
    const drawing = stage ? this.drawStage(stage) : this.drawAll();
    this.leaf.replaceChildren(...drawing);
    put(this.leaf, "aria-label", this.title);
    put(this.leaf, "data-leaf", stage ? "stage" : "overview");
    if (this.shown !== this.at) {
      put(this.leaf, "data-way", this.way ? String(this.way) : null);
      // Asking for the layout lets the movement begin anew.
      this.leaf.classList.remove("turned");
      void this.leaf.offsetWidth;
      this.leaf.classList.add("turned");
      this.shown = this.at;
    }
    if (this.feels) this.curve.draw();
  }

  drawLeaves() {
    const focus = this.leaves.getRootNode().activeElement;
    const held = this.leaves.contains(focus) ? [...this.leaves.children].indexOf(focus) : -1;
    put(this.leaves, "aria-label", this.board.w("present_leaves"));
    this.leaves.replaceChildren(
      ...[undefined, ...this.stages].map((stage, at) => {
        const name = stage ? stage.name : this.board.w("present_overview");
        const button = make("button", { type: "button", text: name, title: name, onclick: () => this.open(at) });
        if (stage) button.style.setProperty("--colour", stage.colour);
        if (at === this.at) put(button, "aria-current", "step");
        return button;
      }),
    );
    this.leaves.append(make("span", { class: "p-title", text: this.subject }));
    if (held >= 0) this.leaves.children[this.at]?.focus({ preventScroll: true });
    this.leaves.children[this.at]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  drawAll() {
    const { board } = this;
    const { stages } = board.model;
    const heads = stages.map((stage) => {
      const at = this.stages.indexOf(stage) + 1;
      const figures = make("div");
      drawHead(board, stage, figures);
      const head = make("button", { type: "button", class: "p-stage" }, make("strong", { text: stage.name }), figures);
      head.style.setProperty("--colour", stage.colour);
      if (at) head.onclick = () => this.open(at);
      else head.disabled = true;
      return head;
    });
    const told = this.lanes.filter(({ kind }) => kind === "pains" || kind === "opportunities");
    const rows = told
      .filter((lane) => stages.some((stage) => this.cards(stage.id, lane.id).length))
      .map((lane) => {
        const cells = stages.map((stage) => {
          const cards = this.cards(stage.id, lane.id);
          const cell = make("div", { class: "p-cell" }, ...cards.slice(0, 2).map((card) => make("p", { text: card.text })));
          if (cards.length > 2) cell.append(make("small", { text: board.w("present_more", { n: cards.length - 2 }) }));
          return cell;
        });
        return [make("h3", { text: board.laneName(lane), "data-kind": lane.kind }), make("div", { class: "p-row" }, ...cells)];
      });
    const sheet = make("div", { class: "p-sheet" }, make("div", { class: "p-row p-stages" }, ...heads));
    sheet.style.setProperty("--stages", stages.length);
    if (this.feels) sheet.append(this.feelings);
    sheet.append(...rows.flat());
    const parts = [make("div", { class: "p-scroll" }, sheet)];
    if (!stages.length) parts.unshift(make("p", { class: "p-empty", text: board.w("present_no_stages") }));
    return parts;
  }

  drawStage(stage) {
    const { board } = this;
    const number = make("span", { class: "p-number", text: `${this.at} / ${this.stages.length}` });
    const head = make("header", { class: "p-head" }, number, make("h2", { text: stage.name }));
    head.style.setProperty("--colour", stage.colour);
    const figures = make("div");
    const kpi = board.data.kpi?.[stage.id] || [];
    const keys = new Set((stage.head || []).map(({ key }) => key));
    drawMetrics(board, figures, [...(stage.head || []), ...kpi.filter(({ key }) => !keys.has(key))]);
    figures.classList.add("p-tiles");
    const top = make("div", { class: "p-top" }, figures);
    if (this.feels) top.append(this.feelings);
    const lanes = this.lanes
      .map((lane) => [lane, this.cards(stage.id, lane.id)])
      .filter(([, cards]) => cards.length)
      .map(([lane, cards]) => {
        const list = make("ul", {}, ...cards.map((card) => this.drawCard(card)));
        return make("section", { class: "p-lane", "data-kind": lane.kind }, make("h3", { text: board.laneName(lane) }), list);
      });
    const body = make("div", { class: "p-lanes" }, ...lanes);
    const letters = this.cards(stage.id).reduce((sum, card) => sum + 30 + card.text.length, 0);
    body.classList.add(letters < FEW_LETTERS ? "roomy" : letters > MANY_LETTERS ? "dense" : "plain");
    if (!lanes.length) body.append(make("p", { class: "p-empty", text: board.w("present_empty") }));
    return [head, top, body];
  }

  drawCard(card) {
    const { board } = this;
    const item = make("li", { class: "p-card" }, make("p", { text: card.text }));
    if (card.colour) item.style.setProperty("--colour", card.colour);
    const foot = make("div", { class: "p-foot" });
    if (card.figure) {
      const n = card.figure.n_text ? make("small", { text: card.figure.n_text }) : "";
      const figure = make("span", { class: "p-figure" }, evidenceMark(board, card.evidence || "assumed"), make("b", { text: card.figure.text }), n);
      if (card.figure.changed) figure.append(make("i", { class: "m-new", text: board.w("head_changed") }));
      foot.append(figure);
    }
    const persona = board.model.personas?.find(({ id }) => id === card.persona);
    if (persona) {
      const name = make("span", { class: "p-persona", text: persona.name });
      name.style.setProperty("--colour", persona.colour);
      foot.append(name);
    }
    for (const mark of card.marks || []) foot.append(make("span", { class: "p-mark", text: mark.text }));
    for (const tag of card.tags || []) foot.append(make("span", { class: "p-tag", text: tag }));
    if (card.owner) foot.append(make("span", { class: "p-owner", text: card.owner }));
    if (foot.children.length) item.append(foot);
    return item;
  }

  close() {
    this.gate.abort();
    this.curve.close();
    this.element.replaceChildren();
  }
}
