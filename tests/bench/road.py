"""From the bytes of a dropped file to a stored project: every step of the Data page, timed one by one."""

from __future__ import annotations

import datetime as dt
import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.privacy import masked_raw, personal, without_rrn
from journey.events.quality import quality, rejected
from journey.projects.incoming import Incoming
from journey.projects.store import Store
from journey.sources.how import How
from journey.sources.reading import read_file
from journey.sources.staging import Staging
from tests.bench.measure import report, timed


def main(file: Path, repeats: int) -> None:
    data, how = file.read_bytes(), How()
    steps: list[dict[str, float]] = []

    def road() -> Any:
        spent: dict[str, float] = {}
        steps.append(spent)

        def step(name: str, work: Callable[[], Any]) -> Any:
            begin = time.perf_counter()
            made = work()
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - begin
            return made

        with tempfile.TemporaryDirectory() as home:
            staging = Staging(Path(home) / "staging")
            staged = step("kept while it waits", lambda: staging.put(io.BytesIO(data), file.name))
            source, target = staging.path(staged.digest), staging.target(staged.digest, how)
            raw = step("read by its process", lambda: read_file(source, file.name, how, target))
            guess = step("kind and roles guessed", lambda: guess_table(raw))
            step("personal data looked for", lambda: personal(raw))
            choice = guess.choice("events", "UTC")
            scrubbed = step("resident numbers taken out", lambda: without_rrn(raw))
            masked = step("personal data masked", lambda: masked_raw(scrubbed, choice))
            made = step("cleaned and sorted", lambda: cleaned(masked, choice, now=dt.datetime.now(dt.UTC)))
            card = step("quality card", lambda: quality(scrubbed, made, choice=choice))
            left = step("rejected rows", lambda: rejected(scrubbed, made))
            incoming = Incoming(
                name=file.name,
                source=source,
                choice=choice,
                made=made,
                how=how,
                columns=tuple(raw.frame.columns),
                rejected=left if left.num_rows else None,
                upload=staged.digest,
                quality={name: getattr(card, name) for name in ("repaired", "dropped", "odd", "told")},
            )
            project = Store(Path(home)).create("bench")
            whole = step("joined and stored", lambda: joined(project.parts([incoming], replace=())))
            step("joined and stored", lambda: project.put_files([incoming], whole))
            return made.used

    cpu, wall, used = timed(road, repeats)
    fastest = {name: min(each[name] for each in steps) for name in steps[0]}
    report(cpu=cpu, wall=wall, used=used, steps=fastest)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
