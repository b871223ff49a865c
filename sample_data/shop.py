"""The Korean sample shop: 2,000 customers, half a year, six tables linked by one customer id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from dice import Dice, visit_moment
from plant import Plant
from words import (
    OPINIONS,
    PRODUCTS,
    REVIEW_CLOSING,
    REVIEW_DELIVERY,
    REVIEW_LUKEWARM,
    REVIEW_MIXED,
    REVIEW_OPENING,
    REVIEW_PRODUCT,
)

__all__ = ["CUSTOMERS", "tables"]

CUSTOMERS = 2000
START, END = dt.datetime(2024, 1, 1), dt.datetime(2024, 7, 1)

# name -> (share of visits, shows an advertisement)
CHANNELS = {
    "네이버 검색": (0.27, False),
    "인스타그램": (0.18, True),
    "직접 방문": (0.17, False),
    "카카오톡": (0.14, True),
    "유튜브": (0.09, True),
    "블로그": (0.08, False),
    "이메일": (0.07, True),
}
REGIONS = {
    "서울": 0.28,
    "경기": 0.24,
    "부산": 0.16,
    "인천": 0.08,
    "대구": 0.08,
    "대전": 0.05,
    "광주": 0.05,
    "울산": 0.03,
    "제주": 0.03,
}
AGES = {"10대": 0.05, "20대": 0.28, "30대": 0.31, "40대": 0.21, "50대": 0.11, "60대 이상": 0.04}
BROWSING = {
    "상품 검색": 0.19,
    "상품 목록 조회": 0.2,
    "상품 상세 조회": 0.36,
    "리뷰 읽기": 0.12,
    "찜하기": 0.07,
    "쿠폰 받기": 0.06,
}
_CONSENTS = ("이메일수신", "문자수신", "카카오수신", "야간수신", "동의일")
RELEASES = (
    ("4.0.0", dt.datetime(2023, 11, 20)),
    ("4.1.0", dt.datetime(2024, 2, 26)),
    ("4.2.0", dt.datetime(2024, 4, 29)),
    ("4.2.1", dt.datetime(2024, 5, 30)),
)


@dataclass(frozen=True)
class Kind:
    """How one kind of customer behaves."""

    gap_days: float  # mean time between visits
    quits: float  # chance that a visit is the last one
    orders: float  # chance that a visit which looks around goes to the checkout
    price: float  # the price (won) around which products are chosen
    spread: float  # how far from it, as a factor
    pc: float  # share that uses the PC


ALIKE = Kind(gap_days=27, quits=0.29, orders=0.24, price=34000, spread=1.9, pc=0.22)
KINDS = {
    Kind(gap_days=11, quits=0.11, orders=0.32, price=21000, spread=1.35, pc=0.1): 0.13,
    Kind(gap_days=41, quits=0.18, orders=0.36, price=135000, spread=1.5, pc=0.5): 0.14,
    Kind(gap_days=32, quits=0.41, orders=0.17, price=21000, spread=1.35, pc=0.2): 0.73,
}


@dataclass(frozen=True)
class Trial:
    """One A/B test: who visits in the period is drawn into an arm at the first such visit."""

    name: str
    first: dt.datetime
    last: dt.datetime
    days = 14  # outcomes count from exposure to this many days later


LIFTED = Trial("무료배송 배너", dt.datetime(2024, 2, 5), dt.datetime(2024, 4, 15))
MISMATCHED = Trial("추천 목록 개편", dt.datetime(2024, 4, 22), dt.datetime(2024, 6, 10))


@dataclass
class Order:
    customer: str
    time: dt.datetime
    lines: list[tuple[str, str, int, int]]  # product, category, quantity, amount
    cancelled: bool = False
    late: bool = False
    delivered: dt.datetime | None = None
    returned: dt.datetime | None = None
    reviewed: dt.datetime | None = None
    number: str = ""

    @property
    def amount(self) -> int:
        return sum(line[3] for line in self.lines)


@dataclass
class Customer:
    id: str
    kind: Kind
    gap_days: float
    sex: str
    age: str
    region: str
    joined: dt.datetime
    channel: str
    device: str
    update_days: float
    spent_before: int
    consents: tuple[str, str, str, str, str]
    events: list[tuple[str, dt.datetime, str, str, str]] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    exposures: dict[Trial, tuple[str, dt.datetime]] = field(default_factory=dict)
    gone: dt.datetime = END  # no visit begins from here on
    member: bool = False

    def version(self, device: str, moment: dt.datetime) -> str:
        """The app version in use: the newest that was out `update_days` ago; none on a PC."""
        if device == "PC":
            return ""
        out = [name for name, day in RELEASES if day + dt.timedelta(days=self.update_days) <= moment]
        return out[-1] if out else RELEASES[0][0]


def _customer(number: int, dice: Dice, plant: Plant) -> Customer:
    kind = dice.pick(list(KINDS), list(KINDS.values()))
    kind = kind if plant.segments else ALIKE
    old = dice.happens(0.45)
    gap = kind.gap_days * (0.35 + dice.wait(0.65))
    if old:
        joined = dt.datetime(2021, 3, 1) + dt.timedelta(days=dice.uniform(0, 1035))
        before = int(dice.wait(3.5 * kind.orders / kind.gap_days * 17 * kind.price) / 100) * 100
    else:
        joined = START + dt.timedelta(days=176 * dice.uniform() ** 0.9)
        before = 0
    phone = dice.pick(("Android", "iPhone"), (0.62, 0.38))
    email, sms, kakao = (dice.pick("YN", (share, 1 - share)) for share in (0.55, 0.48, 0.62))
    night = dice.pick("YN", (0.18, 0.82)) if "Y" in (email, sms, kakao) else "N"
    agreed = joined + dt.timedelta(days=dice.wait(60)) if "Y" in (email, sms, kakao) else None
    return Customer(
        id=f"C{number:04d}",
        kind=kind,
        gap_days=gap,
        sex=dice.pick(("여", "남", ""), (0.64, 0.33, 0.03)),
        age=dice.pick(list(AGES), list(AGES.values())),
        region=dice.pick(list(REGIONS), list(REGIONS.values())),
        joined=joined,
        channel=dice.pick(list(CHANNELS), [share for share, _ in CHANNELS.values()]),
        device="PC" if dice.happens(kind.pc) else phone,
        update_days=dice.wait(8),
        spent_before=before,
        consents=(
            email,
            sms,
            kakao,
            night,
            min(agreed, END - dt.timedelta(days=1)).strftime("%Y-%m-%d") if agreed else "",
        ),
    )


def _daytime(dice: Dice, day: dt.datetime) -> dt.datetime:
    """A moment on the day of `day` at which parcels arrive and notices go out."""
    return day.replace(hour=9, minute=0, second=0, microsecond=0) + dt.timedelta(
        seconds=int(dice.uniform(0, 11 * 3600))
    )


class Journey:
    """One customer's half year."""

    def __init__(self, who: Customer, dice: Dice, plant: Plant) -> None:
        self.who, self.dice, self.plant = who, dice, plant
        self.clock = START
        self.channel = self.device = self.seen_version = ""

    def live(self) -> None:
        who, dice = self.who, self.dice
        wait = 0.0 if who.joined >= START else dice.wait(2.2 * who.gap_days) % 175
        moment = visit_moment(dice, (max(who.joined, START) + dt.timedelta(days=wait)).date())
        while moment < who.gone:
            self.visit(moment)
            quits = who.kind.quits * (0.6 if who.orders else 1.0)
            if dice.happens(quits):
                break
            after = visit_moment(dice, (self.clock + dt.timedelta(days=dice.wait(who.gap_days))).date())
            moment = max(after, self.clock + dt.timedelta(minutes=31 + dice.wait(90)))

    def say(self, event: str) -> None:
        """One event now; the next one comes some seconds later, now and then in the same second."""
        version = self.who.version(self.device, self.clock)
        self.who.events.append((event, self.clock, self.channel, self.device, version))
        if not self.dice.happens(0.03):
            self.clock += dt.timedelta(seconds=2 + int(self.dice.wait(48)))

    def later(self, event: str, moment: dt.datetime, *, system: bool = False) -> None:
        """One event outside of a visit, without a channel; a message of the shop has no device either."""
        device = "" if system else self.who.device
        version = "" if system else self.who.version(device, moment)
        self.who.events.append((event, moment, "", device, version))

    def visit(self, moment: dt.datetime) -> None:
        who, dice = self.who, self.dice
        self.clock = moment
        shares = [share for share, _ in CHANNELS.values()]
        other = dice.pick(list(CHANNELS), shares)
        self.channel = who.channel if not who.events or dice.happens(0.5) else other
        self.device = who.device if dice.happens(0.9) else dice.pick(("Android", "PC"))
        for trial in (LIFTED, MISMATCHED):
            arm = dice.pick("AB")
            if trial.first <= moment < trial.last and trial not in who.exposures:
                who.exposures[trial] = (arm, moment)
        if CHANNELS[self.channel][1] and dice.happens(0.85):
            self.say("광고 클릭")
        landing = dice.pick(("홈 방문", "이벤트 페이지 조회", ""), (0.66, 0.2, 0.14))
        if landing:
            self.say(landing)
        self.background()
        if landing and dice.happens(0.2):
            return
        for _ in range(1 + int(dice.wait(0.75))):
            self.say(dice.pick(list(BROWSING), list(BROWSING.values())))
        orders = dice.uniform() < self.wish(moment)
        if orders or dice.happens(0.11):
            self.say("장바구니 담기")
        if orders:
            self.checkout()

    def background(self) -> None:
        """What the app says by itself: it belongs to no stage."""
        version = self.who.version(self.device, self.clock)
        if version and version != self.seen_version:
            if self.seen_version and self.dice.happens(0.4):
                self.say("앱 업데이트")
            self.seen_version = version
        if version and self.dice.happens(0.05):
            self.say("푸시 토큰 갱신")

    def wish(self, moment: dt.datetime) -> float:
        """The chance that this visit goes to the checkout."""
        chance = self.who.kind.orders
        if self.plant.channel and self.channel == "카카오톡":
            chance *= 2.1
        arm, exposed = self.who.exposures.get(LIFTED, ("A", END))
        if self.plant.lift and arm == "B" and moment <= exposed + dt.timedelta(days=LIFTED.days):
            chance *= 1.75
        return min(chance, 0.9)

    def checkout(self) -> None:
        who, dice = self.who, self.dice
        self.say("주문서 작성")
        broken = self.plant.fault and who.version(self.device, self.clock) == "4.2.0"
        error, retry, leaves = dice.happens(0.6 if broken else 0.04), dice.happens(0.3), dice.happens(0.1)
        if error:
            self.say("결제 오류")
        if leaves or (error and not retry):
            return
        order = Order(who.id, self.clock, self.basket(), cancelled=dice.happens(0.04))
        bought = [done.time.date() for done in who.orders if not done.cancelled]
        self.say("재구매" if bought and self.clock.date() > bought[0] else "결제 완료")
        who.orders.append(order)
        if order.cancelled:
            self.later("주문 취소", order.time + dt.timedelta(minutes=10 + int(dice.wait(200))))
        else:
            self.deliver(order)

    def basket(self) -> list[tuple[str, str, int, int]]:
        """One to four products whose prices lie around what this kind of customer spends."""
        dice, kind = self.dice, self.who.kind
        shelf = [(name, category, price) for category, rows in PRODUCTS.items() for name, price in rows]
        lines: dict[str, tuple[str, str, int, int]] = {}
        for _ in range(1 + min(3, int(dice.wait(0.8)))):
            aim = kind.price * kind.spread ** dice.normal()
            near = sorted(shelf, key=lambda row: abs(row[2] - aim))[:5]
            name, category, price = dice.pick(near)
            quantity = 1 if dice.happens(0.88) else 2
            lines[name] = (name, category, quantity, price * quantity)
        return list(lines.values())

    def deliver(self, order: Order) -> None:
        who, dice = self.who, self.dice
        late_here = 0.45 if who.region == "부산" else 0.04
        order.late = dice.happens(late_here if self.plant.churn else 0.1)
        if dice.happens(0.35):
            self.later("배송 조회", order.time + dt.timedelta(hours=14 + dice.wait(14)))
        days = 1 + int(dice.wait(0.9))
        silenced = dice.happens(0.8)
        if order.late:
            notice = _daytime(dice, order.time + dt.timedelta(days=2))
            self.later("배송 지연 안내", notice, system=True)
            days = 6 + int(dice.wait(2.5))
            if self.plant.churn and silenced:
                who.gone = min(who.gone, notice)
        order.delivered = _daytime(dice, order.time + dt.timedelta(days=days))
        self.later("배송 완료", order.delivered, system=True)
        if dice.happens(0.07):
            self.later("고객센터 문의", order.delivered + dt.timedelta(hours=1 + dice.wait(20)))
        if dice.happens(0.05):
            asked = order.delivered + dt.timedelta(hours=2 + dice.wait(40))
            self.later("반품 신청", asked)
            order.returned = asked + dt.timedelta(days=2)
        elif dice.happens(0.3):
            order.reviewed = order.delivered + dt.timedelta(hours=3 + min(dice.wait(50), 200))
            self.later("후기 작성", order.reviewed)
        if not who.member and dice.happens(0.16):
            who.member = True
            self.later("멤버십 가입", order.delivered + dt.timedelta(hours=1 + min(dice.wait(40), 200)))
        if dice.happens(0.06):
            self.later("친구 추천", order.delivered + dt.timedelta(hours=1 + min(dice.wait(60), 200)))


