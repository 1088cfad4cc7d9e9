"""Training: `fit` yields the metrics of every epoch, `Training` holds all state.

training = Training.create([configuration], data, select=Selection.by("val_mse"))
for report in fit(training, data):
    print(report.epoch, report.metrics[0]["val_mse"])
network = training.member(0).network  # with its best weights
"""

from autoae.training.devices import device_of
from autoae.training.errors import Diverged, TrainingError
from autoae.training.fit import fit
from autoae.training.member import Member
from autoae.training.selection import Selection
from autoae.training.training import EpochReport, MemberId, Training

__all__ = [
    "Diverged",
    "EpochReport",
    "Member",
    "MemberId",
    "Selection",
    "Training",
    "TrainingError",
    "device_of",
    "fit",
]
