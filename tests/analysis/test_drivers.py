import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.segment import members_of
from journey.analysis.drivers import drivers
from journey.analysis.people import feature_people
from journey.errors import ColumnMissing, SettingWrong, StageUnknown
from journey.events.columns import ColumnChoice
from journey.events.disguise import disguised as disguised_log
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from journey.stages.segment import checked, resolved
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from tests.analysis import oracle
from tests.analysis.logs import DAY, EVENTS, disguised, event_log, places, rows, speak, stage_map
from tests.analysis.oracle import Row
from tests.endurance import examples
from tests.events.logs import event_log as read_log

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"
UNITS = st.sampled_from(["customer", "session"])
BY_RULE = {"outcome": "rule", "rule": {"did": {"event": "보기"}}, "start": "인지"}
COLUMNS = ColumnChoice("고객ID", "이벤트", "일시", attributes=("채널", "기기", "앱버전", "지역"))
SHOP = (
    StageMap()
    .add_stage("주문서")
    .add_stage("결제")
    .place("주문서 작성", "s1")
    .place("결제 완료", "s2")
    .place("재구매", "s2")
)


def compared(found, placed, goal, start, look, within):
    """Who is compared, and who of them gets there, as plain loops over minutes."""
    last = max(row.minute for row in found)
    within = min(30 * DAY, (last - min(row.minute for row in found)) / 4) if within is None else within
    inside, reached, early, late = set(), set(), set(), set()
    for who, history in oracle.histories(found).items():
        ways_in = [row.minute for row in history if start is None or row.event in start - goal]
        if not ways_in:
            continue
        began = ways_in[0]
        outs = [row.minute for row in history if row.event in goal]
        tied_is_after = start is not None and look == 0
        moment = began + look
        if any(out < moment or (out == moment and not tied_is_after) for out in outs):
            early.add(who)
        elif moment + within > last:
            late.add(who)
        else:
            inside.add(who)
            if any(out <= moment + within for out in outs):
                reached.add(who)
    return inside, reached, early, late, within


def have(found, who, start, goal, look):
    """The events that each of these has at its moment or before it."""
    histories = oracle.histories(found)
    seen = {}
    for one in who:
        began = next(r.minute for r in histories[one] if start is None or r.event in start - goal)
        seen[one] = {row.event for row in histories[one] if row.minute <= began + look}
    return seen


@settings(max_examples=examples(24), deadline=None)
@given(
    rows(minutes=st.one_of(st.integers(0, 6), st.integers(0, 5 * DAY))),
    places(),
    st.sampled_from(EVENTS),
    st.none() | st.sampled_from(EVENTS),
    st.sampled_from([0, 1, 3]),
    st.sampled_from([None, 0.5, 2]),
)
def test_who_is_compared_equals_plain_loops(found, placed, outcome, start, look, within):
    here = {row.event for row in found}
    if outcome not in here or (start is not None and start not in here):
        with pytest.raises(StageUnknown):
            drivers(event_log(found), stage_map(placed), outcome=f"event:{outcome}", start=f"event:{start}")
        return
    entry = None if start is None else {start}
    minutes = within and within * DAY
    inside, reached, early, late, counted_within = compared(
        found, placed, {outcome}, entry, look * DAY, minutes
    )
    answer = drivers(
        event_log(found),
        stage_map(placed),
        outcome=f"event:{outcome}",
        start=start and f"event:{start}",
        look_days=look,
        within_days=within,
        least=0,
    )
    assert (answer.n_compared, answer.n_reached) == (len(inside), len(reached))
    assert answer.within_days == pytest.approx(counted_within / DAY)
    notes = {note.code: note.values for note in answer.notes}
    assert notes.get("drivers.note_early", {"n": 0})["n"] == len(early)
    assert notes.get("drivers.note_late", {"n": 0})["n"] == len(late)
    assert all(speak(answer))
    seen = have(found, inside, entry, {outcome}, look * DAY)
    for row in answer.table[answer.table["kind"] == "event"].itertuples(index=False):
        with_ = {who for who in inside if row.name in seen[who]}
        assert (row.n_with, row.k_with) == (len(with_), len(with_ & reached))
        assert row.n_without == len(inside) - len(with_)
        assert row.name != outcome


@settings(max_examples=examples(15), deadline=None)
@given(
    rows(sessions=True), places(), st.randoms(use_true_random=False), st.sampled_from(["customer", "session"])
)
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(found, placed, random, unit):
    shuffled, renamed, _ = disguised(found, random)
    logs = [event_log(some, sessions=True) for some in (found, shuffled, renamed)]
    if unit == "session" and logs[0].date_only:
        return
    one, *others = [drivers(log, stage_map(placed), unit=unit, least=0) for log in logs]
    for other in others:
        assert one.table.equals(other.table) and one.left_out.equals(other.left_out)
        assert (one.finding, one.headline, one.notes) == (other.finding, other.headline, other.notes)
    assert all(speak(one))


# ---- what the sample holds ---------------------------------------------------------------------------------


