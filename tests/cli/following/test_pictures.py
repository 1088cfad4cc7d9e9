"""`autoae trial pictures`: strips of trials of several studies."""

import shutil
from pathlib import Path

from PIL import Image

from tests.cli.conftest import Autoae


def height(path: Path) -> int:
    with Image.open(path) as picture:
        return picture.height


def test_trials_of_two_studies_stand_below_the_same_originals(trained: Autoae) -> None:
    one, three = (
        trained("trial", "pictures", *names, "--output", f"out/{len(names)}.png")
        for names in (["listed:0"], ["listed:0", "tiny:0", "listed:2"])
    )
    assert (one.code, three.code) == (0, 0), one.err + three.err
    assert three.out == "out/3.png\n"
    heights = [height(Path(f"out/{count}.png")) for count in (1, 3)]
    # A row of originals and one for each trial.
    assert (heights[0] + 4) * 2 == heights[1] + 4


def test_what_is_not_there_is_said(trained: Autoae) -> None:
    said = trained("trial", "pictures", "listed:99")
    assert said.code == 2
    assert "no trial 99" in said.err
    shutil.rmtree(Path("storage/runs/listed/0"))
    said = trained("trial", "pictures", "listed:0")
    assert said.code == 1
    assert "left no pictures" in said.err
    assert not Path("reconstructions.png").exists()
