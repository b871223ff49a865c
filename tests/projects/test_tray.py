"""Files that wait: each once, in their order, and what is said about one touches no other."""

from hypothesis import given
from hypothesis import strategies as st

from journey.errors import FileEmpty
from journey.events.kinds import TableChoice
from journey.projects.tray import Brought, Tray
from journey.sources.how import How

ORDERS, VISITS = Brought("a" * 64, "orders.csv", 10), Brought("b" * 64, "visits.csv", 20)
ZIP = Brought("c" * 64, "all.zip", 30)

files = st.builds(
    Brought,
    digest=st.sampled_from(["a" * 64, "b" * 64, "c" * 64]),
    name=st.text(max_size=5),
    size=st.integers(0, 9),
    how=st.builds(How, part=st.none() | st.sampled_from(["x.csv", "y.csv"])),
)


def tray_of(*brought):
    tray = Tray()
    for file in brought:
        tray = tray.add(file)
    return tray


@given(st.lists(files))
def test_every_file_is_there_once_and_in_the_order_of_its_coming(brought):
    tray = tray_of(*brought)
    ids = [file.id for file in tray.files]
    assert ids == list(dict.fromkeys(file.id for file in brought))
    assert all(tray.file(file.id).digest == file.digest for file in brought)


@given(st.lists(files, min_size=1), st.data())
def test_what_is_done_to_a_file_leaves_the_others_alone(brought, data):
    tray = tray_of(*brought)
    one = data.draw(st.sampled_from(tray.files))
    others = [file for file in tray.files if file.id != one.id]
    for after in (tray.change(one.id, stopped=True), tray.read_as(one.id, one.how), tray.remove(one.id)):
        assert [file for file in after.files if file.id != one.id] == others
    assert tray.remove(one.id).file(one.id) is None
    assert tray.remove(one.id).add(one).file(one.id) == one


def test_the_parts_of_a_zip_stand_in_its_place():
    tray = tray_of(ORDERS, ZIP, VISITS).split(ZIP.id, ["x.csv", "y.csv"])
    assert [file.title for file in tray.files] == [
        "orders.csv",
        "all.zip › x.csv",
        "all.zip › y.csv",
        "visits.csv",
    ]
    assert tray.holds(ZIP.digest)
    assert not tray.remove(tray.files[1].id).remove(tray.files[2].id).holds(ZIP.digest)
    assert tray.split(tray.files[1].id, ["y.csv"]).files == (tray.files[0], *tray.files[2:])


def test_reading_otherwise_forgets_what_went_wrong_and_keeps_what_was_chosen():
    choice = TableChoice("events")
    failed = {"problem": FileEmpty(), "stopped": True, "understood": True}
    tray = tray_of(ORDERS).change(ORDERS.id, choice=choice, **failed)
    after = tray.read_as(ORDERS.id, How(encoding="cp949")).files[0]
    assert (after.problem, after.stopped, after.understood, after.choice) == (None, False, False, choice)


def test_the_same_bytes_to_be_changed_and_brought_anew_are_two_files():
    assert len(tray_of(ORDERS, Brought("a" * 64, "orders.csv", 10, stored="f1")).files) == 2
    assert not Tray() and tray_of(ORDERS)
