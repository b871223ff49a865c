"""Tables as a reader would hand them out, without a file."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from journey.sources.raw_table import text_series

__all__ = ["text_frame"]


def text_frame(columns):
    """A frame of text columns, from a dict of lists."""
    return pd.DataFrame(
        {
            name: text_series(pa.chunked_array([pa.array(cells, pa.large_string())]))
            for name, cells in columns.items()
        }
    )
