"""Networks: one idea of a model, built from its plan."""

from autoae.models.network import Network, Output, build, outline

__all__ = ["Network", "Output", "build", "outline"]
