"""Names that mean harm, wherever a name is shown: they stand there to the letter and become nothing."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import Locator, Page, expect

from journey.i18n import text
from journey.projects.person import Person
from journey.projects.portable import export_project, import_project
from journey.projects.store import Store
from journey.stages.stage_map import StageMap

from ..endurance import FULL_LENGTH
from ..hostile import NAMES
from ..projects.real_files import brought, put
from .browser import ROOT, serve, settled

COLUMNS, VALUES, BRAND = NAMES[:4], NAMES[4:], NAMES[1]
STRANGER = Person("team", NAMES[3], sees_all=True)
# Everything that a reader can come across: text, what is told of marks, what stands in fields.
READ = """() => {
  const told = [];
  const walk = (root) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) told.push(texts.currentNode.data);
    for (const each of root.querySelectorAll("*")) {
      for (const name of ["aria-label", "title", "placeholder"]) told.push(each.getAttribute(name) || "");
      if ("value" in each) told.push(String(each.value));
      if (each.shadowRoot) walk(each.shadowRoot);
    }
  };
  walk(document.body);
  return told.join("\\n");
}"""
# Everything that a name could have become, were it read as something else than text.
MADE = """() => {
  const made = [];
  const walk = (root) => {
    for (const each of root.querySelectorAll("*")) {
      const tag = each.tagName.toLowerCase(), said = each.textContent.trim();
      for (const { name } of each.attributes) if (/^on/i.test(name)) made.push(`${tag} ${name}`);
      if (tag === "script" && said.includes("owned")) made.push(tag);
      if (tag === "img" && (each.getAttribute("src") === "x" || /evil/.test(each.src))) made.push(each.src);
      if (tag === "a" && /^javascript|evil/.test(each.href)) made.push(each.href);
      if (each.classList.contains("katex") || tag === "math") made.push("formula");
      if (/^(b|strong|code|del|em|i)$/.test(tag) && /^(굵게|code|x)$/.test(said)) made.push(tag);
      if (each.shadowRoot) walk(each.shadowRoot);
    }
  };
  walk(document);
  if (document.title.includes("owned")) made.push("title");
  return made;
}"""


def log_file() -> bytes:
    """Customers who do everything that means harm, under columns and with values that do."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(["고객ID", "이벤트", "시각", *COLUMNS])
    for number in range(240):
        at = f"2024-05-{1 + number // 24:02d} {number % 24:02d}:00:00"
        write(
            [
                f"C{number % 17}",
                NAMES[number % len(NAMES)],
                at,
                *[VALUES[number % len(VALUES)]] * len(COLUMNS),
            ]
        )
    write(["", NAMES[0], "2024-05-01 10:00:00", *NAMES[:4]])
    return out.getvalue().encode()


@pytest.fixture(scope="module")
def harmful(tmp_path_factory):
    """A server's address, and two projects whose every name means harm, the second without its data."""
    home = tmp_path_factory.mktemp("text")
    store = Store(home)
    for name in NAMES[1:]:
        store.create(name)
    project = store.create(NAMES[0])
    put(project, [brought(f"{NAMES[2]}.csv", log_file())], stage_map=StageMap())
    events = project.log().event_names
    for number, name in enumerate(NAMES):
        stage = project.apply({"op": "add_stage", "name": name}).stage_map.stages[-1].id
        project.apply({"op": "place", "event": events[number], "to": stage})
    project.apply({"op": "setting", "name": "brand.name", "value": BRAND})
    project.keep_version(NAMES[7])
    project.for_(STRANGER).apply({"op": "rename_stage", "stage": stage, "name": f"{NAMES[4]} 2"})
    bare = home / "bare.journey"
    with bare.open("wb") as sink:
        export_project(project, sink, with_data=False)
    waiting = import_project(store, bare, name=NAMES[5])
    bare.unlink()
    with serve(ROOT / "app.py", home) as address:
        yield address, project.id, waiting.id, store


