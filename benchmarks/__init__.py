"""Ratios side by side in one process: each subject beside a floor or a naive way, batch by batch. Never tested."""
