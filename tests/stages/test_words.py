import doctest

from journey.stages import words
from journey.stages.words import find


def cover(name, *phrases):
    known = {words.atoms(phrase)[0]: 1.0 for phrase in phrases}
    found, covered = find(name, known, max(map(len, known)))
    return ["".join(each.phrase) for each in found], covered


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(words).failed == 0


def test_the_longest_phrases_win_and_what_they_leave_is_counted():
    assert cover("재구매완료", "구매", "재구매", "완료") == (["재구매", "완료"], 1.0)
    found, covered = cover("장바구니 담기 클릭", "장바구니", "담기")
    assert found == ["장바구니", "담기"]
    assert covered == 6 / 8


def test_numbers_are_no_letters():
    assert cover("step 3 cart", "cart", "step")[1] == 1.0


def test_one_syllable_is_a_word_of_its_own_or_nothing():
    assert cover("찜 클릭", "찜")[0] == ["찜"]
    assert cover("찜질방", "찜")[0] == []


def test_a_phrase_begins_with_a_word_when_it_runs_over_a_blank():
    assert cover("상품 상세", "상품상세")[0] == ["상품상세"]
    assert cover("신상품 상세", "상품상세")[0] == []
