"""The version of autoae, in a module of its own: rooms need it, and the package needs the rooms."""

from importlib.metadata import version

__version__ = version("autoae")
