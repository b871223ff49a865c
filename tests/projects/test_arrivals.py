"""Which files came with the last edit, and after which file of the same shape?"""

import datetime as dt

from journey.events.kinds import TableChoice
from journey.projects.arrivals import Arrival, arrivals
from journey.projects.data_ref import DataRef, FileRef
from journey.projects.history import Edit

CHOICE = TableChoice("events", {"customer": ("who",), "time": ("when",)})
COLUMNS = ("who", "when", "what")


def file(number, *, columns=COLUMNS, choice=CHOICE, upload=None):
    digest = f"{number:064x}"
    return FileRef(
        f"{number:012x}", f"{number}.csv", digest, choice, upload=upload or digest, columns=columns
    )


def edit(number, *files, op="data", undone=False):
    """The edit of this number; an edit of files leaves these in the project."""
    content = {"op": op, "data": DataRef(None, files).to_json()} if op == "data" else {"op": op}
    return Edit(number, dt.datetime(2024, 1, number, tzinfo=dt.UTC), content, None, undone)


JANUARY, FEBRUARY = file(1), file(2)


def test_a_file_that_came_beside_or_instead_of_one_of_its_shape_is_its_next():
    for after in ((JANUARY, FEBRUARY), (FEBRUARY,)):
        assert arrivals([edit(2, *after), edit(1, JANUARY)]) == (Arrival(JANUARY, FEBRUARY),)


def test_first_files_and_files_of_another_shape_or_kind_come_after_none():
    assert arrivals([]) == ()
    assert arrivals([edit(1, JANUARY)]) == ()
    other = file(3, columns=("a", "b"), choice=TableChoice("events", {"customer": ("a",), "time": ("b",)}))
    people = file(4, choice=TableChoice("customers", {"customer": ("who",), "attributes": ("what",)}))
    assert arrivals([edit(2, JANUARY, other, people), edit(1, JANUARY)]) == ()


def test_a_file_whose_columns_were_chosen_again_did_not_come():
    again = file(5, upload=JANUARY.upload)
    assert arrivals([edit(2, again), edit(1, JANUARY)]) == ()


def test_nothing_came_with_a_removal_or_an_edit_of_stages():
    assert arrivals([edit(3, FEBRUARY), edit(2, JANUARY, FEBRUARY), edit(1, JANUARY)]) == ()
    assert arrivals([edit(3, op="place"), edit(2, JANUARY, FEBRUARY), edit(1, JANUARY)]) == ()


def test_edits_of_stages_between_files_and_undone_edits_are_passed_over():
    history = [
        edit(4, file(6), undone=True),
        edit(3, JANUARY, FEBRUARY),
        edit(2, op="place"),
        edit(1, JANUARY),
    ]
    assert arrivals(history) == (Arrival(JANUARY, FEBRUARY),)