class Reader:
    """Somebody who reads the pages of the project in a language."""

    def __init__(
        self, page: Page, address: str, project: str, waiting: str, store: Store, language: str
    ) -> None:
        self.page, self.language, self.address = page, language, address
        self.project, self.waiting, self.store = project, waiting, store
        self.alerts: list[str] = []
        page.on("dialog", lambda dialog: (self.alerts.append(dialog.message), dialog.dismiss()))

    def say(self, key: str) -> str:
        return text(key, self.language)

    def open(self, name: str, project: str | None = None) -> None:
        """The page of this name, by its address."""
        self.page.goto(f"{self.address}/{name}?lang={self.language}&project={project or self.project}")
        settled(self.page)
        title = self.say(f"page.{name or 'home'}.title")
        expect(self.page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()

    def press(self, key: str) -> None:
        """Press the button, or open what unfolds, of this name."""
        self.page.get_by_test_id("stMain").get_by_text(self.say(key), exact=True).first.click()
        settled(self.page)

    def close(self) -> None:
        self.page.keyboard.press("Escape")

    def check(self, *names: str) -> None:
        """These stand on the page to the letter, and no name has become anything."""
        self.page.wait_for_function(TOLD, arg=list(names))
        assert self.page.evaluate(MADE) == []
        assert self.alerts == []


# Joiners hold short codes apart, and readers of files drop what nobody sees.
TOLD = rf"""(names) => {{
  const bare = (words) => words.replace(/[\u2060\u200b\u2028\u202a-\u202e]/g, "").replace(/\s+/g, " ");
  const told = bare(({READ})());
  return names.every((name) => told.includes(bare(name)));
}}"""


# The other language walks over the pages in the long runs, and over one page in every run.
@pytest.fixture(params=["ko", "en"] if FULL_LENGTH else ["ko"])
def reader(harmful, open_page, request):
    return Reader(open_page("about:blank"), *harmful, request.param)


def hovered(page: Page, marks: Locator, most: int = 3) -> str:
    """What the tooltips of the first marks say."""
    said = []
    for number in range(min(most, marks.count())):
        marks.nth(number).hover(force=True)
        tip = page.locator("#vg-tooltip-element.visible")
        expect(tip).to_be_visible()
        inside = tip.evaluate("tip => [...tip.querySelectorAll('*')].map(each => each.tagName)")
        assert set(inside) <= {"TABLE", "TBODY", "TR", "TD", "H2"}, inside
        said.append(tip.inner_text())
        page.mouse.move(2, 2)
    return "\n".join(said)


def test_every_page_shows_names_to_the_letter(reader):
    page = reader.page
    reader.open("")
    reader.check(*NAMES)
    for way in ("export", "rename", "delete"):
        page.get_by_role("button", name=reader.say("page.home.menu"), exact=True).first.click()
        page.get_by_role("menuitem").get_by_text(reader.say(f"page.home.menu_{way}"), exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        settled(page)
        reader.check(*NAMES)
        reader.close()
        expect(page.get_by_role("dialog")).to_have_count(0)

    reader.open("data")
    reader.check(f"{NAMES[2]}.csv", NAMES[0], BRAND)

    page.get_by_test_id("stExpander").filter(has_text="1").first.click()
    settled(page)
    reader.check(f"{NAMES[2]}.csv")
    reader.open("data", reader.waiting)
    expect(page.locator(".st-key-expected")).to_be_visible()
    reader.check(*COLUMNS, NAMES[5])

    reader.open("stages")
    expect(page.locator(".board .card").first).to_be_visible()
    reader.check(*NAMES, BRAND)
    page.locator(".board .card").first.hover()
    page.locator(".board .card").first.click()
    reader.check(*NAMES)

    for name in ("flows", "reach", "routes"):
        reader.open(name)
        marks = page.locator(f'.st-key-chart_{name} path[aria-label]:not([aria-label=""])')
        expect(marks.first).to_be_visible()
        assert any(name[:8] in hovered(page, marks) for name in NAMES)
        reader.press("app.download")
        reader.close()
        reader.press("app.table")
        reader.press("app.how_counted")
        reader.check(NAMES[0], BRAND)


@pytest.mark.parametrize("reader", ["en"], indirect=True)
def test_the_history_and_what_others_do_meanwhile_are_told_to_the_letter(reader):
    page = reader.page
    reader.open("history")
    reader.check(*NAMES[:6], NAMES[7], f"{NAMES[4]} 2", STRANGER.name, f"{NAMES[2]}.csv")
    for way in ("rename", "go_back"):
        if way == "rename":
            page.get_by_role("button", name=reader.say("page.history.menu"), exact=True).first.click()
            page.get_by_role("menuitem").get_by_text(reader.say("page.history.menu_rename")).click()
        else:
            page.get_by_role("button", name=reader.say("page.history.go_back"), exact=True).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        settled(page)
        reader.check(NAMES[7])
        reader.close()
        expect(page.get_by_role("dialog")).to_have_count(0)

    theirs = reader.store.open(reader.project).for_(STRANGER)
    stages = theirs.state.stage_map.stages
    theirs.apply({"op": "place", "event": NAMES[0], "to": stages[5].id})
    told = page.get_by_test_id("stToast")
    expect(told.first).to_be_visible()
    assert STRANGER.name in told.first.inner_text().replace("\u2060", "")
    reader.check(NAMES[0], STRANGER.name)


@pytest.mark.parametrize("reader", ["en"], indirect=True)
def test_what_is_picked_and_filtered_is_named_to_the_letter(reader):
    page = reader.page
    reader.open("flows")
    page.get_by_role("combobox", name=reader.say("controls.group")).click()
    expect(page.get_by_role("option")).to_have_count(2 + len(COLUMNS))
    reader.check(*COLUMNS)
    reader.close()
    settled(page)
    pick = page.get_by_placeholder(reader.say("page.flows.pick_hint"))
    pick.click()
    # A list that closed again, because the page was drawn once more, is opened by the key.
    pick.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    reader.check(NAMES[0])
    page.get_by_role("option").first.click()
    expect(page.get_by_test_id("stMetricValue").first).to_be_visible()
    settled(page)
    reader.check(NAMES[0])

    page.get_by_role("button", name=reader.say("controls.filters")).click()
    reader.check(*COLUMNS)
    values = page.get_by_test_id("stMultiSelect").first.get_by_role("combobox")
    values.click()
    expect(page.get_by_role("option").first).to_be_visible()
    reader.check(*VALUES)
    page.get_by_role("option").nth(1).click()
    reader.close()
    expect(page.locator(".st-key-narrowed")).to_be_visible()
    settled(page)
    reader.check(COLUMNS[0])
    page.locator(".st-key-narrowed").get_by_role("button").click()
    expect(page.locator(".st-key-narrowed")).to_have_count(0)
