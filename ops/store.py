"""Putting the parts together: the ledger, the read models, the door and the readers of one installation."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from application.deadlines import due
from application.intake import Intake
from application.outcome import Outcome
from ops.settings import Settings
from projections.reader import Reader
from projections.runner import Runner
from store.ledger import Ledger, Unavailable, Unusable
from store.open import open_ledger, open_views
from store.views import Views


class NoStore(Exception):
    """Raised where a command needs a store that has not been made."""


@dataclass(slots=True)
class Store:
    """An open installation."""

    ledger: Ledger
    views: Views
    intake: Intake
    runner: Runner
    reader: Reader

    def tick(self, now: int) -> Outcome:
        """Record what time alone has made due by the instant `now`, and bring the read models up to date."""
        moment = self.reader.moment()
        waiting = due((seen.state for seen in self.reader.see_all(moment)), now)
        outcome = self.intake.release(now)
        if waiting:
            outcome.add(self.intake.take(waiting, now))
        self.runner.follow()
        return outcome


@contextmanager
def opened(settings: Settings, *, create: bool = False) -> Iterator[Store]:
    """The store of these settings, closed at the end; raises NoStore where there is none and none is to be made."""
    for url in (settings.database_url, settings.views_url):
        path = Path(url.removeprefix("sqlite:///"))
        if not create and url.startswith("sqlite:///") and not path.exists():
            raise NoStore(f"there is no store at {path}: make one with `copact init`, or set COPACT_HOME")
    if settings.embedded:
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NoStore(
                f"COPACT_HOME: '{settings.home}': no folder can be made there: {error.strerror}"
            ) from None
    with ExitStack() as stack:
        try:
            ledger = stack.enter_context(open_ledger(settings.database_url))
            views = stack.enter_context(open_views(settings.views_url))
        except (Unavailable, Unusable) as error:
            name = "" if settings.embedded else "COPACT_DATABASE_URL or COPACT_VIEWS_URL: "
            raise NoStore(f"{name}{error}") from error
        yield Store(ledger, views, Intake(ledger), Runner(ledger, views), Reader(ledger, views))
