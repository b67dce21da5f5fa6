"""Settings: from the environment only, read in one place, with an unknown name as an error."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOG = logging.getLogger(__name__)

PREFIX = "COPACT_"
KNOWN = ("HOME", "DATABASE_URL", "VIEWS_URL")


class BadSetting(ValueError):
    """Raised for an environment variable that Copact does not know or cannot use."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are: `home` holds the embedded store; the two databases default to SQLite files inside it."""

    home: Path
    database_url: str
    views_url: str

    @property
    def embedded(self) -> bool:
        """Whether the ledger is the SQLite file in the home."""
        return self.database_url == _sqlite(self.home)


def settings(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment; raises BadSetting.

    Names that a container platform injects for services (`COPACT_…_PORT…`, `COPACT_…_SERVICE_…`) only warn.
    """
    for name in sorted(environment):
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in KNOWN:
            if "_PORT" in name or "_SERVICE_" in name:
                LOG.warning("not a setting of Copact, ignored", extra={"name_given": name})
                continue
            known = ", ".join(PREFIX + each for each in KNOWN)
            raise BadSetting(f"{name}: not a setting of Copact; there are {known}")
    home = Path(environment.get("COPACT_HOME") or ".copact").absolute()
    database_url = environment.get("COPACT_DATABASE_URL") or _sqlite(home)
    return Settings(home, database_url, environment.get("COPACT_VIEWS_URL") or database_url)


def _sqlite(home: Path) -> str:
    return f"sqlite:///{home / 'copact.db'}"
