"""What our own SQL knows of Optuna's tables, and the versions that it was tested against."""

from math import inf, nan

KNOWN_SCHEMAS = frozenset({"v3.2.0.a"})
"""On any other version Optuna itself reads and writes."""
SPECIAL_VALUES = {"INF_POS": inf, "INF_NEG": -inf, "NAN": nan}
"""What a value is whose column for its kind says so; otherwise it is the number beside it."""
BLOCK = 500
"""Trials in one query: as many parameters as every SQLite takes."""
