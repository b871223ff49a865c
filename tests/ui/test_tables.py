"""Tables in words: which of their columns hold shares."""

from __future__ import annotations

import pandas as pd
import pytest

from journey.i18n import text
from ui.tables import share_names


@pytest.mark.parametrize("language", ["ko", "en"])
def test_amounts_under_a_heading_of_shares_are_no_shares(language):
    amounts = pd.DataFrame({"moved": [10_114.3], "moved_low": [2_491.8], "relative": [0.59]})
    assert share_names(amounts, language) == {text("column.relative", language)}

    shares = pd.DataFrame({"difference_low": [0.07]})
    assert text("column.moved_low", language) in share_names(shares, language)
