"""The made-up customers of the benchmark: seeded, with few or many rows tied in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["EVENTS", "STAGES", "STAGE_OF_EVENT", "Rows", "amounts", "free_text_ids", "numbered_ids", "rows"]

EVENTS = (
    *("add_to_cart", "app_open", "banner_click", "checkout", "compare", "contact", "coupon", "delivery"),
    *(
        "email_open",
        "invite",
        "login",
        "logout",
        "payment",
        "purchase",
        "push_open",
        "rate",
        "refund",
        "review",
    ),
    *("search", "share", "signup", "survey", "view_cart", "view_item", "wishlist"),
)
STAGES = ("aware", "consider", "decide", "buy", "use", "loyal")
# Which stage each event is in, event after event: every event is placed.
STAGE_OF_EVENT = tuple(position % len(STAGES) for position in range(len(EVENTS)))

_BEGIN = 1_735_689_600  # 2025-01-01 UTC
_DAYS = 180
_CUSTOMERS_A_ROW = 0.1
# Seconds from one row of a session to the next.
_PAUSES = (5, 480)


@dataclass(frozen=True, eq=False)
class Rows:
    """One entry a row, in no order: customer and event as numbers, time in seconds since 1970 UTC."""

    customer: np.ndarray
    event: np.ndarray
    second: np.ndarray


def rows(n: int, *, tied: float, a_session: int = 1, seed: int = 20_250_101) -> Rows:
    """`n` rows of n/10 customers, lognormal events a customer; a share `tied` of the rows share a second.

    Ties are pairs: a row takes over the second of its customer's row before it. Rows come about `a_session`
    at once, minutes apart, and then not for days; 1: each lies somewhere in the 180 days.
    """
    draw = np.random.default_rng(seed)
    customers = max(1, int(n * _CUSTOMERS_A_ROW))
    weight = draw.lognormal(0.0, 1.1, customers)
    size = draw.multinomial(n - customers, weight / weight.sum()) + 1
    customer = np.repeat(np.arange(customers, dtype=np.int32), size)
    popular = 1 / np.arange(1, len(EVENTS) + 1) ** 0.7
    event = draw.permutation(len(EVENTS)).astype(np.uint8)[
        draw.choice(len(EVENTS), n, p=popular / popular.sum())
    ]
    second = _BEGIN + draw.integers(0, _DAYS * 86_400, n)
    if a_session > 1:
        # Each customer's first row begins a session; so many of the others make up the rest.
        begins = draw.random(n) < (n / a_session - customers) / (n - customers)
        begins[np.cumsum(size) - size] = True
        of = np.flatnonzero(begins).take(np.cumsum(begins) - 1)
        passed = np.cumsum(draw.integers(*_PAUSES, n))
        second = second.take(of) + passed - passed.take(of)
    pairs = np.arange(1, n, 2)
    pairs = pairs[(customer[pairs] == customer[pairs - 1])]
    pairs = pairs[draw.random(len(pairs)) < tied * n / 2 / len(pairs)] if len(pairs) else pairs
    second[pairs] = second[pairs - 1]
    shuffled = draw.permutation(n)
    return Rows(customer[shuffled], event[shuffled], second[shuffled])


def amounts(event: np.ndarray, seed: int = 1) -> np.ndarray:
    """What each row of a sorted log paid: whole numbers at purchases, NaN elsewhere."""
    drawn = np.random.default_rng(seed).gamma(2.0, 15_000.0, len(event)).round()
    return np.where(event == EVENTS.index("purchase"), drawn, np.nan)


def numbered_ids(customers: int) -> list[str]:
    """u0000000, u0000001, ..."""
    return [f"u{number:07d}" for number in range(customers)]


def free_text_ids(customers: int, seed: int = 7) -> list[str]:
    """Ten letters and digits each, as hashed ids look."""
    letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz0123456789", np.uint8)
    drawn = letters[np.random.default_rng(seed).integers(0, len(letters), (customers, 10))]
    return [text.decode() for text in np.ascontiguousarray(drawn).view("S10").ravel()]
