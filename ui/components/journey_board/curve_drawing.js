// The emotion lane as it is seen: the curve that the team felt over the one that was measured, and the gap
// between them. It is drawn into one element above all columns of stages, which are equally wide.

const LOWEST = -2, HIGHEST = 2; // the scale of feelings
const STEP = 0.1; // the least by which two feelings differ
const ROOM = 20; // pixels above +2 and below -2, so that a face has its place
const SMALL_GAP = 0.25; // a gap from which on its size is written beside it
const BESIDE = 36; // pixels that the sign for a new point keeps from what was measured
const CHIP = 6; // letters' heights that the size of a gap takes beside it

class CurveDrawing {
  // A still one is looked at; `here` is the stage that it is shown for.
  constructor(board, element, { still = false } = {}) {
    this.board = board;
    this.element = element;
    this.still = still;
    this.points = new Map(); // stage -> the face that is dragged
    this.adds = new Map(); // stage -> the button that adds one
    this.gaps = new Map(); // stage -> the button between what was felt and what was measured
    this.legend = make("div", { class: "c-legend" });
    this.scale = make("div", { class: "c-scale", "aria-hidden": "true" });
    this.picture = drawn("svg", { class: "lines", "aria-hidden": "true" });
    this.plot = make("div", { class: "plot" });
    this.hint = make("p", { class: "c-hint" });
    this.guess = make("span", { class: "guess-point", "aria-hidden": "true" }, face());
    this.how = make("span", { class: "hidden", id: `how-curve-${random()}` });
    element.classList.add("curve");
    put(element, "role", "group");
    put(element, "data-own", "");
    element.replaceChildren(this.legend, this.scale, this.picture, this.hint, this.plot, this.how);
    this.plot.append(this.guess);
    this.watch = new ResizeObserver(() => this.number && this.lay());
    this.watch.observe(element);
  }

  get who() {
    return this.board.data.persona || "";
  }

  get fixed() {
    return this.still || this.board.readOnly;
  }

  draw() {
    const { language } = this.board.data;
    if (this.language !== language) {
      this.language = language;
      this.number = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero" });
    }
    this.lay();
  }

  say(value) {
    return this.number.format(value).replace("-", "−");
  }

  level(value) {
    const at = Math.max(-2, Math.min(2, Math.round(value)));
    return this.board.w(["curve_worst", "curve_bad", "curve_plain", "curve_good", "curve_best"][at + 2]);
  }

  // What the chosen persona felt at a stage.
  felt(stage) {
    return this.board.model.felt[this.who]?.[stage];
  }

  lay() {
    let box = this.element.getBoundingClientRect();
    if (!box.width) return;
    const { stages } = this.board.model;
    const width = box.width / Math.max(1, stages.length);
    this.places = stages.map(({ id, name, lost }, i) => ({ id, name, lost, width, left: i * width, x: (i + 0.5) * width }));
    // On a narrow board the legend takes several lines, and the faces stand below them.
    this.drawLegend();
    box = this.element.getBoundingClientRect();
    const top = this.plot.offsetTop;
    const height = this.plot.clientHeight;
    this.y = (value) => top + ROOM + ((HIGHEST - value) / (HIGHEST - LOWEST)) * (height - 2 * ROOM);
    this.value = (y) => {
      const share = (y - box.top - top - ROOM) / (height - 2 * ROOM);
      return this.near(HIGHEST - share * (HIGHEST - LOWEST));
    };
    this.top = top;
    this.drawLines(box);
    this.drawGaps(box);
    this.drawPoints();
  }

  near(value) {
    return Math.max(LOWEST, Math.min(HIGHEST, Math.round(value / STEP) * STEP)) + 0 || 0;
  }

  // The points of a curve {stage: value} on the screen, in runs that no lost stage interrupts, nor, unless it is
  // bridged, a stage without a value.
  runs(values, bridged = true) {
    const runs = [[]];
    for (const place of this.places) {
      const value = values[place.id];
      if (place.lost) runs.push([]);
      if (typeof value === "number") runs.at(-1).push([place.x, this.y(value)]);
      else if (!bridged) runs.push([]);
      if (place.lost) runs.push([]);
    }
    return runs.filter((run) => run.length);
  }