# (event, stage, touchpoint, share of those events that is followed by an answer)
_ASKED = (
    ("상품 상세 조회", "고려", "상품 탐색", 0.045),
    ("결제 완료", "구매", "결제", 0.24),
    ("재구매", "구매", "결제", 0.14),
    ("배송 완료", "사용", "배송", 0.22),
    ("고객센터 문의", "사용", "고객센터", 0.45),
    ("멤버십 가입", "충성도", "멤버십", 0.6),
)


def _survey(who: Customer, dice: Dice, plant: Plant) -> Iterator[list[str]]:
    late_days = [order.delivered for order in who.orders if order.late]
    for event, moment, *_ in who.events:
        for asked, stage, touchpoint, share in _ASKED:
            if event != asked or not dice.happens(share):
                continue
            mean = 4.05
            if plant.feelings and touchpoint == "배송":
                mean = 2.2 if moment in late_days else 3.0
            score = max(1, min(5, round(dice.normal(mean, 0.95))))
            recommend = max(0, min(10, round(1.9 * score + 0.2 + dice.normal(0, 1.3))))
            opinion = dice.pick(OPINIONS[touchpoint][score >= 4]) if dice.happens(0.5) else ""
            if opinion and dice.happens(0.02):
                opinion += f" 연락 주세요 010-0000-{int(dice.uniform(1000, 9999))}"
            answered = moment + dt.timedelta(minutes=2 + int(dice.wait(500)))
            csat = "" if dice.happens(0.03) else str(score)
            nps = "" if dice.happens(0.12) else str(recommend)
            if answered < END:
                yield [who.id, _text(answered), stage, touchpoint, csat, nps, opinion]


