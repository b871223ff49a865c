"""A column plays one role; giving it another takes it from where it was."""

from hypothesis import given
from hypothesis import strategies as st

from journey.events.kinds import KINDS, TableChoice
from journey.events.role_changes import fits, placed

COLUMNS = ["a", "b", "c", "d"]


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_every_column_plays_one_role_and_the_last_word_counts(kind, data):
    choice = TableChoice(kind)
    for _ in range(4):
        role = data.draw(st.sampled_from(KINDS[kind]))
        most = 4 if role.many else 1
        columns = tuple(data.draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=most)))
        choice = placed(choice, role.name, columns)
        assert choice.all(role.name) == columns
    played = [name for names in choice.roles.values() for name in names]
    assert len(played) == len(set(played))
    assert TableChoice.from_json(choice.to_json()) == choice


def test_the_rest_of_the_choice_stays():
    choice = TableChoice("orders", {"customer": ("id",), "attributes": ("x", "y")}, zone="UTC", masked=False)
    after = placed(choice, "amount", ("x",))
    assert after.roles == {"customer": ("id",), "amount": ("x",), "attributes": ("y",)}
    assert (after.zone, after.masked) == ("UTC", False)
    assert placed(after, "amount", ()).one("amount") is None


def test_a_choice_fits_where_all_its_columns_are():
    choice = TableChoice("events", {"customer": ("id",), "time": ("at",)})
    assert fits(choice, ["at", "id", "more"])
    assert not fits(choice, ["id"])


def test_what_is_known_of_units_goes_with_them():
    choice = TableChoice("experiment", {"arm": ("a",), "units": ("n",), "mean": ("m",), "variance": ("v",)})
    assert placed(choice, "units", ()).roles == {"arm": ("a",)}
    assert placed(choice, "mean", ("v",)).roles == {"arm": ("a",), "units": ("n",), "mean": ("v",)}
