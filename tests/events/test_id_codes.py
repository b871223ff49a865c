from __future__ import annotations

import hashlib
import hmac
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.events import id_codes
from journey.events.id_codes import mask_ids

KEY = b"k" * 32


def test_a_code_is_the_start_of_the_keyed_hash() -> None:
    digest = int.from_bytes(hmac.new(KEY, "고객-17".encode(), hashlib.sha256).digest()[:5], "big")
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    expected = "".join(letters[digest >> shift & 31] for shift in range(35, -1, -5))
    assert mask_ids(["고객-17"], KEY) == [f"C-{expected}"]


@given(st.lists(st.text(), unique=True))
def test_codes_are_unique_short_and_do_not_show_the_id(ids: list[str]) -> None:
    ids = [one.replace("\x1f", "") for one in ids]
    codes = mask_ids(ids, KEY)
    assert len(set(codes)) == len(set(ids))
    assert all(re.fullmatch("C-[0-9A-HJKMNP-TV-Z]{8}", code) for code in codes)


def test_a_code_depends_on_id_and_key_only() -> None:
    ids = [f"customer {n}" for n in range(2000)]
    codes = dict(zip(ids, mask_ids(ids, KEY), strict=True))
    assert mask_ids(ids[::-7], KEY) == [codes[one] for one in ids[::-7]]
    assert mask_ids(pa.array(ids, pa.large_string()), KEY) == list(codes.values())
    assert not set(mask_ids(ids, b"other")) & set(codes.values())


def test_repeated_ids_have_one_code() -> None:
    a, b, again = mask_ids(["a", "b", "a"], KEY)
    assert a == again != b


def test_no_ids_give_no_codes() -> None:
    assert mask_ids([], KEY) == []
    assert mask_ids([], KEY, among=["a"]) == []


def test_sessions_of_a_customer_share_its_code() -> None:
    whole, first, tenth = mask_ids(["a", "a\x1f1", "a\x1f10"], KEY)
    assert (first, tenth) == (f"{whole}-1", f"{whole}-10")


def test_half_characters_are_masked_too() -> None:
    assert len(set(mask_ids(["\ud83d", "a\ud83d"], KEY))) == 2


@pytest.fixture
def hashes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids get the hash that they spell, so that collisions can be written down."""

    def digest(key: bytes, message: bytes, name: str) -> bytes:
        return message.ljust(32, b"\0")

    monkeypatch.setattr(id_codes.hmac, "digest", digest)


# Five bytes are eight letters. B differs from A and C in the sixth byte, A from C in the eleventh.
A, B, C, ALONE = "samestart-a", "sames", "samestart-c", "other"


@pytest.mark.usefixtures("hashes_alike")
def test_ids_whose_codes_collide_get_longer_ones_in_any_order() -> None:
    codes = dict(zip((A, B, C, ALONE), mask_ids([A, B, C, ALONE], KEY), strict=True))
    assert len(set(codes.values())) == 4
    assert {len(code) - 2 for code in codes.values()} == {8, 12, 20}
    assert [len(codes[one]) - 2 for one in (ALONE, B, A, C)] == [8, 12, 20, 20]
    assert len({code[:10] for code in codes.values()}) == 2
    assert mask_ids([ALONE, C, B, A], KEY) == [codes[one] for one in (ALONE, C, B, A)]


@pytest.mark.usefixtures("hashes_alike")
def test_a_part_of_the_log_has_the_codes_of_the_whole() -> None:
    whole = mask_ids([A, B, C, ALONE], KEY)
    assert mask_ids([C], KEY, among=[A, B, C, ALONE]) == [whole[2]]
    assert mask_ids([C], KEY) == [whole[2][:10]]
