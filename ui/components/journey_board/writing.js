// Writing on the map itself: the text of a card, of a new one, and the name of a lane. What is written in is left
// alone by whatever others do in the meantime, and a syllable that is being composed is never cut short.

const LONGEST_CARD = 2000; // characters
const LONGEST_LANE = 200;

class Writing extends Edits {
  // A field for text; done(text, how) once, with how it ended: "enter", "leave" or "" for given up.
  field(value, longest, label, done) {
    const area = make("textarea", { class: "writing", rows: "1", maxlength: String(longest), "aria-label": label, spellcheck: "false" });
    area.value = value;
    let open = true;
    const finish = (how) => {
      if (!open) return;
      open = false;
      const text = area.value.normalize("NFC").trim();
      done(how && text.isWellFormed?.() !== false ? text : undefined, how);
    };
    const grow = () => {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight}px`;
    };
    area.oninput = grow;
    area.onblur = () => finish("leave");
    area.onkeydown = (event) => {
      event.stopPropagation();
      if (composing(event)) return;
      if (event.key === "Enter" && (!event.shiftKey || event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        finish("enter");
      } else if (event.key === "Escape") {
        event.preventDefault();
        finish("");
      }
    };
    area.finish = finish;
    queueMicrotask(() => area.isConnected && grow());
    return area;
  }

  startIn(area) {
    area.focus({ preventScroll: true });
    area.setSelectionRange(area.value.length, area.value.length);
    area.dispatchEvent(new Event("input"));
    area.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  write(id) {
    const card = this.model.cards.get(id);
    if (!card || this.readOnly) return;
    this.finishWriting();
    const element = this.cards.get(id);
    const words = element.children[1];
    const place = cellOf(card);
    const cell = this.cell(place);
    this.select([id], false);
    const area = this.field(card.text, LONGEST_CARD, this.w("card_text"), (text, how) => {
      this.writing = undefined;
      area.replaceWith(words);
      element.classList.remove("in-writing");
      const now = this.model.cards.get(id);
      if (text && text !== card.text && !now) this.rescue({ ...card, text });
      else if (text && text !== card.text) this.act({ op: "set_card", id, fields: { text } }, this.w("say_written"));
      else this.render();
      if (how !== "leave") this.focusOn(this.model.cards.has(id) ? id : place);
    });
    this.writing = { kind: "card", id, place, element, area, at: [...cell.list.children].indexOf(element) };
    element.classList.add("in-writing");
    words.replaceWith(area);
    this.drawChoice();
    this.startIn(area);
  }

  // Somebody else removed the card while its text was being written: the text becomes a card of its own.
  rescue({ lane, stage, text, colour, persona }) {
    const known = this.model.lanes.find((each) => each.id === lane) || this.model.lanes[0];
    if (!known) return this.render();
    this.addAll([{ text, colour, persona }], `${known.id}|${stage}`, undefined, this.w("say_rescued"));
  }

  // A new card in a cell, behind the one of this id or at its end; Enter goes on with the next one.
  draft(place, after) {
    if (this.readOnly) return;
    this.finishWriting();
    const { persona } = this.data;
    const element = make("li", { class: "card in-writing draft" });
    element.style.setProperty("--card", "var(--tint)");
    const label = this.w("new_card", { place: this.placeName(place) });
    const area = this.field("", LONGEST_CARD, label, (text, how) => {
      this.writing = undefined;
      element.remove();
      const [id] = text ? this.addAll([{ text, ...(persona ? { persona } : {}) }], place, this.behind(place, after), this.w("say_added")) : [];
      if (!id) this.render();
      if (how === "leave") return;
      if (id && how === "enter") this.draft(place, id);
      else this.focusOn(id ?? (this.model.cards.has(after) ? after : place));
    });
    put(area, "placeholder", this.w("write_here"));
    // Cards that were copied are put here as they are, and not their words into a new one.
    area.onpaste = (event) => {
      if (area.value || !event.clipboardData.getData(CARDS)) return;
      event.stopPropagation();
      area.finish("");
      this.pasteAt(event, place, this.behind(place, after));
    };
    element.append(make("span", { class: "grip", "aria-hidden": "true" }), area);
    const last = (this.cells.get(place) || []).at(-1)?.id;
    this.writing = { kind: "card", place, after: after ?? last, at: 0, element, area };
    this.select([], false);
    this.render();
    this.startIn(area);
  }

  // The card that a new one follows, where it is still there.
  behind(place, after) {
    return (this.cells.get(place) || []).some((card) => card.id === after) ? after : undefined;
  }

  finishWriting() {
    this.writing?.area.finish("leave");
  }

  renameLane(id) {
    if (this.readOnly) return;
    this.finishWriting();
    const lane = this.model.lanes.find((each) => each.id === id);
    const { name, head } = this.lanes.get(id);
    const area = this.field(this.laneName(lane), LONGEST_LANE, this.w("lane_name"), (text, how) => {
      this.writing = undefined;
      area.replaceWith(name);
      if (text && text !== this.laneName(lane)) this.act({ op: "set_lane", id, fields: { name: text } }, this.w("say_lane_renamed", { lane: text }));
      else this.render();
      if (how !== "leave") this.focusOn(`${id}|`);
    });
    this.writing = { kind: "lane", lane: id, area };
    name.replaceWith(area);
    this.startIn(area);
    area.select();
  }

  doubled(event) {
    if (event.target.closest("button, textarea, [data-own]")) return;
    const card = event.target.closest(".card");
    const lane = event.target.closest(".lane-head .name");
    const cell = event.target.closest(".cell");
    if (card && this.readOnly) this.tell("open", card.dataset.id);
    else if (card) this.write(card.dataset.id);
    else if (lane) this.renameLane(lane.closest(".lane").dataset.lane);
    else if (cell) this.draft(cell.dataset.cell);
  }
}
