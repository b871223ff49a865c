"""Which column is what: names in two languages, checked against values."""

from __future__ import annotations

import pytest

from journey.events.columns import MOST_ATTRIBUTES, ColumnChoice, event_columns, guess_table
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table


class Found:
    """A guess as one for events, whatever else the table might be."""

    def __init__(self, raw):
        guess = guess_table(raw)
        named, self.columns = guess.roles["events"], guess.choice("events")
        self.customer, self.event, self.time, self.session = map(
            self.columns.one, ("customer", "event", "time", "session")
        )
        self.attributes = self.columns.all("attributes")
        self.reasons = {role: found[0].reason for role, found in named.items() if role != "attributes"}
        self.confidence = {role: found[0].confidence for role, found in named.items()}
        self.events_possible = guess.events_possible
        if guess.no_event is not None:
            self.reasons["event"] = guess.no_event

    @property
    def choice(self):
        return None if self.columns.missing else event_columns(self.columns)


def guess(header, *rows, times=1):
    lines = [header, *(row for row in rows for _ in range(times))]
    return Found(read_table("\n".join(lines).encode(), "a.csv", header=1))


def roles(found):
    return found.customer, found.event, found.time, found.session


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("고객ID,이벤트,일시", ("고객ID", "이벤트", "일시", None)),
        ("회원 번호,행동,발생일시", ("회원 번호", "행동", "발생일시", None)),
        ("사용자_ID,접점,접속일시", ("사용자_ID", "접점", "접속일시", None)),
        ("user_id,event_name,event_timestamp", ("user_id", "event_name", "event_timestamp", None)),
        ("userId,eventType,createdAt", ("userId", "eventType", "createdAt", None)),
        ("USER ID,Action,Date Time", ("USER ID", "Action", "Date Time", None)),
        (
            "case:concept:name,concept:name,time:timestamp",
            ("case:concept:name", "concept:name", "time:timestamp", None),
        ),
        ("member_no,touchpoint,ts", ("member_no", "touchpoint", "ts", None)),
    ],
)
def test_names(header, expected):
    found = guess(header, "u1,view,2024-03-05 10:00", "u2,buy,2024-03-05 11:00", "u1,buy,2024-03-06 11:00")
    assert roles(found) == expected
    assert all(0.8 <= found.confidence[role] <= 1 for role in ("customer", "event", "time"))
    assert found.choice == ColumnChoice(*expected[:3])


CUSTOMER = (
    "고객ID 고객번호 고객아이디 회원번호 회원ID 회원코드 사용자ID 유저ID user_id user_pseudo_id customer_id "
    "member_no client_id uid visitor_id cookie_id"
)
EVENT = (
    "이벤트 이벤트명 행동 액션 접점 터치포인트 단계 페이지 활동 event event_name action touchpoint activity "
    "page_title"
)
TIME = (
    "일시 날짜 시간 시각 주문일 주문일시 결제일시 구매일 접속일시 등록일 작성일 생성일시 발생일시 timestamp "
    "event_timestamp event_time created_at order_date date datetime ts"
)
FITTING = {"customer": "u{}", "event": "view{}", "time": "2024-03-0{} 10:00"}


@pytest.mark.parametrize(
    ("role", "header"),
    [
        (role, header)
        for role, headers in (("customer", CUSTOMER), ("event", EVENT), ("time", TIME))
        for header in headers.split()
    ],
)
@pytest.mark.parametrize("spelt", [str, str.upper, lambda header: header.replace("_", " ")])
def test_every_common_name_is_known(role, header, spelt):
    """Alone with values that fit, and beside strangers whose values say nothing."""
    header = spelt(header)
    rows = [FITTING[role].format(number) for number in (1, 2, 3, 1, 2)]
    alone = Found(read_table("\n".join([header, *rows]).encode(), "a.csv", header=1, delimiter=","))
    beside = guess(f"메모란,{header},x9", *(f"말{i},{row},y" for i, row in enumerate(rows)))
    for found in (alone, beside):
        assert {name: getattr(found, name) for name in FITTING} == {**dict.fromkeys(FITTING), role: header}
        assert found.confidence[role] >= 0.8
        assert found.reasons[role].code == f"events.{role}_by_name"


def test_an_order_number_is_no_customer():
    rows = [f"A{i},C{i % 7},구매,2024-03-{i % 28 + 1:02d}" for i in range(60)]
    assert roles(guess("주문번호,고객,이벤트,주문일", *rows)) == ("고객", "이벤트", "주문일", None)
    rows = [f"A{i},구매,2024-03-{i % 28 + 1:02d}" for i in range(60)]
    assert guess("order_id,이벤트,주문일", *rows).customer is None


