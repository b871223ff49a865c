"""The English sample: 800 people and a reporting tool that is paid for by the month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from dice import Dice, visit_moment
from plant import Plant

__all__ = ["PEOPLE", "tables"]

PEOPLE = 800
START, END = dt.datetime(2024, 1, 1), dt.datetime(2024, 7, 1)
SOURCES = {
    "Google search": 0.34,
    "LinkedIn": 0.16,
    "Direct": 0.18,
    "Newsletter": 0.12,
    "Podcast": 0.08,
    "Partner": 0.12,
}
COUNTRIES = {"US": 0.41, "UK": 0.17, "DE": 0.14, "CA": 0.1, "KR": 0.09, "": 0.09}
WORK = {
    "View dashboard": 0.44,
    "Create report": 0.24,
    "Export report": 0.17,
    "Connect data source": 0.09,
    "Invite teammate": 0.06,
}  # fmt: skip
BACKGROUND = "heartbeat"


@dataclass
class Person:
    id: str
    source: str
    country: str
    dice: Dice
    clock: dt.datetime = START
    session: int = 0
    plan: str = ""
    events: list[tuple[str, dt.datetime, int, str]] = field(default_factory=list)

    def begin(self, moment: dt.datetime) -> None:
        self.clock = max(moment, self.clock + dt.timedelta(minutes=31))
        self.session += 1

    def say(self, event: str) -> None:
        self.events.append((event, self.clock, self.session, self.plan))
        if not self.dice.happens(0.03):
            self.clock += dt.timedelta(seconds=3 + int(self.dice.wait(70)))

    def after(self, days: float) -> dt.datetime:
        return visit_moment(self.dice, (self.clock + dt.timedelta(days=days)).date())


def _look_around(who: Person) -> bool:
    """The visits before the trial; True when one of them ends in a sign-up."""
    dice = who.dice
    for _ in range(6):
        who.say("Click ad" if who.source == "LinkedIn" and dice.happens(0.7) else "Visit site")
        if dice.happens(0.35):
            who.say(dice.pick(("Read blog", "Watch webinar"), (0.8, 0.2)))
        if dice.happens(0.55):
            who.say("View pricing")
            if dice.happens(0.25):
                who.say("Compare plans")
            if dice.happens(0.55):
                who.say("Sign up")
                return True
        if dice.happens(0.45):
            return False
        who.begin(who.after(1 + dice.wait(6)))
    return False


def _work(who: Person, most: int) -> None:
    for _ in range(1 + int(who.dice.wait(1.6)) if most else 0):
        who.say(who.dice.pick(list(WORK), list(WORK.values())))
    if who.dice.happens(0.06):
        who.say(BACKGROUND)


def _try_out(who: Person, plant: Plant) -> bool:
    """Fourteen days of trial; True when a subscription follows."""
    dice = who.dice
    who.plan = "Trial"
    who.say("Start trial")
    onboarded = dice.happens(0.55)
    who.say("Start onboarding")
    if onboarded:
        who.say("Finish onboarding")
    for _ in range(int(dice.wait(1.8))):
        who.begin(who.after(0.5 + dice.wait(3)))
        _work(who, 1)
    stays = (0.62 if onboarded else 0.2) if plant.onboarding else 0.43
    if not dice.happens(stays):
        return False
    who.begin(who.after(1 + dice.wait(3)))
    if dice.happens(0.06):
        who.say("Payment failed")
    who.plan = dice.pick(("Basic", "Team"), (0.68, 0.32))
    who.say("Subscribe")
    return True


def _subscribe(who: Person) -> None:
    """Month after month, until one of them is the last."""
    dice = who.dice
    renews = who.clock + dt.timedelta(days=30)
    while who.clock < END:
        for _ in range(int(dice.wait(1.9))):
            moment = who.after(1 + dice.wait(6))
            if moment >= renews:
                break
            who.begin(moment)
            _work(who, 1)
            if dice.happens(0.07):
                who.say("Contact support")
        who.begin(renews + dt.timedelta(minutes=dice.uniform(0, 600)))
        if dice.happens(0.11):
            who.say("Cancel subscription")
            return
        who.say("Renew subscription")
        if who.plan == "Basic" and dice.happens(0.06):
            who.plan = "Team"
            who.say("Upgrade plan")
        if dice.happens(0.07):
            who.say("Answer NPS survey")
        if dice.happens(0.05):
            who.say(dice.pick(("Refer a friend", "Write review")))
        renews += dt.timedelta(days=30)


def tables(seed: int, plant: Plant) -> dict[str, tuple[list[str], list[list[str]]]]:
    """The one table of the product: name -> (header, rows), rows in the order of time."""
    rows = []
    for n in range(1, PEOPLE + 1):
        dice = Dice(seed, n, 10)
        source = dice.pick(list(SOURCES), list(SOURCES.values()))
        country = dice.pick(list(COUNTRIES), list(COUNTRIES.values()))
        who = Person(f"u{n:04d}", source, country, dice)
        who.begin(visit_moment(dice, (START + dt.timedelta(days=dice.uniform(0, 165))).date()))
        if _look_around(who) and dice.happens(0.86) and _try_out(who, plant):
            _subscribe(who)
        for event, moment, session, plan in who.events:
            if moment < END:
                stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
                rows.append([who.id, event, stamp, f"{n}-{session}", plan, source, country])
    rows.sort(key=lambda row: (row[2], row[0], row[1]))
    return {
        "subscription_events": (
            ["user_id", "event", "timestamp", "session_id", "plan", "source", "country"],
            rows,
        )
    }
