"""Files that mean harm, dropped into the running app: a sentence each, nothing stored changes, it lives."""

from __future__ import annotations

import csv
import gzip
import io
import re
import time
import unicodedata
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from journey.i18n import text
from journey.projects.store import Store

from .. import hostile
from .browser import drop as bring
from .browser import serve, settled, taken

APP = Path(__file__).parent / "apps" / "holding_app.py"
# Stands in the rows of broken files: it may be neither in the log nor in what is said about the file.
SECRET = "SECRET-0101"
LINES = [f"{n % 5},방문{n % 3},2024-03-{1 + n % 28:02d}\n" for n in range(60)]
EVENTS = "고객ID,이벤트,시각\n" + "".join(LINES)

# What is said of each file, in either language: a piece of the sentence.
REFUSED = {
    "폭탄.xlsx": (hostile.unpacks_without_end, "압축을 풀면", "unpacks to"),
    "웃음.xlsx": (hostile.billion_laughs, "안전하게 열 수 없어요", "cannot be opened safely"),
    "행 2억 개.parquet": (hostile.endless_parquet, "행이 200,000,000개예요", "has 200,000,000 rows"),
    "bomb.csv.gz": (hostile.endless_gz, "압축을 풀면", "unpacks to"),
    "program.csv": (hostile.program, "내용이 EXE 형식", "looks like EXE"),
    "암호.xlsx": (hostile.locked_workbook, "암호가 걸린 엑셀 파일", "protected by a password"),
    "안의 안.zip": (hostile.zip_in_zip, "안에 또 압축 파일", "another packed file"),
    "quote.csv": (lambda: f'a,b\n1,2\n"{SECRET}\n'.encode(), "3번째 줄에서 시작한 따옴표", "on line 3"),
    # A name that is wider than the page.
    "아주 긴 이름의 파일 2024년 상반기 마케팅 캠페인 성과 보고서 최종 (수정).png": (
        lambda: b"\x89PNG\r\n\x1a\n" + bytes(64),
        "내용이 PNG 형식",
        "looks like PNG",
    ),
    "torn.parquet": (lambda: b"PAR1" + SECRET.encode() * 50 + b"PAR1", "파일이 손상", "is damaged"),
}


class App:
    """One server, what it is called and where it writes."""

    def __init__(self, address: str, home: Path) -> None:
        self.address, self.home = address, home
        port = str(urlsplit(address).port)
        self.pid = next(pid for pid, words in processes() if "streamlit" in words and port in words)

    @property
    def log(self) -> str:
        return (self.home / "server.log").read_text(encoding="utf-8", errors="replace")

    @property
    def memory(self) -> int:
        """Bytes that the server itself holds, without what it only maps from files."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024

    def readers(self) -> list[int]:
        """The processes that read files for this server, and those that they started."""
        found = [self.pid]
        parents = {pid: parent(pid) for pid, _ in processes()}
        for _ in range(4):
            found += [pid for pid, above in parents.items() if above in found and pid not in found]
        return found[1:]

    def is_healthy(self) -> bool:
        with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=5) as answer:
            return answer.read() == b"ok"

    def stored(self):
        """All that is stored: each project with its revision, and the names and sizes of its files."""
        store = Store(self.home)
        projects = [(one.id, one.name, store.open(one.id).state.revision) for one in store.projects()]
        files = sorted((path.name, path.stat().st_size) for path in self.home.glob("projects/*/data/**/*"))
        return projects, files


def processes():
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue


def parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    if not Path("/proc/self/status").exists():
        pytest.skip("what a process holds and starts is read from /proc, which this system does not have")
    home = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNEY_MAX_FILE_MB", "60")
        patch.setenv("JOURNEY_MAX_SESSION_FILES", "12")
        with serve(APP, home) as address:
            yield App(address, home)


@pytest.fixture
def page(app, open_page):
    """The page of files in a new tab; the server lives."""
    opened = open_page(f"{app.address}/data")
    settled(opened)
    yield opened
    assert app.is_healthy()
    assert "Traceback" not in app.log
    assert SECRET not in app.log


def drop(page: Page, **files: bytes) -> None:
    bring(page, *[{"name": name, "mimeType": "", "buffer": data} for name, data in files.items()])


def waiting(page: Page):
    return page.locator('[class*="st-key-file_"]')


def speak_english(page: Page) -> None:
    page.get_by_test_id("stSidebar").get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", name="Data", exact=True, level=1)).to_be_visible()
    settled(page)


def alert(page: Page, name: str):
    return page.get_by_role("alert").filter(has_text=name)


def test_each_is_refused_in_one_sentence_and_nothing_stored_changes(app, page):
    drop(page, **{"기록.csv": EVENTS.encode("cp949")})
    page.get_by_role("button", name="여정 만들기").click()
    expect(page.locator(".board .card").first).to_be_visible(timeout=30_000)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="데이터", exact=True).click()
    expect(page.get_by_text("파일 놓기", exact=False)).to_be_visible()
    settled(page)
    stored, memory = app.stored(), app.memory
    assert len(stored[0]) == 1

    files = {name: made() for name, (made, _, _) in REFUSED.items()}
    assert max(map(len, files.values())) < 4 << 20
    drop(page, **files, **{"먼 칸.xlsx": hostile.far_cells(), "올라가기.zip": hostile.climbing_zip()})
    expect(waiting(page)).to_have_count(len(files) + 3, timeout=90_000)
    for name, (_, korean, _) in REFUSED.items():
        expect(alert(page, name)).to_contain_text(korean)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    # Two cells at the ends of a sheet are two cells, and a name that climbs is a name.
    expect(waiting(page).filter(has_text="먼 칸.xlsx")).to_contain_text("1행 × 2열")
    for name in ("../../../tmp/journey_climbed.csv", "/journey_absolute.csv"):
        expect(page.get_by_text(f"올라가기.zip › {name}", exact=True).first).to_be_visible()
    assert not any(Path(name).exists() for name in ("/tmp/journey_climbed.csv", "/journey_absolute.csv"))

    speak_english(page)
    for name, (_, _, english) in REFUSED.items():
        expect(alert(page, name)).to_contain_text(english)
    assert SECRET not in page.content()
    assert "Traceback" not in page.content()
    assert app.stored() == stored
    assert app.readers() == []
    assert app.memory - memory < 150 << 20


def marked_up(customers: int) -> bytes:
    """A log whose column names, events and values are markup, and some of whose rows cannot be used."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(["고객ID", "이벤트", "시각", *hostile.MARKUP])
    for number in range(60):
        marks = [f"{mark} {number % 3}" for mark in hostile.MARKUP]
        event = hostile.MARKUP[number % len(hostile.MARKUP)]
        write([f"C{number % customers}", event, f"2024-05-{1 + number % 28:02d} 10:00:00", *marks])
    write(["", hostile.MARKUP[0], "2024-05-01 10:00:00", *hostile.MARKUP])
    write(["C1", hostile.MARKUP[1], hostile.MARKUP[2], *hostile.MARKUP])
    return out.getvalue().encode()


