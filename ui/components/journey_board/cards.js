// One card: its text, what it is bound to with the figure, and what is said of it in signs.

class Cards extends Drawing {
  drawCard(card) {
    let element = this.cards.get(card.id);
    if (!element) {
      element = make("li", { class: "card", tabindex: "-1", "data-id": card.id, "aria-describedby": "how-card" });
      const more = make("button", { type: "button", class: "more", tabindex: "-1" }, icon("dots"));
      more.onclick = () => this.cardMenu(card.id, more);
      element.append(
        make("span", { class: "grip", "aria-hidden": "true" }),
        make("div", { class: "text" }),
        make("div", { class: "figure" }),
        make("div", { class: "signs" }),
        more,
      );
      this.cards.set(card.id, element);
    }
    const told = JSON.stringify(card) + this.about;
    if (element.told === told) {
      this.dress(element, card);
      return element;
    }
    element.told = told;
    const [, words, figure, signs, more] = element.children;
    write(words, card.text);
    this.drawFigure(card, figure);
    signs.replaceChildren(...this.signs(card));
    signs.style.display = signs.children.length ? "" : "none";
    this.label(more, this.w("card_menu", { text: this.short(card) }));
    put(element, "aria-label", this.cardLabel(card));
    this.dress(element, card);
    return element;
  }

  // What changes without the card: who is looked at, and what is selected.
  dress(element, card) {
    const { persona } = this.data;
    element.style.setProperty("--card", card.colour || "var(--tint)");
    put(element, "data-evidence", card.evidence);
    put(element, "data-status", card.status || null);
    element.classList.toggle("aside", Boolean(persona && card.persona && card.persona !== persona));
    element.classList.toggle("selected", this.selected.has(card.id));
    element.classList.toggle("changed", Boolean(card.figure?.changed));
    put(element, "aria-selected", this.selected.has(card.id) ? "true" : null);
  }

  drawFigure(card, element) {
    const { figure } = card;
    element.style.display = figure ? "" : "none";
    if (!figure) return;
    const changed = make("span", { class: "changed-mark", text: this.w("changed") });
    put(changed, "title", this.w("was", { was: figure.was_text || "–" }));
    element.replaceChildren(
      icon("chart"),
      make("strong", { text: figure.text }),
      make("span", { class: "n", text: figure.n_text }),
      ...(figure.changed ? [changed] : []),
    );
    put(element, "title", [card.link_text, figure.text, figure.n_text].filter(Boolean).join(" · "));
  }

  signs(card) {
    const signs = [];
    const who = this.model.personas.find((persona) => persona.id === card.persona);
    const status = this.data.statuses.find((each) => each.id === card.status && each.id);
    if (!card.figure && card.link_text) signs.push(make("span", { class: "sign", title: card.link_text }, icon("link"), make("span", { text: card.link_text })));
    if (card.source_text) signs.push(make("span", { class: "sign", title: card.source_text }, icon("quote"), make("span", { text: card.source_text })));
    if (card.due) signs.push(make("span", { class: "sign due", "data-late": card.due.late ? "" : undefined, text: card.due.text }));
    for (const tag of card.tags) signs.push(make("span", { class: "sign tag", text: `#${tag}` }));
    if (status) signs.push(make("span", { class: "sign state", text: status.name }));
    for (const mark of card.marks) signs.push(make("span", { class: "sign mark", "data-mark-icon": mark.icon, title: mark.text }, icon(ICONS[mark.icon] ? mark.icon : "flask"), make("span", { text: mark.text })));
    const people = [];
    if (who) {
      const badge = make("span", { class: "badge who", title: who.name, text: initial(who.name) });
      badge.style.setProperty("--colour", who.colour);
      people.push(badge);
    }
    if (card.owner) people.push(make("span", { class: "badge owner", title: this.w("owned_by", { owner: card.owner }), text: initial(card.owner) }));
    if (people.length) signs.push(make("span", { class: "people" }, ...people));
    return signs;
  }

  // What a screen reader is told of a card.
  cardLabel(card) {
    const who = this.model.personas.find((persona) => persona.id === card.persona)?.name;
    const status = this.data.statuses.find((each) => each.id === card.status && each.id)?.name;
    const { figure } = card;
    return [
      card.text || this.w("no_text"),
      figure && [figure.text, figure.n_text].filter(Boolean).join(", "),
      figure?.changed && this.w("was", { was: figure.was_text || "–" }),
      !figure && card.link_text,
      card.source_text,
      who,
      card.owner && this.w("owned_by", { owner: card.owner }),
      status,
      card.due?.text,
      ...card.tags,
      ...card.marks.map((mark) => mark.text),
      this.w(card.evidence),
    ].filter(Boolean).join(", ");
  }

  short(card) {
    const text = card.text.replace(/\s+/g, " ").trim() || this.w("no_text");
    const letters = Array.from(text);
    return letters.length > 40 ? `${letters.slice(0, 39).join("")}…` : text;
  }

  what(ids) {
    return ids.length === 1 ? this.w("one_card", { text: this.short(this.model.cards.get(ids[0])) }) : this.w("many_cards", { n: ids.length });
  }
}

const initial = (name) => Array.from(name.trim())[0]?.toUpperCase() ?? "";
