"""Everything that can go wrong for a user, as a class with values and a way out.

JourneyError                 one sentence in the catalogue: `errors.<code>`
|- Misuse                    the caller asked for something that cannot be (exit code 2)
|  |- ColumnMissing          a column that was named is not in the table
|  |- RoleMissing           a kind of table lacks a column that it cannot do without
|  |- SettingWrong           a setting has a value that is not allowed
|  |- NameMissing            a thing was to be named, and nothing was typed
|  |- QuestionUnknown        no question of that name
|  |- StageUnknown           no stage of that name or id
|  |- ExperimentMissing      no experiment of that name
|  |- SegmentMissing         a saved segment that is not there any more
|  |- StageMapWrong          a stage map that cannot be read
|  |- TooManyStages          the thirteenth stage
|  |- OwnerOnly              something that only an owner of the project may do
|  |- LastOwner              taking away a project's only owner
|  `- LoginWrong             the login is set up in a way that cannot work
|- Unreadable                a file that cannot be read (exit code 3)
|  |- FileEmpty              nothing in it, or a header only
|  |- FileTooLarge           over a limit, by bytes, rows or columns
|  |- FileKindUnknown        not a table: an image, a program, a document
|  |- EncodingUnknown        the bytes are text in no encoding that is tried
|  |- QuoteUnclosed          a quoted field that never ends
|  |- RowsRagged             too many rows have a wrong number of fields
|  |- WorkbookProtected      a workbook behind a password
|  |- WorkbookWrong          a workbook that is damaged or hostile
|  |- ArchiveWrong           a zip or gz that is damaged, locked, nested or without a table
|  |- JsonWrong              JSON that is no list of objects
|  |- FileBroken             the reader died of the file
|  |- ProjectFileWrong       an exported project that cannot be imported
|  |- UploadGone             an upload that is no longer held
|  `- NoUsableRows           rows, but none with a customer, an event and a time
|- SignedOut                 nobody is signed in at this tab any more
`- NotStored                 a change that could not be kept
   |- ProjectFull            all that people wrote into it takes as much room as it has
   |- ProjectMissing         no project of that id, or none that this user may open
   |- ProjectNewer           written by a newer version
   `- ProjectDamaged         the project's file cannot be read
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "ArchiveWrong",
    "ColumnMissing",
    "EncodingUnknown",
    "ExperimentMissing",
    "FileBroken",
    "FileEmpty",
    "FileKindUnknown",
    "FileTooLarge",
    "JourneyError",
    "JsonWrong",
    "LastOwner",
    "LoginWrong",
    "MapPartGone",
    "MetricUnfit",
    "Misuse",
    "NameMissing",
    "NoUsableRows",
    "NotStored",
    "OwnerOnly",
    "PlanGone",
    "ProjectDamaged",
    "ProjectFileWrong",
    "ProjectFull",
    "ProjectMissing",
    "ProjectNewer",
    "QuestionUnknown",
    "QuoteUnclosed",
    "RoleMissing",
    "RowsRagged",
    "SegmentMissing",
    "SettingWrong",
    "SignedOut",
    "StageMapWrong",
    "StageUnknown",
    "TooManyStages",
    "UndoHeld",
    "Unreadable",
    "UploadGone",
    "WorkbookProtected",
    "WorkbookWrong",
]


class JourneyError(Exception):
    """A problem that has a sentence: the key `errors.<code>` and the values for its holes."""

    code: ClassVar[str] = "unknown"

    def __init__(self, **values: Any) -> None:
        # Values may hold what a user typed, so the message of the exception itself carries the code alone:
        # a log line or a traceback must never show data.
        super().__init__(self.code)
        self.values = values

    @property
    def key(self) -> str:
        """The catalogue key of the sentence."""
        return f"errors.{self.code}"


class Misuse(JourneyError):
    """The caller asked for something that cannot be."""

    code = "misuse"


class ColumnMissing(Misuse):
    """`name` was asked for, `have` are the columns that exist, `near` is the most similar one or ''."""

    code = "column_missing"

    @property
    def key(self) -> str:
        """With a column of a similar name the sentence proposes it."""
        return f"errors.{self.code}_near" if self.values.get("near") else super().key


class RoleMissing(Misuse):
    """No column was chosen for the `role`, without which a table of this `kind` is of no use."""

    code = "role_missing"

    @property
    def key(self) -> str:
        """Each role has a sentence that says what such a column holds."""
        return f"{super().key}_{self.values['role']}" if "role" in self.values else super().key


class SettingWrong(Misuse):
    """`setting` has the value `value`; `allowed` says what would be right."""

    code = "setting_wrong"


class NameMissing(Misuse):
    """Nothing was typed where a name was asked for."""

    code = "name_missing"


class QuestionUnknown(Misuse):
    """`name` is no question; `have` are the questions."""

    code = "question_unknown"


class StageUnknown(Misuse):
    """`name` is no stage; `have` are the stages."""

    code = "stage_unknown"

    @property
    def key(self) -> str:
        """Without any stage the sentence lists none."""
        return super().key if self.values["have"] else f"{super().key}_none"


class MapPartGone(Misuse):
    """What an edit of a map names (`what` is card, lane, persona or map) is not there any more."""

    code = "map_part_gone"

    @property
    def key(self) -> str:
        """One sentence for each part."""
        return f"{super().key}_{self.values['what']}"


class ExperimentMissing(Misuse):
    """`name` ('' for none) is no experiment with records in this project; `have` are those that are."""

    code = "experiment_missing"

    @property
    def key(self) -> str:
        """Without any experiment the sentence says how to get one, without a name it asks for one."""
        end = ("" if self.values["name"] else "_which") if self.values["have"] else "_none"
        return super().key + end


class MetricUnfit(SettingWrong):
    """A metric of a test cannot be measured so: of `reason` "sums", "sessions" or "before"."""

    code = "metric_unfit"

    @property
    def key(self) -> str:
        """Sums have no units to look up, sessions do not come back, and files know no days before."""
        return f"errors.{self.code}_{self.values['reason']}"


class PlanGone(Misuse):
    """The test that was to be changed is not in the register any more."""

    code = "plan_gone"


class SegmentMissing(Misuse):
    """The segment that was asked for is not saved in this project."""

    code = "segment_missing"


class StageMapWrong(Misuse):
    """`detail` names the part of the map that is wrong; text that is no JSON has `line` and `column`."""

    code = "stage_map_wrong"

    @property
    def key(self) -> str:
        """Text that is no JSON has a sentence of its own, with the place."""
        return f"{super().key}_json" if "line" in self.values else super().key


class TooManyStages(Misuse):
    """`most` stages are allowed."""

    code = "too_many_stages"


class UndoHeld(Misuse):
    """Nothing of the edit can be taken back or done again: `who` changed all of it since."""

    code = "undo_held"

    @property
    def key(self) -> str:
        """Where it is not known who it was, the sentence does without a name."""
        return super().key if self.values.get("who") else f"{super().key}_unknown"


class OwnerOnly(Misuse):
    """Only an owner of the project may do that."""

    code = "owner_only"


class LastOwner(Misuse):
    """A project that has an owner keeps one."""

    code = "last_owner"


class LoginWrong(Misuse):
    """`reason` says what about the login cannot work; the other values are what was found."""

    code = "login_wrong"

    @property
    def key(self) -> str:
        """Where the reason is known the sentence names it."""
        reason = self.values.get("reason")
        return f"login.wrong_{reason}" if reason else super().key


class Unreadable(JourneyError):
    """A file that cannot be read as a table."""

    code = "unreadable"


class FileEmpty(Unreadable):
    """The file has no bytes, or a header and no rows."""

    code = "file_empty"


class FileTooLarge(Unreadable):
    """`what` is a field of Limits; `size` is found, `most` is allowed.

    What comes out of a packed file is counted up to the limit only; its `size` is then one more.

    Each has its own sentence, `errors.file_too_large_<what>`, because each has its own unit and way out.
    """

    code = "file_too_large"

    @property
    def key(self) -> str:
        """One sentence for each kind of limit."""
        return f"{super().key}_{self.values['what']}" if "what" in self.values else super().key


class FileKindUnknown(Unreadable):
    """`found` says what the bytes look like."""

    code = "file_kind_unknown"


class EncodingUnknown(Unreadable):
    """`row` is the first line that is in none of the encodings tried; `offered` are some to choose from."""

    code = "encoding_unknown"


class QuoteUnclosed(Unreadable):
    """`line` is where the quote opens."""

    code = "quote_unclosed"


class RowsRagged(Unreadable):
    """`bad` of `rows` rows have another number of fields than the header's `fields`."""

    code = "rows_ragged"