def nothing_ran(page: Page) -> None:
    assert "owned" not in page.title()
    for made in ("img[src*=evil]", "img[src=x]", "a[href*=evil]", "a[href^=javascript]", ".katex"):
        expect(page.locator(made)).to_have_count(0)
    expect(page.locator("strong", has_text=re.compile("^굵게$"))).to_have_count(0)


def test_markup_in_names_and_values_is_shown_to_the_letter_everywhere(page):
    script, _, picture, link, colours, formula = hostile.MARKUP
    first, second = f"{picture} {link}.csv", f"{colours} {script}.csv"
    drop(page, **{first: marked_up(7), second: marked_up(3)})
    expect(waiting(page)).to_have_count(2)
    settled(page)
    joining = to_the_letter(page.locator(".st-key-joining"))
    for place, name in enumerate((first, second)):
        card = waiting(page).nth(place)
        assert to_the_letter(card.locator("strong").first) == name
        assert name in joining
        card.get_by_role("button", name="빼기").hover()
        expect(page.get_by_role("tooltip")).to_be_visible()
        assert to_the_letter(page.get_by_role("tooltip")) == f"‘{name}’ 파일을 목록에서 빼요."
        page.mouse.move(0, 0)
    waiting(page).first.get_by_text("표와 열 확인하기").click()
    for name in hostile.MARKUP:
        expect(waiting(page).first.locator("[data-tag]").filter(has_text=name)).to_be_visible()
    nothing_ran(page)

    page.get_by_role("button", name="여정 만들기").click()
    expect(page.locator('[class*="st-key-kept_"]')).to_have_count(2, timeout=30_000)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="단계", exact=True).click()
    for name in hostile.MARKUP:
        expect(page.locator(".board .card .event").get_by_text(name, exact=True)).to_be_visible()
    nothing_ran(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="데이터", exact=True).click()
    kept = page.locator('[class*="st-key-kept_"]')
    expect(kept).to_have_count(2)
    for place, name in enumerate((first, second)):
        assert to_the_letter(kept.nth(place).locator("strong").first) == name
    kept.first.get_by_text("쓰지 못한 행 2개").click()
    download = kept.first.get_by_role("button", name="CSV")
    rows = list(csv.reader(io.StringIO(Path(taken(page, download).path()).read_text("utf-8-sig"))))
    assert "'" + formula in rows[0]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    kept.first.get_by_role("button", name="이 파일 빼기").click()
    expect(page.get_by_role("button", name="네, 뺄게요")).to_be_visible()
    nothing_ran(page)


def to_the_letter(place) -> str:
    """What a reader sees; short codes and addresses are held apart by joiners that nobody sees."""
    return place.inner_text().replace("\u2060", "").replace("\n", " ")


