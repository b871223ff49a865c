"""Which event names are one name with a changing part, such as a page path with a product's number?"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

__all__ = ["patterns"]

# A part that changes: a uuid, a long hexadecimal key, or a number.
_CHANGING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?<![0-9A-Za-z])(?=[0-9a-f]*[0-9])[0-9a-f]{12,}(?![0-9A-Za-z])"
    r"|[0-9]+",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"(\s*[/:>=|]\s*)")
_STARS = re.compile(r"\*[*.,-]*\*|\*+")
# Fewer names than this are placed one by one.
_FEWEST = 10
_FEWEST_SLUGS = 30


def patterns(names: Iterable[str]) -> dict[str, str]:
    """For each name that is one of many of its form, the form with * for the part that changes.

    The patterns, in the order in which they first come in the dict's values, go from the most to the least
    specific, so that as rules the first that fits is the right one. A literal * in a name keeps it out.

    >>> found = patterns([f"/product/{number}" for number in range(10)] + ["/cart"])
    >>> set(found.values()), "/cart" in found
    ({'/product/*'}, False)
    """
    forms = {name: _STARS.sub("*", _CHANGING.sub("*", name)) for name in names if "*" not in name}
    forms = _slugs(forms)
    counts = Counter(forms.values())
    many = [(name, form) for name, form in forms.items() if counts[form] >= _FEWEST and form.strip("*")]
    return dict(sorted(many, key=lambda item: (-len(item[1].replace("*", "")), item[1], item[0])))


def _slugs(forms: dict[str, str]) -> dict[str, str]:
    """Forms in which a part of the path takes very many values (/blog/a-title) get a star there too."""
    children: dict[str, set[str]] = defaultdict(set)
    split = {form: _SEPARATOR.split(form) for form in set(forms.values())}
    for pieces in split.values():
        for at in range(2, len(pieces), 2):
            if pieces[at]:
                children["".join(pieces[:at])].add(pieces[at])
    starred: dict[str, str] = {}
    for form, pieces in split.items():
        out = list(pieces)
        for at in range(2, len(pieces), 2):
            head = "".join(pieces[:at])
            # The root of a site has many pages that mean different things, so a star needs a word before it.
            if len(children[head]) >= _FEWEST_SLUGS and any(piece.strip() for piece in pieces[: at - 1 : 2]):
                out[at] = "*"
        starred[form] = _STARS.sub("*", "".join(out))
    return {name: starred[form] for name, form in forms.items()}
