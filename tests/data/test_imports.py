"""The data room loads PyTorch only where it puts images on a device."""

import subprocess
import sys


def test_data_without_torch() -> None:
    program = (
        "import sys, autoae.data as data; from autoae.spec.config import DataOptions;"
        "data.load(DataOptions()); data.available();"
        "print([name for name in ('torch', 'torchvision') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
