"""Whatever file is given to be imported: it is refused whole in one sentence, or makes a sound project."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import random
import shutil
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey.errors import FileTooLarge, JourneyError, NotStored, ProjectFileWrong, UploadGone
from journey.events.log import EventLog
from journey.i18n import LANGUAGES, text
from journey.projects import portable
from journey.projects.portable import export_project, import_project
from journey.projects.project import Project
from journey.projects.store import Store
from journey.projects.unpacking import unpack_order
from journey.questions import QUESTIONS
from journey.sources.limits import Limits
from tests.endurance import examples
from tests.projects.real_files import brought, put, sample

MANIFEST, STATE = "manifest.json", "state.json"


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The members of the export of a project with events, orders and a list of customers."""
    project = Store(tmp_path_factory.mktemp("good")).create("가게")
    files = [
        brought(f"{kind}.csv", sample(f"shop_{kind}.csv", 80)) for kind in ("events", "orders", "customers")
    ]
    put(project, files)
    project.apply({"op": "setting", "name": "flows.steps", "value": 4})
    sink = io.BytesIO()
    export_project(project, sink, with_data=True)
    return members_of(sink.getvalue())


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are unpacked without a process of their own, so that nothing it would hide is hidden."""

    def run(task: str, order: Any, **_: Any) -> None:
        assert task == "journey.projects.unpacking:unpack_order"
        unpack_order(json.loads(json.dumps(order)))

    monkeypatch.setattr(portable.child, "run", run)


def packed(members: Mapping[str, bytes], **about: Any) -> bytes:
    """A zip of these; `about` are fields of every entry's ZipInfo."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            for field, value in about.items():
                setattr(entry, field, value)
            archive.writestr(entry, content)
    return sink.getvalue()


def sealed(members: Mapping[str, bytes], /, **about: Any) -> bytes:
    """An export of these, with a manifest that is true; `about` are things that it says otherwise."""
    manifest = json.loads(members[MANIFEST])
    rest = {name: content for name, content in members.items() if name != MANIFEST}
    manifest["members"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in rest.items()
    }
    manifest |= about
    return packed({**rest, MANIFEST: json.dumps(manifest).encode()})


def with_state(members: Mapping[str, bytes], change: Callable[[dict[str, Any]], Any]) -> bytes:
    """An export whose state was changed by hand."""
    state = json.loads(members[STATE])
    change(state)
    return sealed({**members, STATE: json.dumps(state).encode()})


def listing(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(home.rglob("*"))
    }


@pytest.fixture
def full(store: Store) -> Store:
    """A store that has a project already."""
    store.create("있던 것").apply({"op": "setting", "name": "unit", "value": "session"})
    return store


@pytest.fixture
def refused(full: Store, tmp_path: Path) -> Callable[..., JourneyError]:
    """The problem that importing these bytes ends with; nothing is left of it, and it has a sentence."""

    def refused(content: bytes, **more: Any) -> JourneyError:
        path = tmp_path / "attack.journey"
        path.write_bytes(content)
        before = listing(full.home)
        with pytest.raises(JourneyError) as told:
            import_project(full, path, **more)
        assert listing(full.home) == before
        for language in LANGUAGES:
            assert text(told.value.key, language, **told.value.values)
        return told.value

    return refused


def reason(problem: JourneyError) -> str:
    assert isinstance(problem, ProjectFileWrong)
    return str(problem.values["reason"])


def test_the_good_file_is_good(good, full, tmp_path):
    path = tmp_path / "good.journey"
    path.write_bytes(sealed(good))
    use(import_project(full, path))


# ---- the zip --------------------------------------------------------------------------------------------

UNSAFE = (
    "../evil.txt",
    "/etc/passwd",
    "C:\\evil.txt",
    "raw/../state.json",
    "raw\\" + "0" * 64,
    "raw/" + "A" * 64,
    "raw/" + "0" * 64 + "/x",
    "logs/" + "0" * 64 + "/../../x",
    "logs/" + "0" * 64 + "/attribute_99999.npy",
    "STATE.JSON",
    "state.json/",
    "inner.zip",
    "x\0.json",
    unicodedata.normalize("NFD", "가게"),
    "project.sqlite",
    "🙂",
    "a" * 5000,
)


