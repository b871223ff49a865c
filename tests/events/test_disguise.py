"""A log for strangers: nobody is named in it, and every figure is the one that it was."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.analysis.flows import flows
from journey.analysis.reach import reach
from journey.events.disguise import are_plain_numbers, disguised, may_name, naming, stand_ins
from journey.events.log import EventLog
from journey.stages.stage_map import Stage, StageMap

KEY = b"k" * 32
CITIES = ["서울", "부산", "대구", None]


def log(customers=6):
    rows = [
        {
            "customer": f"user{number}@shop.kr",
            "event": event,
            "time": pd.Timestamp("2024-05-01 10:00") + pd.Timedelta(days=number, hours=hour),
            "이름": f"김민지{number}",
            "region": CITIES[number % 4],
        }
        for number in range(customers)
        for hour, event in enumerate(["방문", "구매"])
    ]
    return EventLog.from_frame(pd.DataFrame(rows), customer_attributes=["이름", "region"])


PERSONAL = (
    "이름|고객 이름|성명|email|E-mail|userEmail|phone_number|배송지 주소|address|회원번호|customer_id|닉네임"
    "|담당자|full name|org:resource|case:responsible|Rep|고객사|memo|생년월일|ip"
)
GROUPS = (
    "채널|상품이름|product_name|campaign name|지역|region|device|등급|plan|gender|os|utm_source|쿠폰 이름"
    "|mobile_model_name|responsible_section|customer type|zone|update|성별|나이대"
)


@pytest.mark.parametrize(
    ("name", "values", "plain"),
    [
        ("나이", ["19", "35.5", ""], True),
        ("연소득", ["58,138", "-1,200.5", "12%"], True),
        ("생일", ["1990.01.02", "1991.03.04"], False),
        ("생일", ["19900102", "19910304"], False),
        ("전화", ["01012345678", "01012345679"], False),
        ("코드", ["123456789012", "223456789012"], False),
        ("회원번호", ["1", "2"], False),
        ("등급", ["1", "A"], False),
        ("빈칸", ["", " "], False),
    ],
)
def test_numbers_name_nobody_in_a_mean_but_dates_and_numbers_of_persons_may(name, values, plain):
    assert are_plain_numbers(name, values) is plain


@pytest.mark.parametrize("name", PERSONAL.split("|"))
def test_a_column_that_is_called_like_a_name_may_name_somebody(name):
    assert may_name(name, ["a", "b"], 1000)


@pytest.mark.parametrize("name", GROUPS.split("|"))
def test_a_column_that_is_called_like_a_group_does_not(name):
    assert not may_name(name, ["a", "b"], 1000)


def test_values_tell_where_the_column_does_not():
    assert may_name("비밀", ["app", "minji@shop.kr"], 1000)
    assert may_name("경로", ["010-****-5678", "웹"], 1000)  # what the import has masked
    assert may_name("누구", ["김민지", "이서준", "박하은", "최도윤", "정지우"], 1000)
    assert not may_name("어디", ["서울", "부산", "대구", "인천", "경기도"], 1000)
    many = [f"v{number}" for number in range(51)]
    assert may_name("sku", many, 254)
    assert not may_name("sku", many, 255), "a fifth of the customers, not more"
    assert not may_name("sku", many[:50], 60)


@given(st.lists(st.text(max_size=4), unique=True, max_size=30))
def test_every_value_has_one_stand_in_of_its_own_whatever_their_order(values):
    found = stand_ins(values, KEY, "값")
    assert found == stand_ins(values[::-1], KEY, "값")
    assert len(set(found.values())) == len(values)
    assert sorted(found.values()) == sorted(found.values(), key=lambda name: int(name.split()[1]))


def test_nobody_is_named_and_every_figure_stays():
    whole = log()
    assert naming(whole) == ("이름",)
    shown = disguised(whole, KEY, attributes=naming(whole), word="값")
    text = repr([shown.customer_ids.to_pylist(), dict(shown.attributes), shown.notes])
    assert "@" not in text and "민지" not in text
    assert shown.attributes["region"] is whole.attributes["region"]
    assert shown.attributes["이름"].categories == ("값 1", "값 2", "값 3", "값 4", "값 5", "값 6")
    assert shown.fingerprint != whole.fingerprint
    stages = StageMap(
        (Stage("a", "방문", "#4477AA"), Stage("b", "구매", "#EE8866")), {"방문": "a", "구매": "b"}
    )
    pd.testing.assert_frame_equal(reach(whole, stages).table, reach(shown, stages).table)
    grouped = [flows(one, stages, group="이름").links["customers"] for one in (whole, shown)]
    assert sorted(grouped[0]) == sorted(grouped[1])


@given(st.sets(st.sampled_from([f"김민지{number}" for number in range(6)]), min_size=1))
def test_filtering_before_or_after_gives_the_same(wanted):
    whole = log()
    names = stand_ins(whole.attributes["이름"].categories, KEY, "값")
    first = disguised(whole.where("이름", wanted), KEY, attributes=["이름"], word="값")
    then = disguised(whole, KEY, attributes=["이름"], word="값").where("이름", [names[one] for one in wanted])
    assert first.customer_ids.equals(then.customer_ids)
    assert first.attributes["이름"].codes.tolist() == then.attributes["이름"].codes.tolist()
    assert first.attributes["이름"].categories == then.attributes["이름"].categories


def test_a_missing_value_stays_missing():
    shown = disguised(log(), KEY, attributes=["region"], word="값")
    before, after = (one.attributes["region"].codes for one in (log(), shown))
    assert ((before < 0) == (after < 0)).all() and (after < 0).any()
