"""Blocks of rows cover each row once, in order."""

from __future__ import annotations

import numpy as np
import pytest

from journey.events import blocks


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 9])
def test_blocks_cover_every_row_once(monkeypatch, rows):
    monkeypatch.setattr(blocks, "BLOCK", 4)
    covered = [row for part in blocks.blocks(rows) for row in range(part.start, part.stop)]
    assert covered == list(range(rows))
    table, places = np.array([5, 7, 9], dtype=np.int32), np.arange(rows) % 3 - 1
    found = blocks.looked_up(table, places)
    assert found.dtype == np.int32
    assert found.tolist() == table[places].tolist()