  drawLines(box) {
    const { data, model } = this.board;
    const mine = Object.fromEntries(this.places.map(({ id }) => [id, this.felt(id)]));
    const measured = new Map(data.curve.measured.map((one) => [one.stage, one]));
    const actual = Object.fromEntries([...measured].map(([stage, one]) => [stage, one.value]));
    const parts = [];
    put(this.picture, "viewBox", `0 0 ${box.width} ${box.height}`);
    const here = this.places.find(({ id }) => id === this.here);
    if (here) parts.push(drawn("rect", { class: "here", x: here.left, y: 0, width: here.width, height: box.height, rx: 10 }));
    for (let value = LOWEST; value <= HIGHEST; value += 1) {
      const y = this.y(value).toFixed(1);
      parts.push(drawn("path", { class: value ? "rule" : "rule zero", d: `M0 ${y}H${box.width.toFixed(1)}` }));
    }
    parts.push(...this.between(mine, actual));
    for (const run of this.runs(data.curve.other || {})) parts.push(drawn("path", { class: "other", d: line(sampled(run)) }));
    for (const [who, values] of Object.entries(model.felt)) {
      if (who === this.who) continue;
      const colour = data.personas.find((one) => one.id === who)?.colour;
      const style = colour ? `--colour: ${colour}` : "";
      for (const run of this.runs(values)) {
        parts.push(drawn("path", { class: "others", d: line(sampled(run)), style }));
        for (const [x, y] of run) parts.push(drawn("circle", { class: "others-dot", cx: x, cy: y, r: 3, style }));
      }
    }
    // Where nothing was measured the line only leads on.
    for (const run of this.runs(actual)) {
      run.slice(1).forEach((point, i) => {
        const far = point[0] - run[i][0] > 1.5 * this.places[0].width;
        if (far) parts.push(drawn("path", { class: "bridge", d: line([run[i], point]) }));
      });
    }
    for (const run of this.runs(actual, false)) parts.push(drawn("path", { class: "measured", d: line(sampled(run)) }));
    for (const run of this.runs(mine)) parts.push(drawn("path", { class: "felt", d: line(sampled(run)) }));
    for (const place of this.places) {
      const one = measured.get(place.id);
      if (!one) continue;
      const [x, y] = [place.x, this.y(one.value)];
      if (typeof one.low === "number" && typeof one.high === "number") {
        const [low, high] = [this.y(Math.max(LOWEST, one.low)), this.y(Math.min(HIGHEST, one.high))];
        parts.push(drawn("path", { class: "interval", d: `M${x} ${high}V${low}M${x - 5} ${high}h10M${x - 5} ${low}h10` }));
      }
      parts.push(drawn("path", { class: "mark", d: `M${x} ${y - 6}l6 6-6 6-6-6Z` }));
    }
    this.picture.replaceChildren(...parts);
    this.element.classList.toggle("tight", this.places[0]?.width < 110);
    this.scale.replaceChildren(
      ...[HIGHEST, 0, LOWEST].map((value) => {
        const tick = make("span", {}, face(), make("b", { text: value ? this.say(value) : "0" }));
        feelLike(tick, value);
        tick.style.top = `${this.y(value) - this.scale.offsetTop}px`;
        return tick;
      }),
    );
  }

  // The area between what was felt and what was measured, where both are known.
  between(felt, actual) {
    const [mine, theirs] = [this.runs(felt), this.runs(actual, false)];
    const areas = [];
    for (const a of mine) {
      for (const b of theirs) {
        const from = Math.max(a[0][0], b[0][0]), to = Math.min(a.at(-1)[0], b.at(-1)[0]);
        if (from >= to) continue;
        const [up, down] = [through(a), through(b)];
        const xs = sampled([...a, ...b].sort((p, q) => p[0] - q[0]).filter((p, i, all) => !i || p[0] > all[i - 1][0]), from, to).map(([x]) => x);
        let piece = [];
        const close = () => {
          const over = piece.reduce((sum, [, top, low]) => sum + low - top, 0) > 0;
          const edge = [...piece.map(([x, top]) => [x, top]), ...piece.toReversed().map(([x, , low]) => [x, low])];
          if (piece.length > 1) areas.push(drawn("path", { class: over ? "area over" : "area under", d: `${line(edge)}Z` }));
        };
        xs.forEach((x) => {
          const [top, low] = [up(x), down(x)];
          const last = piece.at(-1);
          if (last && (low - top) * (last[2] - last[1]) < 0) {
            const t = (last[2] - last[1]) / (last[2] - last[1] - (low - top));
            const cross = [last[0] + t * (x - last[0]), last[1] + t * (top - last[1])];
            piece.push([...cross, cross[1]]);
            close();
            piece = [[...cross, cross[1]]];
          }
          piece.push([x, top, low]);
        });
        close();
      }
    }
    return areas;
  }

