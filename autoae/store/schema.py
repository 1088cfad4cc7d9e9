"""Which versions of Optuna's tables our own SQL was tested against."""

KNOWN_SCHEMAS = frozenset({"v3.2.0.a"})
"""On any other version Optuna itself reads and writes."""