def test_a_segment_of_customers_is_no_customer():
    rows = [f"{'VIP' if i % 2 else 'new'},{i % 30},view,2024-03-{i % 28 + 1:02d}" for i in range(200)]
    assert guess("Customer Type,uid,event,date", *rows).customer == "uid"


def test_a_column_called_time_that_holds_no_times_is_passed_over():
    found = guess("user_id,event,time,created", "u1,view,30분,2024-03-05", "u2,buy,12분,2024-03-06")
    assert found.time == "created"
    assert found.reasons["time"].code == "events.time_by_values"


def test_a_column_called_time_is_taken_although_it_cannot_be_read_where_there_is_no_other():
    found = guess("user_id,event,time", "u1,view,never", "u2,buy,ever")
    assert found.time == "time"
    assert found.reasons["time"].code == "events.time_unread"
    assert found.confidence["time"] < 0.2
    assert guess("user_id,event,time", ",view,2024-01-01", ",buy,2024-01-02").customer == "user_id"
    assert guess("user_id,event,when", "u1,view,never", "u2,buy,ever").time is None


def test_the_finer_of_two_time_columns_does_not_lose_to_a_price():
    rows = [f"u{i % 5},view,{45000 + i},2024-03-{i % 28 + 1:02d} 10:00" for i in range(40)]
    assert guess("user_id,event,price,when", *rows).time == "when"


def test_sessions_stand_in_for_missing_customers():
    rows = [f"s{i % 20},{'NA' if i % 3 else i},view,2024-03-05" for i in range(60)]
    found = guess("session_id,user_id,event,date", *rows)
    assert roles(found) == ("session_id", "event", "date", None)
    reason = found.reasons["customer"]
    assert reason.code == "events.session_instead_of_customer"
    assert reason.values["instead"] == "user_id"
    assert 0.5 < reason.values["missing"] < 0.8


def test_sessions_stand_in_where_there_is_no_customer():
    found = guess("SessionId,event,date", "1,view,2024-03-05", "2,view,2024-03-05", "2,buy,2024-03-06")
    assert found.customer == "SessionId"
    assert found.reasons["customer"].code == "events.session_instead_of_nobody"


def test_sessions_beside_customers_stay_sessions():
    found = guess("user_id,user_session,event,date", "u1,s1,view,2024-03-05", "u2,s2,view,2024-03-06")
    assert roles(found) == ("user_id", "event", "date", "user_session")


def test_no_event_column_means_one_event_or_a_choice():
    found = guess("user_id,item_name,date", "u1,모자,2024-03-05", "u2,신발,2024-03-06", "u1,신발,2024-03-07")
    assert found.event is None
    assert found.events_possible == ("item_name",)
    assert found.reasons["event"].code == "events.event_possible"
    assert found.choice == ColumnChoice("user_id", None, "date", None, found.attributes)


def test_attributes_are_few_valued_and_no_ids_and_no_prose():
    rows = [
        f"u{i % 40},view,2024-03-05 10:{i % 60:02d},{'앱' if i % 2 else '웹'},{i},O{i % 50},"
        f"정말 좋은 상품이라고 생각해요 {i},same,{i * 17}"
        for i in range(120)
    ]
    found = guess("user_id,event,time,기기,row,주문번호,리뷰,constant,price", *rows)
    assert found.attributes == ("기기",)


def test_attributes_are_capped():
    header = "user_id,event,time," + ",".join(f"k{i}" for i in range(60))
    rows = [f"u{n % 9},view,2024-03-05," + ",".join("xy"[(n + i) % 2] for i in range(60)) for n in range(60)]
    assert len(guess(header, *rows).attributes) == MOST_ATTRIBUTES


def test_every_reason_has_a_sentence_in_both_languages():
    found = guess("session_id,user_id,event,date", *(f"s{i},NA,view,2024-03-05" for i in range(9)))
    more = guess("user_id,item_name,date", "u1,모자,2024-03-05", "u2,신발,2024-03-06")
    for reason in [*found.reasons.values(), *more.reasons.values()]:
        for language in LANGUAGES:
            assert text(reason.code, language, **reason.values)


def test_nothing_fits():
    found = guess("a,b", "x,y", "z,w")
    assert roles(found) == (None, None, None, None)
    assert found.choice is None
