import csv
import datetime as dt
import functools
import io
import json
import math
import os
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from dataclasses import asdict, replace
from pathlib import Path

import openpyxl
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey.__main__ import main
from journey.i18n import catalogue, text
from journey.questions import QUESTIONS
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from tests.analysis import logs, oracle
from tests.endurance import examples

ROOT = Path(__file__).resolve().parents[1]
DESK = ("Create ticket", "Assign ticket", "Wait", "Resolve ticket", "Closed")
LOG = """고객,행동,시각,채널
c1,view,2024-01-01 10:00,ad
c1,buy,2024-01-02 10:00,ad
c2,view,2024-01-03 10:00,mail
c2,"x,y",2024-01-04 10:00,mail
c3,=sum,2024-01-05 10:00,
c3,k=v,2024-03-05 10:00,
"""


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("LANG", "en_US.UTF-8")


@pytest.fixture(autouse=True)
def read_here(monkeypatch):
    """Files are read without a process of their own; those that test it are in tests/cli/test_tables.py."""
    monkeypatch.setattr(
        "journey.cli.tables.read_file", lambda path, name, how: read_table(path, name, **asdict(how))
    )


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LOG, encoding="utf-8")
    return str(path)


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def ask(run, log):
    """The JSON answer of a question about the log."""

    def ask(question, *options):
        code, out, err = run("ask", question, log, *options, "--format", "json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return ask


# ---- answers ----


@pytest.mark.parametrize(
    ("content", "tables"),
    [
        (
            "user_id,variant,bought\n" + "".join(f"u{i},{'AB'[i % 2]},{i % 3 % 2}\n" for i in range(30)),
            (1, 0),
        ),
        ("variant,users,conversions\nA,100,10\nB,110,20\n", (0, 1)),
    ],
)
def test_results_of_a_test_need_no_log_and_are_called_as_their_file(
    run, tmp_path, monkeypatch, content, tables
):
    seen = []
    asked = QUESTIONS["experiment"]

    @functools.wraps(asked)
    def listening(log, stages, **settings):
        seen.append(settings["tables"])
        return asked(log, stages, **settings)

    monkeypatch.setitem(QUESTIONS, "experiment", listening)
    path = tmp_path / "배너 실험.csv"
    path.write_text(content, encoding="utf-8")
    code, out, err = run("ask", "experiment", path, "--format", "json")
    assert (code, err) == (0, "")
    assert "tables" not in json.loads(out)["settings"]
    assert (len(seen[0].records), len(seen[0].sums)) == tables
    (table,) = (*seen[0].records, *seen[0].sums)
    assert table.column("experiment").unique().to_pylist() == ["배너 실험"]
    # Other questions still need a journey.
    assert run("ask", "flows", path)[0] == 2


def test_json_has_these_parts_and_no_other(ask):
    answer = ask("flows", "--stage", "A=view", "--stage", "B=buy", "--set", "steps=2")
    assert list(answer) == ["question", "settings", "finding", "notes", "table"]
    assert answer["question"] == "flows"
    assert set(answer["finding"]) == {"code", "values"}
    assert answer["settings"]["steps"] == 2
    assert answer["settings"]["nodes"] is None
    assert answer["settings"]["min_customers"] == 0
    columns = ["step", "source", "target", "kind", "customers", "share", "low", "high"]
    columns += ["share_of_anchor", "anchor_low", "anchor_high", "share_of_all", "all_low", "all_high"]
    assert all(list(row) == columns for row in answer["table"])
    to_b = next(row for row in answer["table"] if row["target"] == "B")
    assert (to_b["step"], to_b["source"], to_b["kind"], to_b["customers"], to_b["share"]) == (
        1,
        "A",
        "stage",
        1,
        0.5,
    )


def test_json_has_null_where_nothing_can_be_computed_and_full_precision(run, log):
    _, out, _ = run("ask", "reach", log, "--stage", "A=view", "--stage", "B=none", "--format", "json")
    assert "NaN" not in out
    rows = {row["stage"]: row for row in json.loads(out)["table"]}
    assert rows["B"]["drop_off"] is None
    assert rows["A"]["share"] == 2 / 3


def test_hangul_stands_in_json_as_itself(run, log):
    _, out, _ = run("ask", "reach", log, "--stage", "인지=view", "--format", "json")
    assert "인지" in out


def test_without_a_stage_map_one_is_suggested_and_stands_in_the_settings(ask):
    answer = ask("reach", "--lang", "ko")
    stages = StageMap.from_json(json.dumps(answer["settings"]["stages"]))
    assert stages.names == ("인지", "고려", "구매", "사용", "재구매", "충성도")
    assert stages.named("구매").id == stages.stage_of("buy")
    assert [row["stage"] for row in answer["table"]] == list(stages.names)
    assert {note["code"] for note in answer["notes"]} >= {"cli.note_suggested"}


def test_a_suggested_map_can_be_handed_back(run, ask, log, tmp_path):
    code, out, _ = run("suggest", log, "--set", "template=acp")
    assert code == 0
    path = tmp_path / "map.json"
    path.write_text(out, encoding="utf-8-sig")
    answer = ask("reach", "--stages", path)
    assert answer["settings"]["stages"] == json.loads(out)
    assert [row["stage"] for row in answer["table"]] == ["Awareness", "Consideration", "Purchase"]


def test_names_are_quoted_as_csv_fields(ask):
    answer = ask("reach", "--stage", '"a,""b""=c"="x,y",view', "--stage", "B=k=v, =sum ")
    first, second = answer["table"]
    assert (first["stage"], first["customers"], first["rows"]) == ('a,"b"=c', 2, 3)
    assert (second["stage"], second["rows"]) == ("B", 2)
    assert not [note for note in answer["notes"] if note["code"].startswith("cli.")]


def test_an_event_that_the_file_lacks_is_a_note(ask):
    answer = ask("reach", "--stage", "A=view,gone")
    assert {"code": "cli.note_event_missing", "values": {"event": "gone", "stage": "A"}} in answer["notes"]


def test_columns_are_named_in_part_and_the_others_guessed(run, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text('"a,b",c=d,시각\nview,1,2024-01-01\nbuy,1,2024-01-02\n', encoding="utf-8")
    columns = 'customer="c=d",event="a,b"'
    code, out, _ = run("ask", "reach", path, "--columns", columns, "--stage", "A=view", "--format", "json")
    assert code == 0
    assert json.loads(out)["settings"]["columns"] == {
        "customer": "c=d",
        "event": "a,b",
        "time": "시각",
        "session": None,
        "amount": None,
        "attributes": [],
    }


def test_a_column_may_have_a_colon_in_its_name(run, tmp_path):
    path = tmp_path / "xes.csv"
    path.write_text("case:id,what,when\n1,view,2024-01-01\n1,buy,2024-01-02\n")
    for columns in ("customer=case:id,event=what,time=when", '"customer"="case:id",event=what,time=when'):
        code, out, _ = run(
            "ask", "reach", path, "--columns", columns, "--stage", "A=view", "--format", "json"
        )
        assert (code, json.loads(out)["table"][0]["customers"]) == (0, 1)


def test_period_and_filters_are_settings(ask):
    stages = ("--stage", "A=view", "--stage", "B=buy")
    within = ask("reach", *stages, "--set", "from=2024-01-02", "--set", "to=2024-01-03")
    assert [row["customers"] for row in within["table"]] == [1, 1]
    assert within["settings"]["from"] == "2024-01-02"
    mail = ask("reach", *stages, "--set", "where.채널=mail|none")
    assert [row["customers"] for row in mail["table"]] == [1, 0]
    assert mail["settings"]["where"] == {"채널": ["mail", "none"]}
    quoted = ask("reach", *stages, "--set", 'where."채널"="mail"|ad')
    assert [row["customers"] for row in quoted["table"]] == [2, 1]


def test_a_filter_on_one_end_of_journeys_leaves_the_rows_alone(ask):
    stages = ("--stage", "A=view", "--stage", "B=buy")
    end = ask("flows", *stages, "--set", "where.채널=mail", "--set", "where_at=end", "--set", "steps=1")
    assert [(row["source"], row["customers"], row["share_of_all"]) for row in end["table"]] == [
        ("A", 1, 1 / 3)
    ]
    assert end["settings"]["where"] == {"채널": ["mail"]}
    assert "flows.note_not_end_customer" in [note["code"] for note in end["notes"]]


def test_csv_is_the_table(run, log, ask):
    stages = ("--stage", "A=view", "--stage", "B=buy")
    _, out, _ = run("ask", "flows", log, *stages, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    table = ask("flows", *stages)["table"]
    assert [row["target"] for row in rows] == [row["target"] for row in table]
    assert all(math.isclose(float(a["low"]), b["low"]) for a, b in zip(rows, table, strict=True))


@pytest.mark.parametrize("question", ["flows", "reach", "routes"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_text_is_a_sentence_and_an_aligned_table(run, log, question, language):
    code, out, err = run("ask", question, log, "--stage", "인지=view", "--stage", "B=buy", "--lang", language)
    assert (code, err) == (0, "")
    head, table = out.split("\n\n", 1)
    assert head and "{" not in head
    lines = table.splitlines()
    assert catalogue(language)["column.customers"] in lines[0]
    assert set(lines[1]) == {"-", " "}
    # A Hangul syllable is as wide as two letters, so the rule below the heads is as long as the widest row.
    widths = [sum(2 if "가" <= char <= "힣" else 1 for char in line) for line in lines]
    assert max(widths) <= widths[1]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_has_an_answer_in_words_and_as_json(run, log, question):
    for format in ("text", "json"):
        code, out, err = run(
            "ask", question, log, "--stage", "A=view", "--stage", "B=buy", "--format", format
        )
        assert (code, err) == (0, "") and out


@pytest.mark.parametrize(
    ("suffix", "magic"), [(".png", b"\x89PNG"), (".svg", b"<svg"), (".pdf", b"%PDF"), (".xlsx", b"PK")]
)
def test_out_saves_a_picture_or_a_workbook(run, log, tmp_path, suffix, magic):
    target = tmp_path / f"out{suffix}"
    code, out, _ = run("ask", "flows", log, "--stage", "인지=view", "--stage", "B=buy", "--out", target)
    assert code == 0 and out
    assert target.read_bytes().startswith(magic)
    if suffix == ".xlsx":
        assert "xl/workbook.xml" in zipfile.ZipFile(target).namelist()


def test_suggest_in_text_says_why(run, log):
    code, out, _ = run("suggest", log, "--format", "text", "--lang", "en")
    assert code == 0
    assert catalogue("en")["stages.reason_word"] in out
    _, out, _ = run("suggest", log, "--format", "csv")
    assert {row["event"]: row["stage"] for row in csv.DictReader(io.StringIO(out))}["buy"] == "Purchase"


def test_check_says_what_was_found_and_repaired(run, tmp_path):
    path = tmp_path / "cp949.csv"
    path.write_bytes(
        (LOG + "c4,view,언젠가,ad\n,view,2024-01-01,ad\nc1,view,2024-01-01 10:00,ad\n").encode("cp949")
    )
    code, out, _ = run("check", path, "--format", "json")
    assert code == 0
    found = json.loads(out)
    file = found["files"][0]
    assert (file["name"], file["kind"], file["format"]) == ("cp949.csv", "events", "csv")
    assert (file["encoding"], file["delimiter"]) == ("cp949", ",")
    assert [column["column"] for column in file["roles"]["customer"]] == ["고객"]
    assert file["roles"]["session"] == []
    assert (file["used"], file["customers"], file["match"]) == (7, 3, None)
    assert found["log"]["rows"] == 7
    assert found["log"]["customers"] == 3
    assert found["log"]["first"] == "2024-01-01T10:00:00+09:00"
    codes = [note["code"] for notes in file["quality"].values() for note in notes]
    assert {"events.dropped_no_customer", "events.duplicates_kept", "events.rows_tied"} <= set(codes)
    assert len(codes) == len(set(codes))
    for language in ("ko", "en"):
        code, out, err = run("check", path, "--lang", language)
        assert (code, err) == (0, "")
        assert "CP949" in out.upper()


def test_check_answers_also_where_no_customer_is_found(run, tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("a,b\nx,y\nz,w\n")
    code, out, _ = run("check", path, "--format", "json")
    assert code == 0
    found = json.loads(out)
    assert (found["log"], found["files"][0]["kind"]) == (None, None)
    assert found["files"][0]["guess"]["reason"]["code"] == "columns.no_journey_customer"
    for language in ("ko", "en"):
        code, out, err = run("check", path, "--lang", language)
        assert (code, err) == (0, "")
        assert catalogue(language)["columns.no_journey_customer"] in out


def test_encoding_and_order_of_the_rows_change_nothing(run, tmp_path):
    head, *rows = (LOG + "c1,view,2024-01-01 10:00,ad\nc1,buy,2024-01-01 10:00,\n").splitlines()
    answers = set()
    for name, lines, encoding in (
        ("a", rows, "utf-8"),
        ("b", rows[::-1], "utf-8"),
        ("c", rows[3:] + rows[:3], "utf-8-sig"),
        ("d", rows, "cp949"),
        ("e", rows, "utf-16"),
    ):
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join([head, *lines]), encoding=encoding)
        for question in ("flows", "reach", "routes"):
            answers.add(run("ask", question, path, "--format", "json"))
    assert len(answers) == 3
    assert {(code, err) for code, _, err in answers} == {(0, "")}


def test_ids_keep_their_zeros(run, tmp_path):
    path = tmp_path / "ids.csv"
    path.write_text("customer,event,time\n00123,view,2024-01-01\n123,view,2024-01-02\n")
    _, out, _ = run("ask", "reach", path, "--stage", "A=view", "--format", "json")
    assert json.loads(out)["table"][0]["customers"] == 2


def test_tied_rows_are_told_once_and_of_the_rows_that_count(run, tmp_path):
    path = tmp_path / "tied.csv"
    path.write_text(
        "customer,event,time\n1,view,2024-01-01\n1,buy,2024-01-01\n2,view,2024-02-01\n2,buy,2024-02-01\n"
    )
    arguments = ("ask", "reach", path, "--stage", "A=view,buy", "--format", "json")
    for more, tied in (((), [4]), (("--set", "to=2024-01-31"), [2]), (("--set", "to=2023-01-01"), [])):
        notes = json.loads(run(*arguments, *more)[1])["notes"]
        assert [note["values"]["rows"] for note in notes if "tied" in note["code"]] == tied


def test_the_settings_say_what_was_chosen_and_which_template_was_taken(ask):
    usual = ask("reach")["settings"]
    assert (usual["template"], usual["date_order"], usual["drop_duplicates"]) == ("six", None, False)
    assert ask("reach", "--set", "template=shop")["settings"]["template"] == "shop"
    assert ask("reach", "--stage", "A=view", "--set", "date_order=ymd")["settings"]["date_order"] == "ymd"
    assert ask("reach", "--stage", "A=view")["settings"]["template"] is None


def test_a_service_desk_gets_its_own_stages_without_asking(run, tmp_path):
    path = tmp_path / "desk.csv"
    rows = [f"{n},{event},2024-01-0{day}" for n in range(9) for day, event in enumerate(DESK, start=1)]
    path.write_text("\n".join(["case,activity,time", *rows]))
    _, out, _ = run("ask", "reach", path, "--format", "json")
    answer = json.loads(out)
    assert answer["settings"]["template"] == "service"
    assert sum(row["customers"] > 0 for row in answer["table"]) >= 4
    _, out, _ = run("suggest", path, "--set", "template=six")
    assert StageMap.from_json(out).names[0] == "Awareness"


def test_nothing_is_folded_unless_asked(run, tmp_path):
    path = tmp_path / "many.csv"
    rows = [f"{n},e{n},2024-01-01\n{n},last,2024-01-02" for n in range(40)]
    path.write_text("\n".join(["customer,event,time", *rows]))
    stage = "A=" + ",".join([*(f"e{n}" for n in range(40)), "last"])
    options = ("--stage", stage, "--set", "group=event", "--format", "json")
    rows = json.loads(run("ask", "flows", path, *options)[1])["table"]
    assert len({row["source"] for row in rows if row["target"] == "last"}) == 40
    _, out, _ = run("ask", "flows", path, *options, "--set", "nodes=3")
    rows = [row for row in json.loads(out)["table"] if row["target"] == "last"]
    assert [row["customers"] for row in rows if row["source"] == "other"] == [37]


def test_stages_may_bear_the_names_of_the_ends(ask):
    rows = ask("flows", "--stage", "exit=view", "--stage", "other=buy")["table"]
    assert {(row["target"], row["kind"]) for row in rows} >= {("other", "stage"), ("exit", "exit")}


@pytest.mark.parametrize("question", ["flows", "reach", "routes"])
def test_a_pdf_keeps_hangul_as_text_and_a_workbook_opens(run, log, tmp_path, question):
    stages = ("--stage", "인지=view", "--stage", "구매=buy", "--lang", "ko")
    for suffix in ("pdf", "XLSX"):
        assert run("ask", question, log, *stages, "--out", tmp_path / f"out.{suffix}")[0] == 0
    pages = pypdf.PdfReader(tmp_path / "out.pdf").pages
    assert "인지" in "".join(page.extract_text() for page in pages)
    sheet = openpyxl.load_workbook(tmp_path / "out.XLSX")[question]
    _, out, _ = run("ask", question, log, *stages, "--format", "csv")
    assert sheet.max_row == len(list(csv.reader(io.StringIO(out))))


def test_nothing_is_saved_over_what_is_read(run, tmp_path):
    path = tmp_path / "log.xlsx"
    made = openpyxl.Workbook()
    for row in (["customer", "event", "time"], ["1", "view", "2024-01-01"], ["1", "buy", "2024-01-02"]):
        made.active.append(row)
    made.save(path)
    before = path.read_bytes()
    code, out, err = run("ask", "flows", path, "--out", path)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert path.read_bytes() == before
    assert run("ask", "flows", path, "--set", "sheet=2")[0] == 2
    assert run("ask", "flows", path, "--set", "delimiter=tab")[0] == 2


def test_a_delimiter_may_be_said_by_its_name(run, tmp_path):
    path = tmp_path / "log.txt"
    path.write_text("customer\tevent\ttime\n1\tview\t2024-01-01\n")
    for written in ("tab", "\\t"):
        assert run("ask", "reach", path, "--stage", "A=view", "--set", f"delimiter={written}")[0] == 0


# ---- every number once more, by plain loops ----


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(logs.cases(anchored=True))
def test_flows_are_those_of_the_loops(run, tmp_path, case):
    rows, placed, rules = case
    if rules.between is not None:
        # On the command line there is one node at each end.
        rules = replace(rules, between=tuple(nodes[:1] for nodes in rules.between))
    ways = {"start": rules.start, "into": rules.into, "through": rules.through}
    ways["between"] = rules.between and sum(rules.between, ())
    if any("missing" in node for nodes in ways.values() for node in nodes or ()):
        return  # "" is no name on the command line
    options = [f"steps={rules.steps}", f"group={rules.group}", f"min_customers={rules.min_customers}"]
    options += [f"nodes={'none' if rules.nodes is None else rules.nodes}", f"before={rules.before}"]
    options += [f"{way}={','.join(name for _, name in nodes)}" for way, nodes in ways.items() if nodes]
    options += [] if rules.occurrence is None else [f"occurrence={rules.occurrence}"]
    answer = asked(run, tmp_path, "flows", rows, placed, options)
    wanted, arriving = defaultdict(Counter), Counter()
    for (step, source, target), who in oracle.flows(rows, rules)[0].items():
        kind = source[0] if source[0] in ("start", "earlier") else target[0]
        wanted[step, source[1], target[1], kind][len(who)] += 1
        arriving[step, source] += len(who)
    found = defaultdict(Counter)
    for row in answer["table"]:
        found[row["step"], row["source"], row["target"], row["kind"]][row["customers"]] += 1
        low, high = oracle.wilson(row["customers"], round(row["customers"] / row["share"]))
        assert math.isclose(row["low"], low, abs_tol=1e-9) and math.isclose(row["high"], high, abs_tol=1e-9)
    assert _unnamed(found) == _unnamed(wanted)


def _unnamed(links):
    """A missing value has no name; the oracle calls it ""."""
    return {tuple("" if part == "missing" else part for part in key): sizes for key, sizes in links.items()}


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(logs.cases(), st.sampled_from(["customer", "session"]))
def test_reach_and_routes_are_those_of_the_loops(run, tmp_path, case, unit):
    rows, placed, rules = case
    rules = replace(rules, group="stage")
    if unit == "session":
        if 2 * sum(row.minute % logs.DAY == 0 for row in rows) > len(rows):
            return
        rules = replace(rules, within=30)
    followed = oracle.sessions(rows, 30) if unit == "session" else rows
    answer = asked(run, tmp_path, "reach", rows, placed, [f"unit={unit}"])
    found = {r["stage"]: (r["customers"], r["exits"], r["active"], r["rows"]) for r in answer["table"]}
    assert found == oracle.reach(followed, rules)
    answer = asked(run, tmp_path, "routes", rows, placed, [f"unit={unit}"])
    found = {tuple(r["route"]): (r["customers"], r["median_seconds"]) for r in answer["table"]}
    assert found == oracle.routes(followed, rules)


def asked(run, folder, question, rows, placed, options):
    """The JSON answer about these rows, written as a file."""
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["customer", "event", "time", "value"])
        for row in rows:
            when = dt.datetime(2024, 1, 1) + dt.timedelta(minutes=row.minute)
            writer.writerow([row.customer, row.event, when.isoformat(), row.value])
    columns = "customer=customer,event=event,time=time,attribute=value"
    stages = [
        f"--stage={name}=" + ",".join(event for event, stage in placed.items() if stage == name)
        for name in logs.STAGES
    ]
    chosen = [f"--set={option}" for option in options]
    code, out, err = run("ask", question, path, "--columns", columns, *stages, *chosen, "--format", "json")
    assert (code, err) == (0, "")
    return json.loads(out)


# ---- what goes wrong ----


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["explode", "LOG"],
        ["ask"],
        ["ask", "flows"],
        ["ask", "flows", "LOG", "LOG"],
        ["ask", "nothing", "LOG"],
        ["ask", "flows", "LOG", "--nothing"],
        ["ask", "flows", "LOG", "--form", "json"],
        ["ask", "flows", "LOG", "--format"],
        ["ask", "flows", "LOG", "--format", "xml"],
        ["ask", "flows", "LOG", "--lang", "fr"],
        ["ask", "flows", "LOG", "--format", "csv", "--format", "csv"],
        ["ask", "flows", "LOG", "--columns", "customer=없음"],
        ["ask", "flows", "LOG", "--columns", "who=고객"],
        ["ask", "flows", "LOG", "--columns", "customer"],
        ["ask", "flows", "LOG", "--columns", "customer="],
        ["ask", "flows", "LOG", "--columns", "customer=고객,customer=고객"],
        ["ask", "flows", "LOG", "--stage", "A"],
        ["ask", "flows", "LOG", "--stage", "=view"],
        ["ask", "flows", "LOG", "--stage", 'A="view'],
        ["ask", "flows", "LOG", "--stage", 'A="view"x'],
        ["ask", "flows", "LOG", "--stage", "A=view", "--stage", "A=buy"],
        ["ask", "flows", "LOG", "--stage", "A=view", "--stage", "B=view"],
        ["ask", "flows", "LOG", *[f"--stage=s{n}=e{n}" for n in range(13)]],
        ["ask", "flows", "LOG", "--stage", "A=view", "--stages", "LOG"],
        ["ask", "flows", "LOG", "--stages", "LOG"],
        ["ask", "flows", "LOG", "--set", "steps"],
        ["ask", "flows", "LOG", "--set", "steps=six"],
        ["ask", "flows", "LOG", "--set", "steps=2.0"],
        ["ask", "flows", "LOG", "--set", "steps=99"],
        ["ask", "flows", "LOG", "--set", "steps=2", "--set", "steps=3"],
        ["ask", "flows", "LOG", "--set", "nodes=-1"],
        ["ask", "flows", "LOG", "--set", "active_within_days=nan"],
        ["ask", "flows", "LOG", "--set", "unit=household"],
        ["ask", "flows", "LOG", "--set", "start=Nowhere", "--stage", "A=view"],
        ["ask", "flows", "LOG", "--set", "color=red"],
        ["ask", "flows", "LOG", "--set", "limit=5"],
        ["ask", "flows", "LOG", "--set", "from=yesterday"],
        ["ask", "flows", "LOG", "--set", "from=2024-03-01", "--set", "to=2024-01-01"],
        ["ask", "flows", "LOG", "--set", "where.city=Seoul"],
        ["ask", "flows", "LOG", "--set", "zone=Mars/Olympus"],
        ["ask", "flows", "LOG", "--set", "zone="],
        ["ask", "flows", "LOG", "--set", "zone=Asia"],
        ["ask", "flows", "LOG", "--set", "from=0001-01-01"],
        ["ask", "flows", "LOG", "--set", "to=9999-12-31"],
        ["ask", "flows", "LOG", "--set", "delimiter=xx"],
        ["ask", "flows", "LOG", "--set", "encoding=klingon"],
        ["ask", "flows", "LOG", "--set", "sheet=1"],
        ["ask", "flows", "LOG", "--set", "active_within_days=-1"],
        ["ask", "flows", "LOG", "--set", "template=nothing"],
        ["ask", "flows", "LOG", "--set", "date_order=xyz"],
        ["ask", "flows", "LOG", "--set", "drop_duplicates=maybe"],
        ["ask", "flows", "LOG", "--out", "picture.gif"],
        ["ask", "flows", "LOG", "--stage", "A=view", "--out", "/nowhere/at/all.png"],
        ["suggest", "LOG", "--stage", "A=view"],
        ["suggest"],
        ["check", "LOG", "--set", "steps=2"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_misuse_ends_with_2_and_one_sentence_in_the_language(run, log, monkeypatch, arguments, language):
    monkeypatch.setenv("LANG", f"{language}_XX.UTF-8")
    code, out, err = run(*[log if argument == "LOG" else argument for argument in arguments])
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "{" not in err
    for name in ("없음", "고객", "행동", "시각", "채널"):
        err = err.replace(name, "")
    assert any("가" <= char <= "힣" for char in err) == (language == "ko")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.csv", None),
        ("folder", "folder"),
        ("empty.csv", b""),
        ("header.csv", b"customer,event,time\n"),
        ("quote.csv", b'customer,event,time\n1,"view,2024-01-01\n2,buy,2024-01-02\n'),
        ("broken.xlsx", b"PK\x03\x04 no workbook"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        ("rows.csv", b"customer,event,time\n,view,2024-01-01\n,view,2024-01-02\n"),
        ("notimes.csv", b"customer,event,time\n1,view,never\n2,view,ever\n"),
    ],
)
@pytest.mark.parametrize("command", [["ask", "flows"], ["ask", "reach"], ["suggest"]])
@pytest.mark.parametrize("columns", [[], ["--columns", "customer=customer,event=event,time=time"]])
def test_input_that_cannot_be_read_ends_with_3_and_one_sentence(
    run, tmp_path, name, content, command, columns
):
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    for language in ("ko", "en"):
        code, out, err = run(*command, path, *columns, "--lang", language)
        assert (code, out) == (3, "")
        assert len(err.splitlines()) == 1


def test_a_table_whose_rows_all_differ_is_unreadable_input(run, tmp_path):
    path = tmp_path / "torn.csv"
    path.write_text(
        "customer,event,time\na,view\na,view,2024-03-05,x\na,b,c,d,e\na,b,c,d,e,f\n", encoding="utf-8"
    )
    assert run("check", path)[0] == 3


def test_a_stage_map_that_cannot_be_opened_is_unreadable_input(run, log, tmp_path):
    path = tmp_path / "map.json"
    assert run("ask", "flows", log, "--stages", path)[0] == 3
    path.write_bytes(b"\xff\xfe\x00")
    assert run("ask", "flows", log, "--stages", path)[0] == 3


@pytest.mark.parametrize(
    ("error", "reason"), [(PermissionError(13, "no"), "denied"), (OSError(5, "input/output"), "broken")]
)
def test_a_file_that_the_system_refuses_is_unreadable(run, log, monkeypatch, error, reason):
    def refuse(self, mode):
        raise error

    monkeypatch.setattr(Path, "open", refuse)
    code, out, err = run("ask", "flows", log)
    assert (code, out) == (3, "")
    assert err == text(f"cli.cannot_open_{reason}", "en", file=log) + "\n"


def test_a_wrong_column_is_answered_with_the_nearest_one(run, log):
    code, _, err = run("ask", "flows", log, "--columns", "time=시간")
    assert code == 2
    assert "시각" in err


# ---- the process ----


def process(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "journey", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        check=False,
    )


def test_help_is_in_the_language_of_the_environment_and_lang_wins():
    korean = process("--help", LANG="ko_KR.UTF-8")
    assert korean.returncode == 0
    assert "명령줄" in korean.stdout.decode("utf-8")
    english = process("--help", "--lang", "en", LANG="ko_KR.UTF-8", PYTHONIOENCODING="ascii")
    assert "The command line" in english.stdout.decode("utf-8")
    assert all(question.encode() in english.stdout for question in QUESTIONS)


def test_output_is_utf8_whatever_the_terminal_says(log):
    done = process("ask", "reach", log, "--stage", "인지=view", "--format", "csv", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "인지" in done.stdout.decode("utf-8")


def test_a_reader_that_stops_early_is_no_error(log):
    reading = subprocess.Popen(
        [sys.executable, "-m", "journey", "ask", "flows", log, "--format", "json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    reading.stdout.close()
    err = reading.stderr.read()
    reading.stderr.close()
    assert reading.wait(60) == 0
    assert err == b""