  drawGaps(box) {
    const letters = parseFloat(getComputedStyle(this.element).fontSize);
    const { data } = this.board;
    const wished = data.version === "to_be";
    const measured = new Map(data.curve.measured.map((one) => [one.stage, one]));
    const shown = this.places.filter((place) => measured.has(place.id));
    this.forget(this.gaps, shown);
    for (const place of shown) {
      const one = measured.get(place.id);
      const felt = this.felt(place.id);
      const gap = typeof felt === "number" ? felt - one.value : 0;
      const outside = typeof felt === "number" && typeof one.low === "number" && (felt < one.low || felt > one.high);
      const element = this.gaps.get(place.id) || this.newGap(place.id);
      const ends = [this.y(one.value), this.y(typeof felt === "number" ? felt : one.value)];
      const [top, low] = [Math.min(...ends) - 12, Math.max(...ends) + 12];
      Object.assign(element.style, { left: `${place.x}px`, top: `${top - this.top}px`, height: `${low - top}px` });
      put(element, "data-way", gap > 0 ? "over" : gap < 0 ? "under" : null);
      put(element, "data-outside", outside ? "" : null);
      element.classList.toggle("left", place.x + CHIP * letters > box.width);
      const [bar, size, n] = element.children;
      const tall = Math.abs(ends[0] - ends[1]);
      bar.style.height = `${Math.max(0, tall - 12)}px`;
      write(size, typeof felt === "number" && Math.abs(gap) >= SMALL_GAP && tall > 30 ? this.board.w("curve_gap", { size: this.say(Math.abs(gap)).replace("+", "") }) : "");
      write(n, this.board.w("curve_n", { n: one.n }));
      // The number of people stands on the side of the mark that the curve of the team leaves free.
      const above = (felt ?? (this.fixed ? one.value : this.guessed(place))) < one.value;
      const room = (this.points.get(place.id)?.offsetHeight ?? 30) / 2 + 9 - tall;
      const at = ends[0] - top + (above ? -1 : 1) * Math.max(typeof felt === "number" ? room : 0, this.clear(one, above));
      n.style.top = `${at}px`;
      const told = [this.board.w("curve_measured_at", { stage: place.name, value: this.say(one.value), n: one.n })];
      if (typeof one.low === "number") told.push(this.board.w("curve_range", { low: this.say(one.low), high: this.say(one.high) }));
      if (typeof felt === "number") told.push(this.board.w(wished ? "curve_wished_at" : "curve_felt_at", { value: this.say(felt) }));
      if (outside && !wished) told.push(this.board.w(gap > 0 ? "curve_over" : "curve_under"));
      put(element, "title", `${told.join("\n")}\n${this.board.w("curve_quotes")}`);
      put(element, "aria-label", `${told.join(", ")}. ${this.board.w("curve_quotes")}`);
    }
  }

  // How far from its mark the number of people stands, so that it is clear of the bar of the interval.
  clear(one, above) {
    const end = above ? one.high : one.low;
    if (typeof end !== "number") return 15;
    return Math.max(15, Math.abs(this.y(Math.max(LOWEST, Math.min(HIGHEST, end))) - this.y(one.value)) + 11);
  }

  newGap(stage) {
    const element = make("button", { type: "button", class: "gap" }, make("i"), make("b"), make("small"));
    element.dataset.stage = stage;
    element.onclick = (event) => {
      event.stopPropagation();
      this.board.tell("gap", stage);
    };
    this.plot.append(element);
    this.gaps.set(stage, element);
    return element;
  }

