"""Every real file is read as what it is: rows, columns, encoding, delimiter, header, sheet."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from journey.errors import EncodingUnknown, SettingWrong
from journey.events.numbers import parse_numbers
from journey.sources.how import ALL_SHEETS
from tests.shared_tables import shared_table

pytestmark = [pytest.mark.needs_shared_data, pytest.mark.usefixtures("books_here")]


@dataclass(frozen=True)
class Pin:
    """What is known of a file. `header` 0: no names; `notes` are the codes of what the user is told."""

    name: str
    rows: int
    columns: int
    kind: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    header: int = 1
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    rejected: int = 0
    total: int | None = None
    aside: int = 0
    notes: tuple[str, ...] = ()


def parquet(name, rows, columns):
    return Pin(name, rows, columns, "parquet", "", "")


def book(name, rows, columns, sheet, sheets=(), kind="xlsx", **more):
    return Pin(name, rows, columns, kind, "", "", sheet=sheet, sheets=sheets or (sheet,), **more)


def korean(name, rows, columns):
    return Pin(name, rows, columns, encoding="cp949", notes=("encoding_read",))


PINS = [
    Pin("attribution/paths_10000.csv.gz", 10_000, 4),
    Pin("customers/Mall_Customers.csv", 200, 5),
    Pin("customers/Telco-Customer-Churn.csv", 7_043, 21),
    book("customers/marketing_campaign.xlsx", 2_240, 31, "Sheet1"),
    Pin("customers/marketing_campaign_semicolon_bom.csv", 2_240, 29, delimiter=";"),
    Pin("customers/online_shoppers_intention.csv", 12_330, 18, delimiter=";"),
    Pin("events/diginetica_semicolon.csv", 12_391, 5, delimiter=";"),
    Pin("events/ga4_sample.csv", 16_003, 14),
    Pin("events/helpdesk.csv", 21_348, 13),
    Pin("events/receipt.csv", 8_577, 15),
    parquet("events/receipt.parquet", 8_577, 15),
    Pin("events/rees46_1000.csv", 1_000, 9),
    Pin("events/yoochoose_epoch_seconds.txt", 13_568, 3, delimiter="\t"),
    # One arm a sheet: 40 rows each, and the column of the sheets' names.
    book(
        "experiments/ab_testing.xlsx",
        80,
        5,
        ALL_SHEETS,
        ("Control Group", "Test Group"),
        notes=("sheets_stacked",),
    ),
    parquet("experiments/asos_digital_experiments_dataset.parquet", 24_153, 10),
    Pin("experiments/cookie_cats.csv", 90_189, 5),
    Pin("experiments/fastfood_promotions.csv", 548, 7),
    korean("korean/apartment_sales_cp949.csv", 2_089, 8),
    Pin("korean/cctv_utf8_bom.csv", 25, 6),
    korean("korean/crime_cp949_thousand_separators.csv", 31, 11),
    Pin(
        "korean/listed_companies_html_named_xls.xls",
        2_524,
        9,
        "html",
        "cp949",
        "",
        notes=("encoding_read", "page_named_workbook"),
    ),
    book(
        "korean/migration_two_headers_merged.xlsx",
        325,
        50,
        "데이터",
        ("데이터", "메타정보"),
        notes=("sheet_chosen",),
    ),
    Pin("korean/nsmc_train_200000.csv.gz", 200_000, 3, notes=("text_normalised",)),
    # 30 rows of cells: three of names, 26 of data, of which the first is the sum of the others, a blank one.
    book(
        "korean/population_three_header_rows.xls",
        26,
        14,
        "YainSoft_Excel1",
        kind="xls",
        total=0,
        notes=("total_row_first",),
    ),
    book("korean/sales_funnel.xlsx", 17, 8, "Sheet1"),
    korean("korean/seoul_sales_cp949.csv.gz", 1_615, 66),
    korean("korean/subway_cp949.csv", 276, 7),
    # 366 lines, the last of which is a comma alone.
    Pin("korean/web_traffic_headerless_korean_dates.csv", 365, 2, header=0, notes=("header_missing",)),
    # 49 rows of cells: a title, a unit, the names, 46 of data.
    book(
        "korean/지역_위치별(주유소).xls",
        46,
        10,
        "지역_위치별(주유소)",
        kind="xls",
        header=3,
        notes=("header_found",),
    ),
    Pin("messy/ab_data_cut_mid_row.csv", 18_582, 5, rejected=1, notes=("rows_rejected",)),
    Pin(
        "messy/eshop_cp1252_dictionary_beside_table.csv",
        24_026,
        15,
        encoding="cp1252",
        aside=9,
        notes=("encoding_read", "names_repaired", "columns_aside"),
    ),
    book(
        "messy/superstore_old.xls",
        9_994,
        21,
        "Orders",
        ("Orders", "Returns", "People"),
        kind="xls",
        notes=("sheet_chosen",),
    ),
    Pin("surveys/airline_satisfaction.csv", 25_976, 25, notes=("names_repaired",)),
    Pin("transactions/completejourney_campaign_descriptions.csv", 27, 4),
    Pin("transactions/completejourney_campaigns.csv", 6_589, 2),
    Pin("transactions/completejourney_coupon_redemptions.csv", 2_102, 4),
    Pin("transactions/completejourney_demographics.csv", 801, 8),
    Pin("transactions/completejourney_products.csv.gz", 92_331, 7),
    Pin("transactions/completejourney_transactions.csv.gz", 75_000, 11),
    parquet("transactions/online_retail.parquet", 541_909, 8),
]


read = shared_table


def test_no_file_is_forgotten(shared_data):
    files = {path.relative_to(shared_data).as_posix() for path in shared_data.rglob("*") if path.is_file()}
    assert files - {"README.md"} == {pin.name for pin in PINS}


@pytest.mark.parametrize("pin", PINS, ids=lambda pin: pin.name)
def test_what_a_file_holds(shared_data, pin):
    how = {"encoding": "cp1252"} if pin.encoding == "cp1252" else {}
    raw = read(shared_data, pin.name, **how)
    assert (
        Pin(
            pin.name,
            *raw.frame.shape,
            raw.kind,
            raw.encoding,
            raw.delimiter,
            raw.header_line,
            raw.sheet,
            raw.sheets,
            raw.rejected,
            raw.total_row,
            len(raw.aside),
            tuple(note.code.removeprefix("sources.") for note in raw.notes),
        )
        == pin
    )
    assert raw.frame.columns.is_unique
    assert all(raw.frame.columns)


def test_the_arms_of_an_experiment_are_its_sheets(shared_data):
    frame = read(shared_data, "experiments/ab_testing.xlsx").frame
    means = parse_numbers(frame["Purchase"]).values
    assert means[frame["sheet"] == "Control Group"].mean() == pytest.approx(550.894, abs=5e-4)
    assert means[frame["sheet"] == "Test Group"].mean() == pytest.approx(582.106, abs=5e-4)
    one = read(shared_data, "experiments/ab_testing.xlsx", sheet="Test Group")
    assert one.frame.shape == (40, 4)


def test_each_sheet_of_an_old_workbook(shared_data):
    name = "messy/superstore_old.xls"
    orders = read(shared_data, name).frame
    assert parse_numbers(orders["Sales"]).values.sum() == pytest.approx(2_297_200.86, abs=5e-3)
    assert (orders["Customer ID"].nunique(), orders["Order ID"].nunique()) == (793, 5_009)
    assert orders["Order Date"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    assert read(shared_data, name, sheet="Returns").frame.shape == (296, 2)
    assert read(shared_data, name, sheet="People").frame.shape == (4, 2)
    with pytest.raises(SettingWrong) as refused:
        read(shared_data, name, sheet=ALL_SHEETS)
    assert refused.value.values["allowed"] == "Orders, Returns, People"


def test_names_over_three_rows_and_a_first_row_that_is_the_sum(shared_data):
    raw = read(shared_data, "korean/population_three_header_rows.xls")
    assert list(raw.frame.columns)[:6] == [
        "기간",
        "자치구",
        "세대",
        "인구 합계 계",
        "인구 합계 남자",
        "인구 합계 여자",
    ]
    people = parse_numbers(raw.frame["인구 합계 계"]).values
    assert raw.total_row == 0
    assert people[1:].sum() == people[0] == 10_197_604


def test_a_title_and_a_unit_above_the_names(shared_data):
    frame = read(shared_data, "korean/지역_위치별(주유소).xls").frame
    assert list(frame.columns)[:3] == ["지역", "상호", "주소"]
    assert frame["전화번호"].str.match(r"0\d").all()


def test_codes_of_a_page_keep_their_zeros(shared_data):
    codes = read(shared_data, "korean/listed_companies_html_named_xls.xls").frame["종목코드"]
    assert codes.str.len().eq(6).all()
    assert codes.str.startswith("0").sum() > 1_000


def test_a_western_file_is_not_guessed_but_the_user_may_choose(shared_data):
    name = "messy/eshop_cp1252_dictionary_beside_table.csv"
    with pytest.raises(EncodingUnknown) as caught:
        read(shared_data, name)
    assert (caught.value.values["row"], caught.value.values["offered"]) == (5, ["CP1252"])
    raw = read(shared_data, name, encoding="cp1252")
    table = raw.frame.drop(columns=list(raw.aside))
    assert list(table.columns) == [
        "Row Labels", "Session_Length", "Max_Page_Reached", "Price_Count", "Price_Variance", "High_Intent",
    ]  # fmt: skip
    assert (table != "").to_numpy().all()


def test_the_row_that_was_cut_is_named(shared_data):
    raw = read(shared_data, "messy/ab_data_cut_mid_row.csv")
    assert raw.rejected_lines == (18_584,)
    assert raw.rejected_rows[0].startswith("828214,")
