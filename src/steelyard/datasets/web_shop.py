"""A table to try things on: invented, but with the troubles of a real one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

if TYPE_CHECKING:
    import polars

_DEVICES = {"phone": 0.58, "desktop": 0.35, "tablet": 0.07}
_SOURCES = {
    "search": 0.34,
    "direct": 0.24,
    "ad": 0.17,
    "newsletter": 0.11,
    "social": 0.09,
    "price comparison": 0.045,
    "podcast": 0.0045,
    "voucher site": 0.0005,
}
_COUNTRIES = ("DE", "AT", "CH", "NL", "FR", "BE", "IT", "PL", "DK", "SE", "ES", "CZ", "LU", "NO", "FI", "PT")
_FIRST_DAY = date(2024, 1, 1)
_DAYS = 366


def web_shop_visits(rows: int = 20_000, seed: int = 0) -> polars.DataFrame:
    """Visits to a web shop; about 4.5 % end in a purchase (column ``bought``: "yes" or "no").

    **Invented**: no shop, no visitor; the numbers come from ``numpy.random.default_rng(seed)`` and
    the formula below. What is real is the shape: skewed amounts, counts, categories with rare
    levels, missing values that tell something (a visitor without ``days_since_last_visit`` is new;
    ``rating_seen`` is missing when no product page was opened), an identifier and a column that say
    nothing, a date, effects that bend and effects that depend on one another, so that no straight
    line through the columns ranks as well as a small network can. The rows are in order of time.
    """
    import polars as pl

    random = np.random.default_rng(seed)
    day = np.sort(random.integers(0, _DAYS, rows))
    hour = np.mod(
        np.round(random.choice([10.5, 20.0], rows, p=[0.4, 0.6]) + random.normal(0, 3.2, rows), 2), 24
    )
    device = random.choice(list(_DEVICES), rows, p=list(_DEVICES.values()))
    source = random.choice(list(_SOURCES), rows, p=list(_SOURCES.values()))
    rank = np.minimum(random.zipf(1.7, rows) - 1, len(_COUNTRIES) - 1)
    country = np.array(_COUNTRIES)[rank]
    returning = random.random(rows) < np.where(np.isin(source, ["direct", "newsletter"]), 0.7, 0.35)
    absence = random.lognormal(2.2, 1.3, rows)
    pages = 1 + random.negative_binomial(1.1, 0.16, rows)
    product_pages = random.binomial(pages, random.beta(1.6, 2.2, rows))
    seconds = np.round(pages * random.lognormal(3.1, 0.75, rows), 1)
    price = np.round(random.lognormal(3.6, 0.9, rows), 2)
    rating = np.clip(random.normal(4.1, 0.6, rows), 1, 5).round(1)
    discount = np.where(random.random(rows) < 0.72, 0, random.choice([5, 10, 15, 20, 30], rows))
    days_to_payday = np.mod(27 - day % 30, 30)
    frame = pl.DataFrame(
        {
            "visit": [f"v{number:08x}" for number in random.choice(2**32, rows, replace=False)],
            "date": np.datetime64(_FIRST_DAY) + day.astype("timedelta64[D]"),
            "hour": hour,
            "device": device,
            "source": source,
            "country": country,
            "screen_brightness": random.integers(20, 101, rows),
            "returning": returning,
            "days_since_last_visit": np.where(returning, np.round(absence, 1), np.nan),
            "pages": pages,
            "product_pages": product_pages,
            "seconds": seconds,
            "price_seen": np.where(product_pages > 0, price, np.nan),
            "rating_seen": np.where(product_pages > 0, rating, np.nan),
            "discount_percent": discount,
        }
    ).with_columns(pl.col("days_since_last_visit", "price_seen", "rating_seen").fill_nan(None))
    logit = (
        _interest(pages, product_pages, seconds)
        + _offer(price, rating, discount, product_pages > 0)
        + _visitor(device, source, rank, returning, absence, hour)
        + 0.35 * np.cos(2 * np.pi * days_to_payday / 30)
    )
    bought = random.random(rows) < expit(logit - 5.0)
    return frame.with_columns(pl.Series("bought", np.where(bought, "yes", "no")))


def write_web_shop_visits(path: Path, rows: int = 20_000, seed: int = 0) -> None:
    """Writes :func:`web_shop_visits` as CSV, missing values as empty fields."""
    web_shop_visits(rows, seed).write_csv(path)


def _interest(
    pages: NDArray[np.int64], product_pages: NDArray[np.int64], seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Neither a glance nor a long search buys; who reads about 45 seconds a page does."""
    pace = np.log(seconds / pages) - np.log(45)
    share = product_pages / pages
    return np.asarray(2.2 * np.exp(-(((share - 0.45) / 0.25) ** 2)) - 1.5 * pace**2 + 0.4 * np.log(pages))


def _offer(
    price: NDArray[np.float64],
    rating: NDArray[np.float64],
    discount: NDArray[np.int64],
    seen: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """The middle of the range sells; a discount sells what is dear and spoils what is cheap."""
    dear = np.log(price) - 3.6
    effect = 2.0 * (discount >= 10) * np.tanh(1.5 * dear) + 0.8 * (rating - 4.1) - 0.6 * dear**2
    return np.where(seen, effect, -3.0)


def _visitor(
    device: NDArray[np.str_],
    source: NDArray[np.str_],
    country_rank: NDArray[np.int64],
    returning: NDArray[np.bool_],
    absence: NDArray[np.float64],
    hour: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Phones buy in the evening, desktops at noon; who comes back after about a week is decided."""
    evening = np.cos(2 * np.pi * (hour - 20.5) / 24)
    by_device = np.where(device == "phone", 2.0 * evening, np.where(device == "desktop", -2.0 * evening, 0.0))
    by_source = np.select(
        [source == "newsletter", source == "price comparison", source == "social", source == "voucher site"],
        [0.7, 0.9, -0.8, 2.0],
    )
    back = np.where(returning, 2.5 * np.exp(-((np.log(absence / 7.0) / 0.8) ** 2)), -0.2)
    return np.asarray(by_device + by_source + back - 0.08 * country_rank)
