import datetime as dt
import json

import pytest

from journey.cli import grammar
from journey.errors import SettingWrong
from journey.events.kinds import TableChoice
from journey.questions import QUESTIONS

GUESS = TableChoice(
    "events", {"customer": ("who",), "event": ("what",), "time": ("when",), "attributes": ("city", "plan")}
)
HAVE = ("who", "what", "when", "city", "plan", "a,b", "c=d")


@pytest.mark.parametrize(
    ("written", "name", "events"),
    [
        ("A=view,buy", "A", ["view", "buy"]),
        (' A b = view , "x,y" ', "A b", ["view", "x,y"]),
        ('"a,""b""=c"="=",z', 'a,"b"=c', ["=", "z"]),
        ("A=k=v", "A", ["k=v"]),
        ("A=", "A", []),
        ("A=view,view", "A", ["view"]),
        ("가=\u1100\u1161", "가", ["가"]),
    ],
)
def test_a_stage_is_a_name_and_events_written_as_in_csv(written, name, events):
    assert grammar.stage(written) == (name, events)


@pytest.mark.parametrize("written", ["", "A", '"A', '"A"x=view', 'A="view', 'A="view"x'])
def test_a_stage_that_is_none_is_refused(written):
    with pytest.raises(SettingWrong):
        grammar.stage(written)


def chosen(written):
    return grammar.chosen(grammar.roles(written, HAVE), GUESS)


def test_columns_that_are_not_named_are_those_of_the_guess():
    assert chosen(None) == GUESS
    some = chosen('event="a,b",attribute=plan,attributes="c=d"')
    assert (some.one("customer"), some.one("event"), some.one("time")) == ("who", "a,b", "when")
    assert some.all("attributes") == ("plan", "c=d")
    assert chosen("event=").one("event") is None
    assert chosen("attributes=").all("attributes") == ()
    # A column that is given another role is not an attribute, nor what it was guessed to be.
    assert chosen("session=city").all("attributes") == ("plan",)
    assert chosen("customer=what").one("event") is None
    assert chosen("session=when").missing == ("time",)


@pytest.mark.parametrize("written", ["who=x", "customer", "customer=", "scores=", "time=a,time=b", '"x=y'])
def test_columns_that_are_no_roles_are_refused(written):
    with pytest.raises(SettingWrong):
        grammar.roles(written, HAVE)


@pytest.mark.parametrize(
    ("written", "named", "guessed", "kind"),
    [
        (None, {}, "orders", "orders"),
        (None, {}, None, None),
        ("survey", {}, "orders", "survey"),
        ("none", {}, "orders", None),
        # Roles that the guessed kind has leave it be; others name the first kind that has them all.
        (None, {"customer": (), "time": ()}, "orders", "orders"),
        (None, {"customer": (), "event": ()}, "orders", "events"),
        (None, {"customer": (), "time": ()}, None, "events"),
        (None, {"arm": ()}, None, "experiment"),
    ],
)
def test_a_kind_is_said_or_follows_from_the_columns(written, named, guessed, kind):
    assert grammar.kind(written, named, guessed) == kind


def test_a_kind_that_is_none_of_the_six_is_refused():
    with pytest.raises(SettingWrong):
        grammar.kind("invoices", {}, None)
    with pytest.raises(SettingWrong):
        grammar.kind(None, {"scores": (), "arm": ()}, "events")
    with pytest.raises(SettingWrong):
        grammar.chosen({"scores": ("x",)}, GUESS)


def test_the_name_of_a_file_stands_before_a_colon():
    names = ("data/a.csv", "a.csv", "a.csv:b.csv")
    assert grammar.addressed("a.csv:orders", names) == "orders"
    assert grammar.addressed("a.csv:b.csv:orders", names) == "orders"
    assert grammar.addressed("data/a.csv:zone=UTC", names) == "zone=UTC"
    assert grammar.addressed("c.csv:orders", names) is None
    assert grammar.addressed("a.csv", names) is None


def test_settings_are_typed_by_the_signature_of_the_question():
    own = grammar.own_settings(QUESTIONS["flows"])
    assert own["steps"] == (int, 6)
    known = {name: kind for name, (kind, _) in own.items()} | dict(grammar.READING)
    written = ["steps=3", "nodes=none", "active_within_days=0.5", "start= 구매 ", "from=2024-01-31"]
    values, where = grammar.settings([*written, "drop_duplicates=yes", 'where."a=b"=x|"y|z"|'], known)
    assert values == {
        "steps": 3,
        "nodes": None,
        "active_within_days": 0.5,
        "start": "구매",
        "from": dt.date(2024, 1, 31),
        "drop_duplicates": True,
    }
    assert where == {"a=b": ["x", "y|z", ""]}


def test_settings_that_may_be_several_are_csv_fields():
    known = {name: kind for name, (kind, _) in grammar.own_settings(QUESTIONS["flows"]).items()}
    written = [
        *(
            'start=구매,"a, b"',
            "into=구매",
            'between=검색,"구매"',
            "through=none",
            "occurrence=2",
            "opened=1,-2",
        ),
        *("hide=a,b", "join=a,b", 'expand="a, b",channel'),
    ]
    assert grammar.settings(written, known)[0] == {
        "start": ["구매", "a, b"],
        "into": "구매",
        "between": ["검색", "구매"],
        "through": None,
        "occurrence": 2,
        "opened": [1, -2],
        "hide": ["a", "b"],
        "join": ["a", "b"],
        "expand": ["a, b", "channel"],
    }
    written = ["between=none", "hide=", "occurrence=last", "opened=3", "expand="]
    assert grammar.settings(written, known)[0] == {
        "between": None,
        "hide": [],
        "occurrence": "last",
        "opened": [3],
        "expand": None,
    }


@pytest.mark.parametrize(
    "written",
    [
        "opened=a",
        "opened=1,x",
        "where=x",
        "steps=",
        "steps=1.0",
        "steps=٣",
        "active_within_days=nan",
        "from=2024-02-30",
        "nodes=x",
        "x=1",
    ],
)
def test_a_setting_of_another_type_is_refused(written):
    known = {name: kind for name, (kind, _) in grammar.own_settings(QUESTIONS["flows"]).items()}
    with pytest.raises(SettingWrong):
        grammar.settings([written], known | dict(grammar.READING))


def test_the_rule_of_a_group_is_written_as_json():
    known = {name: kind for name, (kind, _) in grammar.own_settings(QUESTIONS["comparison"]).items()}
    rule = {"attribute": "plan=x", "values": ["pro", None]}
    assert grammar.settings([f"a={json.dumps(rule)}", "b="], known)[0] == {"a": rule, "b": None}
    for wrong in ("a=plan", "a=[1]", 'a={"attribute"', "a=" + "[" * 100_000):
        with pytest.raises(SettingWrong) as caught:
            grammar.settings([wrong], known)
        assert caught.value.values["setting"] == "a"