def _review(order: Order, dice: Dice, plant: Plant) -> tuple[str, str]:
    """Stars and a text that goes with them."""
    stars = dice.pick("54321", (0.5, 0.27, 0.12, 0.06, 0.05))
    if plant.churn and order.late:
        stars = dice.pick("54321", (0.06, 0.12, 0.22, 0.3, 0.3))
    category = order.lines[0][1]
    glad = stars in "54"
    slow = order.late and dice.happens(0.7)
    parts = [
        "" if stars == "3" else dice.pick(REVIEW_OPENING[glad]),
        dice.pick(REVIEW_LUKEWARM) if stars == "3" else dice.pick(REVIEW_PRODUCT[category][glad]),
        dice.pick(REVIEW_DELIVERY["slow" if slow else "fast"]) if slow or stars in "543" else "",
        dice.pick(REVIEW_MIXED if stars == "3" else REVIEW_CLOSING[glad]),
    ]
    text = " ".join(part for part in parts if part)
    if dice.happens(0.12):
        text = text.replace(" ", "", 1)
    if dice.happens(0.15):
        text = text.rstrip(".") + ("ㅎㅎ" if glad else "ㅠㅠ")
    return stars, text


def _text(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _grade(spent: int) -> str:
    return "VIP" if spent >= 500_000 else "골드" if spent >= 150_000 else "실버" if spent else "일반"


def _dirty(rows: list[list[str]], dice: Dice) -> list[list[str]]:
    """The damage of a real export, in counts that README.md states; only rows are added, none is lost."""
    extra: list[list[str]] = []
    for column, values in (
        (0, ["", "-", "NULL", "(not set)"] * 3),
        (1, [""] * 6),
        (2, ["0000-00-00 00:00:00", "미상", "2024-13-45 10:00:00"] * 3),
    ):
        for value in values:
            row = list(dice.pick(rows))
            row[column] = value
            extra.append(row)
    extra += [list(dice.pick(rows)) for _ in range(15)]
    for _ in range(11):
        row = list(dice.pick(rows))
        extra.append([row[0], "test_event", *row[2:]])
    for row in {id(row): row for row in (dice.pick(rows) for _ in range(20))}.values():
        row[0] = f" {row[0]} "
    return rows + extra


def tables(seed: int, plant: Plant) -> dict[str, tuple[list[str], list[list[str]]]]:
    """All tables of the shop: name -> (header, rows), rows in the order of time."""
    customers = [_customer(n, Dice(seed, n, 0), plant) for n in range(1, CUSTOMERS + 1)]
    survey: list[list[str]] = []
    for n, who in enumerate(customers, start=1):
        Journey(who, Dice(seed, n, 1), plant).live()
        who.events = [row for row in who.events if row[1] < END]
        survey += _survey(who, Dice(seed, n, 2), plant)

    orders = sorted((order for who in customers for order in who.orders), key=lambda o: (o.time, o.customer))
    lines: list[list[str]] = []
    reviews: list[list[str]] = []
    dice = Dice(seed, 0, 3)
    for n, order in enumerate(orders, start=1):
        order.number = f"{order.time:%y%m%d}-{n:04d}"
        state = "취소" if order.cancelled else "결제"
        for product, category, quantity, amount in order.lines:
            row = [order.number, order.customer, _text(order.time), product, category, str(quantity)]
            lines.append([*row, str(amount), state])
            if order.returned and order.returned < END:
                back = [order.number + "R", order.customer, _text(order.returned), product, category]
                lines.append([*back, str(-quantity), str(-amount), "환불"])
        if order.reviewed and order.reviewed < END:
            stars, text = _review(order, dice, plant)
            product, category = order.lines[0][:2]
            row = [order.customer, order.number, _text(order.reviewed), product, category, stars, text]
            reviews.append(row)

    trials: list[list[str]] = []
    for trial in (LIFTED, MISMATCHED):
        for who in customers:
            if trial not in who.exposures:
                continue
            arm, exposed = who.exposures[trial]
            lost = trial is MISMATCHED and plant.mismatch and arm == "B" and who.device == "iPhone"
            if lost and Dice(seed, int(who.id[1:]), 4).happens(0.9):
                continue
            until = exposed + dt.timedelta(days=trial.days)
            paid = [o.amount for o in who.orders if exposed <= o.time <= until and not o.cancelled]
            row = [trial.name, who.id, arm, _text(exposed), who.device, str(int(bool(paid)))]
            trials.append([*row, str(sum(paid)), str(who.spent_before)])

    people = []
    for who in customers:
        spent = sum(o.amount for o in who.orders if not o.cancelled and not o.returned)
        row = [who.id, who.sex, who.age, who.region, f"{who.joined:%Y-%m-%d}", who.channel, _grade(spent)]
        people.append([*row, *who.consents])

    events = [
        [who.id, event, _text(moment), channel, device, version, who.region]
        for who in customers
        for event, moment, channel, device, version in who.events
    ]
    events = _dirty(sorted(events, key=lambda row: (row[2], row[0], row[1])), Dice(seed, 0, 5))
    events.sort(key=lambda row: row[2])
    return {
        "shop_events": (["고객ID", "이벤트", "일시", "채널", "기기", "앱버전", "지역"], events),
        "shop_orders": (
            ["주문번호", "고객ID", "주문일시", "상품명", "카테고리", "수량", "금액", "상태"],
            sorted(lines, key=lambda row: (row[2], row[0])),
        ),
        "shop_survey": (
            ["고객ID", "응답일시", "단계", "접점", "CSAT", "NPS", "의견"],
            sorted(survey, key=lambda row: (row[1], row[0])),
        ),
        "shop_reviews": (
            ["고객ID", "주문번호", "작성일시", "상품명", "카테고리", "별점", "내용"],
            sorted(reviews, key=lambda row: (row[2], row[0])),
        ),
        "shop_experiments": (
            ["실험", "고객ID", "실험군", "노출일시", "기기", "전환", "매출", "사전매출"],
            trials,
        ),
        "shop_customers": (
            ["고객ID", "성별", "연령대", "지역", "가입일", "가입경로", "등급", *_CONSENTS],
            people,
        ),
    }
