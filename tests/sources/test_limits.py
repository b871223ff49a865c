"""Limits refuse what is over them, in a sentence of their own."""

from __future__ import annotations

import pytest

from journey.errors import FileTooLarge
from journey.i18n import LANGUAGES, text
from journey.sources.limits import LIMITS


@pytest.mark.parametrize("what", ["bytes", "rows", "columns", "unpacked", "parts", "cells"])
def test_each_limit_has_its_sentence(what):
    most = getattr(LIMITS, what)
    LIMITS.check(what, most)
    with pytest.raises(FileTooLarge) as caught:
        LIMITS.check(what, most + 1)
    for language in LANGUAGES:
        assert f"{most:,}" in text(caught.value.key, language, **caught.value.values)
