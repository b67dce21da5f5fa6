"""Which contracts a record belongs to, for formats that know no contracts: those with a feed that names it."""

from collections.abc import Sequence

from domain.terms import Feed

Feeds = Sequence[tuple[str, str, Feed]]
"""(contract id, currency, feed), for every version of every contract's terms."""


class Routes:
    """The feeds of one source, ready to be asked for each record."""

    def __init__(self, feeds: Feeds, source: str) -> None:
        self._feeds: dict[tuple[str, str], list[tuple[str, Feed]]] = {}
        for contract_id, _, feed in feeds:
            if feed.source == source:
                self._feeds.setdefault((feed.metric, feed.marketplace_id), []).append((contract_id, feed))

    def campaigns(self, metric: str, marketplace_id: str, account_id: str, campaign_id: str) -> list[str]:
        """The contracts that a campaign's figure belongs to, by id."""
        found = {
            contract_id
            for contract_id, feed in self._feeds.get((metric, marketplace_id), ())
            if feed.account_id in ("", account_id)
            and (not feed.campaign_ids or campaign_id in feed.campaign_ids)
        }
        return sorted(found)

    def series(self, metric: str, marketplace_id: str, view: str, granularity: str) -> list[str]:
        """The contracts that a figure of a report belongs to, by id."""
        found = {
            contract_id
            for contract_id, feed in self._feeds.get((metric, marketplace_id), ())
            if feed.view == view and feed.granularity == granularity
        }
        return sorted(found)
