// Hears the number of the open project, and asks Python to look once it is another than the page shows.

// Milliseconds: one's own edit is answered meanwhile, and several changes are one.
const SETTLE = 120;
// Between two questions while there is no socket.
const POLL = 3000;
// Between two tries of a socket at most.
const SELDOM = 30000;
// A run is under way, or cannot be asked for, or would close an open dialog.
const STATE = "data-test-connection-state";
const BUSY = `[data-test-script-state=running], [${STATE}]:not([${STATE}=CONNECTED]), [role=dialog]`;
const isBusy = () => document.querySelector(BUSY);
const lives = new WeakMap();

class Live {
  constructor(parent) {
    parent.append((this.mark = document.createElement("p")));
    this.mark.role = "status";
    this.timer = setInterval(() => this.poll(), POLL);
    this.gate = new AbortController();
    document.addEventListener("visibilitychange", () => this.poll(), { signal: this.gate.signal });
  }

  receive(data, ask) {
    const { address, ticket } = this.data ?? {};
    const { number } = data;
    const other = address !== data.address;
    // What was heard may be later than what this run found, but not where the project went back.
    const news = other || this.back ? number : Math.max(this.news, number);
    Object.assign(this, { data, ask, news, shown: number, asked: 0, back: false });
    if (ticket !== data.ticket) this.refused = this.tries = 0;
    if (other || (ticket !== data.ticket && !this.isOpen())) this.connect();
    this.look();
  }

  isOpen() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  connect() {
    clearTimeout(this.again);
    if (!this.data) return;
    this.socket?.close();
    const url = location.origin.replace("http", "ws") + this.data.address;
    const socket = (this.socket = new WebSocket(url, ["journey-live", this.data.ticket]));
    socket.onmessage = ({ data }) => {
      this.tries = 0;
      this.mark.textContent = "";
      this.hear(data);
    };
    socket.onclose = () => {
      if (socket !== this.socket || !this.data) return;
      this.poll();
      const wait = Math.min(SELDOM, 500 * 2 ** this.tries++);
      this.again = setTimeout(() => this.connect(), wait * (0.5 + Math.random() / 2));
    };
  }

  // Ask for the number where no socket brings it; a hidden page catches up when it is looked at. A ticket that
  // holds no longer, or a project that is gone, is for Python to answer, which is asked more and more seldom.
  async poll() {
    if (this.isOpen()) return this.look();
    if (document.hidden) return;
    const { address, ticket } = this.data;
    try {
      const answer = await fetch(address, { headers: { "x-journey-ticket": ticket } });
      if (ticket !== this.data?.ticket || address !== this.data.address) return;
      if (answer.ok) this.hear(await answer.text());
      else if (answer.status < 500 && !isBusy() && !(++this.refused & (this.refused - 1))) this.ask(0);
      this.mark.textContent = "";
    } catch {
      this.mark.textContent = this.data?.lost;
    }
  }

  hear(text) {
    const number = Number(text);
    // A backup took the place of a damaged project.
    this.back ||= number < this.news;
    this.news = number;
    this.settle();
  }

  settle() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.look(), SETTLE);
  }

  // What shows the project by itself says in `detail` which number it shows, and prevents this while somebody is
  // in the middle of something.
  look() {
    const detail = { number: this.shown };
    const free = dispatchEvent(new CustomEvent("journey-look", { cancelable: true, detail }));
    const known = Math.max(this.shown, this.asked, detail.number);
    if (!this.data || document.hidden || (this.news <= known && !this.back)) return;
    if (!free || isBusy()) this.settle();
    else this.ask((this.asked = this.news));
  }

  close() {
    this.gate.abort();
    clearInterval(this.timer);
    this.data = undefined;
    this.socket.close();
    this.mark.remove();
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let live = lives.get(parentElement);
  if (!live) lives.set(parentElement, (live = new Live(parentElement)));
  live.receive(data, (number) => setTriggerValue("news", number));
  return () => {
    lives.delete(parentElement);
    live.close();
  };
}
