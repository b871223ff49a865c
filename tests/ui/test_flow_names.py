"""Demo mode draws stand-ins: what is kept are the values, and there and back nothing changes."""

from ui.flow_names import renamed

STAND_INS = {"name": {"Kim": "Value 1", "Lee · Kim": "Value 2"}, "mail": {"k@x": "Value 1"}}
SETTINGS = {
    "group": "name",
    "between": [["Kim", "Lee · Kim"], ["Lee · Kim"]],
    "hide": ["Kim", ""],
    "join": [["Kim", "Lee · Kim"]],
    "expand": ["Kim", "mail"],
    "where": {"mail": ["k@x", None], "device": ["Kim"]},
    "steps": 4,
}


def there(settings):
    return renamed(settings, lambda attribute: STAND_INS.get(attribute, {}))


def back(settings):
    names = {of: {shown: own for own, shown in values.items()} for of, values in STAND_INS.items()}
    return renamed(settings, lambda attribute: names.get(attribute, {}))


def test_every_setting_that_names_a_value_is_renamed_there_and_back():
    shown = there(SETTINGS)
    assert shown == {
        "group": "name",
        "between": [["Value 1", "Value 2"], ["Value 2"]],
        "hide": ["Value 1", ""],
        "join": [["Value 1", "Value 2"]],
        "expand": ["Value 1", "mail"],
        "where": {"mail": ["Value 1", None], "device": ["Kim"]},
        "steps": 4,
    }
    assert back(shown) == SETTINGS
    assert there(shown) == shown


def test_the_ends_of_a_link_are_renamed_by_what_they_are():
    part = {"source": "Lee · Kim · k@x", "source_kind": "part", "expand": ["Lee · Kim", "mail"]}
    joined = {"target": "Kim + Lee · Kim", "target_kind": "joined"}
    shown = there({"group": "name", **part, **joined})
    assert (shown["source"], shown["target"]) == ("Value 2 · Value 1", "Value 1 + Value 2")
    assert back(shown)["source"] == "Lee · Kim · k@x" and back(shown)["target"] == "Kim + Lee · Kim"
    by_stage = {"source": "Kim · k@x", "source_kind": "part", "expand": ["s1", "mail"]}
    assert there(by_stage)["source"] == "Kim · Value 1"
    without = {"source": "Kim · –", "source_kind": "part", "expand": ["Kim", "device"], "group": "name"}
    assert there(without)["source"] == "Value 1 · –"


def test_stages_and_events_are_nobody_s_values():
    own = {"group": "event", "start": "Kim", "source": "Kim", "source_kind": "stage"}
    assert there(own) == own
