"""Which columns hold personal data?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.masking import masked_cells
from journey.sources.raw_table import RawTable, as_text

__all__ = ["Personal", "personal"]

_SAMPLE = 5_000
_LONGEST = 10_000


@dataclass(frozen=True)
class Personal:
    """What a column holds: the most frequent `kind`, and `also` the others.

    Kinds are those of `personal_shapes.KINDS`. `share` is the cells that hold any personal data divided by
    the filled cells looked at; `whole` says that at least half of these cells are nothing else.
    """

    kind: str
    share: float
    whole: bool
    also: tuple[str, ...] = ()


def personal(raw: RawTable) -> Mapping[str, Personal]:
    """The columns in which personal data was found, in the order of the file.

    Looks at 5,000 rows spread evenly over the file, and at the first 10,000 characters of a cell. One hit is
    enough to be listed.
    """
    rows = np.unique(np.linspace(0, len(raw.frame) - 1, min(_SAMPLE, len(raw.frame))).astype(np.int64))
    found: dict[str, Personal] = {}
    for name in raw.frame.columns:
        cells = as_text(raw.frame[name]).take(pa.array(rows))
        cells = pc.utf8_slice_codeunits(pc.fill_null(cells, ""), 0, _LONGEST)
        filled = int(pc.sum(pc.not_equal(pc.utf8_trim_whitespace(cells), "")).as_py() or 0)
        masked = masked_cells(cells, name)
        if masked.kinds:
            order = Counter(masked.kinds).most_common()
            found[name] = Personal(
                kind=order[0][0],
                share=masked.cells / filled,
                whole=2 * masked.whole >= filled > 0,
                also=tuple(kind for kind, _ in order[1:]),
            )
    return found
