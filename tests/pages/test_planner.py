"""A plan on its page: saved, drawn, handed out, and hidden in demo mode."""

import datetime as dt
import io
import zipfile

import pandas as pd
import pytest
import streamlit as st

from journey.analysis.assignment import assignment
from journey.i18n import text
from journey.projects.register import entries, planned
from journey.projects.store import Store
from journey.stages.experiment_plan import Arm, Metric, Plan


def written_tests(home, project):
    return entries(Store(home).open(project).state.settings)


@pytest.fixture
def handed(monkeypatch):
    """What the download buttons of the last run hand out, by their keys."""
    files = {}

    def keep(self, label, data, *, key=None, **more):
        files[key] = data

    monkeypatch.setattr(st.delta_generator.DeltaGenerator, "download_button", keep)
    monkeypatch.setattr(st, "download_button", lambda *given, **more: keep(None, *given, **more))
    return files


def pressed(at, begins):
    """Press the button whose key begins so."""
    button = next(one for one in at.button if str(one.key).startswith(begins))
    button.click().run()
    assert not at.exception and not at.error
    return at


def test_a_plan_from_the_data_is_saved_changed_and_drawn(app, sample_project, home, handed):
    project = sample_project("en")
    at = app("en", "planner", project)
    at.text_input(key=f"{project}.planner.name").set_value("Coupon").run()
    pressed(at, "planner_save")
    (one,) = written_tests(home, project)
    assert one.plan.name == "Coupon" and one.plan.planned and one.plan.source == {"records": "Coupon"}
    assert one.plan.primary.kind == "conversion" and one.plan.is_relative and one.plan.smallest == 0.1
    assert [arm.label for arm in one.plan.arms] == ["A", "B"] and one.plan.starts.weekday() == 0
    # What is shown is what was saved, also when the next Monday is another day.
    kept = Store(home).open(project).state.settings["planner.starts"]
    assert kept == one.plan.starts.isoformat()
    at.slider(key=f"{project}.planner.smallest_relative").set_value(50.0).run()
    pressed(at, "planner_change")
    (changed,) = written_tests(home, project)
    assert changed.id == one.id and changed.plan.smallest == 0.5 and changed.plan.planned < one.plan.planned
    pressed(at, "planner_draw")
    (one,) = written_tests(home, project)
    ids = Store(home).open(project).log().customer_ids.to_pylist()
    expected = assignment(ids, arms=[Arm("A"), Arm("B")], salt=one.draw["salt"])
    assert one.draw["counts"] == dict(zip(expected.arms["arm"], expected.arms["customers"], strict=True))
    assert not any(one_id in str(one.draw) for one_id in ids)
    written = pd.read_csv(io.BytesIO(handed["planner_list.csv"]()), dtype=str)
    assert written["customer_id"].tolist() == expected.table["customer"].tolist()
    assert written["arm"].tolist() == expected.table["arm"].tolist()
    # As a file of the project the list outlasts the draw, from the first day of the test on.
    pressed(at, f"{project}.planner_keep")
    opened = Store(home).open(project)
    (kept,) = opened.state.data.of_kind("experiment")
    records = opened.table(kept.id, "records").to_pandas()
    assert records["customer"].tolist() == expected.table["customer"].tolist()
    assert records["arm"].tolist() == expected.table["arm"].tolist()
    assert set(records["experiment"]) == {"Coupon"}
    (start,) = records["time"].dt.tz_convert("Asia/Seoul").unique()
    # Where that day is today, from the draw on.
    drawn_today = dt.datetime.fromisoformat(one.draw["at"]).astimezone(start.tzinfo).date() == start.date()
    assert start.date() == one.plan.starts
    assert drawn_today or (start.hour, start.minute) == (0, 0)
    # Another way to draw, with the salt of the first, would move customers: there is only the list of then.
    handed.clear()
    groups = at.selectbox(key=f"{project}.planner.stratum")
    groups.set_value(groups.options[1]).run()
    assert at.warning[-1].value == text("planner.changed_way_hashed", "en")
    again = pd.read_csv(io.BytesIO(handed.pop("planner_list.kept")()), dtype=str)
    assert again["arm"].tolist() == expected.table["arm"].tolist() and not handed
    pressed(at, "planner_redraw")
    pressed(at, "planner_draw")
    assert "Stratum" in at.dataframe[-1].value.columns and handed
    # Whoever looks on with names masked gets codes, on the screen and in the files.
    at.query_params["demo"] = "1"
    at.run()
    masked = pd.read_csv(io.BytesIO(handed["planner_list.csv"]()), dtype=str)
    assert masked["customer_id"].str.startswith("C-").all()
    assert not set(masked["customer_id"]) & set(ids) and set(masked["arm"]) == {"A", "B"}
    assert f"{project}.planner_reveal" not in [toggle.key for toggle in at.toggle]