@pytest.mark.parametrize("name", UNSAFE, ids=range(len(UNSAFE)))
def test_an_entry_that_no_export_has_is_refused(good, refused, here, name):
    assert reason(refused(sealed({**good, name: b"x"}))) == "unsafe"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_that_stands_twice_is_refused(good, refused, here):
    sink = io.BytesIO(sealed(good))
    with zipfile.ZipFile(sink, "a") as archive:
        archive.writestr(STATE, good[STATE])
    assert reason(refused(sink.getvalue())) == "unsafe"


@pytest.mark.parametrize(
    "about",
    [
        {"external_attr": (stat.S_IFLNK | 0o777) << 16},
        {"external_attr": (stat.S_IFIFO | 0o600) << 16},
        {"compress_type": zipfile.ZIP_BZIP2},
        {"compress_type": zipfile.ZIP_LZMA},
    ],
)
def test_links_devices_and_other_packings_are_refused(good, refused, here, about):
    assert reason(refused(packed(members_of(sealed(good)), **about))) == "unsafe"


def test_what_is_locked_is_refused(good, refused, here):
    content = bytearray(sealed(good))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert reason(refused(bytes(content))) == "unsafe"


def test_a_hundred_thousand_entries_are_refused(refused, here):
    # Written by hand: zipfile takes seconds for as many.
    head = b"PK\x01\x02" + bytes(24) + b"\x07\0" + bytes(16)
    entries = b"".join(head + b"%07d" % number for number in range(60_000))
    ending = b"PK\x05\x06" + bytes(4) + (60_000).to_bytes(2, "little") * 2
    ending += len(entries).to_bytes(4, "little") + (4).to_bytes(4, "little") + bytes(2)
    problem = refused(b"PK\x03\x04" + entries + ending)
    assert isinstance(problem, FileTooLarge)
    assert problem.values == {"what": "project_parts", "size": 60_000, "most": 10_000}


def test_what_unpacks_to_more_than_a_project_may_hold_is_refused_before_it_is_unpacked(good, refused, here):
    bomb = sealed({**good, "raw/" + hashlib.sha256(b"").hexdigest(): bytes(5_000_000)})
    problem = refused(bomb, limits=Limits(project_bytes=4_000_000))
    assert isinstance(problem, FileTooLarge) and problem.values["what"] == "project_file"


def test_an_entry_that_holds_more_or_less_than_it_says_is_refused(good, refused, here):
    for lie in (-5, 5):
        content = bytearray(packed(members_of(sealed(good)), compress_type=zipfile.ZIP_DEFLATED))
        place = content.index(b"PK\x01\x02")
        size = int.from_bytes(content[place + 24 : place + 28], "little")
        content[place + 24 : place + 28] = (size + lie).to_bytes(4, "little")
        assert reason(refused(bytes(content))) == "damaged"
        told = json.loads(members_of(sealed(good))[MANIFEST])["members"]
        told[STATE]["size"] += lie
        assert reason(refused(sealed(good, members=told))) == "damaged"


def test_a_digest_that_does_not_fit_is_refused(good, refused, here):
    told = json.loads(members_of(sealed(good))[MANIFEST])["members"]
    told[STATE]["sha256"] = "0" * 64
    assert reason(refused(sealed(good, members=told))) == "damaged"


