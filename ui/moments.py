"""When something happened, as the person at this browser says it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import streamlit as st

from ui.words import t

__all__ = ["day", "here", "since", "today"]

_ZONE = "Asia/Seoul"
_HOUR = 60


def here(at: dt.datetime) -> dt.datetime:
    """The moment in the browser's time zone; not every name that a browser gives is a zone here."""
    try:
        return at.astimezone(ZoneInfo(st.context.timezone or _ZONE))
    except (KeyError, ValueError, OSError):
        return at.astimezone(ZoneInfo(_ZONE))


def since(at: dt.datetime) -> str:
    """How long ago within the hour, else the day and the time."""
    now, then = here(_now()), here(at)
    minutes = (now - then) // dt.timedelta(minutes=1)
    if 0 <= minutes < _HOUR:
        return t("page.when.minutes", n=minutes) if minutes else t("page.when.now")
    days = (now.date() - then.date()).days
    # A clock that went back leaves moments that are still to come: those are said in full.
    in_full = minutes < 0 or days > 1
    return t(
        "page.when.moment" if in_full else "page.when.yesterday_at" if days else "page.when.today_at", at=then
    )


def day(at: dt.datetime) -> str:
    """The day as a heading."""
    then = here(at)
    days = (here(_now()).date() - then.date()).days
    key = {0: "page.when.today", 1: "page.when.yesterday"}.get(days, "page.when.day")
    return t(key, at=then)


def today() -> dt.date:
    """The day that it is for the person at this browser."""
    return here(_now()).date()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