def test_a_cell_of_50_mb_and_a_name_in_parts(app, page):
    memory = app.memory
    cell = b"".join((b"id,text\n1,", b"x" * (50 << 20), SECRET.encode(), b"\n2,y\n"))
    path = app.home / "cell.csv"
    path.write_bytes(cell)
    in_parts = app.home / unicodedata.normalize("NFD", "한글 이름.csv")
    in_parts.write_text(EVENTS, encoding="utf-8")
    bring(page, path, in_parts)
    expect(waiting(page)).to_have_count(2, timeout=60_000)
    expect(page.get_by_text("한글 이름.csv", exact=True).first).to_be_visible()
    expect(waiting(page).filter(has_text="cell.csv")).to_contain_text("2행 × 2열")
    expect(page.get_by_role("button", name="여정 만들기")).to_be_visible()
    settled(page)
    assert len(page.content()) < 5 << 20
    assert held_uploads(app) == 0
    assert app.memory - memory < 150 << 20


def held_uploads(app: App) -> int:
    """Bytes of uploads that Streamlit holds in memory."""
    with urllib.request.urlopen(f"{app.address}/held", timeout=5) as answer:
        return int(answer.read())


@pytest.fixture(scope="module")
def small_app(tmp_path_factory):
    """A server that takes files of one megabyte, three at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNEY_MAX_FILE_MB", "1")
        patch.setenv("JOURNEY_MAX_SESSION_FILES", "3")
        home = tmp_path_factory.mktemp("small")
        with serve(APP, home) as address:
            yield App(address, home)


@pytest.fixture
def small_page(small_app, browser):
    """Its page of files. A refusal is an error in the console, which Streamlit writes and nobody reads."""
    context = browser.new_context(locale="ko-KR", viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.goto(f"{small_app.address}/data")
    settled(opened)
    yield opened
    context.close()
    assert small_app.is_healthy()
    assert "Traceback" not in small_app.log


def test_sixty_files_in_one_tab_and_files_at_the_limit(small_app, small_page):
    page, most = small_page, 1 << 20
    exact = EVENTS.encode() + b"\n" * (most - len(EVENTS.encode()))
    few = {"꼭 맞음.csv": exact, "하나 많음.csv": exact + b"\n", "훨씬 많음.csv": exact * 3}
    drop(page, **few)
    expect(waiting(page)).to_have_count(1, timeout=30_000)
    expect(waiting(page)).to_contain_text("60행 × 3열")
    for name in ("하나 많음.csv", "훨씬 많음.csv"):
        expect(alert(page, name)).to_contain_text("1,048,576바이트까지 읽을 수 있어요")
    expect(alert(page, "하나 많음.csv")).to_contain_text("파일이 1,048,577바이트예요")

    drop(page, **{f"{number:02d}.csv": f"id,x\n{number},1\n".encode() for number in range(60)})
    expect(waiting(page)).to_have_count(3, timeout=60_000)
    refused = alert(page, ".csv").filter(has_text="한 번에 3개까지")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("외 53개")
    assert held_uploads(small_app) == 0
    assert len(list(small_app.home.glob("staging/*/" + "[0-9a-f]" * 64))) == 3

    # Nothing goes in, so no run of the app can say it: the place itself does.
    page.goto(f"{small_app.address}/data")
    settled(page)
    drop(page, **{"훨씬 많음.csv": exact * 3})
    expect(page.get_by_test_id("stFileChip").filter(has_text="훨씬 많음.csv")).to_be_visible()
    # The file is shown a moment before it is marked as refused, and only then anything is said.
    said = page.wait_for_function(
        """() => {
            const place = document.querySelector('[data-testid="stFileUploader"]');
            const said = getComputedStyle(place, "::after").content;
            return said === "none" ? null : said;
        }"""
    ).json_value()
    assert said.strip('"') == text("app.upload_refused", "ko", most=1, files=3)


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """A file that takes a good while to be read."""
    path = tmp_path_factory.mktemp("big") / "큰 파일.csv.gz"
    line = b"C%07d,view,2024-03-05 10:00:00,%s\n"
    with gzip.open(path, "wb", compresslevel=1) as sink:
        sink.write(b"customer,event,time,note\n")
        for block in range(600):
            sink.write(b"".join(line % (block * 4000 + n, b"x" * 90) for n in range(4000)))
    return path


def until(what, seconds: float) -> bool:
    """Did it come true in so many seconds?"""
    end = time.monotonic() + seconds
    while not (so := what()) and time.monotonic() < end:
        time.sleep(0.02)  # processes of the server: nothing that a browser could wait for
    return so


@pytest.mark.parametrize("way", ["cancel", "close", "reload"])
def test_whoever_leaves_a_reading_ends_its_processes_and_nothing_stored_changes(app, page, big, way):
    stored = app.stored()
    bring(page, big)
    cancel = page.get_by_role("button", name="그만 읽기")
    expect(cancel).to_be_visible(timeout=60_000)
    assert until(app.readers, 5)
    if way == "cancel":
        cancel.click()
    elif way == "close":
        page.close()
    else:
        page.reload()
    assert until(lambda: not app.readers(), 2), "processes that go on reading"
    if way == "cancel":
        expect(waiting(page)).to_contain_text("읽기를 멈췄어요")
    elif way == "reload":
        settled(page)
        expect(waiting(page)).to_have_count(0)
    assert app.stored() == stored
    assert not list(app.home.glob("staging/*/.reading-*"))
