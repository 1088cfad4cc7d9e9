"""The generator: order of things, best weights, early stopping, being told to stop."""

import pytest
import torch

from autoae.training import Diverged, Selection, Training, TrainingError, fit
from autoae.training.evaluation import evaluate
from tests.training.toy import (
    CPU,
    comparable,
    same_weights,
    toy_configuration,
    toy_data,
    toy_training,
    train,
    weights_of,
)


def test_it_reports_every_epoch_once() -> None:
    training, reports = train(toy_configuration(), data=toy_data())
    assert [report.epoch for report in reports] == [1, 2, 3]
    assert all(set(report.metrics) == {0} and not report.stopped for report in reports)
    assert training.epoch == 3
    assert not training.running


@pytest.mark.parametrize("select", ["val_loss", "val_accuracy", "val_psnr", "train_loss"])
def test_the_best_weights_are_restored(select: str) -> None:
    # So large a learning rate that the last epoch is seldom the best.
    data = toy_data()
    configuration = toy_configuration(training={"epochs": 12, "lr": 0.3, "optimizer": "rmsprop"})
    training = toy_training(configuration, data=data, select=select)
    kept = [(report.metrics[0], weights_of(training)) for report in fit(training, data)]
    values = [metrics[select] for metrics, _ in kept]
    rising = Selection.by(select).direction == "maximize"
    best = values.index(max(values) if rising else min(values))
    member = training.member(0)
    assert member.best_epoch == best + 1
    assert member.best_metrics == kept[best][0]
    assert same_weights(weights_of(training), kept[best][1])


def test_the_restored_network_has_the_best_metrics() -> None:
    data = toy_data()
    configuration = toy_configuration(
        model={"batch_norm": True, "dropout": 0.3}, training={"epochs": 8, "lr": 0.2}
    )
    training, _ = train(configuration, data=data)
    member = training.member(0)
    batches = data.validation_batches(512)
    found = evaluate(member.network, configuration, batches, data, member.precision)
    assert {f"val_{name}": value for name, value in found.items()} == {
        name: value for name, value in member.best_metrics.items() if name.startswith("val_")
    }


def test_early_stopping_waits_and_ends() -> None:
    # So small a learning rate changes no prediction, so the first epoch stays the best.
    options = {"epochs": 50, "early_stopping": 3, "lr": 1e-9}
    training, reports = train(
        toy_configuration(training=options), data=toy_data(), select="val_accuracy"
    )
    assert [report.epoch for report in reports] == [1, 2, 3, 4]
    assert reports[-1].stopped == {0}
    assert not any(report.stopped for report in reports[:-1])
    assert training.member(0).best_epoch == 1


def test_a_member_is_stopped_by_send_and_gets_its_best_weights() -> None:
    data = toy_data()
    training = toy_training(
        toy_configuration(training={"epochs": 9}),
        toy_configuration(training={"epochs": 4, "seed": 1}),
        data=data,
    )
    loop = fit(training, data)
    assert set(next(loop).metrics) == {0, 1}
    assert set(loop.send(frozenset({0})).metrics) == {1}
    assert [report.epoch for report in loop] == [3, 4]
    assert [member.epoch for member in training.members] == [1, 4]
    assert training.member(0).best_epoch == 1


def test_stopping_the_last_member_ends_the_generator() -> None:
    data = toy_data()
    training = toy_training(toy_configuration(), data=data)
    loop = fit(training, data)
    next(loop)
    with pytest.raises(StopIteration):
        loop.send(frozenset({0}))


def test_two_members_train_as_two_trainings_do() -> None:
    data = toy_data()
    alone = [
        toy_configuration(model={"dropout": 0.4}, training={"seed": seed, "batch_size": size})
        for seed, size in ((3, 16), (4, 24))
    ]
    together, reports = train(*alone, data=data)
    for number, configuration in enumerate(alone):
        single, own = train(configuration, data=data)
        assert same_weights(weights_of(together, number), weights_of(single))
        assert [comparable(report.metrics[number]) for report in reports] == [
            comparable(report.metrics[0]) for report in own
        ]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_loss_that_is_not_finite_ends_it(optimizer: str) -> None:
    data = toy_data()
    configuration = toy_configuration(
        model={"output": "linear", "latent": 4},
        training={"lr": 1e6, "optimizer": optimizer, "epochs": 50},
    )
    training = toy_training(configuration, data=data)
    with pytest.raises(Diverged, match=r"not finite in epoch \d+ \(learning rate 1e\+06\)") as it:
        list(fit(training, data))
    member = training.member(0)
    assert it.value.epoch == member.epoch + 1
    assert it.value.key == "training.lr"
    assert not training.running


def test_one_diverging_member_leaves_the_others_whole() -> None:
    data = toy_data()
    wild = toy_configuration(model={"output": "linear"}, training={"lr": 1e30, "optimizer": "sgd"})
    training = toy_training(toy_configuration(), wild, data=data)
    with pytest.raises(Diverged) as caught:
        next(fit(training, data))
    assert caught.value.member == 1
    assert [report.epoch for report in fit(training, data)] == [2, 3]
    single, _ = train(toy_configuration(), data=data)
    assert same_weights(weights_of(training), weights_of(single))


def test_a_selection_that_needs_validation_is_refused_without_it() -> None:
    with pytest.raises(TrainingError, match="no validation images") as caught:
        toy_training(toy_configuration(), data=toy_data(validation=0), select="val_loss")
    assert caught.value.key == "objectives"


@pytest.mark.parametrize(
    ("select", "model", "problem"),
    [
        ("train_accuracy", {"task": "none"}, "no head"),
        ("val_accuracy", {"task": "none"}, "no classification"),
        ("val_count_mse", {}, "no counting"),
        ("val_digits_exact", {}, "no digits to tell"),
        ("val_mse", {"decoder": "none"}, "no decoder"),
        ("val_bce", {"output": "linear"}, "no sigmoid"),
        ("val_bce_excess", {"output": "linear"}, "no sigmoid"),
        ("train_penalty", {}, "loss.gamma is 0"),
    ],
)
def test_a_selection_of_a_missing_part_is_refused(
    select: str, model: dict[str, object], problem: str
) -> None:
    with pytest.raises(TrainingError, match=problem):
        toy_training(toy_configuration(model=model), data=toy_data(), select=select)


def test_an_unknown_selection_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(TrainingError, match="did you mean 'val_accuracy'"):
        Selection.by("val_acuracy")


def test_one_image_too_many_for_the_batches_trains_under_batch_normalisation() -> None:
    configuration = toy_configuration(model={"batch_norm": True}, training={"batch_size": 16})
    _, reports = train(configuration, data=toy_data(train=33))
    assert len(reports) == 3


def test_batches_of_one_under_batch_normalisation_are_refused() -> None:
    configuration = toy_configuration(model={"batch_norm": True}, training={"batch_size": 1})
    with pytest.raises(TrainingError, match="at least two images"):
        Training.create([configuration], toy_data(), select=Selection.by("val_loss"), device=CPU)


def test_a_generator_that_is_closed_leaves_the_last_weights() -> None:
    data = toy_data()
    training = toy_training(toy_configuration(training={"lr": 0.5}), data=data)
    loop = fit(training, data)
    next(loop)
    next(loop)
    before = weights_of(training)
    loop.close()
    assert same_weights(before, weights_of(training))
    assert training.epoch == 2
    assert torch.is_grad_enabled()
