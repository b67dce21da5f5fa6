"""The one door: facts become decisions, decisions become committed events."""
