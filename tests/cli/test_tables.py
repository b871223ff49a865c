import gzip
import io
import json
import os
import threading
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journey.__main__ import main
from journey.i18n import text
from journey.sources import child
from tests.one_process import run_here

EVENTS = """customer_id,event,time,channel
c1,view,2024-01-01 10:00,ad
c1,cart,2024-01-02 10:00,ad
c2,view,2024-01-03 10:00,mail
c3,view,2024-01-05 10:00,mail
"""
ORDERS = """customer_id,order_id,order_date,amount
c1,o1,2024-01-03 10:00,12000
c1,o2,2024-02-03 10:00,8000
c2,o3,2024-01-04 10:00,-5000
c9,o4,2024-01-04 10:00,7000
"""
CUSTOMERS = """customer_id,grade,region
c1,gold,Seoul
c2,silver,Busan
c8,gold,Seoul
"""
RUN = child.run
POPULATION = "year,region,population\n2020,Seoul,9668465\n2021,Seoul,9509458\n2022,Seoul,9428372\n"


@pytest.fixture(autouse=True)
def one_process(monkeypatch, books_here):
    """Files are read in the process of the test; where another one matters, it says so."""
    monkeypatch.setattr(child, "run", run_here)


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main([str(argument) for argument in (*arguments, "--lang", "en")])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def found(run):
    def found(*arguments):
        code, out, err = run(*arguments, "--format", "json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return found


@pytest.fixture
def shop(tmp_path):
    """A file of events, one of orders and one of customers."""
    paths = []
    for name, content in (("events", EVENTS), ("orders", ORDERS), ("customers", CUSTOMERS)):
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(content, encoding="utf-8")
    return paths


# ---- files of every kind ----


def packed(kind):
    """The events, as a file of this kind."""
    head, *rows = [line.split(",") for line in EVENTS.splitlines()]
    sink = io.BytesIO()
    if kind == "csv.gz":
        return gzip.compress(EVENTS.encode())
    if kind == "tsv":
        return EVENTS.replace(",", "\t").encode()
    if kind == "jsonl":
        return "\n".join(json.dumps(dict(zip(head, row, strict=True))) for row in rows).encode()
    if kind == "xls":
        cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (head, *rows))
        return f"<html><body><table>{cells}</table></body></html>".encode()
    if kind == "parquet":
        pq.write_table(pa.table(dict(zip(head, zip(*rows, strict=True), strict=True))), sink)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in (head, *rows):
            book.active.append(row)
        book.save(sink)
    else:
        with zipfile.ZipFile(sink, "w") as archive:
            archive.writestr("inside.csv", EVENTS)
    return sink.getvalue()


@pytest.mark.parametrize("kind", ["csv.gz", "tsv", "jsonl", "xls", "parquet", "xlsx", "zip"])
def test_a_file_of_any_kind_is_read(found, tmp_path, kind):
    path = tmp_path / f"events.{kind}"
    path.write_bytes(packed(kind))
    answer = found("check", path)
    file = answer["files"][0]
    assert (file["kind"], file["rows"], file["columns"], file["used"]) == ("events", 4, 4, 4)
    assert (answer["log"]["customers"], answer["log"]["events"]) == (3, 2)


