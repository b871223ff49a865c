// The model of the board: plain values; every edit gives a new one.

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
