"""What the parties agreed, what happened, what follows: pure decisions and folds over contract events.

Standard library only. No clock, no randomness, no input or output: time arrives as an argument.
"""
