"""Marketplaces by their own id: the time zone of their days (`data/marketplaces.csv`)."""

import csv
from functools import cache
from importlib.resources import files


@cache
def zones() -> dict[str, str]:
    """The IANA zone of each marketplace's days."""
    text = files("connectors").joinpath("data/marketplaces.csv").read_text(encoding="utf-8")
    return {row["marketplace_id"]: row["ads_time_zone"] for row in csv.DictReader(text.splitlines())}
