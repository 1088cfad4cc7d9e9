"""Images in shuffled pieces: what is shuffled, from which seed, and what it trains."""

import pytest
import torch
from torch import Tensor

from autoae.spec.errors import Unbuildable
from autoae.training.jigsaw import Jigsaw
from tests.training.test_resume import compare
from tests.training.toy import (
    comparable,
    same_weights,
    toy_configuration,
    toy_data,
    toy_training,
    train,
    weights_of,
)

JIGSAW = {"delta": 0.5, "jigsaw_grid": 2}


def pieces(image: Tensor, height: int, width: int) -> list[tuple[float, ...]]:
    """Every piece as its numbers, all channels of one place together."""
    rows, columns = image.shape[1] // height, image.shape[2] // width
    return [
        tuple(image[:, r * height :, c * width :][:, :height, :width].flatten().tolist())
        for r in range(rows)
        for c in range(columns)
    ]


def test_the_pieces_are_all_there_and_whole() -> None:
    images = torch.arange(6 * 3 * 8 * 12.0).view(6, 3, 8, 12)
    mixed = Jigsaw(4, seed=1).shuffle(images)
    assert mixed.shape == images.shape
    for image, puzzle in zip(images, mixed, strict=True):
        assert sorted(pieces(puzzle, 2, 3)) == sorted(pieces(image, 2, 3))
        assert not torch.equal(puzzle, image)


def test_each_image_has_an_order_of_its_own() -> None:
    image = torch.arange(64.0).view(1, 1, 8, 8)
    mixed = Jigsaw(4, seed=1).shuffle(image.expand(5, 1, 8, 8))
    assert len({tuple(each.flatten().tolist()) for each in mixed}) == 5


def test_the_memory_format_does_not_matter() -> None:
    images = torch.rand(4, 3, 8, 8)
    arranged = images.contiguous(memory_format=torch.channels_last)
    assert torch.equal(Jigsaw(2, 3).shuffle(images), Jigsaw(2, 3).shuffle(arranged))


def test_orders_follow_from_seed_and_epoch_alone() -> None:
    images = torch.arange(64.0).view(1, 1, 8, 8).expand(8, 1, 8, 8)

    def shuffled(seed: int, epoch: int) -> Tensor:
        training = {"seed": seed}
        return Jigsaw.of_epoch(toy_configuration(training=training), epoch).shuffle(images)

    first = shuffled(0, 0)
    torch.rand(3)
    assert torch.equal(first, shuffled(0, 0))
    assert not torch.equal(first, shuffled(1, 0))
    assert not torch.equal(first, shuffled(0, 1))


def test_the_original_is_the_target() -> None:
    """Shuffled pictures as the target would teach a network that gives back what it is shown."""
    loss = {"alpha": 0.0, "beta": 0.0, **JIGSAW}
    member = toy_training(toy_configuration(loss=loss), data=toy_data()).member(0)
    images = torch.rand(16, 1, 8, 8)
    puzzle = Jigsaw(2, 5).shuffle(images)
    terms = member.loss.terms(member.network(puzzle), images, torch.zeros(16), [], images)
    assert terms.total == 0


def test_it_alone_trains_encoder_and_decoder() -> None:
    loss = {"alpha": 0.0, "beta": 0.0, **JIGSAW}
    configuration, data = toy_configuration(loss=loss, training={"epochs": 12}), toy_data()
    before = weights_of(toy_training(configuration, data=data))
    training, reports = train(configuration, data=data)
    changed = {n for n, w in weights_of(training).items() if not torch.equal(w, before[n])}
    assert {name.split(".")[0] for name in changed} == {"encoder", "to_latent", "decoder"}
    errors = [report.metrics[0]["val_jigsaw"] for report in reports]
    assert errors[-1] < 0.9 * errors[0]


def test_without_a_weight_it_is_not_there() -> None:
    plain, gridded = (toy_configuration(loss=loss) for loss in ({}, {"jigsaw_grid": 2}))
    one, other = (train(each, data=toy_data())[0] for each in (plain, gridded))
    assert same_weights(weights_of(one), weights_of(other))
    assert "val_jigsaw" not in one.member(0).metrics


def test_batches_are_those_without_a_jigsaw() -> None:
    """A weight that changes nothing leaves every step as it was."""
    figures = [
        train(toy_configuration(loss=loss), data=toy_data())[1][-1].metrics[0]
        for loss in ({}, {"delta": 1e-30, "jigsaw_grid": 2})
    ]
    assert figures[0]["train_accuracy"] == figures[1]["train_accuracy"]
    assert figures[0]["train_task"] == figures[1]["train_task"]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_training_goes_on_with_the_same_puzzles(precision: str) -> None:
    model = {"encoder": "C(4) > S(8)", "dropout": 0.2}
    training = {"epochs": 3, "precision": precision}
    compare(toy_configuration(model=model, loss=JIGSAW, training=training), 2)


@pytest.mark.parametrize("first_stage", ["reconstruction", "pca"])
def test_it_belongs_to_the_stage_of_the_decoder(first_stage: str) -> None:
    training = {"end_to_end": False, "first_stage": first_stage, "first_epochs": 1, "epochs": 2}
    _, reports = train(toy_configuration(loss=JIGSAW, training=training), data=toy_data())
    has = ["train_jigsaw" in report.metrics[0] for report in reports]
    assert has == [first_stage == "reconstruction", first_stage == "pca"]


def test_puzzles_of_validation_are_the_same_in_every_epoch() -> None:
    training = {"lr": 1e-30, "epochs": 2}
    _, reports = train(toy_configuration(loss=JIGSAW, training=training), data=toy_data())
    first, second = (comparable(report.metrics[0])["val_jigsaw"] for report in reports)
    assert first == second


def test_a_grid_that_does_not_divide_the_images_is_refused() -> None:
    with pytest.raises(Unbuildable, match="a grid of 3 does not divide images of 8x8 pixels"):
        toy_training(toy_configuration(loss={"delta": 1.0, "jigsaw_grid": 3}), data=toy_data())
