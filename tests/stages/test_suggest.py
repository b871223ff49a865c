import csv
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.i18n import LANGUAGES, catalogue
from journey.stages.stage_map import IGNORED, UNMAPPED
from journey.stages.suggest import suggest
from journey.stages.templates import TEMPLATES, from_template

LIST = Path(__file__).with_name("event_names.csv")


def placed(names, template="six"):
    """Kind of the stage that each name was placed in, 'bin' or 'tray'."""
    stages = suggest(names, template=template).stage_map
    kinds = {UNMAPPED: "tray", IGNORED: "bin"} | dict(enumerate(TEMPLATES[template].kinds))
    return [kinds[code] for code in stages.codes(names).tolist()]


def test_four_fifths_of_the_rows_of_six_trades_are_placed_right():
    """The list was written without the vocabulary and the vocabulary without the list."""
    trades = defaultdict(list)
    with LIST.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            trades[row["trade"]].append(row)
    assert len(trades) == 6
    assert sum(map(len, trades.values())) == 200
    right = in_a_stage = rows = 0
    for entries in trades.values():
        for entry, kind in zip(entries, placed([entry["event"] for entry in entries]), strict=True):
            rows += int(entry["rows"])
            in_a_stage += int(entry["rows"]) * (kind not in ("tray", "bin"))
            right += int(entry["rows"]) * (
                kind == entry["stage"] or (entry["stage"] == "tray" and kind == "bin")
            )
    assert in_a_stage / rows >= 0.8
    assert right / rows >= 0.8


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("상품상세_조회", "consideration"),
        ("checkout_started", "consideration"),
        ("결제완료", "purchase"),
        ("추천인 코드 공유", "loyalty"),
        ("renewal_paid", "repurchase"),
        ("Take in charge ticket", "use"),
        ("정기배송 갱신", "repurchase"),
        ("장바구니", "consideration"),
        ("회원가입", "consideration"),
        ("page_view", "awareness"),
        ("heartbeat", "bin"),
        ("test_event", "bin"),
        ("test", "bin"),
        ("테스트 이벤트", "bin"),
        ("debug", "bin"),
        ("debug_log", "bin"),
        ("ping", "bin"),
        ("api_error", "bin"),
        ("sdk_init", "bin"),
        ("테스트_주문", "bin"),
        ("(not set)", "bin"),
        ("test_completed", "use"),
        ("test drive", "consideration"),
        ("멤버십 가입", "loyalty"),
        ("결제 오류", "consideration"),
        ("session_end", "bin"),
        ("order_cancelled", "tray"),
        ("회원 탈퇴", "tray"),
        ("", "tray"),
        ("12345", "tray"),
        ("qwfp", "tray"),
        ("클릭", "tray"),
    ],
)
def test_well_known_names(name, kind):
    assert placed([name]) == [kind]


@pytest.mark.parametrize(
    "spellings",
    [
        [
            "add_to_cart",
            "addToCart",
            "Add To Cart",
            "ADD-TO-CART",
            "addtocart",
            "cart/add",
            "ａｄｄ＿ｔｏ＿ｃａｒｔ",
        ],
        ["view_item", "ViewItem", "viewed item", "item.viewed", "items viewing"],
        ["상품 상세 조회", "상품상세조회", "상품상세_조회", "상품 상세조회하기"],
        [
            "purchase",
            "Purchased",
            "purchases",
            "PURCHASE_COMPLETED",
            "구매",
            "구매하기",
            "구매 완료",
            "구매함",
        ],
    ],
)
def test_the_spelling_of_a_name_does_not_matter(spellings):
    assert len({placed([spelling])[0] for spelling in spellings}) == 1


def test_what_was_done_decides_where_the_thing_alone_does_not():
    assert placed(["review write", "view reviews"]) == ["loyalty", "consideration"]
    assert placed(["후기 작성", "후기 조회"]) == ["loyalty", "consideration"]
    assert placed(["결제", "결제 실패", "결제 취소"]) == ["purchase", "consideration", "tray"]
    assert placed(["order", "order history viewed"]) == ["purchase", "use"]


def test_other_names_of_the_log_decide_between_two_meanings():
    assert placed(["checkout", "check_in"])[0] == "use"
    assert placed(["checkout", "check_in", "add_to_cart"])[0] == "consideration"
    assert placed(["check_out", "add_to_cart"])[0] == "consideration"
    assert placed(["login", "dashboard_view"])[0] == "use"
    assert placed(["login", "add_to_cart"])[0] == "consideration"
    without_rows = suggest(["login", "add_to_cart"], [5, 0]).stage_map
    assert without_rows.stage_of("login") == TEMPLATES["six"].ids["use"]


