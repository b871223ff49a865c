"""Only this server's own words count, unchanged and in time."""

import pytest

from ui.seal import Seal

SEAL = Seal(b"key", "login")
WORD = SEAL.sealed({"name": "민지"}, until=100.0)


def test_what_was_sealed_opens_until_its_moment():
    assert SEAL.opened(WORD, 99.0) == {"name": "민지", "until": 100.0}
    assert WORD.isascii()
    assert SEAL.opened(WORD, 100.0) is None


@pytest.mark.parametrize(
    "text",
    [None, "", ".", "a.b", WORD[:-1], "A" + WORD, WORD.replace(".", ""), WORD + "é", "." + WORD, "x" * 10**5],
)
def test_nothing_else_opens(text):
    assert SEAL.opened(text, 0.0) is None


def test_another_key_and_another_purpose_seal_differently():
    assert Seal(b"other", "login").opened(WORD, 0.0) is None
    assert Seal(b"key", "badge").opened(WORD, 0.0) is None


def test_every_changed_letter_breaks_the_seal():
    for place in range(0, len(WORD), 5):
        letter = "A" if WORD[place] != "A" else "B"
        assert SEAL.opened(WORD[:place] + letter + WORD[place + 1 :], 0.0) is None
