"""All that is trained, looked at and saved stays on its device, whichever that is.

Shown on a device that is none, but refuses what a GPU refuses (`elsewhere.py`).
"""

import json
import subprocess
import sys
from typing import Any

import pytest
from torch.utils import backend_registration

from tests.training.trained_elsewhere import MEMBERS, NETWORKS

# The device comes first: it replaces what autoae takes from torch when it is imported.
SCRIPT = "import tests.training.elsewhere, tests.training.trained_elsewhere as it; it.main()"

pytestmark = pytest.mark.skipif(
    not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"),
    reason="this torch has no devices that are written in Python",
)


@pytest.fixture(scope="module")
def found() -> Any:
    """What a process of its own finds on both devices, by network, members and device."""
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("members", MEMBERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_it_trains_there_as_on_a_cpu(found: Any, network: str, members: int) -> None:
    here, there = (found[f"{network} {members} {where}"] for where in ("cpu", "elsewhere"))
    assert there["metrics"] == [pytest.approx(each, rel=1e-4, abs=1e-6) for each in here["metrics"]]
    assert there["seen"] == pytest.approx(here["seen"], rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("members", MEMBERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_no_step_waits_for_a_number(found: Any, network: str, members: int) -> None:
    there = found[f"{network} {members} elsewhere"]
    assert there["waits"]
    assert there["waits"] == there["waits of more steps"]