def test_a_service_desk_gets_its_own_stages():
    names = ["Insert ticket", "Assign seriousness", "Create SW anomaly", "Wait", "Resolve ticket", "Closed"]
    assert placed(names, "service") == list(TEMPLATES["service"].kinds)
    names = ["티켓 접수", "담당자 배정", "1차 답변", "고객 응답 대기", "해결 완료", "종료"]
    assert placed(names, "service") == list(TEMPLATES["service"].kinds)


SERVICE_DESK = {"Take in charge ticket": 50, "Resolve ticket": 49, "Closed": 45, "Wait": 14, "Assign": 30}
PERMITS = {"Confirmation of receipt": 14, "T02 Check confirmation of receipt": 13, "Draft intern advice": 5}
SHOP = {"홈 방문": 40, "상품 조회": 38, "장바구니": 18, "결제 완료": 7, "재구매": 5, "고객센터 문의": 2}
SOFTWARE = {"View pricing": 70, "Start trial": 36, "Subscribe": 16, "View dashboard": 93, "Renew plan": 34}
LEAD_TO_SALE = {"page_view": 90, "sign_up": 20, "start_trial": 20, "purchase": 10}


@pytest.mark.parametrize(
    ("events", "template"),
    [
        (SERVICE_DESK, "service"),
        (PERMITS, "service"),
        (SHOP, "six"),
        (SOFTWARE, "subscription"),
        (LEAD_TO_SALE, "six"),
        (SHOP | {"티켓 접수": 20, "해결 완료": 20}, "six"),
        ({"qwfp": 90, "Resolve ticket": 10}, "six"),
        ({"heartbeat": 900, "Resolve ticket": 10, "Closed": 9}, "service"),
        ({"Resolve ticket": 0, "page_view": 1}, "six"),
        ({}, "six"),
    ],
)
def test_without_a_template_the_names_decide_and_six_is_the_usual_one(events, template):
    made = suggest(events, list(events.values()))
    assert made.template == template
    assert made.stage_map.names == from_template(template, "ko").names
    assert suggest(events, list(events.values()), template="acp").template == "acp"


def test_the_cases_of_a_service_desk_do_not_land_in_one_stage():
    for events in (SERVICE_DESK, PERMITS):
        stages = suggest(events, list(events.values())).stage_map
        rows = Counter()
        for event, n in events.items():
            rows[stages.stage_of(event)] += n
        assert max(rows.values()) < 0.75 * rows.total()


def test_a_bare_test_is_one_of_the_tracking_unless_the_log_is_about_learning():
    assert placed(["test", "page_view"]) == ["bin", "awareness"]
    assert placed(["test", "quiz", "lesson_start"])[0] == "use"


def test_a_kind_that_the_template_lacks_goes_to_the_nearest_stage_or_stays_in_the_tray():
    names = ["재구매", "dashboard_viewed"]
    assert placed(names, "acp") == ["purchase", "tray"]
    assert placed(names, "acpul") == ["loyalty", "use"]
    assert (
        suggest(["dashboard_viewed"], template="acp").reason["dashboard_viewed"] == "stages.reason_no_stage"
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_name_has_a_confidence_and_a_reason_that_can_be_said(template):
    names = ["page_view", "결제완료", "order_cancelled", "heartbeat", "qwfp", *(f"/p/{n}" for n in range(30))]
    made = suggest(names, template=template)
    for name in names:
        assert 0 <= made.confidence[name] <= 1
        assert all(made.reason[name] in catalogue(language) for language in LANGUAGES)
    assert made.confidence["결제완료"] > made.confidence["qwfp"]


@given(st.lists(st.text(max_size=20), max_size=30))
def test_no_name_is_too_strange(names):
    made = suggest(names)
    assert made.confidence.keys() == set(names)
    assert len(made.stage_map.codes(names)) == len(names)


@given(st.permutations(["page_view", "구매", "/p/1", "check_in", "check_out", "qwfp", "heartbeat", "/p/2"]))
def test_the_order_of_the_names_changes_no_place(names):
    assert dict(zip(names, placed(names), strict=True)) == dict(
        zip(sorted(names), placed(sorted(names)), strict=True)
    )


def test_thousands_of_paths_become_a_few_rules():
    names = [f"/product/{number}" for number in range(3000)]
    names += [f"/product/{number}/review/write" for number in range(500)]
    names += [f"/blog/{word}-{number}" for number in range(20) for word in ("how-to", "best", "cart")]
    names += ["/cart", "/checkout/complete", "/qwfp"]
    begin = time.process_time()
    stages = suggest(names).stage_map
    assert time.process_time() - begin < 3
    assert len(stages.rules) < 10
    assert len(stages.events) < 10
    kinds = TEMPLATES["six"].ids
    assert stages.stage_of("/product/99999") == kinds["consideration"]
    assert stages.stage_of("/product/7/review/write") == kinds["loyalty"]
    assert stages.stage_of("/blog/best-7") == kinds["awareness"]
    assert stages.stage_of("/checkout/complete") == kinds["purchase"]
    assert stages.stage_of("/qwfp") is None
