// The model of the map: plain values; every edit gives a new one. The order keys are those of
// journey/stages/board.py.

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
const LOST = "lost"; // what a stage is called that the project has no more

// An order key between two, "" for an open end; keys are compared as text and never end in 0.
function between(before, after) {
  let key = "";
  let bounded = after !== "";
  for (;;) {
    const place = key.length;
    const low = place < before.length ? DIGITS.indexOf(before[place]) : 0;
    const high = bounded && place < after.length ? DIGITS.indexOf(after[place]) : DIGITS.length;
    if (high - low > 1) return key + DIGITS[(low + high) >> 1];
    key += DIGITS[low];
    // Once the key is below `after` it may be followed by anything.
    bounded = bounded && low === high;
  }
}

// n order keys that rise between two, halving the room so that they stay short.
function keysBetween(before, after, n) {
  if (n < 1) return [];
  const middle = between(before, after);
  const left = n >> 1;
  return [...keysBetween(before, middle, left), middle, ...keysBetween(middle, after, n - left - 1)];
}

const byKey = (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? -1 : 1);
const cellOf = (card) => `${card.lane}|${card.stage}`;
const newId = () => random().slice(0, 12).padEnd(12, "0");
const NEW_CARD = {
  text: "", colour: "", tags: [], owner: "", status: "", persona: "",
  evidence: "assumed", figure: null, link_text: "", source_text: "", marks: [], more: {},
};

// What Python sent, in objects that have nothing but that: a stage or a persona may be called "constructor".
function bare(value) {
  if (Array.isArray(value)) return value.map(bare);
  if (value === null || typeof value !== "object") return value;
  const own = Object.create(null);
  for (const [name, one] of Object.entries(value)) own[name] = bare(one);
  return own;
}

function readMap(data) {
  const cards = new Map(data.cards.map((card) => [card.id, { ...NEW_CARD, ...card }]));
  const stages = data.stages.slice();
  const known = new Set(stages.map((stage) => stage.id));
  for (const { stage } of cards.values()) {
    if (known.has(stage)) continue;
    known.add(stage);
    stages.push({ id: stage, name: data.words.lost_stage, colour: "", lost: true, head: [] });
  }
  const lanes = data.lanes.slice().sort(byKey);
  return { stages, lanes, cards, personas: data.personas, felt: data.curve?.felt || {} };
}

function editMap(model, op) {
  const { op: name, id } = op;
  if (name === "many") return op.edits.reduce(editMap, model);
  if (name === "feel") return feel(model, op);
  if (/_card$/.test(name)) {
    const cards = new Map(model.cards);
    if (name === "add_card") cards.set(op.card.id, { ...NEW_CARD, ...op.card });
    else if (!cards.has(id)) return model;
    else if (name === "remove_card") cards.delete(id);
    else cards.set(id, { ...cards.get(id), ...(name === "set_card" ? op.fields : { lane: op.lane, stage: op.stage, key: op.key }) });
    return { ...model, cards };
  }
  if (/_lane$/.test(name)) {
    let { lanes, cards } = model;
    if (name === "add_lane") lanes = [...lanes, { name: "", hidden: false, hints: {}, ...op.lane }];
    if (name === "set_lane") lanes = lanes.map((lane) => (lane.id === id ? { ...lane, ...op.fields } : lane));
    if (name === "remove_lane") {
      lanes = lanes.filter((lane) => lane.id !== id);
      cards = new Map([...cards].filter(([, card]) => card.lane !== id));
    }
    return { ...model, cards, lanes: lanes.slice().sort(byKey) };
  }
  return model;
}

function feel(model, { persona, stage, value }) {
  const curve = bare(model.felt[persona] || {});
  if (value === null) delete curve[stage];
  else curve[stage] = value;
  return { ...model, felt: Object.assign(bare(model.felt), { [persona]: curve }) };
}
