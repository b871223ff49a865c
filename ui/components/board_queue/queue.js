// What was done and is not acknowledged yet, on its way to Python; the protocol stands in __init__.py.
// A board brings `read(data)`, `build()`, `render()`, `cancelDrag()`, the elements `root` and `live`, and `gate`, which
// ends its listeners.

const MOST_SENT = 200; // ops in one parcel
const READING = 5000; // milliseconds that a refusal stays to be read
// What the page says of its connection. What is sent while there is none is lost without a word.
const LINK = "data-test-connection-state";
const isLinked = () => !document.querySelector(`[${LINK}]:not([${LINK}=CONNECTED])`);
// What boards had not saved when somebody went to another page, by board: it goes on when they come back.
const leftovers = new Map();

// What is on the screen: the server's model with the ops on top that it has not acknowledged.
function replay(model, ops, edited) {
  const past = [model];
  let now = 0;
  for (const op of ops) {
    if (op.op === "undo") now = Math.max(0, now - 1);
    else if (op.op === "redo") now = Math.min(past.length - 1, now + 1);
    else past.splice(++now, Infinity, edited(past[now - 1], op));
  }
  return { ...past[now], undoable: now > 0, redoable: now < past.length - 1 };
}

class Queue {
  constructor() {
    this.client = random();
    this.seq = 0;
    this.parcels = 0;
    this.pending = [];
    this.sent = new Map(); // parcel -> the numbers of its ops
    this.linked = true;
    this.link = new MutationObserver(() => this.relink());
    this.link.observe(document.documentElement, { attributes: true, attributeFilter: [LINK], subtree: true });
  }

  // The connection broke, or is back: what waits goes at once then, and not when it would have been sent again.
  relink() {
    if (!this.root || !this.pending.length || this.linked === isLinked()) return;
    this.flush();
    this.render();
  }

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
    const left = !this.root && leftovers.get(data.board);
    if (left) Object.assign(this, left);
    leftovers.delete(data.board);
    const heard = data.heard?.client === this.client ? data.heard : undefined;
    this.settle(data.ack[this.client] || 0, heard);
    // A server that was started anew has heard nothing: it is told at once, and once.
    if ((left || !heard) && this.pending.length && !this.repeated) {
      this.repeated = true;
      this.flush();
    } else if (heard) this.repeated = false;
    this.server = this.read(data);
    if (!this.root) this.build();
    this.render();
    if (this.news) this.say(this.news);
    this.news = "";
  }

  // Python has applied all up to `ack`. What it heard and did not apply it refused: only the oldest op of what it
  // heard is surely at fault, so that one is taken back and the others are sent once more. It may have been taken
  // back before, when the next parcel was on its way with it.
  settle(ack, heard) {
    const told = this.pending.filter((op) => heard?.refused[op.seq]).map((op) => heard.refused[op.seq]);
    this.pending = this.pending.filter((op) => op.seq > ack);
    const left = this.pending.filter((op) => op.parcel <= heard?.n);
    if (left.length) {
      if (left[0].seq === this.sent.get(heard.n)?.find((seq) => seq > ack)) {
        this.pending = this.pending.filter((op) => op !== left[0]);
        told.push(this.w("refused"));
      }
      left.forEach((op) => (op.parcel = undefined));
    }
    for (const n of this.sent.keys()) if (n < heard?.n) this.sent.delete(n);
    if (told.length) {
      this.refused = this.news = told[0];
      this.toldAt = Date.now();
    }
    if (!this.pending.length) {
      clearTimeout(this.timer);
      this.late = false;
    } else if (this.pending.some((op) => !op.parcel)) this.flush();
  }

  act(op, said) {
    if (this.refused) this.forgetRefusal();
    this.pending.push({ ...op, seq: ++this.seq, base: this.base });
    this.flush();
    this.render();
    if (said) this.say(said);
  }

  // What was refused is old news at the next deed, but not before it could be read: a card may have been in the
  // air when it was said.
  forgetRefusal() {
    const at = this.toldAt;
    clearTimeout(this.reading);
    this.reading = setTimeout(() => {
      if (this.toldAt === at) this.refused = "";
      this.render();
    }, Math.max(0, at + READING - Date.now()));
  }

  // Send all that is not acknowledged; again, later and later, until an answer comes. Without a connection nothing
  // is sent: `relink` does that, for what was on its way when it broke as well.
  flush(wait = 5000) {
    clearTimeout(this.timer);
    this.linked = isLinked();
    if (!this.linked) {
      this.late = true;
      this.timer = setTimeout(() => this.flush(), wait);
      return;
    }
    const ops = this.pending.slice(0, MOST_SENT);
    this.parcels += 1;
    ops.forEach((op) => (op.parcel ||= this.parcels));
    this.sent.set(this.parcels, ops.map((op) => op.seq));
    this.send({ client: this.client, n: this.parcels, ops: ops.map(({ parcel, ...op }) => op) });
    this.timer = setTimeout(() => {
      if (!this.pending.length) return;
      this.late = true;
      this.render();
      this.flush(Math.min(wait * 2, 60000));
    }, wait);
  }

  close() {
    const { client, seq, parcels, pending } = this;
    if (pending.length) leftovers.set(this.data.board, { client, seq, parcels, pending });
    clearTimeout(this.timer);
    clearTimeout(this.reading);
    this.link.disconnect();
    this.cancelDrag();
    this.gate.abort();
    this.root.remove();
  }

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

  drawStatus() {
    const { problem } = this.data; // why the last parcel was not kept; it is on its way again
    const waits = this.pending.length > 0;
    const state = waits && (this.late || problem) ? "offline" : waits ? "saving" : this.refused ? "refused" : "saved";
    write(this.status, state === "refused" ? this.refused : waits && problem ? problem : this.w(state));
    put(this.status, "data-state", state);
    this.root.classList.toggle("stale", waits);
  }

  say(text) {
    // The same sentence twice in a row is spoken twice only if it differs.
    this.live.textContent = this.live.textContent === text ? text + "\u00a0" : text;
  }
}
