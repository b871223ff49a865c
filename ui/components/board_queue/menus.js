// A menu beside what it is about: entries, swatches of colour, and the keys in it.

class Menus extends Queue {
  openMenu(anchor, title, items) {
    const back = anchor.closest(".card") || anchor.closest(".head") || anchor;
    const shut = (action) => () => {
      this.menu.hidePopover();
      back.focus({ preventScroll: true });
      action();
    };
    this.menu.replaceChildren(make("div", { class: "menu-title", text: title }));
    put(this.menu, "aria-label", title);
    for (const item of items) {
      if (!item) continue;
      if (item.swatches) {
        const row = make("div", { class: "swatches", role: "group", "aria-label": this.w("colour") });
        item.swatches.forEach((colour, i) => {
          const swatch = make("button", { type: "button", role: "menuitemradio", class: "swatch", tabindex: "-1" });
          put(swatch, "aria-label", item.names?.[i] ?? `${this.w("colour")} ${i + 1}`);
          put(swatch, "aria-checked", String(colour.toLowerCase() === item.now.toLowerCase()));
          swatch.style.setProperty("--colour", colour || "transparent");
          swatch.onclick = shut(() => item.pick(colour));
          row.append(swatch);
        });
        this.menu.append(row);
        continue;
      }
      const entry = make("button", { type: "button", role: "menuitem", tabindex: "-1" });
      if (item.icon) entry.append(icon(item.icon));
      if (item.colour) entry.append(make("i", { class: "dot" }));
      if (item.colour) entry.style.setProperty("--colour", item.colour);
      entry.append(make("span", { text: item.text }));
      if (item.now) entry.append(icon("check"));
      if (item.keys) entry.append(make("small", { "aria-hidden": "true", text: item.keys }));
      if (item.more) entry.append(icon("chevron"));
      entry.disabled = Boolean(item.off);
      if (item.danger) entry.classList.add("danger");
      entry.onclick = shut(item.run);
      this.menu.append(entry);
    }
    this.menuBack = back;
    this.menu.showPopover();
    this.beside(this.menu, anchor);
    this.menu.querySelector("[role^=menuitem]:not(:disabled)")?.focus();
  }

  // Below what it is about, or above it where there is no room.
  beside(popover, anchor) {
    const a = anchor.getBoundingClientRect();
    const m = popover.getBoundingClientRect();
    const left = Math.max(8, Math.min(a.left, innerWidth - m.width - 8));
    const below = a.bottom + 4 + m.height < innerHeight - 8;
    popover.style.left = `${left}px`;
    popover.style.top = `${below ? a.bottom + 4 : Math.max(8, a.top - m.height - 4)}px`;
  }

  menuKey(event) {
    const items = [...this.menu.querySelectorAll("[role^=menuitem]:not(:disabled)")];
    const at = items.indexOf(this.parent.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    event.stopPropagation();
    if (step) items[(at + step + items.length) % items.length].focus();
    else if (event.key === "Home") items[0].focus();
    else if (event.key === "End") items.at(-1).focus();
    else if (event.key === "Escape" || event.key === "Tab") {
      this.menu.hidePopover();
      this.menuBack.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  }

  label(element, text, keys) {
    put(element, "aria-label", text);
    put(element, "title", keys ? `${text} (${keys})` : text);
  }

  shortcut(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const letter = letterOf(event);
    const wish = letter === "z" ? (event.shiftKey ? "redo" : "undo") : letter === "y" ? "redo" : "";
    if (!wish) return;
    event.preventDefault();
    if (!this[wish].disabled) this[wish].click();
  }
}
