"""Files as people have them, understood by guessing and ready to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.privacy import masked_raw
from journey.events.quality import quality, rejected
from journey.projects.incoming import Incoming
from journey.projects.kept_reading import KeptReading
from journey.projects.project import Project
from journey.projects.state import ProjectState
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from journey.stages.suggest import suggest

__all__ = ["SAMPLES", "brought", "put", "sample"]

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


def sample(name: str, rows: int = 200) -> bytes:
    """The first rows of a file of the samples."""
    lines = (SAMPLES / name).read_bytes().splitlines(keepends=True)
    return b"".join(lines[: rows + 1])


def brought(name: str, data: bytes) -> Incoming:
    """The file with the columns that are guessed."""
    raw = read_table(data, name)
    choice = guess_table(raw).choice()
    made = cleaned(masked_raw(raw, choice), choice)
    card, left = quality(raw, made, choice=choice), rejected(raw, made)
    return Incoming(
        name=name,
        source=data,
        choice=choice,
        made=made,
        columns=tuple(map(str, raw.frame.columns)),
        rejected=left if left.num_rows else None,
        quality={group: getattr(card, group) for group in ("repaired", "dropped", "odd", "told")},
        reading=KeptReading.of(raw),
    )


def put(project: Project, files: Sequence[Incoming], stage_map: StageMap | None = None) -> ProjectState:
    """Let the project have these files, with the stages that their names suggest."""
    whole = joined(project.parts(files))
    if stage_map is None and whole.log is not None:
        stage_map = suggest(whole.log.event_names, language="ko").stage_map
    return project.put_files(files, whole, stage_map=stage_map)
