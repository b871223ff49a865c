"""What a tab holds belongs to whoever sits at it: another person begins anew, nobody gets nothing."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from journey.errors import SignedOut
from journey.projects.person import LOCAL, Person
from journey.projects.store import Store
from ui import identity, session
from ui.identity import Ended, badge_of, ended, read_badge
from ui.session import Session

ROOT = Path(__file__).resolve().parents[2]
KIM, LEE = Person("kim@acme.com", "김민지"), Person("lee@acme.com", "Lee")


class Seat:
    """Who sits at the tab of a test."""

    def __init__(self, person):
        self.person = person

    def __call__(self):
        return self.person


@pytest.fixture
def seat(home, monkeypatch):
    seat = Seat(KIM)
    monkeypatch.setattr("ui.session.person_here", seat)
    monkeypatch.setattr("ui.login.person_here", seat)
    monkeypatch.setattr("ui.login.mode", lambda: "passphrase")
    return seat


@pytest.fixture
def tab(seat):
    at = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60)
    at.context = {"locale": "ko-KR"}
    at.run()
    assert not at.exception
    return at


def test_who_is_signed_in_stands_in_the_sidebar(tab):
    assert tab.session_state["journey"].owner == KIM.key
    assert any("김민지" in one.value for one in tab.sidebar.caption)


def test_another_person_at_the_same_tab_finds_nothing_of_the_former(tab, seat):
    tab.query_params["project"] = Store().for_(KIM).create("Kim's").id
    tab.run()
    former = tab.session_state["journey"]
    assert former.opened.name == "Kim's"
    seat.person = LEE
    tab.query_params.clear()
    tab.run()
    now = tab.session_state["journey"]
    assert now is not former
    assert (now.owner, now.project_id, now.opened, now.staging) == (LEE.key, None, None, None)
    seat.person = KIM
    tab.run()
    assert tab.session_state["journey"].project_id is None


def test_a_click_that_comes_after_the_end_of_the_login_does_nothing(tab, seat):
    sample = next(one for one in tab.button if one.key.startswith("sample."))
    seat.person = None
    sample.click().run()
    assert not tab.exception
    assert tab.session_state["journey"].project_id is None
    assert list(Store().projects()) == []


def test_a_fragment_of_the_former_person_gets_nothing(tab, seat, monkeypatch):
    """A fragment runs alone: what the last run of the page had found is not handed to the next person."""
    mine = Session(project_id="p1", opened=object(), state=object(), owner=KIM.key)
    monkeypatch.setattr(session, "current", lambda: mine)
    assert session.project() is mine.opened
    for other in (LEE, None):
        seat.person = other
        for ask in (session.project, session.state, session.store, session.person):
            with pytest.raises(SignedOut):
                ask()


def test_where_nobody_is_signed_in_no_page_is_drawn(tab, seat):
    seat.person = None
    tab.run()
    assert len(tab.warning) == 1
    assert not tab.button and not tab.sidebar.caption


def test_a_badge_is_read_as_it_was_written_until_its_time_is_over(monkeypatch):
    monkeypatch.setattr("ui.identity.time.time", lambda: 100.0)
    assert read_badge(badge_of(KIM, 101.0)) == KIM
    assert read_badge(badge_of(KIM, 100.0)) is None
    assert read_badge(None) is None


def test_who_signs_out_is_out_in_every_tab(home):
    badge, other = (badge_of(KIM, 10**12, login) for login in ("one", "two"))
    ended().add("one")
    assert (read_badge(badge), read_badge(other)) == (None, KIM)


def test_few_ended_logins_are_remembered():
    few = Ended(most=3)
    for login in "abcde":
        few.add(login)
    assert [login in few for login in "abcde"] == [False, False, True, True, True]


def test_without_a_login_everybody_here_is_one(home, monkeypatch):
    monkeypatch.delenv("JOURNEY_LOGIN", raising=False)
    assert identity.mode() == "none"
    assert identity.person_here() == LOCAL
