// The model of the board: plain values; every edit gives a new one.

// A card is known by its event. That of a rule is known by its pattern behind a sign that no name begins with.
const RULE = "\u0000";

function read(data) {
  const cards = new Map();
  const take = (place, list) => {
    for (const card of list) {
      const event = card.rule === undefined ? card.event : RULE + card.rule;
      cards.set(event, { ...card, event, place });
    }
  };
  // What only the search brought is there while it is searched.
  const found = (data.found?.cards && Object.entries(data.found.cards)) || [];
  for (const [place, list] of found) take(place, list.map((card) => ({ ...card, extra: true })));
  take("tray", data.tray);
  take("bin", data.bin);
  data.stages.forEach((stage) => take(stage.id, stage.events));
  return { stages: data.stages, cards, goalFixed: data.goal_fixed };
}

const plain = (text) => text.normalize("NFC").toLowerCase();

// Which names fit a pattern as a whole? As journey/stages/stage_map.py has it: a star is any run of characters.
function fits(pattern) {
  const pieces = pattern.split("*");
  if (pieces.length === 1) return (name) => name === pattern;
  const first = pieces.shift();
  const last = pieces.pop();
  return (name) => {
    const end = name.length - last.length;
    if (!name.startsWith(first) || !name.endsWith(last) || end < first.length) return false;
    let at = first.length;
    for (const piece of pieces) {
      at = name.indexOf(piece, at);
      if (at < 0) return false;
      at += piece.length;
    }
    return at <= end;
  };
}

// Which names does a search text mean? As journey/stages/search.py has it.
function wanted(text) {
  const folded = plain(text);
  const fitting = folded.includes("*") ? fits(folded) : (name) => name.includes(folded);
  return (name) => fitting(plain(name));
}

function edit(model, op, palette) {
  const at = model.stages.findIndex((stage) => stage.id === op.stage);
  const stages = model.stages.slice();
  let { cards, goalFixed } = model;
  const put = (events, place) => {
    cards = new Map(cards);
    for (const event of events) {
      if (cards.has(event)) cards.set(event, { ...cards.get(event), place, confidence: null, extra: false, by: null });
    }
  };
  // Events that a rule places go with it, and only the search shows them one by one.
  const follow = (place, pattern, which) => {
    cards = new Map(cards);
    for (const [event, card] of cards) {
      if (card.rule !== undefined || !which(card)) continue;
      cards.set(event, { ...card, place, confidence: null, extra: true, by: pattern });
    }
  };
  if (op.op === "place" || op.op === "place_many") {
    const known = op.to === "tray" || op.to === "bin" || stages.some((stage) => stage.id === op.to);
    if (known) put(op.events || [op.event], op.to);
  } else if (op.op === "place_found" || op.op === "add_rule") {
    const means = op.op === "add_rule" ? fits(op.pattern) : wanted(op.text);
    const names = [...cards.values()].filter((card) => card.rule === undefined && means(card.event));
    put(names.map((card) => card.event), op.to);
  } else if (op.op === "move_rule") {
    put([RULE + op.pattern], op.to);
    follow(op.to, op.pattern, (card) => card.by === op.pattern);
  } else if (op.op === "remove_rule") {
    follow("tray", null, (card) => card.by === op.pattern);
    cards.delete(RULE + op.pattern);
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