def test_a_file_is_read_by_a_process_of_its_own(found, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(child, "run", lambda *args, **more: asked.append(args) or RUN(*args, **more))
    path = tmp_path / "events.csv"
    path.write_text(EVENTS, encoding="utf-8")
    assert found("check", path)["files"][0]["rows"] == 4
    assert [task for task, _ in asked] == ["journey.sources.reading:read_order"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_what_comes_through_a_pipe_is_read(found, tmp_path):
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(EVENTS,))
    writer.start()
    assert found("check", path)["files"][0]["rows"] == 4
    writer.join()


# ---- what cannot be read ----


def far_cell():
    """A small workbook whose only cell claims to be the last of a sheet."""
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = "x"
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def bomb():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.csv", "a,b\n" + "0" * (80 << 20))
    return sink.getvalue()


HOSTILE = {
    "program.exe": lambda: b"MZ\x90\x00\x03" + bytes(range(256)) * 8,
    "far.xlsx": far_cell,
    "bomb.zip": bomb,
    "torn.gz": lambda: gzip.compress(EVENTS.encode())[:-12],
    "torn.parquet": lambda: b"PAR1" + bytes(64) + b"PAR1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_one_sentence_with_its_name(capsys, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(HOSTILE[name]())
    for language, command in (("ko", ["check"]), ("en", ["ask", "flows"])):
        assert main([*command, str(path), "--lang", language]) == 3
        said = capsys.readouterr()
        assert (said.out, len(said.err.splitlines())) == ("", 1)
        assert said.err.startswith(f"{name}: ")
        assert any("가" <= char <= "힣" for char in said.err) == (language == "ko")


def test_the_file_that_cannot_be_read_is_named_among_several(run, shop, tmp_path):
    path = tmp_path / "program.exe"
    path.write_bytes(HOSTILE["program.exe"]())
    code, out, err = run("ask", "reach", *shop, path)
    assert (code, out) == (3, "")
    assert err.startswith("program.exe: ")


def test_a_file_that_is_no_journey_is_refused_with_the_reason(run, found, tmp_path):
    path = tmp_path / "population.csv"
    path.write_text(POPULATION)
    code, out, err = run("ask", "reach", path)
    assert (code, out, len(err.splitlines())) == (3, "", 1)
    reason = found("check", path)["files"][0]["guess"]["reason"]
    assert reason["code"].startswith("columns.no_journey")
    assert text(reason["code"], "en", **reason["values"]) in err
    assert "--columns" in err


# ---- several files ----


def test_several_files_are_one_journey(found, shop):
    answer = found("ask", "reach", *shop, "--stage", "Look=view,cart", "--stage", "Buy=purchase,repurchase")
    # c1, c2 and c3 look; c1 and c9 buy, c2 only gives back.
    assert [row["customers"] for row in answer["table"]] == [3, 2]
    assert [file["kind"] for file in answer["settings"]["files"]] == ["events", "orders", "customers"]
    matches = [note["values"] for note in answer["notes"] if note["code"] == "cli.note_matched"]
    assert [(match["matched"], match["customers"]) for match in matches] == [(2, 3), (2, 3), (2, 3)]
    gold = found("ask", "reach", *shop, "--stage", "Look=view,cart", "--set", "where.grade=gold")
    assert gold["table"][0]["customers"] == 1


def test_the_order_of_the_files_changes_no_figure(found, shop):
    tables = [found("ask", "flows", *files)["table"] for files in (shop, shop[::-1])]
    assert tables[0] == tables[1]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_text_says_kinds_and_shares(capsys, shop, language):
    assert main(["ask", "reach", *map(str, shop), "--lang", language]) == 0
    out = capsys.readouterr().out
    for kind in ("events", "orders", "customers"):
        assert text(f"bring.kind_{kind}", language) in out
    assert "66.7" in out and "{" not in out
    assert main(["check", *map(str, shop), "--lang", language]) == 0
    out = capsys.readouterr().out
    for words in ("bring.kind_orders", "bring.role_amount", "bring.role_attributes", "cli.column_confidence"):
        assert text(words, language) in out
    assert "66.7" in out and "{" not in out


def test_a_file_that_says_nothing_is_left_out_with_a_note(found, shop, tmp_path):
    path = tmp_path / "population.csv"
    path.write_text(POPULATION)
    notes = found("ask", "reach", *shop, path)["notes"]
    left = [note["values"] for note in notes if note["code"] == "cli.note_left_out"]
    assert [one["file"] for one in left] == ["population.csv"]
    assert left[0]["reason"]["code"].startswith("columns.no_journey")


def test_every_table_of_a_zip_is_a_file(found, run, shop, tmp_path):
    path = tmp_path / "shop.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in shop:
            archive.write(file, file.name)
    whole = found("ask", "flows", path)
    assert [file["file"] for file in whole["settings"]["files"]] == [f"shop.zip/{file.name}" for file in shop]
    assert whole["table"] == found("ask", "flows", *shop)["table"]
    one = found("check", path, "--set", "part=orders.csv")
    assert [file["kind"] for file in one["files"]] == ["orders"]
    without = found("check", path, "--kind", "shop.zip/orders.csv:none")
    assert [file["kind"] for file in without["files"]] == ["events", None, "customers"]
    assert run("ask", "flows", path, "--set", "part=gone.csv")[0] != 0


# ---- what is said otherwise ----


def test_a_kind_can_be_overruled(found, run, shop):
    orders = shop[1]
    assert found("check", orders)["files"][0]["kind"] == "orders"
    for written in ("events", "orders.csv:events", f"{orders}:events"):
        answer = found("check", orders, "--kind", written)
        assert (answer["files"][0]["kind"], answer["log"]["events"]) == ("events", 1)
    several = found("check", *shop, "--kind", "orders.csv:none", "--columns", "events.csv:event=channel")
    assert [file["kind"] for file in several["files"]] == ["events", None, "customers"]
    assert several["files"][0]["roles"]["event"] == [
        {"column": "channel", "confidence": None, "reason": None}
    ]


def test_the_reading_can_be_said(found, tmp_path):
    path = tmp_path / "title.csv"
    path.write_text("customer_id,event,time\ncustomer_id,event,time\n" + EVENTS.split("\n", 1)[1])
    assert found("check", path, "--set", "header=2")["files"][0]["header_line"] == 2
    book = openpyxl.Workbook()
    for name in ("first", "second"):
        sheet = book.create_sheet(name)
        for row in EVENTS.splitlines():
            sheet.append([f"{name}-{cell}" if cell == "view" else cell for cell in row.split(",")])
    del book["Sheet"]
    other = tmp_path / "book.xlsx"
    book.save(other)
    files = found("check", path, other, "--set", "book.xlsx:sheet=second", "--set", "title.csv:header=2")
    assert [file["sheet"] for file in files["files"]] == [None, "second"]
    assert [file["header_line"] for file in files["files"]] == [2, 1]


@pytest.mark.parametrize(
    "options",
    [
        ["--kind", "invoices"],
        ["--kind", "gone.csv:orders"],
        ["--kind", "orders", "--kind", "events"],
        ["--kind", "orders.csv:orders", "--kind", "orders.csv:events"],
        ["--kind", "survey"],
        ["--columns", "gone.csv:customer=x"],
        ["--columns", "orders.csv:customer=gone"],
        ["--columns", "customer=customer_id", "--columns", "time=order_date"],
        ["--kind", "orders", "--columns", "scores=amount"],
        ["--set", "sheet=1"],
        ["--set", "part=x.csv"],
        ["--set", "orders.csv:sheet=1"],
        ["--set", "orders.csv:steps=3"],
        ["--set", "orders.csv:date_order=xyz"],
        ["--set", "header=-1"],
        ["--set", "header=first"],
        ["--set", "masked=perhaps"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_cannot_be_meant_ends_with_2_and_one_sentence(capsys, shop, options, language):
    assert main(["ask", "reach", str(shop[1]), *options, "--lang", language]) == 2
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)
    assert "{" not in said.err
    assert any("가" <= char <= "힣" for char in said.err) == (language == "ko")


def test_a_file_may_be_named_once_and_needs_events_or_orders(run, shop):
    assert run("ask", "reach", shop[0], shop[0])[0] == 2
    code, out, err = run("ask", "reach", shop[2])
    assert (code, out) == (2, "")
    assert text("bring.kind_customers", "en") in err


# ---- personal data ----


PERSONAL = """customer_id,event,time,note
c1,view,2024-01-01 10:00,call 010-1234-5678
c1,buy,2024-01-02 10:00,hong@example.com
c2,view,2024-01-03 10:00,900101-1234567
"""


def test_personal_data_is_masked_and_resident_numbers_are_gone(run, found, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PERSONAL)
    files = found("check", path)["files"]
    codes = {note["code"] for notes in files[0]["quality"].values() for note in notes}
    assert "privacy.rrn_removed" in codes
    assert "note" in files[0]["personal"]
    columns = ("--columns", "event=note")
    shown = run("suggest", path, *columns, "--format", "csv")[1]
    assert "010-****-5678" in shown
    assert not [text for text in ("1234-5678", "hong@example", "900101", "1234567") if text in shown]
    bare = run("suggest", path, *columns, "--format", "csv", "--set", "masked=false")[1]
    assert "010-1234-5678" in bare and "hong@example.com" in bare
    assert "900101" not in bare and "1234567" not in bare


def test_names_in_a_file_cannot_steer_the_terminal(capsys, tmp_path):
    path = tmp_path / "names.csv"
    path.write_text(
        'customer,event,time,"a\x1b[2J\u202e\nb\x9b"\n1,"x\x1b]0;t\x07",2024-01-01,q\n2,y,2024-01-02,q\n'
    )
    for before, after in (
        (["check"], []),
        (["ask", "flows"], []),
        (["ask", "flows"], ["--kind", "survey"]),
        (["suggest"], ["--format", "text"]),
    ):
        main([*before, str(path), *after])
        said = capsys.readouterr()
        assert not set("\x1b\x07\x9b\u202e") & set(said.out + said.err)
        assert len(said.err.splitlines()) <= 1
