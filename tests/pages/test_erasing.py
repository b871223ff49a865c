"""A customer's request to be forgotten, as an owner of the project does it on the Data page."""

import pytest
import streamlit as st

from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.events.privacy import mask_ids
from journey.i18n import text
from journey.projects import erasure
from journey.projects.arriving import arriving
from journey.projects.erasure import MOST
from journey.projects.store import Store
from journey.sources.files import read_table
from journey.sources.how import How
from tests.pages.test_home import both, plain, said

CSV = "회원,행동,언제\n" + "".join(f"C-{n},방문,2024-05-0{1 + n % 9} 10:00\n" for n in [*range(10), 7])
CHOICE = TableChoice("events", {"customer": ("회원",), "event": ("행동",), "time": ("언제",)})
NAME = "가게 <b>.csv"


@pytest.fixture
def shop(home, monkeypatch):
    """A project with ten customers, one of them twice."""
    monkeypatch.setattr(erasure, "read_file", lambda path, name, how: read_table(path, name))
    with Store(home).begun("가게") as made:
        one = arriving(read_table(CSV.encode(), NAME), CHOICE, NAME, CSV.encode(), How(), "")
        made.put_files([one], joined([one.made]))
    return made


@pytest.fixture
def receipts(monkeypatch):
    """What the downloads of a run hold, by the names of their files."""
    files = {}
    monkeypatch.setattr(
        st, "download_button", lambda _label, data, file_name, **_: files.update({file_name: data})
    )
    return files


def seek(at, shop, words, turn=0):
    at.text_area(key=f"{shop.id}.erase.ids.{turn}").set_value(words)
    at.button(key="erase.seek").click().run()
    assert not at.exception
    return at


def press(at, key):
    at.button(key=key).click().run()
    assert not at.exception
    return at


def ids(shop):
    return shop.log().customer_ids.to_pylist()


@both
def test_a_customer_is_found_asked_about_erased_and_receipted(app, home, shop, receipts, language):
    at = seek(app(language, "data", shop.id), shop, " C-7 \n\nC-99\n")
    words = plain(said(at))
    assert text("erase.found", language, n=1) in words
    assert text("erase.missing", language, n=1) in words
    assert f"**{NAME}**: {text('erase.rows', language, n=2)}" in words
    assert "C-7" in ids(shop)
    press(at, "erase.yes")
    words = plain(said(at))
    assert text("erase.done", language, n=1) in words
    assert text("page.data.ready", language, **facts(shop)) in words
    assert "C-7" not in ids(shop)
    ((name, receipt),) = receipts.items()
    assert name == f"가게 - {text('erase.receipt_name', language)}.txt"
    told = receipt.decode("utf-8-sig")
    assert text("erase.receipt_customers", language, n=1, asked=2) in told
    assert NAME in told
    assert not {"C-7", "C-99"} & set(told.split())
    press(at, "erase.close")
    assert at.text_area(key=f"{shop.id}.erase.ids.1").value == ""


def facts(shop):
    log = shop.log()
    first, last = log.days()
    return {"customers": log.n_customers, "rows": log.n_rows, "first": first, "last": last}


def test_the_code_of_a_table_stands_for_its_customer(app, shop):
    (code,) = mask_ids(["C-3"], shop.mask_key)
    press(seek(app("en", "data", shop.id), shop, code), "erase.yes")
    assert "C-3" not in ids(shop)
    assert len(ids(shop)) == 9


def test_nothing_is_erased_where_it_is_called_off_or_names_nobody(app, shop):
    before = shop.head
    at = seek(app("en", "data", shop.id), shop, "C-3")
    press(at, "erase.no")
    assert text("erase.found", "en", n=1) not in said(at)
    seek(at, shop, "c-3", turn=1)
    assert text("erase.nobody", "en") in said(at)
    seek(at, shop, "\n".join(f"C-{n}" for n in range(MOST + 1)), turn=1)
    assert text("erase.too_many", "en", most=MOST, n=MOST + 1) in said(at)
    assert (shop.head, len(ids(shop))) == (before, 10)


def test_it_is_there_for_owners_only_and_not_in_demo_mode(app, shop, monkeypatch):
    assert any("erase.ids" in area.key for area in app("en", "data", shop.id).text_area)
    assert not app("en", "data", shop.id, demo="1").text_area
    monkeypatch.setattr(type(shop), "role", "member")
    assert not app("en", "data", shop.id).text_area