def test_what_is_no_export_is_told_so(refused, here):
    workbook = packed({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    assert [reason(refused(content)) for content in (b"", b"a,b\n1,2\n", b"\x89PNG")] == ["kind"] * 3
    assert reason(refused(workbook)) in ("kind", "unsafe")
    assert reason(refused(b"PK\x03\x04 and nothing")) == "damaged"
    assert reason(refused(packed({STATE: b"{}", MANIFEST: b"{}"}))) == "kind"


def test_a_file_that_has_gone_is_told(full, tmp_path):
    with pytest.raises(UploadGone):
        import_project(full, tmp_path / "nothing.journey")


# ---- what it says ---------------------------------------------------------------------------------------


def test_a_newer_export_is_told_so(good, refused, here):
    problem = refused(sealed(good, version=2))
    assert problem.values == {"reason": "newer", "version": 2, "known": 1}


@pytest.mark.parametrize(
    "about",
    [
        {"version": 0},
        {"version": True},
        {"version": "1"},
        {"version": None},
        {"name": ""},
        {"name": " \n\0"},
        {"name": 5},
        {"name": "가" * 1001},
        {"with_data": 1},
        {"with_data": False},
        {"members": []},
        {"members": {STATE: 1}},
        {"more": 1},
    ],
    ids=str,
)
def test_a_manifest_that_says_anything_else_is_refused(good, refused, here, about):
    assert reason(refused(sealed(good, **about))) in ("content", "damaged")


def put_in(*path: Any) -> Callable[[dict[str, Any]], Any]:
    """A change of the state: the last of `path` is put where the rest leads to."""

    def change(state: Any) -> None:
        *way, last, value = path
        for step in way:
            state = state[step]
        state[last] = value

    return change


STATES = {
    "no data": lambda state: state.pop("data"),
    "unknown key": put_in("more", 1),
    "unknown key of data": put_in("data", "more", 1),
    "unknown key of a file": put_in("data", "files", 0, "more", 1),
    "unknown key of stages": put_in("stages", "more", 1),
    "data gone": put_in("data", None),
    "file twice": lambda state: state["data"]["files"].append(state["data"]["files"][0]),
    "another digest": put_in("data", "files", 0, "raw", "0" * 64),
    "another log": put_in("data", "fingerprint", "0" * 64),
    "no log": put_in("data", "fingerprint", None),
    "no log of a file": put_in("data", "files", 0, "log", None),
    "no tables": put_in("data", "files", 1, "tables", []),
    "another kind": put_in("data", "files", 1, "choice", "kind", "events"),
    "kind of the wrong type": put_in("data", "files", 1, "choice", "kind", ["orders"]),
    "no zone": put_in("data", "zone", "Mars/Olympus"),
    "a zone outside": put_in("data", "files", 0, "choice", "zone", "../../etc/passwd"),
    "year 9999": put_in("data", "files", 0, "span", [0, 253402300799000000]),
    "rows": put_in("data", "files", 0, "rows", 7),
    "names": put_in("data", "files", 0, "names", 7),
    "a finding that nobody can say": put_in("data", "files", 0, "notes", [{"code": "no.such", "values": {}}]),
    "a finding without its values": put_in(
        "data", "files", 0, "notes", [{"code": "events.dropped_no_time", "values": {}}]
    ),
    "a finding with text for a number": put_in(
        "data", "files", 0, "quality", {"odd": [{"code": "events.dropped_no_time", "values": {"rows": "x"}}]}
    ),
    "settings that are none": put_in("settings", [1]),
    "a setting with a bad name": put_in("settings", "../x", 1),
    "stages that are none": put_in("stages", 5),
    "an event in no stage": put_in("stages", "events", "view", "nowhere"),
    "thirteen stages": put_in(
        "stages", "stages", [{"id": f"s{n}", "name": f"{n}", "colour": "#000000"} for n in range(1, 14)]
    ),
    "too many cards": put_in("stages", "tray", [f"{n}" for n in range(200_001)]),
    "too many rules": put_in("stages", "rules", [{"pattern": f"{n}", "stage": ""} for n in range(1001)]),
    "a rule without end": put_in("stages", "rules", [{"pattern": "*a" * 1000, "stage": ""}]),
}


@pytest.mark.parametrize("change", STATES.values(), ids=STATES)
def test_a_state_that_cannot_be_is_refused(good, refused, here, change):
    assert reason(refused(with_state(good, change))) in ("content", "damaged")


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"data": NaN, "settings": {}, "stages": {}}',
        b'{"data": null, "data": null, "settings": {}, "stages": {}}',
        b'{"data": null, "settings": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b', "stages": {}}',
        b"[" * 200_000 + b"]" * 200_000,
        b'{"data": ' + b"9" * 10_000 + b"}",
    ],
    ids=range(8),
)
def test_json_that_is_none_or_too_deep_is_refused(good, refused, here, state):
    assert reason(refused(sealed({**good, STATE: state}))) == "content"


def test_a_state_that_is_too_large_is_refused(good, refused, here):
    assert isinstance(refused(sealed({**good, STATE: b" " * 8_000_001})), FileTooLarge)


# ---- data -----------------------------------------------------------------------------------------------


def swapped(good: Mapping[str, bytes], name: str, content: bytes) -> bytes:
    """The export with a table or raw file replaced, under the name that the new one deserves."""
    digest = hashlib.sha256(content).hexdigest()
    old = name.rpartition("/")[2]
    others = {known: body for known, body in good.items() if known != name}
    state = good[STATE].replace(old.encode(), digest.encode())
    return sealed({**others, name.replace(old, digest): content, STATE: state})


