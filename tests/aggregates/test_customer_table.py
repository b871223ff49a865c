"""One row a customer: against plain loops, laws, and what real tables are read as."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from journey.aggregates.customer_table import FAMILIES, customer_table, offered
from journey.charts.feature_words import category_words, family_words, feature_value, feature_words
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.other_tables import other_tables
from journey.i18n import LANGUAGES
from journey.sources.files import read_table
from journey.stages.suggest import suggest

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


@cache
def shop():
    """The sample shop with all its tables: log, stages, tables."""
    names = (
        "shop_events.csv",
        "shop_orders.csv",
        "shop_survey.csv",
        "shop_reviews.csv",
        "shop_customers.csv",
    )
    raws = [read_table((SAMPLES / name).read_bytes(), name) for name in names]
    parts = [cleaned(raw, guess_table(raw).choice()) for raw in raws]
    log = joined(parts).log
    tables = other_tables((part.kind, part.tables) for part in parts)
    return log, suggest(log.event_names, language="ko").stage_map, tables


def test_the_shop_offers_features_of_every_family_and_all_can_be_had():
    log, stages, tables = shop()
    offers = offered(log, stages, tables)
    assert [*dict.fromkeys(offer.family for offer in offers)] == list(FAMILIES)
    assert len({offer.name for offer in offers}) == len(offers)
    table = customer_table(log, stages, features=[offer.name for offer in offers], tables=tables)
    assert table.rows.sum() == log.n_rows
    for feature in table.features.values():
        assert len(feature.values) == len(feature.codes) == table.n_customers == log.n_customers
        assert feature.known.any(), feature.offer.name
        known = feature.values[feature.known]
        if feature.offer.form in ("share", "flag"):
            assert ((known >= 0) & (known <= 1)).all()
    for language in LANGUAGES:
        words = [feature_words(offer, language) for offer in offers]
        assert len(set(words)) == len(words)
        for offer in offers:
            assert family_words(offer.family, language)
            assert feature_value(offer, 0.5, language) != feature_value(offer, np.nan, language) == "–"
    assert category_words("", "en") == "Other"
