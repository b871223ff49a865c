"""Small files as users have them, and how a test brings them to the Data page."""

import gzip
import io
import json
import zipfile

import openpyxl
import pyarrow.parquet as pq

from journey.i18n import text

HEAD = "회원번호,이벤트,일시,채널\n"
LINES = [
    f"{number % 7:03d},{event},2024-05-{1 + number % 28:02d} 10:00:00,{channel}\n"
    for number, (event, channel) in enumerate([("방문", "검색"), ("주문", "광고"), ("검색", "검색")] * 20)
]
SHOP = (HEAD + "".join(LINES)).encode("cp949")
MEMBERS = "회원번호,등급,성별\n" + "".join(
    f"{number:03d},{'골드' if number % 2 else '실버'},{'여' if number % 3 else '남'}\n" for number in range(5)
)
# What GA4 exports of items: nothing in it names the event.
ITEMS = "user_pseudo_id,event_timestamp,item_name,country\n" + "".join(
    f"{1000 + number % 9},{1_605_937_059_520_352 + number * 60_000_000},Item {number % 5},KR\n"
    for number in range(80)
)
PRICES = "동네,금액,층\n" + "".join(f"동네{number % 5},{number * 100},{number % 9}\n" for number in range(40))


def workbook(rows, sheet="Sheet", **others):
    made = openpyxl.Workbook()
    made.active.title = sheet
    for row in rows:
        made.active.append(row)
    for name, more in others.items():
        other = made.create_sheet(name)
        for row in more:
            other.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_csv", ".csv"), data)
    return out.getvalue()


def gzipped(data):
    return gzip.compress(data)


def drop(at, *files):
    """Bring files, each a name and its bytes."""
    at.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files]).run()
    assert not at.exception
    return at


def role(at, name, at_file=0):
    return [box for box in at.selectbox if (box.key or "").endswith(f".role.{name}")][at_file]


def many(at, name, at_file=0):
    return [box for box in at.multiselect if (box.key or "").endswith(f".role.{name}")][at_file]


def kind(at, at_file=0):
    return [box for box in at.selectbox if (box.key or "").endswith(".kind")][at_file]


def how(at, name):
    """The control that says how a file is read; its part of the page is opened first."""
    for part in at.expander:
        if part.label in (text("bring.how", "ko"), text("bring.how", "en")):
            found = [box for box in at.selectbox if (box.key or "").endswith(f".how.{name}")]
            return found[0] if found else None
    return None


def button(at, key):
    return next((one for one in at.button if one.key == key or (one.key or "").endswith(f".{key}")), None)


def go_on(at):
    button(at, "build").click().run()
    assert not at.exception
    assert not at.error
    return at.query_params["project"]


def words_of(at):
    parts = [at.title, at.markdown, at.caption, at.info, at.warning, at.error, at.success, at.subheader]
    return [element.value for elements in parts for element in elements]


def holding(home, secret):
    """The files below a folder in which a text stands, packed or not."""
    return [path.name for path in home.rglob("*") if path.is_file() and secret in _unpacked(path)]


def _unpacked(path):
    data = path.read_bytes()
    if data[:4] == b"PAR1":
        return json.dumps(pq.read_table(io.BytesIO(data)).to_pydict(), default=str, ensure_ascii=False)
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data).decode("utf-8", "replace")
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [name.encode() + archive.read(name) for name in archive.namelist()]
        return b"".join(parts).decode("utf-8", "replace")
    return data.decode("utf-8", "replace")
