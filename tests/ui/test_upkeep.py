"""Collections of garbage leave modules out, and look at all that came since."""

from __future__ import annotations

import gc
import sys
import types
import weakref

import pytest

from ui import upkeep


@pytest.fixture(autouse=True)
def _as_before():
    yield
    gc.unfreeze()
    upkeep._spare.clear()


def test_objects_are_spared_once_for_each_number_of_modules(monkeypatch):
    upkeep.spare_modules()
    spared = gc.get_freeze_count()
    assert spared > 10_000
    made = [[] for _ in range(1000)]
    upkeep.spare_modules()
    assert gc.get_freeze_count() <= spared
    monkeypatch.setitem(sys.modules, "journey_new_module", types.ModuleType("journey_new_module"))
    upkeep.spare_modules()
    assert gc.get_freeze_count() > spared + len(made) // 2


def test_what_a_later_run_leaves_behind_is_still_collected():
    class Node:
        pass

    upkeep.spare_modules()
    one = Node()
    one.itself = one
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None