def table_of(good: Mapping[str, bytes], kind: str, table: str) -> str:
    files = json.loads(good[STATE])["data"]["files"]
    return next(f"tables/{dict(f['tables'])[table]}" for f in files if f["choice"]["kind"] == kind)


def parquet(table: pa.Table, **more: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **more)
    return sink.getvalue()


def tables(good: Mapping[str, bytes]) -> Iterator[bytes]:
    name = table_of(good, "orders", "orders")
    table = pq.read_table(io.BytesIO(good[name]))
    yield swapped(good, name, b"PAR1 and nothing PAR1")
    yield swapped(good, name, parquet(table.drop_columns(["time"])))
    yield swapped(good, name, parquet(table.rename_columns({"time": "customer"})))
    yield swapped(good, name, parquet(table.set_column(0, "customer", pa.array([1] * len(table)))))
    yield swapped(good, name, parquet(table.append_column("n", pa.array([1.0] * len(table)))))
    far = pa.array([2**62] * len(table)).cast(pa.timestamp("us", "UTC"))
    yield swapped(good, name, parquet(table.set_column(2, "time", far)))
    torn = bytearray(parquet(table))
    torn[40:80] = bytes(40)
    yield swapped(good, name, bytes(torn))
    bad = pa.Array.from_buffers(
        pa.large_string(), 1, [None, pa.py_buffer(np.array([0, 2]).tobytes()), pa.py_buffer(b"\xff\xfe")]
    )
    one = table.slice(0, 1)
    yield swapped(good, name, parquet(one.set_column(0, "customer", bad)))
    reasons = table_of(good, "events", "reason")
    rows = pq.read_table(io.BytesIO(good[reasons])).num_rows
    yield swapped(good, reasons, parquet(pa.table({"reason": pa.array([200] * rows, pa.uint8())})))
    yield swapped(good, reasons, parquet(pa.table({"reason": pa.array([0], pa.uint8())})))
    yield swapped(good, reasons, parquet(pa.table({"reason": pa.array([None] * rows, pa.uint8())})))


def test_tables_that_are_not_such_as_are_made_here_are_refused(good, refused, here):
    said = [reason(refused(content)) for content in tables(good)]
    assert set(said) <= {"content", "damaged"}


@pytest.mark.parametrize(
    ("column", "value"), [("n", -1.0), ("n", None), ("x", np.inf), ("xx", np.nan), ("cumulative", None)]
)
def test_sums_that_cannot_be_are_refused(full, refused, here, column, value):
    project = full.create("실험")
    put(project, [brought("a.csv", b"variant,users,conversions\nA,100,10\nB,110,20\n")])
    sink = io.BytesIO()
    export_project(project, sink, with_data=True)
    members = members_of(sink.getvalue())
    name = table_of(members, "experiment", "sums")
    table = pq.read_table(io.BytesIO(members[name]))
    kind = table.schema.field(column).type
    broken = table.set_column(
        table.column_names.index(column), column, pa.array([value, *table[column].to_pylist()[1:]], kind)
    )
    assert reason(refused(swapped(members, name, parquet(broken)))) == "content"