  drawPoints() {
    const { board, fixed } = this;
    put(this.element, "aria-label", board.w("curve_label"));
    write(this.how, board.w("curve_how"));
    this.element.classList.toggle("fixed", Boolean(fixed));
    const known = this.places.filter((place) => typeof this.felt(place.id) === "number");
    const free = fixed ? [] : this.places.filter((place) => !place.lost && !known.includes(place));
    this.forget(this.points, known);
    this.forget(this.adds, free);
    for (const place of known) {
      const value = this.felt(place.id);
      const element = this.points.get(place.id) || this.newPoint(place.id);
      Object.assign(element.style, { left: `${place.x}px`, top: `${this.y(value) - this.top}px` });
      feelLike(element, value);
      put(element, "tabindex", fixed ? null : "0");
      put(element, "aria-disabled", fixed ? "true" : null);
      put(element, "aria-label", board.w("curve_point", { stage: place.name }));
      put(element, "aria-valuenow", value.toFixed(1));
      put(element, "aria-valuetext", `${this.say(value)}, ${this.level(value)}`);
      write(element.querySelector(".c-value"), `${this.say(value)} ${this.level(value)}`);
      element.classList.toggle("high", value > HIGHEST - 0.8);
      const remove = element.querySelector(".c-remove");
      put(remove, "title", board.w("curve_remove"));
    }
    for (const place of free) {
      const element = this.adds.get(place.id) || this.newAdd(place.id);
      const y = this.y(this.guessed(place));
      // What was measured there is looked at and clicked first.
      const measured = board.data.curve.measured.find(({ stage }) => stage === place.id);
      const aside = measured && Math.abs(this.y(measured.value) - y) < BESIDE ? Math.min(BESIDE, place.width / 2 - 16) : 0;
      Object.assign(element.style, { left: `${place.x - aside}px`, top: `${y - this.top}px` });
      put(element, "aria-label", board.w("curve_add", { stage: place.name }));
      put(element, "title", board.w("curve_add", { stage: place.name }));
    }
    // The order in which the keys go through them is that of the stages.
    const order = this.places.flatMap(({ id }) => [this.gaps.get(id), this.points.get(id) || this.adds.get(id)]).filter(Boolean);
    const focus = this.plot.getRootNode().activeElement;
    if (order.some((element, i) => this.plot.children[i + 1] !== element)) {
      arrange(this.plot, [this.guess, ...order]);
      if (focus && order.includes(focus)) focus.focus({ preventScroll: true });
    }
    write(this.hint, known.length || fixed ? "" : board.w("curve_hint"));
  }

  // Where a stage without a point stands on the line between its neighbours.
  guessed(place) {
    const known = this.places.filter(({ id, lost }) => !lost && typeof this.felt(id) === "number");
    if (!known.length) return 0;
    const inside = Math.max(known[0].x, Math.min(known.at(-1).x, place.x));
    return this.near(through(known.map(({ id, x }) => [x, this.felt(id)]))(inside));
  }

  newPoint(stage) {
    const remove = make("span", { class: "c-remove" }, drawn("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, drawn("path", { d: "m5 5 6 6m0-6-6 6" })));
    const element = make(
      "div",
      { class: "point", role: "slider", "aria-orientation": "vertical", "aria-valuemin": LOWEST, "aria-valuemax": HIGHEST, "aria-describedby": this.how.id },
      face(),
      make("span", { class: "c-value", "aria-hidden": "true" }),
      remove,
    );
    element.dataset.stage = stage;
    this.plot.append(element);
    this.points.set(stage, element);
    return element;
  }

  newAdd(stage) {
    const element = make("button", { type: "button", class: "add-point" }, icon("plus"));
    element.dataset.stage = stage;
    this.plot.append(element);
    this.adds.set(stage, element);
    return element;
  }

  forget(elements, places) {
    for (const [stage, element] of elements) {
      if (places.some(({ id }) => id === stage)) continue;
      element.remove();
      elements.delete(stage);
    }
  }

  drawLegend() {
    const { board } = this;
    const { data, model } = board;
    const who = (id) => data.personas.find((one) => one.id === id);
    const has = (values) => this.places.some(({ id }) => typeof values?.[id] === "number");
    const name = who(this.who)?.name;
    // In a map of how it should be the team draws what it wishes, not what it takes customers to feel.
    const wished = data.version === "to_be";
    const whose = name && board.w(wished ? "curve_wished_of" : "curve_felt_of", { name });
    const entries = [["felt", whose || board.w(wished ? "curve_wished" : "curve_felt")]];
    if (data.curve.measured.length) entries.push(["measured", board.w("curve_measured")]);
    if (has(data.curve.other)) entries.push(["other", board.w(data.version === "to_be" ? "curve_as_is" : "curve_to_be")]);
    for (const [id, values] of Object.entries(model.felt)) {
      if (id !== this.who && has(values)) entries.push(["others", who(id)?.name ?? board.w("curve_everybody"), who(id)?.colour]);
    }
    const key = JSON.stringify(entries);
    if (this.told === key) return;
    this.told = key;
    this.legend.replaceChildren(
      ...entries.map(([kind, text, colour]) => {
        const sign = drawn("svg", { viewBox: "0 0 22 10", class: `sign ${kind}`, "aria-hidden": "true" }, drawn("path", { class: kind, d: "M1 5H21" }));
        if (kind === "measured") sign.append(drawn("path", { class: "mark", d: "M11 1l4 4-4 4-4-4Z" }));
        if (kind === "felt") sign.append(drawn("circle", { class: "dot", cx: 11, cy: 5, r: 4 }));
        const entry = make("span", {}, sign, make("span", { text }));
        if (colour) entry.style.setProperty("--colour", colour);
        return entry;
      }),
    );
  }
}
