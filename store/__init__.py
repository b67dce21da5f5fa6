"""What is kept: the ledger of events with its receipts, and the read models. The only importer of eventsourcing."""
