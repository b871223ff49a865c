"""The six kinds of table that say something about customers, and the roles that their columns play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from journey.errors import SettingWrong

__all__ = ["KINDS", "Role", "TableChoice"]


@dataclass(frozen=True)
class Role:
    """What a column can be. `many` columns may share it; without a `needed` one the table is of no use.

    A role `after` another means nothing until a column plays that one.
    """

    name: str
    needed: bool = False
    many: bool = False
    after: str | None = None


KINDS: Mapping[str, tuple[Role, ...]] = {
    "events": (
        Role("customer", needed=True),
        Role("event"),
        Role("time", needed=True),
        Role("session"),
        Role("amount"),
        Role("attributes", many=True),
    ),
    "orders": (
        Role("customer", needed=True),
        Role("time", needed=True),
        Role("order"),
        Role("amount"),
        Role("quantity"),
        Role("unit_price"),
        Role("product"),
        Role("category"),
        Role("status"),
        Role("attributes", many=True),
    ),
    "survey": (
        Role("customer"),
        Role("time"),
        Role("scores", needed=True, many=True),
        Role("comment"),
        Role("touchpoint"),
        Role("attributes", many=True),
    ),
    "reviews": (
        Role("customer"),
        Role("time"),
        Role("text", needed=True),
        Role("rating"),
        Role("product"),
        Role("touchpoint"),
        Role("attributes", many=True),
    ),
    "experiment": (
        Role("customer"),
        Role("arm", needed=True),
        Role("experiment"),
        Role("time"),
        Role("outcomes", many=True),
        # Of results that were summed before: how many units, and what is known of them.
        Role("units", many=True),
        Role("metric", after="units"),
        Role("elapsed", after="units"),
        Role("converted", many=True, after="units"),
        Role("mean", many=True, after="units"),
        Role("deviation", many=True, after="units"),
        Role("variance", many=True, after="units"),
        Role("attributes", many=True),
    ),
    "customers": (
        Role("customer", needed=True),
        Role("attributes", needed=True, many=True),
    ),
}


@dataclass(frozen=True)
class TableChoice:
    """What a table is and which column plays which role, as its owner leaves it.

    `roles` maps a role to its columns; roles without a column are left out. `zone` is the time zone of naive
    times, `date_order` (ymd, mdy, dmy) overrules the reading of ambiguous dates. `masked` says that personal
    data found in its columns is masked on the way in. `first_is_purchase` makes orders after a customer's
    first purchase day `repurchase`; False makes them all `purchase`. `cumulative` says whether each row of a
    summed table holds all up to its time; None leaves it to the numbers.
    """

    kind: str
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zone: str = "Asia/Seoul"
    drop_duplicates: bool = False
    date_order: str | None = None
    masked: bool = True
    first_is_purchase: bool = True
    cumulative: bool | None = None

    def one(self, role: str) -> str | None:
        """The column of a role that has at most one."""
        columns = self.roles.get(role, ())
        return columns[0] if columns else None

    def all(self, role: str) -> tuple[str, ...]:
        """The columns of a role that may have many."""
        return tuple(self.roles.get(role, ()))

    @property
    def missing(self) -> tuple[str, ...]:
        """The roles that the kind needs and that have no column."""
        # Several columns of units may be those of several arms.
        known = {"arm"} if len(self.all("units")) > 1 else set()
        needed = [role.name for role in KINDS[self.kind] if role.needed and role.name not in known]
        return tuple(name for name in needed if not self.roles.get(name))

    @property
    def is_summed(self) -> bool:
        """Are these results of an experiment whose units were summed before?"""
        return bool(self.roles.get("units"))

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that play a role, each once, in the order of the kind's roles."""
        return tuple(dict.fromkeys(name for role in KINDS[self.kind] for name in self.all(role.name)))

    def to_json(self) -> dict[str, Any]:
        """The choice as plain JSON values."""
        return {
            "kind": self.kind,
            "roles": {role: list(columns) for role, columns in self.roles.items() if columns},
            "zone": self.zone,
            "drop_duplicates": self.drop_duplicates,
            "date_order": self.date_order,
            "masked": self.masked,
            "first_is_purchase": self.first_is_purchase,
            "cumulative": self.cumulative,
        }

    @classmethod
    def from_json(cls, content: Any) -> TableChoice:
        """Read what `to_json` made; raises SettingWrong for anything else."""
        wrong = SettingWrong(setting="choice", value="", allowed="kind, roles, zone, …")
        if not isinstance(content, Mapping) or content.get("kind") not in tuple(KINDS):
            raise wrong
        types: dict[str, type | tuple[type, ...]] = {
            "kind": str,
            "roles": Mapping,
            "zone": str,
            "drop_duplicates": bool,
            "date_order": (str, type(None)),
            "masked": bool,
            "first_is_purchase": bool,
            "cumulative": (bool, type(None)),
        }
        for name, value in content.items():
            if name not in types or not isinstance(value, types[name]):
                raise wrong
        known = {role.name for role in KINDS[content["kind"]]}
        roles: dict[str, tuple[str, ...]] = {}
        for role, columns in content.get("roles", {}).items():
            if role not in known or not isinstance(columns, list | tuple):
                raise wrong
            if not all(isinstance(column, str) for column in columns):
                raise wrong
            roles[role] = tuple(columns)
        return cls(**{**content, "roles": roles})