def opened(folder):
    path = folder / "shop_events.csv"
    return read_log(read_table(path.read_bytes(), path.name), COLUMNS, drop_duplicates=True)


@pytest.fixture(scope="module")
def planted():
    return opened(FOLDER)


@pytest.fixture(scope="module")
def unplanted(tmp_path_factory):
    out = tmp_path_factory.mktemp("none")
    arguments = ["--plant", "none", "--out", str(out)]
    subprocess.run([sys.executable, "-B", str(FOLDER / "generate.py"), *arguments], check=True, timeout=120)
    return opened(out)


CHECKOUT = {"outcome": "결제", "start": "주문서", "within_days": 1}
VISIT = {"outcome": "주문서"}


def test_the_checkout_fault_comes_out_as_app_version_4_2_0(planted):
    answer = drivers(planted, SHOP, **CHECKOUT)
    found = answer.finding
    assert found.code == "drivers.finding_last"
    assert (found.values["name"], found.values["value"]) == ("앱버전", "4.2.0")
    assert (found.values["k_with"], found.values["n_with"]) == (41, 77)
    assert answer.headline.form == "ratio" and answer.headline.value == pytest.approx(0.16, abs=0.03)
    assert answer.headline.high < 0.35
    best = answer.table.iloc[0]
    assert best["adjusted_odds"] == pytest.approx(best["odds_ratio"], rel=0.1)
    assert all("4.2.0" in said for said in speak(replace(answer, notes=())))


def test_the_strong_channel_comes_out_as_kakaotalk(planted):
    answer = drivers(planted, SHOP, **VISIT)
    found = answer.finding
    assert (found.code, found.values["name"], found.values["value"]) == (
        "drivers.finding_first",
        "채널",
        "카카오톡",
    )
    assert found.values["share_with"] > 1.5 * found.values["share_without"]
    assert answer.headline.low > 1.5
    assert answer.headline.values == {"feature": "채널 카카오톡", "outcome": "주문서"}


@pytest.mark.parametrize("setting", [CHECKOUT, VISIT], ids=["fault", "channel"])
def test_nothing_comes_out_where_nothing_was_planted(unplanted, setting):
    answer = drivers(unplanted, SHOP, **setting)
    assert answer.finding.code == "drivers.finding_nothing_clear"
    assert answer.finding.values["tested"] == answer.n_tested > 20
    assert answer.headline.form == "share"


def test_sessions_tell_the_fault_too(planted):
    answer = drivers(planted, SHOP, outcome="결제", start="주문서", unit="session")
    assert answer.finding.code == "drivers.finding_first_sessions"
    values = answer.finding.values
    assert (values["name"], values["value"]) == ("앱버전", "4.2.0")
    assert values["share_with"] == pytest.approx(0.434, abs=0.01)
    assert "drivers.note_sessions" in {note.code for note in answer.notes}


def test_demo_mode_says_no_value_that_it_hides(planted):
    hidden = disguised_log(planted, b"k" * 32, attributes=["앱버전"], word="값")
    answer = drivers(hidden, SHOP, **CHECKOUT)
    assert answer.finding.values["k_with"] == 41
    assert not any("4.2.0" in said for said in speak(answer))


def test_the_same_customers_are_one_feature_under_one_name(planted):
    answer = drivers(planted, SHOP, **CHECKOUT)
    names = set(zip(answer.table["kind"], answer.table["name"], answer.table["value"], strict=True))
    assert ("last", "기기", "PC") in names and ("last", "앱버전", "") not in names
    left = set(zip(answer.left_out["kind"], answer.left_out["name"], answer.left_out["reason"], strict=True))
    assert ("last", "앱버전", "same") in left
    assert answer.table["q"].tolist() == pytest.approx(false_discovery(answer.table["p"]).tolist())


# ---- outcomes ----------------------------------------------------------------------------------------------


def many(n=80):
    """Half of the customers have the value 강남, and of these nearly all come to buy a day later."""
    found = []
    for at in range(n):
        who, rich = f"c{at:03d}", at % 2
        found.append(Row(who, "보기", at % 7, "강남" if rich else "부산"))
        if (rich and at % 10 < 9) or at % 20 == 0:
            found.append(Row(who, "사기", DAY + at % 5, None))
    return [*found, Row("z", "쉬기", 40 * DAY, None)]


STAGED = stage_map({"보기": "인지", "사기": "구매"})


def test_a_rule_is_an_outcome_without_a_time():
    log = event_log(many(), of="customer")
    rule = {"did": {"event": "사기"}}
    by_rule = drivers(log, STAGED, outcome="rule", rule=rule, called="산 고객")
    flags = np.array([name.startswith("c") for name in log.customer_ids.to_pylist()])
    assert (by_rule.n_compared, by_rule.n_reached) == (81, 32 + 4)
    assert by_rule.outcome == "산 고객" and np.isnan(by_rule.within_days)
    assert by_rule.finding.code == "drivers.finding_attribute"
    same = drivers(log, STAGED, outcome="rule", rule={"attribute": "value", "values": ["강남"]})
    assert same.outcome == "value: 강남"
    assert "outcome" in set(same.left_out.loc[same.left_out["name"] == "value", "reason"])
    assert "강남" not in set(same.table["value"])
    few = drivers(log, STAGED, outcome="goal", among=flags, within_days=5)
    assert few.n_compared == 80
    assert drivers(log, STAGED, among={"not": rule}, within_days=5).n_reached == 0


