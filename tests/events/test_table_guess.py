"""Kind and roles of any table: laws that hold for all of them, and tables written out here."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from journey.errors import RoleMissing
from journey.events.column_facts import sampled_rows
from journey.events.column_names import is_question
from journey.events.columns import ColumnChoice, event_columns, guess_table
from journey.events.kinds import KINDS, TableChoice
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from journey.sources.raw_table import RawTable, text_series
from tests.endurance import examples


def raw_table(columns):
    """A table of text; `columns` are pairs, for names may stand twice."""
    frame = pd.DataFrame(
        dict(enumerate(text_series(pa.chunked_array([pa.array(v, pa.large_string())])) for _, v in columns)),
        copy=False,
    )
    frame.columns = [name for name, _ in columns]
    return RawTable(frame, "a.csv", "csv")


def read(header, *rows):
    return guess_table(read_table("\n".join([header, *rows]).encode(), "a.csv", header=1, delimiter=","))


def roles(guess):
    """What was found, without the order of columns that share a role."""
    return {
        kind: {
            role: frozenset((one.column, one.confidence) for one in found) for role, found in named.items()
        }
        for kind, named in guess.roles.items()
    }


def outcome(guess):
    return guess.kind, dict(guess.kinds), guess.preset, guess.reason, roles(guess), guess.events_possible


# ---- laws --------------------------------------------------------------------------------------------------

NAMES = [
    *("고객ID", "user_id", "id", "이벤트", "event_name", "일시", "date", "time", "session_id", "주문번호"),
    *(
        "order_id",
        "금액",
        "price",
        "수량",
        "상품명",
        "category",
        "상태",
        "NPS",
        "만족도",
        "Q1",
        "의견",
        "review",
    ),
    *(
        "rating",
        "group",
        "variant",
        "실험",
        "converted",
        "채널",
        "a",
        "b",
        "event_timestamp",
        "user_pseudo_id",
    ),
]
CELLS = [
    *("", "u1", "u2", "u3", "view", "buy", "2024-03-05", "2024-03-06 10:00", "20240305", "1709600000", "-"),
    *(
        "1",
        "2",
        "3",
        "4",
        "5",
        "0",
        "10",
        "A",
        "B",
        "control",
        "45000",
        "a > b",
        "정말 좋은 상품이에요 또 살게요",
    ),
]
CELL = st.sampled_from(CELLS) | st.text(max_size=8)


@st.composite
def tables(draw):
    rows = draw(st.integers(1, 12))
    names = draw(st.lists(st.sampled_from(NAMES) | st.text(max_size=12), min_size=1, max_size=8, unique=True))
    return [(name, draw(st.lists(CELL, min_size=rows, max_size=rows))) for name in names]


@settings(max_examples=examples(20))
@given(tables(), st.randoms(use_true_random=False))
def test_neither_the_order_of_columns_nor_that_of_rows_matters(columns, random):
    before = outcome(guess_table(raw_table(columns)))
    places = list(range(len(columns[0][1])))
    random.shuffle(places)
    mixed = [(name, [cells[place] for place in places]) for name, cells in columns]
    random.shuffle(mixed)
    after = outcome(guess_table(raw_table(mixed)))
    assert _told(after) == _told(before)


def _told(found):
    """A reason may list columns in the order of the file."""
    kind, kinds, preset, reason, named, possible = found
    values = {key: sorted(v) if isinstance(v, list) else v for key, v in reason.values.items()}
    return kind, kinds, preset, reason.code, values.get("n", values), named, possible


@settings(max_examples=examples(20))
@example([("user_id", ["", "u1"]), ("id", ["u1", "control"]), ("고객ID", ["", ""]), ("", ["", ""])])
@given(tables())
def test_a_column_without_values_changes_nothing(columns):
    before = outcome(guess_table(raw_table(columns)))
    empty = ("메모 x9", [""] * len(columns[0][1]))
    after = outcome(guess_table(raw_table([*columns, empty])))
    assert after == before


@settings(max_examples=examples(24))
@given(tables(), st.sampled_from(sorted(KINDS)))
def test_every_table_has_a_guess_for_every_kind_and_every_reason_a_sentence(columns, kind):
    found = guess_table(raw_table(columns))
    assert found.kind in (None, *KINDS)
    assert all(0 <= score <= 1 for score in found.kinds.values())
    choice = found.choice(kind)
    assert set(choice.columns) <= {name for name, _ in columns}
    assert TableChoice.from_json(choice.to_json()) == choice
    assert found.kind is None or not found.choice().missing
    played = [column for role in KINDS[kind] for column in choice.all(role.name)]
    assert len(played) == len(set(played))
    reasons = [found.reason, *(one.reason for each in found.roles[kind].values() for one in each)]
    for reason in reasons:
        assert all(text(reason.code, language, **reason.values) for language in LANGUAGES)
    assert all(0 < one.confidence <= 1 for each in found.roles[kind].values() for one in each)


@given(st.integers(0, 10**7), st.integers(0, 5000))
def test_a_sample_is_small_and_lies_in_the_table(rows, columns):
    sample = sampled_rows(rows, columns)
    assert sample.count <= max(200, min(20_000, 400_000 // max(1, columns)))
    assert sample.count == rows or rows > 200
    end = 0
    for first, length in sample.blocks:
        assert end <= first
        end = first + length
    assert end <= rows


# ---- kinds -------------------------------------------------------------------------------------------------


def days(i):
    return f"2024-03-{i % 28 + 1:02d}"


TABLES = {
    "events": (
        "고객ID,이벤트,일시,채널",
        lambda i: f"C{i % 9},{'방문' if i % 2 else '구매'},{days(i)},{'앱웹'[i % 2]}",
    ),
    "orders": ("주문번호,회원번호,결제일시,결제금액", lambda i: f"O{i},M{i % 9},{days(i)} 10:00,{i * 700}원"),
    "survey": ("응답일시,회원ID,전반적 만족도,추천의향", lambda i: f"{days(i)},M{i},{i % 5 + 1},{i % 11}"),
    "reviews": (
        "작성일,상품명,별점,후기",
        lambda i: f"{days(i)},모자,{i % 5 + 1},색이 참 예쁘고 {i}번째 사요",
    ),
    "experiment": ("user_id,variant,converted,revenue", lambda i: f"u{i},{'AB'[i % 2]},{i % 3 % 2},{i * 10}"),
    "customers": (
        "회원번호,성별,연령대,지역",
        lambda i: f"M{i},{'여남'[i % 2]},{i % 6}0대,{'서울' if i % 3 else '부산'}",
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_each_kind_is_known_by_its_columns(kind):
    header, row = TABLES[kind]
    found = read(header, *(row(i) for i in range(60)))
    assert found.kind == kind
    assert found.reason.code == f"columns.kind_{kind}"
    assert found.kinds[kind] == max(found.kinds.values())
    assert set(found.choice().columns) == set(header.split(","))


def test_a_log_that_carries_an_arm_stays_a_log():
    rows = [f"u{i % 9},{'view' if i % 2 else 'buy'},{days(i)},{'AB'[i % 2]},{i % 2}" for i in range(60)]
    assert read("user_id,event,time,variant,converted", *rows).kind == "events"


def test_clicks_with_a_price_stay_a_log():
    rows = [f"u{i % 9},{'view' if i % 2 else 'cart'},{days(i)},p{i % 5},{i * 10}" for i in range(60)]
    assert read("user_id,event_type,time,product_id,price", *rows).kind == "events"


def test_a_price_without_a_quantity_is_what_was_paid():
    rows = [f"u{i % 9},{days(i)},O{i},{i * 10 + 5}" for i in range(60)]
    assert read("user_id,order_date,order_id,price", *rows).choice().one("amount") == "price"
    rows = [f"{row},{i % 3 + 1}" for i, row in enumerate(rows)]
    assert read("user_id,order_date,order_id,price,qty", *rows).choice().one("unit_price") == "price"


def test_one_small_number_is_no_survey():
    rows = [f"u{i % 9},{'view' if i % 2 else 'buy'},{days(i)},{i % 5 + 1}" for i in range(60)]
    assert read("user_id,event,time,children", *rows).kind == "events"


def test_questions_without_a_name_are_known_by_their_scale():
    rows = [",".join([f"r{i}", *(str((i * k) % 5 + 1) for k in (1, 2, 3, 4))]) for i in range(60)]
    found = read("respondent_id,wait,price level,staff,rooms", *rows)
    assert found.kind == "survey"
    assert {one.reason.code for one in found.roles["survey"]["scores"]} == {"columns.scores_by_values"}


def test_the_arms_may_be_known_by_what_they_are_called():
    rows = [f"{'Control Group' if i % 2 else 'Test Group'},{i * 7 % 90},{i * 3 % 80}" for i in range(60)]
    found = read("sheet,Click,Purchase", *rows)
    assert found.kind == "experiment"
    assert found.choice().one("arm") == "sheet"
    assert found.reason.code == "columns.kind_sheets"
    assert found.roles["experiment"]["arm"][0].reason.code == "columns.arm_by_values"


@pytest.mark.parametrize(
    "arms", [("A안", "B안"), ("그룹 A", "그룹 B"), ("variant 1", "variant 2"), ("기존안", "개선안")]
)
def test_who_saw_which_arm_is_known_without_outcomes(arms):
    rows = [f"u{i},{arms[i % 2]},{days(i)} 10:00" for i in range(60)]
    found = read("user_id,그룹,노출일시", *rows)
    assert (found.kind, found.reason.code) == ("experiment", "columns.kind_exposures")
    choice = found.choice()
    assert (choice.one("customer"), choice.one("arm"), choice.one("time")) == ("user_id", "그룹", "노출일시")


def test_a_list_of_arms_as_the_planner_hands_it_out_is_known():
    rows = [
        f"u{i},쿠폰,{'AB'[i % 2]},{'서울' if i % 3 else '부산'},2026-11-23 00:00:00,ad5b" for i in range(60)
    ]
    found = read("고객 ID,실험,안,층,시작 일시,솔트", *rows)
    assert found.kind == "experiment"
    roles = found.choice().roles
    assert {role: list(roles[role]) for role in ("customer", "experiment", "arm", "time", "attributes")} == {
        "customer": ["고객 ID"],
        "experiment": ["실험"],
        "arm": ["안"],
        "time": ["시작 일시"],
        "attributes": ["층"],
    }


@pytest.mark.parametrize("name", ["클릭수", "주문건수", "sessions", "page_views"])
def test_a_count_of_small_numbers_is_an_outcome_of_a_test_and_no_label(name):
    rows = [f"u{i},{'AB'[i % 2]},{i % 7 + 1},{i % 4 + 1}" for i in range(60)]
    roles = read(f"user_id,variant,{name},market", *rows).choice().roles
    assert (roles["outcomes"], roles["attributes"]) == ((name,), ("market",))


def test_a_group_among_many_traits_is_no_arm():
    rows = [f"u{i},{'AB'[i % 2]},{20 + i % 40},서울,app,gold" for i in range(60)]
    assert read("user_id,그룹,나이,지역,기기,등급", *rows).kind == "customers"


@pytest.mark.parametrize(("yes", "no"), [("예", "아니오"), ("전환", "미전환"), ("O", "X")])
def test_a_yes_and_no_of_either_language_is_an_outcome(yes, no):
    rows = [f"u{i},{'AB'[i % 2]},{yes if i % 3 else no}" for i in range(60)]
    assert read("user_id,실험군,결과", *rows).choice().all("outcomes") == ("결과",)


def test_what_is_called_an_outcome_stays_one_where_it_happened_to_nobody_or_cells_are_odd():
    rows = [f"u{i},{'AB'[i % 2]},0,{'inf' if i % 4 == 0 else i}" for i in range(60)]
    assert read("user_id,실험군,전환,매출", *rows).choice().all("outcomes") == ("전환", "매출")


def test_the_length_of_a_session_is_no_session():
    rows = [f"{i},{i * 7 % 30},{i % 9}" for i in range(60)]
    assert "session" not in read("row,Session_Length,pages", *rows).roles["events"]


def test_a_form_is_known_by_its_questions():
    rows = [f"{days(i)} 10:00,{i % 5 + 1},{i % 11},배송이 빨라서 참 좋았어요 {i}" for i in range(60)]
    found = read("타임스탬프,배송은 어땠나요?,친구에게 권하시겠어요?,더 하실 말씀이 있나요?", *rows)
    assert found.kind == "survey"
    choice = found.choice()
    assert choice.all("scores") == ("배송은 어땠나요?", "친구에게 권하시겠어요?")
    assert (choice.one("comment"), choice.one("time")) == ("더 하실 말씀이 있나요?", "타임스탬프")


def test_contact_details_stand_in_for_missing_ids():
    rows = [f"a{i % 9}@b.kr,{'view' if i % 2 else 'buy'},{days(i)},u{i % 9}" for i in range(60)]
    (customer,) = read("email,event,time,k", *rows).roles["events"]["customer"]
    assert (customer.column, customer.reason.code) == ("email", "columns.customer_by_contact")
    assert read("email,event,time,user_id", *rows).choice().one("customer") == "user_id"


def test_orders_of_a_market_place():
    header = "상품주문번호,주문번호,구매자명,구매자ID,주문상태,결제일,상품명,수량,상품가격,총 주문금액"
    rows = [
        f"P{i},O{i // 2},김{i % 7},b{i % 7},구매확정,{days(i)},모자,1,9000,{i * 100 + 9000}"
        for i in range(60)
    ]
    found = read(header, *rows)
    assert found.kind == "orders"
    assert {role: columns[0] for role, columns in found.choice().roles.items() if role != "attributes"} == {
        "customer": "구매자ID",
        "time": "결제일",
        "order": "주문번호",
        "amount": "총 주문금액",
        "quantity": "수량",
        "unit_price": "상품가격",
        "product": "상품명",
        "status": "주문상태",
    }


def test_personal_data_is_no_attribute():
    rows = [f"u{i % 4},view,{days(i)},a{i % 4}@b.kr,010-1234-567{i % 4},김{i % 4},서울" for i in range(60)]
    found = read("user_id,event,time,k1,k2,이름,k3", *rows)
    for kind in KINDS:
        assert not {"k1", "k2", "이름"} & set(found.choice(kind).all("attributes")), kind


# ---- why it is none ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "row", "why"),
    [
        ("자치구,인구,면적", lambda i: f"구{i},{i * 1000},{i * 3}", "summed"),
        ("user_id,campaign", lambda i: f"u{i % 9},c{i % 3}", "time"),
        ("상호,주소,상표", lambda i: f"가게{i},서울 어딘가 {i},상표{i % 3}", "customer"),
        ("path,count", lambda i: f"a > b > c{i},{i}", "paths"),
        ("user_id", lambda i: f"u{i}", "time"),
        ("user_id,date", lambda i: f"u{i},2024-03-05", "once"),
        ("user_id,event,date", lambda i: f"u{i % 9},view,2199-03-05 10:{i:02d}", "when"),
    ],
)
def test_no_journey(header, row, why):
    found = read(header, *(row(i) for i in range(60)))
    assert found.kind is None
    assert found.reason.code == f"columns.no_journey_{why}"


def test_a_table_without_values():
    found = guess_table(raw_table([("a", ["", ""]), ("b", ["", ""])]))
    assert (found.kind, found.reason.code) == (None, "columns.no_journey_empty")
    assert guess_table(raw_table([("a", [])])).kind is None


# ---- the way to a log --------------------------------------------------------------------------------------


def test_a_choice_of_events_is_what_the_builder_takes():
    header, row = TABLES["events"]
    choice = read(header, *(row(i) for i in range(60))).choice(zone="UTC")
    assert choice.zone == "UTC"
    assert event_columns(choice) == ColumnChoice("고객ID", "이벤트", "일시", None, ("채널",))
    with pytest.raises(RoleMissing):
        event_columns(TableChoice("events", {"customer": ("고객ID",)}))


# ---- hostile tables ----------------------------------------------------------------------------------------


def test_two_thousand_columns():
    cells = [f"정말 좋아요 {i}" for i in range(300)]
    assert guess_table(raw_table([(f"{'고객 이름 x' * 140}{i}", cells) for i in range(2000)])).sampled == 200


def test_columns_take_their_time_once_each_and_names_of_a_thousand_characters_hardly_more():
    cells = [f"정말 좋아요 {i}" for i in range(200)]

    def seconds(columns, length, times=2):
        """The quickest of a few, each with names never seen before: what else the machine does only adds."""
        taken = []
        for turn in range(times):
            named = raw_table([(f"{turn}{'고객 이름 x' * length}{i}", cells) for i in range(columns)])
            begin = time.process_time()
            guess_table(named)
            taken.append(time.process_time() - begin)
        return min(taken)

    few, many, short = seconds(40, 140, times=5), seconds(320, 140), seconds(320, 1)
    # Were the columns compared with each other it would take 64 times as long.
    assert many < 20 * few
    # Were every word looked for in all letters of a name it would take 100 times as long.
    assert many < 3 * short


def test_a_megabyte_in_a_cell_and_a_name_that_stands_twice():
    cells = ["가" * 350_000, "a" * 1_000_000, "\x00\u202e", " ", "2024-03-05"] * 3
    found = guess_table(raw_table([("user_id", cells), ("user_id", ["u1"] * 15), ("", cells)]))
    assert set(found.choice("events").columns) <= {"user_id", ""}
    assert guess_table(raw_table([("리뷰", cells), ("평점", ["5"] * 15)])).kind is not None


def test_one_row():
    found = read("user_id,event,time", "u1,view,2024-03-05")
    assert (found.kind, found.sampled, found.rows) == ("events", 1, 1)


def test_the_sum_below_a_table_is_not_looked_at():
    rows = [f"C{i},{i},{i * 2}" for i in range(30)]
    raw = read_table("\n".join(["지점,방문,구매", *rows, "합계,435,870"]).encode(), "a.csv", header=1)
    assert raw.total_row == 30
    assert guess_table(raw).rows == 30


def test_a_large_table_is_sampled_from_beginning_to_end():
    half = 150_000
    names = np.repeat(["", "view"], half)
    who = np.char.add("u", (np.arange(2 * half) // 10).astype(str))
    found = guess_table(
        raw_table([("user_id", who), ("event", names), ("time", np.repeat(["2024-03-05"], 2 * half))])
    )
    assert (found.kind, found.sampled, found.rows) == ("events", 20_000, 2 * half)
    assert found.choice().one("event") == "event"


@pytest.mark.parametrize(
    "name", ["어땠나요?", "친절했나요? (1~5점)", "Price [1-7]", "만족도(0~10점) ", "Q12", "How was it? *"]
)
def test_a_question_may_name_its_scale(name):
    assert is_question(name)


@pytest.mark.parametrize("name", ["시간대_00~06", "age (10-15)", "price (KRW)", "0-5", "size?ref=a"])
def test_a_range_alone_is_no_question(name):
    assert not is_question(name)


def test_notes_beside_the_table_play_no_role():
    letters = [["a", "b"][n % 2] for n in range(400)]
    raw = raw_table([("회원번호", [f"M{n % 40}" for n in range(400)]), ("column_2", letters)])
    beside = replace(raw, aside=("column_2",))
    found = [guess_table(one).roles["events"].get("attributes", ()) for one in (raw, beside)]
    assert [[one.column for one in columns] for columns in found] == [["column_2"], []]