class WorkbookProtected(Unreadable):
    """The workbook opens with a password only."""

    code = "workbook_protected"


class WorkbookWrong(Unreadable):
    """`reason` is zip, unreadable or died: for the log, not for the screen."""

    code = "workbook_wrong"


class ArchiveWrong(Unreadable):
    """`reason` is damaged, locked, nested, method or empty; `name` is the part where it is about one."""

    code = "archive_wrong"

    @property
    def key(self) -> str:
        """One sentence for each reason; the plain one is for what is damaged."""
        reason = self.values.get("reason", "damaged")
        return super().key if reason == "damaged" else f"{super().key}_{reason}"


class JsonWrong(Unreadable):
    """`bad` of `rows` lines are no JSON objects; the first of them is `line`."""

    code = "json_wrong"


class FileBroken(Unreadable):
    """The process that read the file ended without an answer; `reason` is for the log, not for the screen."""

    code = "file_broken"


class ProjectFileWrong(Unreadable):
    """`reason` is damaged, kind (no export), unsafe (`name` is the entry), content (`part`) or newer."""

    code = "project_file_wrong"

    @property
    def key(self) -> str:
        """One sentence for each reason; the plain one is for what is damaged."""
        reason = self.values.get("reason", "damaged")
        return super().key if reason == "damaged" else f"{super().key}_{reason}"


class UploadGone(Unreadable):
    """What was uploaded, or read from it, is no longer held."""

    code = "upload_gone"


class NoUsableRows(Unreadable):
    """`rows` rows were read; `no_customer`, `no_event`, `no_time` say why each was dropped.

    Tables that are no log have `no_customer` and `no_value` instead, and a sentence of their own.
    """

    code = "no_usable_rows"

    @property
    def key(self) -> str:
        """What the rows lack differs between a log and other tables."""
        return f"{super().key}_value" if "no_value" in self.values else super().key


class SignedOut(JourneyError):
    """Nobody is signed in at this tab, or somebody else is."""

    code = "signed_out"


class NotStored(JourneyError):
    """`reason` says why where it is known: disk_full, read_only, busy, disk or changed."""

    code = "not_stored"

    @property
    def key(self) -> str:
        """Where the reason is known the sentence names it."""
        reason = self.values.get("reason")
        return f"projects.not_stored_{reason}" if reason else super().key


class ProjectFull(NotStored):
    """What people wrote into the project would take `size` bytes, of which it holds `most`."""

    code = "project_full"


class ProjectMissing(NotStored):
    """There is no project of that id, or none that this user may open."""

    code = "project_missing"


class ProjectNewer(NotStored):
    """A newer version of Journey Lab wrote the project."""

    code = "project_newer"


class ProjectDamaged(NotStored):
    """The project's file cannot be read any more."""

    code = "project_damaged"
