"""Trains on the CPU and on a device that is none, for `test_elsewhere.py`; after `elsewhere.py`."""

import io
import json
import sys
from collections.abc import Mapping
from typing import Any

import torch

from autoae.data.resident import ResidentData, resident
from autoae.spec.config import Configuration
from autoae.training import Selection, Training, fit, randomness
from autoae.training.artifacts import arrays
from autoae.training.examination import examine
from autoae.training.stacks import stacks
from tests.training.exact import CONV, NORMED
from tests.training.toy import CPU, comparable, toy_configuration, toy_data

NETWORKS: dict[str, dict[str, Any]] = {
    "linear layers": {"loss": {"gamma": 0.01}},
    "convolutions": {
        "data": {"augment": ["flip", "crop"]},
        "model": {**CONV, "batch_norm": True},
        "training": NORMED,
    },
    "two stages": {"training": {"end_to_end": False, "first_stage": "pca", "first_epochs": 1}},
}
MEMBERS = (1, 3)


def main() -> None:
    """Train everything on both devices, and print what came out."""
    there = sys.modules["tests.training.elsewhere"]
    # A GPU has generators of its own; these devices have none.
    vars(randomness)["_places"] = lambda _: (CPU,)
    vars(stacks)["_DEVICES"] = frozenset({"cpu", there.DEVICE.type})
    found = {}
    for device in (CPU, there.DEVICE):
        for network, sections in NETWORKS.items():
            for members in MEMBERS:
                key = f"{network} {members} {device.type}"
                found[key] = told(sections, members, device, there.waits)
    sys.stdout.write(json.dumps(found))


def told(
    sections: Mapping[str, Any], members: int, device: torch.device, waits: list[str]
) -> dict[str, Any]:
    """Metrics of the last epoch, what the network shows, and how often a number is waited for."""
    training = dict(sections.get("training", {}))
    configurations = [
        toy_configuration(**{**sections, "training": {**training, "epochs": 2, "seed": seed}})
        for seed in range(members)
    ]
    counts = []
    for images in (96, 48):
        data = placed(configurations[0], images, device)
        trained = made(configurations, data)
        loop = fit(trained, data)
        next(loop)
        waits.clear()
        reports = [*loop]
        counts.append(len(waits))
        if images == 96:
            metrics = [comparable(each) for each in reports[-1].metrics.values()]
            seen = shown(trained, configurations, data)
    more, few = counts
    return {"metrics": metrics, "seen": seen, "waits": few, "waits of more steps": more}


def placed(options: Configuration, images: int, device: torch.device) -> ResidentData:
    """The toy images there."""
    return resident(toy_data(train=images, options=options.data)._data, options.data, device)


def made(configurations: list[Configuration], data: ResidentData) -> Training:
    """A training on the device of the data, of a stack where there are several."""
    select = Selection.by("val_loss")
    stacked = len(configurations) > 1
    return Training.create(configurations, data, select=select, device=data.device, stacked=stacked)


def shown(
    training: Training, configurations: list[Configuration], data: ResidentData
) -> dict[str, float]:
    """Sums of what is looked at after a training, of a network that went through a checkpoint."""
    content = io.BytesIO()
    torch.save(training.state_dict(), content)
    content.seek(0)
    again = made(configurations, data)
    again.load_state_dict(torch.load(content, weights_only=True))
    again.restore_best()
    member = again.member(0)
    pictures = arrays(member, data)
    answers = examine(member.network, member.configuration, data).pictures
    return {name: float(each.sum()) for name, each in pictures.items()} | answers
