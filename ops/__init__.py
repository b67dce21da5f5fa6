"""Putting it together for people: settings, the command line, the demonstration."""
