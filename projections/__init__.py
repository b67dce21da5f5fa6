"""What operations ask: one module for each question, and the runner that keeps the answers up to date."""