def test_a_purchase_on_a_later_day_is_a_repurchase():
    found = [
        *(Row("a", "사기", minute) for minute in (0, 5, 2 * DAY)),
        *(Row("b", "사기", minute) for minute in (0, 60)),
        Row("c", "보기", 0),
        Row("d", "쉬기", 30 * DAY),
    ]
    log = event_log(found)
    paid = replace(log, amount=np.where(log.event == log.event_names.index("사기"), 100.0, np.nan))
    answer = drivers(paid, STAGED, outcome="repurchase", within_days=7)
    assert (answer.n_compared, answer.n_reached, answer.outcome) == (2, 1, "사기")
    with pytest.raises(SettingWrong):
        drivers(log, STAGED, outcome="repurchase")
    with pytest.raises(SettingWrong):
        drivers(paid, STAGED, outcome="repurchase", unit="session")


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        ("drivers.finding_nobody_came", {"start": "event:사기", "outcome": "구매"}),
        ("drivers.finding_nobody_left", {"within_days": 90}),
        ("drivers.finding_nobody_reached", {"outcome": "event:쉬기", "within_days": 1}),
        (
            "drivers.finding_all_reached",
            {"outcome": "rule", "rule": {"did": {"event": "보기"}}, "start": "인지"},
        ),
        ("drivers.finding_nothing_clear", {"within_days": 5, "least": 70}),
        ("drivers.finding_first", {"within_days": 5}),
    ],
)
def test_the_finding_says_what_there_is_to_see(code, setting):
    answer = drivers(event_log(many()), STAGED, **setting)
    assert answer.finding.code == code
    assert all(speak(answer))
    if answer.headline is not None:
        assert all(text(answer.headline.code, one, **answer.headline.values) for one in LANGUAGES)
    full = drivers(event_log(many()), STAGED, within_days=5)
    assert answer.table.columns.equals(full.table.columns)


@pytest.mark.parametrize(
    "setting",
    [{"unit": "visit"}, {"look_days": -1}, {"within_days": 0}, {"alpha": 1}, {"outcome": "rule"}],
)
def test_misuse_is_said(setting):
    with pytest.raises(SettingWrong):
        drivers(event_log(many()), STAGED, **setting)


def test_no_stages_and_no_rows_are_answers_too():
    log = event_log(many())
    assert drivers(log, StageMap()).finding.code == "drivers.finding_nobody_reached"
    empty = drivers(log.where("value", ["없음"]), STAGED)
    assert empty.finding.code == "drivers.finding_nobody_came" and empty.table.empty


@settings(max_examples=examples(10), deadline=None)
@given(rows(), places(), UNITS, st.sampled_from([None, *EVENTS]), st.booleans())
def test_the_people_of_a_feature_are_as_many_as_the_table_says_and_are_its_segment(
    found, placed, unit, start, among
):
    log, stages = event_log(found), stage_map(placed)
    setting = {"outcome": "event:구매", "start": start and f"event:{start}", "unit": unit}
    if among:
        setting["among"] = {"did": {"event": "보기"}}
    if log.date_only or any(name not in log.event_names for name in ("구매", "보기", start or "보기")):
        return
    for row in drivers(log, stages, least=1, **setting).table.head(4).itertuples():
        above = None if np.isnan(row.above) else row.above
        feature = {"kind": row.kind, "name": row.name, "value": row.value, "above": above, **setting}
        for reached, n in ((None, row.n_with), (True, row.k_with), (False, row.n_with - row.k_with)):
            own = feature_people(log, stages, reached=reached, **feature)
            assert own.n_customers == n and own.unit == unit
            flags = members_of(log, stages, {"feature": {**feature, "reached": reached}})
            ids = np.array(log.customer_ids.to_pylist())[flags]
            assert set(ids) == set(own.table["customer"])


def test_a_feature_that_is_gone_is_said_and_saved_segments_in_it_are_written_out():
    log, stages = event_log([Row("a", "보기", 0, None, None)]), stage_map({})
    with pytest.raises(ColumnMissing):
        members_of(log, stages, {"feature": {"kind": "first", "name": "없는 것", "outcome": "event:보기"}})
    with pytest.raises(SettingWrong):
        members_of(log, stages, {"feature": {"name": "보기"}})
    with pytest.raises(SettingWrong):
        checked({"feature": {"kind": "event", "rule": {"no": "rule"}}})
    rule = {"did": {"event": "보기"}}
    kept = {"feature": {"kind": "event", "name": "보기", "among": {"segment": "0123456789ab"}}}
    assert resolved(kept, {"0123456789ab": rule})["feature"]["among"] == rule