def test_a_table_that_is_far_larger_than_its_file_is_refused(good, refused, here):
    name = table_of(good, "customers", "customers")
    ids = pq.read_table(io.BytesIO(good[name]))["customer"]
    table = pa.table({"customer": ids, "x": pa.array(["x" * 100_000] * len(ids), pa.large_string())})
    small = parquet(table, compression="zstd")
    assert table.nbytes > 20 * len(small)
    problem = refused(swapped(good, name, small), limits=Limits(project_bytes=table.nbytes // 2))
    assert isinstance(problem, FileTooLarge) and problem.values["what"] == "project_file"


def test_what_is_no_table_is_refused_in_a_process_of_its_own(good, refused):
    assert reason(refused(next(tables(good)))) == "damaged"


def test_too_many_rows_are_refused(good, refused, here):
    problem = refused(sealed(good), limits=Limits(rows=10))
    assert isinstance(problem, FileTooLarge) and problem.values["what"] == "rows"


def relogged(good: Mapping[str, bytes], tmp_path: Path, change: Callable[[Path], None]) -> bytes:
    """The export with its joined log changed by hand, under the name that the changed log deserves."""
    old = json.loads(good[STATE])["data"]["fingerprint"]
    folder = tmp_path / "log"
    folder.mkdir()
    mine = {name.rpartition("/")[2]: body for name, body in good.items() if name.startswith(f"logs/{old}/")}
    for name, body in mine.items():
        (folder / name).write_bytes(body)
    change(folder)
    new = forged_name(folder) or old
    others = {name: body for name, body in good.items() if not name.startswith(f"logs/{old}/")}
    changed = {f"logs/{new}/{path.name}": path.read_bytes() for path in folder.iterdir()}
    return sealed({**others, **changed, STATE: good[STATE].replace(old.encode(), new.encode())})


def forged_name(folder: Path) -> str | None:
    """The fingerprint of what is in the folder now, written into it as a careful forger would."""
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        (folder / "meta.json").write_text(json.dumps({**meta, "fingerprint": ""}), encoding="utf-8")
        name = EventLog.open(folder).fingerprint
    except (ValueError, LookupError, OSError, TypeError, AttributeError):
        return None
    (folder / "meta.json").write_text(json.dumps({**meta, "fingerprint": name}), encoding="utf-8")
    return name


def array(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], None]:
    def changed(folder: Path) -> None:
        file = folder / f"{name}.npy"
        np.save(file, change(np.load(file, allow_pickle=False)), allow_pickle=False)

    return changed


def meta(**values: Any) -> Callable[[Path], None]:
    def changed(folder: Path) -> None:
        told = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        (folder / "meta.json").write_text(json.dumps(told | values), encoding="utf-8")

    return changed


def customers(make: Callable[[pa.Array], pa.Array]) -> Callable[[Path], None]:
    def changed(folder: Path) -> None:
        with pa.OSFile(str(folder / "customers.arrow")) as source:
            ids = pa.ipc.open_file(source).read_all().column(0).combine_chunks()
        ids = make(ids.chunk(0) if isinstance(ids, pa.ChunkedArray) else ids)
        with pa.OSFile(str(folder / "customers.arrow"), "wb") as sink:
            made = pa.table({"customer": ids})
            with pa.ipc.new_file(sink, made.schema) as writer:
                writer.write_table(made)

    return changed


def outside(folder: Path) -> None:
    """The last of the ids ends far outside of their bytes."""
    ids = EventLog.open(folder).customer_ids
    places = np.frombuffer(ids.buffers()[1], np.int64)[: len(ids) + 1]
    forged = np.append(places[:-1], 2**40)
    content = (folder / "customers.arrow").read_bytes()
    assert places.tobytes() in content
    (folder / "customers.arrow").write_bytes(content.replace(places.tobytes(), forged.tobytes()))


LOGS = {
    "an event outside": array("event", lambda a: np.full_like(a, 250)),
    "a customer outside": array("offsets", lambda a: np.append(a[:-1], a[-1] + 1000)),
    "backwards": array("offsets", lambda a: a[::-1].copy()),
    "an empty customer": array("offsets", lambda a: np.insert(a, 1, 0)),
    "times as text": array("time", lambda a: a.astype("U20")),
    "times as fractions": array("time", lambda a: a.astype(np.float64)),
    "times in two columns": array("time", lambda a: np.stack([a, a], axis=1)),
    "times that go back": array("time", lambda a: a[::-1].copy()),
    "times far away": array("time", lambda a: a + 2**61),
    "ids outside": outside,
    "ids as numbers": customers(lambda ids: pa.array(range(len(ids)))),
    "ids out of order": customers(lambda ids: ids.take(pa.array(range(len(ids))[::-1]))),
    "no ids": customers(lambda ids: pa.nulls(len(ids), pa.large_string())),
    "names that are numbers": meta(event_names=list(range(300))),
    "names out of order": meta(event_names=[f"{300 - n:03d}" for n in range(300)]),
    "a zone": meta(zone="Nowhere/Else"),
    "a window": meta(observed=[0, 2**62]),
    "a window of text": meta(observed="ab"),
    "a period": meta(period=True),
    "a day": meta(date_only="yes"),
    "a note": meta(notes=[["no.such", {}]]),
    "an attribute": meta(attributes=[["x", "planet", ["a"]]]),
    "no json": lambda folder: (folder / "meta.json").write_bytes(b"{"),
    "an array of objects": lambda folder: (folder / "time.npy").write_bytes(
        b"\x93NUMPY\x01\0v\0"
        + b"{'descr':'|O','fortran_order':False,'shape':(1,)}".ljust(117)
        + b"\n\x80\x04N."
    ),
    "one file more": lambda folder: (folder / "attribute_999.npy").write_bytes(b""),
    "one file less": lambda folder: (folder / "event.npy").unlink(),
}


@pytest.mark.parametrize("change", LOGS.values(), ids=LOGS)
def test_logs_that_are_not_such_as_are_made_here_are_refused(good, refused, here, tmp_path, change):
    assert reason(refused(relogged(good, tmp_path, change))) in ("content", "damaged")


def test_a_log_that_does_not_deserve_its_name_is_refused(good, refused, here):
    fingerprint = json.loads(good[STATE])["data"]["fingerprint"]
    name = f"logs/{fingerprint}/time.npy"
    content = bytearray(good[name])
    content[-8] ^= 1
    assert reason(refused(sealed({**good, name: bytes(content)}))) == "content"


def test_a_reader_that_dies_ends_in_a_sentence(good, refused, monkeypatch):
    """What Parquet does to its process, here by its own hand, in the process that imports have."""
    order = portable.order_of

    def deadly(*told: Any) -> dict[str, Any]:
        return {**order(*told), "limits": {}, "folder": None}

    monkeypatch.setattr(portable, "order_of", deadly)
    assert reason(refused(sealed(good))) == "damaged"


def test_a_full_disk_leaves_nothing_behind(good, full, tmp_path, monkeypatch):
    path = tmp_path / "good.journey"
    path.write_bytes(sealed(good))
    before = listing(full.home)

    def no_room(*_: Any) -> None:
        raise NotStored(reason="disk_full")

    monkeypatch.setattr(Project, "apply", no_room)
    with pytest.raises(NotStored):
        import_project(full, path)
    assert listing(full.home) == before


# ---- at random ------------------------------------------------------------------------------------------


def use(project: Project) -> None:
    """Whatever was imported can be opened, read and asked."""
    state = project.state
    log = project.log()
    for file in state.data.files if state.data else ():
        made = project.made(file.id)
        assert made.kind == file.kind
        assert all(project.table(file.id, name).num_columns for name in file.tables)
        project.file_log(file)
        assert project.raw_path(file.id).is_file()
    for question in QUESTIONS.values():
        if log is not None:
            answer = question(log, state.stage_map)
            for language in LANGUAGES:
                assert text(answer.finding.code, language, **answer.finding.values)
    export_project(project, io.BytesIO(), with_data=True)


def tried(store: Store, path: Path) -> bool:
    """Is the file imported? Else nothing is left of it."""
    before = listing(store.home)
    try:
        made = import_project(store, path)
    except JourneyError as problem:
        assert listing(store.home) == before
        for language in LANGUAGES:
            assert text(problem.key, language, **problem.values)
        return False
    use(made)
    shutil.rmtree(store.home / "projects" / made.id)
    return True


RELAXED = settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@RELAXED
@given(seed=st.integers(0, 2**32))
def test_bytes_changed_at_random_are_refused_or_do_no_harm(good, full, here, tmp_path, seed):
    dice = random.Random(seed)
    content = bytearray(sealed(good))
    match dice.randrange(3):
        case 0:
            content = content[: dice.randrange(len(content))]
        case 1:
            for _ in range(dice.randint(1, 20)):
                content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        case _:
            # The directory is at the end.
            for _ in range(dice.randint(1, 5)):
                content[-dice.randint(1, 6000)] = dice.randrange(256)
    path = tmp_path / "random.journey"
    path.write_bytes(bytes(content))
    tried(full, path)


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    10**30,
    1.5,
    "",
    "x",
    "가",
    "\ud800",
    [],
    {},
    [[]],
    {"": None},
    "0" * 64,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value: what holds it, and its name or number there."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


@RELAXED
@given(seed=st.integers(0, 2**32))
def test_json_changed_at_random_is_refused_or_makes_a_sound_project(good, full, here, tmp_path, seed):
    dice = random.Random(seed)

    def change(state: dict[str, Any]) -> None:
        for _ in range(dice.randint(1, 2)):
            holder, key = dice.choice(list(places(state)))
            match dice.randrange(4):
                case 0:
                    del holder[key]
                case 1 if isinstance(holder, dict):
                    holder[f"{key}x"] = copy.deepcopy(holder[key])
                case 2:
                    holder[key] = copy.deepcopy(dice.choice(list(places(state)))[0])
                case _:
                    holder[key] = dice.choice(ODD)

    path = tmp_path / "random.journey"
    path.write_bytes(with_state(good, change))
    tried(full, path)
