"""Draw the arms of a test that is written down, and hand out who gets what."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from journey.analysis.assignment import BUCKETS, Assignment, assignment
from journey.events.privacy import mask_ids
from journey.i18n import text
from journey.projects.data_ref import DataRef
from journey.projects.register import Entry, drawn, progress
from journey.reports.tables import to_csv, to_xlsx
from journey.stages.experiment_plan import Arm
from ui import by_name, demo, moments, opening, planner_kept, presenting, session, toasts
from ui.ask import picked, saved, view
from ui.files import MIMES
from ui.logs import whole
from ui.moments import here, since
from ui.once import once
from ui.pinning import now_and_who
from ui.planner_draft import kept
from ui.planner_file import of_file
from ui.tables import named_file, show_table
from ui.veil import said, veiled
from ui.words import literal, md, sentence, t

__all__ = ["draw"]

_MOST_SHOWN = 1000
_MOST_PASTED = 1_000_000
_MOST_GROUPS = 50
_SEPARATORS = re.compile(r"[\r\n\t,;]+")


@dataclass(frozen=True)
class _List:
    """Who is to be drawn: their ids as they are, what they are to be alike in, and who is left out."""

    ids: list[str]
    strata: list[str | None] | None
    excluded: list[str]
    stratum: str

    @property
    def digest(self) -> str:
        """Tells this list from any other, and nothing about who is in it."""
        mark = hashlib.sha256()
        for part in (self.ids, self.excluded):
            mark.update("\0".join(sorted(set(part))).encode() + b"\1")
        return mark.hexdigest()[:16]


def draw(entry: Entry | None, unit: str) -> None:
    """The list, the draw, and the files of it; samples where no project is open to keep a draw."""
    if presenting.is_on():
        return
    if session.project() is None:
        st.caption(t("page.home.or_sample"))
        opening.sample_buttons()
        return
    st.subheader(t("planner.draw"), anchor=False)
    st.caption(t("planner.draw_help"))
    if entry is not None and not entry.draw and _has_begun(entry):
        st.caption(t("planner.draw_late"))
        return
    if unit == "session":
        st.info(t("planner.draw_sessions"), icon=":material/info:")
        return
    with st.container(border=True, key="planner_draw"):
        listed = _list()
        if entry is None:
            st.caption(t("planner.draw_first_save"))
            return
        if not entry.draw:
            _begin(entry, listed)
            return
        _drawn(entry, listed)


def _has_begun(entry: Entry) -> bool:
    """Does somebody or a decision say that the test runs? On its first day people are drawn too, and a list
    that is in the project already may be drawn anew."""
    timeless = replace(entry, plan=replace(entry.plan, starts=None, ends=None))
    return progress(timeless, moments.today()) not in ("idea", "planned")


def _list() -> _List:
    """The controls: whose arms are drawn."""
    sources = (["project"] if _has_customers() else []) + ["pasted", "file"]
    source = st.segmented_control(
        t("planner.list"),
        sources,
        format_func=lambda name: t(f"planner.list_{name}"),
        required=True,
        **kept("list", sources[0], sources),
    )
    if source not in sources:
        source = sources[0]
    excluded: list[str] = []
    stratum, strata = "", None
    if source == "project":
        ids = _of_project()
        stratum, strata = _strata(ids)
    elif source == "file":
        found = of_file()
        ids, stratum, strata = found.ids, found.stratum, found.strata
    else:
        ids = _typed("pasted")
    with st.expander(t("planner.leave_out")):
        if source == "project":
            excluded += _of_segment()
        excluded += _typed("left_out")
    st.caption(t("planner.list_n", n=len(ids)))
    return _List(ids, strata, excluded, stratum)


def _has_customers() -> bool:
    data = session.state().data
    return data is not None and data.has_customers and bool(len(whole().customer_ids))


def _of_project() -> list[str]:
    """The customers that the filters leave, by their own ids: those are what a tool that sends needs."""
    origin, ids = view().origin, whole().customer_ids
    if (session.state().data or DataRef(None)).fingerprint is not None:
        st.caption(t("planner.list_filters"))
    return list((ids if origin is None else ids.take(pa.array(origin))).to_pylist())


def _of_segment() -> list[str]:
    known = {one.id: one for one in saved()}
    if not known:
        return []
    names, nobody = {id_: one.name for id_, one in known.items()}, t("planner.nobody")
    chosen = by_name.one_of("leave_segment", t("planner.leave_segment"), names, nothing=nobody, keep=kept)
    if not chosen:
        return []
    origin, ids = view().origin, whole().customer_ids
    those = ids if origin is None else ids.take(pa.array(origin))
    return list(those.filter(pa.array(picked(known[chosen].rule))).to_pylist())


def _typed(name: str) -> list[str]:
    """Ids that were pasted, one a line or parted by commas: kept in the tab, and nowhere else."""
    if demo.is_on():
        st.caption(t("planner.pasted_hidden"))
        return []
    typed = st.text_area(
        t(f"planner.{name}"),
        placeholder=t("planner.pasted_hint"),
        height=120,
        key=session.widget_key(f"planner_{name}"),
    )
    found = [one.strip() for one in _SEPARATORS.split(typed or "")]
    return [one for one in found if one][:_MOST_PASTED]


def _strata(ids: list[str]) -> tuple[str, list[str | None] | None]:
    """The attribute of customers in which the arms are to be alike, and its value of each."""
    found = whole().attributes.items()
    names = [name for name, one in found if one.of == "customer" and 2 <= len(one.categories) <= _MOST_GROUPS]
    if not names:
        return "", None
    chosen = by_name.one_of(
        "stratum",
        t("planner.stratum"),
        {name: name for name in names},
        nothing=t("planner.stratum_none"),
        keep=kept,
        help=t("planner.stratum_help"),
    )
    if not chosen:
        return "", None
    values, origin = whole().attributes[chosen], view().origin
    codes = values.codes if origin is None else values.codes.take(origin)
    return chosen, [values.categories[code] if code >= 0 else None for code in codes]


def _assigned(plan_arms: tuple[Arm, ...], salt: str, listed: _List) -> Assignment:
    return assignment(listed.ids, arms=plan_arms, salt=salt, strata=listed.strata, excluded=listed.excluded)


def _begin(entry: Entry, listed: _List) -> None:
    """Fix the salt and count the arms; what is kept of it names nobody."""

    def keep() -> None:
        salt = secrets.token_hex(8)
        found, (at, who) = _assigned(entry.plan.arms, salt, listed), now_and_who()
        counts = dict(zip(found.arms["arm"], map(int, found.arms["customers"]), strict=True))
        told = {
            "salt": salt,
            "at": at.isoformat(),
            "by": who,
            "arms": [{"label": one.label, "name": one.name, "weight": one.weight} for one in entry.plan.arms],
            "counts": counts,
            "stratum": listed.stratum,
            "excluded": found.n_excluded,
            "digest": listed.digest,
        }
        session.edit(drawn(session.state().settings, entry.id, told))
        session.put(session.widget_key("planner_list_open"), True)
        toasts.say(t("planner.draw_done"))

    st.button(
        t("planner.draw_yes"),
        type="primary" if listed.ids else "secondary",
        icon=":material/shuffle:",
        disabled=not listed.ids,
        **once("planner_draw", keep),
    )


def _drawn(entry: Entry, listed: _List) -> None:
    """What was drawn, and its list on demand."""
    told = entry.draw
    arms = tuple(Arm(one["label"], one.get("name", ""), float(one["weight"])) for one in told["arms"])
    total, n = sum(one.weight for one in arms), sum(told["counts"].values())
    at = dt.datetime.fromisoformat(told["at"])
    who = demo.called(told["by"])
    by = md("planner.drawn_by", when=since(at), who=who) if who else t("planner.drawn_when", when=since(at))
    st.markdown(f"{by} {md('planner.drawn_salt', salt=told['salt'])}")
    for column, one in zip(st.columns(max(2, min(len(arms), 5))), arms, strict=False):
        label = literal(one.name or one.label)
        column.metric(label, t("planner.number_customers", n=told["counts"].get(one.label, 0)))
        column.caption(
            t(
                "planner.share_of",
                share=told["counts"].get(one.label, 0) / n if n else None,
                planned=one.weight / total,
            )
        )
    planner_kept.there(entry)
    if not _is_same_draw(told, listed):
        planner_kept.hand_out(entry)
    elif st.toggle(t("planner.list_open"), key=session.widget_key("planner_list_open")):
        _files(entry, arms, listed, at)
    with st.popover(t("planner.redraw"), icon=":material/restart_alt:"):
        st.markdown(t("planner.redraw_warn"))
        forget = once("planner_redraw", _forget, entry.id)
        st.button(t("planner.redraw_yes"), **forget)


def _is_same_draw(told: Mapping[str, Any], listed: _List) -> bool:
    """Would the list come out as it was drawn? Says what is another now; by hash alone nobody moves."""
    way = told.get("stratum", "")
    if way != listed.stratum:
        st.warning(md("planner.changed_way", way=way) if way else t("planner.changed_way_hashed"))
        return False
    is_same = bool(told["digest"] == listed.digest)
    if not is_same:
        st.warning(t("planner.changed_dealt" if way else "planner.changed_hashed"))
    return is_same or not way


def _forget(id_: str) -> None:
    session.edit(drawn(session.state().settings, id_, None))


def _files(entry: Entry, arms: tuple[Arm, ...], listed: _List, at: dt.datetime) -> None:
    found, language = _assigned(arms, entry.draw["salt"], listed), session.current().language
    st.markdown(f"**{sentence(found.finding)}**")
    for note in found.notes:
        st.caption(sentence(note))
    reveal = not demo.is_on() and st.toggle(t("page.flows.reveal"), key=session.widget_key("planner_reveal"))
    if found.n_customers > _MOST_SHOWN:
        st.caption(t("page.flows.first_customers", n=found.n_customers, shown=_MOST_SHOWN))
    first = found.table.head(_MOST_SHOWN)
    names = _stratum_names(listed.stratum)
    show_table(first if reveal else _masked(first, _mask_key(), names), key="planner_list")
    st.caption(t("planner.ids_masked" if demo.is_on() else "planner.ids_real"))
    is_covered, key = demo.is_on(), _mask_key()
    name, starts = demo.covered(veiled(planner_kept.called(entry))), planner_kept.begins(entry, at)

    def frame() -> pd.DataFrame:
        table = _masked(found.table, key, names) if is_covered else found.table
        return _written(table, name, entry.draw["salt"], starts, language)

    def book() -> bytes:
        how = _recipe(found, name, here(at), language)
        return to_xlsx(
            {text("planner.sheet_list", language): frame(), text("planner.sheet_how", language): how}
        )

    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        "csv": ("text/csv", lambda: to_csv(frame())),
        "xlsx": (MIMES["xlsx"], book),
    }
    with st.container(horizontal=True):
        for ending, (mime, write) in files.items():
            st.download_button(
                t(f"planner.take_{ending}"),
                data=session.download(write),
                file_name=named_file(t("planner.file"), ending),
                mime=mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"planner_list.{ending}",
            )
    if not is_covered:
        planner_kept.keep(entry, frame())


def _mask_key() -> bytes:
    opened = session.project()
    return b"" if opened is None else opened.mask_key


def _stratum_names(attribute: str) -> Mapping[str, str]:
    """What demo mode says for the values of an attribute that it hides."""
    return said(attribute) if attribute and demo.is_on() else {}


def _masked(table: pd.DataFrame, key: bytes, names: Mapping[str, str]) -> pd.DataFrame:
    """The same with a code for each customer, as they stand in every table of the project."""
    covered = table.assign(customer=mask_ids(table["customer"].tolist(), key))
    if names and "stratum" in covered:
        covered["stratum"] = [names.get(value, value) for value in covered["stratum"]]
    return covered


def _written(table: pd.DataFrame, name: str, salt: str, starts: dt.datetime, language: str) -> pd.DataFrame:
    """The list as a file: it can be brought back as it is, as a table of an experiment."""
    told: dict[str, Any] = {"experiment": name, "started_at": starts, "salt": salt}
    frame = table.assign(**told)
    order = [
        "customer",
        "experiment",
        "arm",
        *(["stratum"] if "stratum" in frame else []),
        "started_at",
        "salt",
    ]
    return frame[order].rename(columns={one: text(f"planner.column_{one}", language) for one in order})


def _recipe(found: Assignment, name: str, at: dt.datetime, language: str) -> pd.DataFrame:
    """How the arms were drawn, line by line, so that somebody else can do it again."""
    lines: list[tuple[str, Any]] = [
        (text("planner.column_experiment", language), name),
        (text("planner.column_salt", language), found.salt),
        (text("planner.column_assigned_at", language), at.isoformat()),
    ]
    for one in found.arms.itertuples(index=False):
        said = text("planner.share_of", language, share=one.share, planned=one.planned)
        lines.append((f"{text('planner.column_arm', language)} {one.arm}", f"{one.customers:,} ({said})"))
        if one.until == one.until:
            lines.append((text("planner.bucket", language), f"< {int(one.until):,} / {BUCKETS:,}"))
    counts: Mapping[str, int] = {
        "excluded": found.n_excluded,
        "duplicates": found.n_duplicates,
        "blank": found.n_blank,
    }
    lines += [(text(f"planner.recipe_{what}", language), n) for what, n in counts.items()]
    way = "dealt" if found.is_stratified else "hashed"
    lines.append((text("planner.recipe", language), text(f"planner.recipe_{way}", language)))
    heads = [text(f"planner.recipe_{what}", language) for what in ("what", "value")]
    return pd.DataFrame(lines, columns=heads)
