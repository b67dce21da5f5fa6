"""The demonstration: four example contracts over published, synthetic, simulated and generated inputs."""

from ops.demo.walk import demo

__all__ = ["demo"]
