"""What each worker of a run on Ray asks of the cluster."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shares:
    """The share of a cluster that one worker takes.

    Attributes:
        address: `auto`, HOST:PORT, or None: as RAY_ADDRESS says, else a cluster of this machine.
        cpus: Cores of a worker; PyTorch computes with as many threads.
        gpus: GPUs of a worker; 0.25 lets four of them share one, and 0 gives it none.
    """

    address: str | None = None
    cpus: float = 1.0
    gpus: float = 0.0

    @property
    def sharing(self) -> int:
        """How many workers share a GPU, at most."""
        return max(1, int(1 / self.gpus + 1e-6)) if self.gpus else 1

    def options(self) -> list[str]:
        """The words of a command that asks for the same."""
        words = ["--launcher", "ray"]
        words += ["--ray-address", self.address] if self.address else []
        words += ["--cpus-per-worker", f"{self.cpus:g}"] if self.cpus != 1 else []
        return words + (["--gpus-per-worker", f"{self.gpus:g}"] if self.gpus else [])

    def room(self, cpus: float, gpus: float) -> int:
        """How many workers a node of so many cores and GPUs has room for."""
        wanted = ((cpus, self.cpus), (gpus, self.gpus))
        # Ray counts in ten-thousandths: 0.3 of a GPU is three times in 0.9 of it.
        return min(int(have / share + 1e-6) for have, share in wanted if share > 0)
