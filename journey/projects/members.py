"""Who may open a project, and who may say so?"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from journey.errors import LastOwner, OwnerOnly, ProjectDamaged, SettingWrong
from journey.projects.person import Person

__all__ = [
    "MEMBER",
    "OWNER",
    "ROLES",
    "Member",
    "add",
    "clear",
    "identified",
    "members",
    "owner",
    "put",
    "remove",
    "role_in",
]

OWNER, MEMBER = "owner", "member"
ROLES = (OWNER, MEMBER)
_LONGEST_ID = 254
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Member:
    """A person who may open a project: `role` is owner or member, `name` is what others read, or ''."""

    person: str
    name: str
    role: str


def identified(text: str) -> str:
    """A person's id as it is compared: in small letters, however it was typed; '' for what can be none."""
    # The order in which Unicode says that a caseless comparison is done.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold()).casefold()
    done = unicodedata.normalize("NFKC", folded).strip()
    odd = any(unicodedata.category(letter)[0] in "CZ" for letter in done)
    return "" if odd or len(done) > _LONGEST_ID else done


def members(connection: sqlite3.Connection) -> tuple[Member, ...]:
    """All who were let in, owners first, then by id."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'member'").fetchone():
        return ()
    rows = connection.execute("SELECT person, name, role FROM member ORDER BY role DESC, person").fetchall()
    if not all(isinstance(value, str) for row in rows for value in row):
        raise ProjectDamaged()
    return tuple(Member(*row) for row in rows)


def role_in(let_in: Iterable[Member], person: Person) -> str | None:
    """What a person may do among these: owner, member, or None for nothing at all."""
    if person.sees_all:
        return OWNER
    known = identified(person.id)
    return next((one.role for one in let_in if known and one.person == known), None)


def add(connection: sqlite3.Connection, by: Person, person_id: str, name: str, role: str) -> None:
    """Let somebody in, or give them another name or role; only an owner may, and one owner stays."""
    known = identified(person_id)
    if not known:
        raise _no_id(person_id)
    if role not in ROLES:
        raise SettingWrong(setting="role", value=str(role)[:80], allowed=", ".join(ROLES))
    before = members(connection)
    if role_in(before, by) != OWNER:
        raise OwnerOnly()
    if role != OWNER:
        _keep_an_owner(before, known)
    put(connection, [Member(known, _shown(name), role)])


def remove(connection: sqlite3.Connection, by: Person, person_id: str) -> None:
    """Let somebody in no longer: an owner may do it with anyone, a member with themselves only."""
    before, known = members(connection), identified(person_id)
    if role_in(before, by) != OWNER and known != identified(by.id):
        raise OwnerOnly()
    _keep_an_owner(before, known)
    if known not in {one.person for one in before}:
        return
    connection.execute("DELETE FROM member WHERE person = ?", (known,))


def put(connection: sqlite3.Connection, let_in: Iterable[Member]) -> None:
    """Write these beside those who are there, without asking who does it."""
    connection.executemany(
        "INSERT INTO member VALUES (?, ?, ?)"
        " ON CONFLICT (person) DO UPDATE SET name = excluded.name, role = excluded.role",
        [(one.person, one.name, one.role) for one in let_in],
    )


def clear(connection: sqlite3.Connection) -> None:
    """Let nobody in any more, without asking who does it."""
    if members(connection):
        connection.execute("DELETE FROM member")


def owner(person: Person) -> Member:
    """The person as the owner of what they make; raises SettingWrong for somebody without a usable id."""
    known = identified(person.id)
    if not known:
        raise _no_id(person.id)
    return Member(known, _shown(person.name), OWNER)


def _no_id(text: str) -> SettingWrong:
    return SettingWrong(setting="person", value=text[:80], allowed=f"1-{_LONGEST_ID}")


def _keep_an_owner(before: Iterable[Member], leaving: str) -> None:
    owners = {one.person for one in before if one.role == OWNER}
    if owners == {leaving}:
        raise LastOwner()


def _shown(name: str) -> str:
    """The name in one tidy line."""
    plain = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in name)
    return " ".join(unicodedata.normalize("NFC", plain).split())[:_LONGEST_NAME].rstrip()
