"""Published means to compare a campaign with. A benchmark is data: a value, where it comes from, and of when it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published value in parts per million, with its source and date: an outcome of others, never a promise."""

    name: str
    value_ppm: int
    source: str
    date: str


JOINT_ROAS = Benchmark("joint campaigns", 4_800_000, "Amazon Ads, 2023 Global Advertising Report", "2023")
INDEPENDENT_ROAS = Benchmark(
    "independent ads", 2_900_000, "Amazon Ads, 2023 Global Advertising Report", "2023"
)
