"""Which knob mattered, by how much, how sure that is, and at what cost."""

from autoae.analysis.effects.compute import effects

__all__ = ["effects"]
