"""The table from which `front_pruning.py` replays: configurations that were trained to the end.

One JSON object a line and a configuration; `front_making.py` makes it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("front_table.jsonl")


@dataclass(frozen=True)
class Row:
    """One configuration that was trained to the end.

    Attributes:
        space: Where it was drawn.
        params: Trainable parameters.
        val_mse: After each epoch; shorter where the training diverged.
        seconds: That each epoch took, the one that diverged included.
        value: val_mse of the epoch that a study keeps; None where it diverged.
    """

    space: str
    params: int
    val_mse: tuple[float, ...]
    seconds: tuple[float, ...]
    value: float | None


def read_table(path: Path = TABLE) -> list[Row]:
    """All rows, in the order in which they were drawn."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [_row(json.loads(line)) for line in lines]


def _row(line: dict[str, object]) -> Row:
    row = Row(**line)  # type: ignore[arg-type]
    return Row(row.space, row.params, tuple(row.val_mse), tuple(row.seconds), row.value)
