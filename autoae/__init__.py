"""autoae: a question about a network in one short file, an answer with evidence."""

from importlib.metadata import version

__version__ = version("autoae")
