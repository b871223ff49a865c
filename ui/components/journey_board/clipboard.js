// Copying cards, here and to other programs, and pasting what either has.

const CARDS = "application/x-journey-cards";
const MOST_PASTED = 100; // cards in one paste

class Clipboard extends Keyboard {
  listenClipboard() {
    this.on("copy", (event) => this.copy(event));
    this.on("cut", (event) => this.copy(event) && !this.readOnly && this.remove(this.taken(event)));
    this.on("paste", (event) => this.paste(event));
  }

  // The cards that a copy is about.
  taken(event) {
    const tab = this.tabOf(event.target);
    if (event.target.closest("input, textarea") || (!tab && !this.selected.size)) return [];
    return tab && !tab.includes("|") ? this.meant(tab) : this.inOrder([...this.selected]);
  }

  copy(event) {
    const ids = this.taken(event);
    if (!ids.length) return false;
    const cards = this.copied(ids);
    event.clipboardData.setData("text/plain", cards.map((card) => card.text ?? "").join("\n"));
    event.clipboardData.setData(CARDS, JSON.stringify(cards));
    event.preventDefault();
    this.say(this.w("say_copied", { n: ids.length }));
    return true;
  }

  paste(event) {
    if (this.readOnly || event.target.closest("input, textarea")) return;
    const tab = this.tabOf(event.target) || this.tab;
    const card = this.model.cards.get(tab);
    const place = card ? cellOf(card) : tab;
    this.pasteAt(event, place, card?.id);
  }

  // What is in the clipboard into a cell, behind the card of this id or at its end.
  pasteAt(event, place, after) {
    if (!this.cell(place)) return;
    event.preventDefault();
    const cards = this.pasted(event.clipboardData);
    if (!cards.length) return;
    const added = this.addAll(cards.slice(0, MOST_PASTED), place, after, this.w("say_pasted", { n: Math.min(cards.length, MOST_PASTED) }));
    this.select(added, false);
    this.focusOn(added[0]);
  }

  // Cards as they were copied here; of other text each line is a card.
  pasted(data) {
    try {
      const cards = JSON.parse(data.getData(CARDS) || "null");
      if (Array.isArray(cards)) return cards.map((card) => this.fitting(card)).filter(Boolean);
    } catch (problem) {
      if (!(problem instanceof SyntaxError)) throw problem;
    }
    const lines = data.getData("text/plain").split(/\r?\n/).map((line) => line.replace(/^\s*[-*•·]\s+/, "").normalize("NFC").trim());
    const { persona } = this.data;
    return lines.filter(Boolean).map((line) => ({ text: Array.from(line).slice(0, LONGEST_CARD).join(""), ...(persona ? { persona } : {}) }));
  }

  // A card of another map may be about somebody whom this one does not know.
  fitting(card) {
    if (!card || typeof card !== "object") return undefined;
    const { persona, ...rest } = card;
    return this.model.personas.some((each) => each.id === persona) ? card : rest;
  }
}
