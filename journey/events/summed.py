"""Results of an experiment whose units were summed before: numbers and means of arms, day by day or not."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["SUMS"]

# The columns of table "sums"; further ones are attributes as text, of whose values each row is one.
#
#   experiment, arm, metric  text; the metric as the file calls it
#   time        the instant or day that the row is about, null where the file has none
#   day         days since the beginning of the test, where the file counts so; null else
#   cumulative  does the row sum all up to its time, and not only one day or period of it?
#   n           units
#   x           the sum of the metric over these units: n times the mean, or to how many it happened
#   xx          the sum of its squares, (n - 1) variance + n mean^2; null where nothing tells the spread.
#               Equal to x for what happened to a unit or did not.
SUMS = pa.schema(
    [
        ("experiment", pa.large_string()),
        ("arm", pa.large_string()),
        ("metric", pa.large_string()),
        ("time", pa.timestamp("us", "UTC")),
        ("day", pa.float64()),
        ("cumulative", pa.bool_()),
        ("n", pa.float64()),
        ("x", pa.float64()),
        ("xx", pa.float64()),
    ]
)