@pytest.mark.parametrize("days", [0, -3])
def test_people_are_drawn_on_the_first_day_of_a_test_too(app, sample_project, home, days):
    project = sample_project("en")
    opened = Store(home).open(project)
    first = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)
    plan = Plan("Coupon", source={"records": "Coupon"}, arms=(Arm("A"), Arm("B")), starts=first)
    opened.apply(planned("a" * 12, plan, at=dt.datetime.now(dt.UTC), by=""))
    opened.apply({"op": "setting", "name": "planner.open", "value": "a" * 12})
    at = app("en", "planner", project)
    pressed(at, "planner_draw")
    assert written_tests(home, project)[0].draw["counts"]


def test_a_list_that_comes_as_a_file_is_drawn_within_the_groups_of_a_column(app, home, handed):
    project = Store(home).create("Typed").id
    at = app("en", "planner", project)
    at.text_input(key=f"{project}.planner.name").set_value("Mail").run()
    pressed(at, "planner_save")
    at.segmented_control(key=f"{project}.planner.list").set_value("file").run()
    rows = [f"{'서울' if at % 4 else '부산'},00{at % 90}," for at in range(93)] + ["서울,,x"]
    content = "\n".join(["지역,회원번호,메모", *rows]).encode("cp949")
    at.file_uploader[0].upload("명단.csv", content, "text/csv").run()
    assert not at.exception and not at.error
    assert at.selectbox(key=f"{project}.planner_file_column").value == "회원번호"
    at.selectbox(key=f"{project}.planner_file_stratum").set_value("지역").run()
    pressed(at, "planner_draw")
    (one,) = written_tests(home, project)
    assert sum(one.draw["counts"].values()) == 90 and one.draw["stratum"] == "지역"
    drawn = pd.read_csv(io.BytesIO(handed["planner_list.csv"]()), dtype=str)
    assert "007" in set(drawn["customer_id"]) and drawn["stratum"].notna().all()
    assert (
        drawn.groupby("stratum")["arm"]
        .value_counts()
        .groupby("stratum")
        .agg(lambda n: n.max() - n.min())
        .max()
        <= 1
    )


def test_typed_numbers_and_pasted_ids_are_drawn_into_files_that_run_nothing(app, home, handed):
    project = Store(home).create("Typed").id
    at = app("en", "planner", project)
    at.number_input(key=f"{project}.planner.base_share").set_value(10.0).run()
    at.slider(key=f"{project}.planner.smallest_relative").set_value(20.0).run()
    assert at.metric[0].value == "3,841"
    at.text_input(key=f"{project}.planner.name").set_value("=cmd").run()
    pressed(at, "planner_save")
    at.text_area(key=f"{project}.planner_pasted").set_value("=1+1, 나\n다\n=1+1\n\n").run()
    at.text_area(key=f"{project}.planner_left_out").set_value("다").run()
    pressed(at, "planner_draw")
    (one,) = written_tests(home, project)
    assert sum(one.draw["counts"].values()) == 2 and one.draw["excluded"] == 1
    content = handed["planner_list.csv"]()
    assert content.startswith(b"\xef\xbb\xbf")
    written = pd.read_csv(io.BytesIO(content), dtype=str)
    assert sorted(written["customer_id"]) == ["'=1+1", "나"]
    assert set(written["salt"]) == {one.draw["salt"]} and set(written["experiment"]) == {"'=cmd"}
    book = handed["planner_list.xlsx"]()
    sheets = pd.read_excel(io.BytesIO(book), sheet_name=None, dtype=str)
    listed, how = sheets.values()
    assert sorted(listed["customer_id"]) == ["=1+1", "나"] and one.draw["salt"] in how.to_string()
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    at.query_params["demo"] = "1"
    at.run()
    assert not at.exception and not at.text_area


def test_without_any_project_the_page_still_plans(app):
    at = app("en", "planner")
    at.number_input(key="None.planner.base_share").set_value(10.0).run()
    at.slider(key="None.planner.smallest_relative").set_value(20.0).run()
    assert at.metric[0].value == "3,841"
    pressed(at, "planner_more")
    assert at.metric[0].value != "3,841"


def test_a_plan_of_a_file_keeps_its_metrics_names_and_source(app, home):
    project = Store(home).create("Files").id
    column = Metric("conv", "conversion", {"column": "샀나"}, name="구매", role="primary")
    harm = Metric("wait", "mean", {"column": "대기"}, role="guardrail", better="lower", margin=0.1)
    more = Metric("clicks", "mean", {"column": "클릭"})
    arms = (Arm("old", "기존"), Arm("new", "새것", 2.0))
    plan = Plan(name="배너", source={"records": "f"}, arms=arms, metrics=(column, more, harm))
    id_, at_ = "0123456789ab", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    opened = Store(home).open(project)
    opened.apply(planned(id_, plan, at=at_, by="me"))
    opened.apply({"op": "setting", "name": "planner.open", "value": id_})
    at = app("en", "planner", project)
    assert at.text_input(key=f"{project}.planner.name").value == "배너"
    pressed(at, "planner_change")
    (one,) = written_tests(home, project)
    assert one.plan.arms == arms and one.plan.source == {"records": "f"}
    assert one.plan.metrics == (column, more, harm) and one.plan.planned
