"""Two stages: what is trained when, what stays as it is to the bit, and what is refused."""

from itertools import pairwise

import pytest
import torch
from sklearn.decomposition import PCA

from autoae.spec.config import Configuration
from autoae.training import EpochReport, Training, TrainingError, fit
from autoae.training.evaluation import evaluate
from autoae.training.loss import Loss
from autoae.training.scores import scores_loss
from tests.training.test_resume import saved
from tests.training.toy import (
    TRAIN,
    comparable,
    same_weights,
    toy_configuration,
    toy_data,
    toy_images,
    toy_training,
    train,
    weights_of,
)

Weights = dict[str, torch.Tensor]
STAGES = ("reconstruction", "pca")
TRAINED_FIRST = {
    "reconstruction": {"encoder", "to_latent", "decoder"},
    "pca": {"encoder", "to_latent"},
}
FIRST, EPOCHS = 2, 5


def staged(first_stage: str, **training: object) -> Configuration:
    """Two epochs of the first stage and three of the second, with all that a stage may disturb."""
    return toy_configuration(
        model={"batch_norm": True, "dropout": 0.3, "dropout_after": "all"},
        training={
            "end_to_end": False,
            "first_stage": first_stage,
            "first_epochs": FIRST,
            "epochs": EPOCHS,
            **training,
        },
    )


def every_epoch(configuration: Configuration) -> tuple[Training, list[EpochReport], list[Weights]]:
    """A finished training, its reports, and the weights before each epoch and after the last."""
    data = toy_data()
    training = toy_training(configuration, data=data)
    reports, weights = list[EpochReport](), [weights_of(training)]
    for report in fit(training, data):
        reports.append(report)
        weights.append(weights_of(training))
    return training, reports, weights


def changed(before: Weights, after: Weights) -> set[str]:
    """The parts of the network of which a weight or statistic differs."""
    return {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}


@pytest.mark.parametrize("first_stage", STAGES)
def test_each_stage_trains_its_parts_and_leaves_the_others_to_the_bit(first_stage: str) -> None:
    _, _, weights = every_epoch(staged(first_stage))
    first = TRAINED_FIRST[first_stage]
    assert changed(weights[0], weights[FIRST]) == first
    # The second stage begins with the best epoch of the first one, and moves none of it.
    assert changed(weights[FIRST + 1], weights[EPOCHS]) == {"decoder", "head"} - first | (
        {"head"} if first_stage == "reconstruction" else set()
    )


@pytest.mark.parametrize("first_stage", STAGES)
def test_the_second_stage_begins_with_the_best_epoch_of_the_first(first_stage: str) -> None:
    _, reports, weights = every_epoch(staged(first_stage, lr=0.2, optimizer="rmsprop", epochs=8))
    losses = [report.metrics[0]["val_loss"] for report in reports[:FIRST]]
    best = weights[1 + losses.index(min(losses))]
    frozen = {name for name in best if name.split(".")[0] in TRAINED_FIRST[first_stage]}
    assert all(torch.equal(best[name], weights[-1][name]) for name in frozen)


@pytest.mark.parametrize("first_stage", STAGES)
@pytest.mark.parametrize("schedule", ["none", "cosine", "one-cycle", "plateau"])
@pytest.mark.parametrize("epochs", [1, FIRST, FIRST + 1, EPOCHS - 1])
def test_it_goes_on_in_either_stage_to_the_bit(
    first_stage: str, schedule: str, epochs: int
) -> None:
    configuration, data = staged(first_stage, schedule=schedule), toy_data()
    whole = toy_training(configuration, data=data)
    loop = fit(whole, data)
    for _ in range(epochs):
        next(loop)
    checkpoint = saved(whole)
    expected = [comparable(report.metrics[0]) for report in loop]
    resumed = toy_training(configuration, data=data)
    resumed.load_state_dict(checkpoint)
    assert [comparable(report.metrics[0]) for report in fit(resumed, data)] == expected
    assert same_weights(weights_of(resumed), weights_of(whole))
    assert resumed.member(0).best_epoch == whole.member(0).best_epoch > FIRST


def test_the_optimizer_and_the_schedule_begin_anew() -> None:
    data = toy_data()
    training = toy_training(staged("pca", schedule="step", schedule_every=1), data=data)
    rates = [training.member(0).learning_rate for _ in fit(training, data)]
    # Reported after each epoch: the first of the second stage is the first of the first one.
    assert rates[FIRST] == rates[0]
    assert rates[FIRST - 1] < rates[0]


@pytest.mark.parametrize("first_stage", STAGES)
def test_the_best_epoch_is_one_of_the_second_stage(first_stage: str) -> None:
    # So small a learning rate that every epoch is as good: the first one that counts is chosen.
    training, _ = train(staged(first_stage, lr=1e-12), data=toy_data(), select="val_accuracy")
    assert training.member(0).best_epoch == FIRST + 1


def test_early_stopping_waits_in_the_second_stage_alone() -> None:
    configuration = staged("pca", lr=1e-12, early_stopping=1, first_epochs=4, epochs=20)
    _, reports = train(configuration, data=toy_data(), select="val_accuracy")
    assert [report.epoch for report in reports] == list(range(1, 7))
    assert reports[-1].stopped == {0}


def test_half_of_the_epochs_are_of_the_first_stage_unless_given() -> None:
    _, _, weights = every_epoch(staged("reconstruction", first_epochs=None, epochs=4))
    assert [changed(*pair) for pair in pairwise(weights)][1:] == [
        TRAINED_FIRST["reconstruction"],
        {"head"},
        {"head"},
    ]


@pytest.mark.parametrize("first_stage", STAGES)
def test_nothing_of_the_network_stays_frozen(first_stage: str) -> None:
    training, _ = train(staged(first_stage), data=toy_data())
    assert all(weight.requires_grad for weight in training.member(0).network.parameters())


def test_no_gradient_reaches_what_a_stage_does_not_train() -> None:
    data = toy_data()
    training = toy_training(staged("reconstruction"), data=data)
    loop, network = fit(training, data), training.member(0).network
    for _ in range(FIRST):
        next(loop)
    assert network.head is not None
    assert all(weight.grad is None for weight in network.head.parameters())
    assert any(weight.grad is not None for weight in network.encoder.parameters())
    for weight in network.parameters():
        weight.grad = None
    next(loop)
    reached = {name for name, weight in network.named_parameters() if weight.grad is not None}
    assert {name.split(".")[0] for name in reached} == {"head"}


def test_a_bridge_is_trained_with_the_head() -> None:
    model = {"encoder": "C'(4) > C(4)", "bridge": 3, "batch_norm": True}
    training = {"end_to_end": False, "first_epochs": 1, "epochs": 3}
    _, _, weights = every_epoch(toy_configuration(model=model, training=training))
    assert "bridge" not in changed(weights[0], weights[1])
    assert changed(weights[2], weights[3]) == {"bridge", "head"}


def test_the_loss_of_the_finished_network_is_that_of_the_second_stage() -> None:
    data, configuration = toy_data(), staged("reconstruction")
    training, _ = train(configuration, data=data)
    member = training.member(0)
    batches = data.validation_batches(512)
    found = evaluate(member.network, configuration, batches, data, member.precision)
    assert found["loss"] == member.best_metrics["val_loss"]


def test_the_scores_are_those_of_scikit_learn() -> None:
    """Up to their signs: a latent that gives them has no loss, and zeros lose their variance."""
    data, configuration = toy_data(), staged("pca")
    images, _ = toy_images()
    flat = images[:TRAIN].reshape(TRAIN, -1) / 255
    known = PCA(6, svd_solver="full").fit(flat)
    components = scores_loss(configuration, data).components
    found = components.scores(torch.tensor(flat, dtype=torch.float32)).flip(1).numpy()
    expected = known.transform(flat)
    assert abs(found) == pytest.approx(abs(expected), abs=1e-4)
    directions = components.directions
    assert (directions.gather(0, directions.abs().argmax(0, keepdim=True)) > 0).all()


def test_the_loss_of_the_scores_is_what_they_add_to_the_error_of_the_components() -> None:
    data, configuration = toy_data(), staged("pca")
    member = toy_training(configuration, data=data).member(0)
    batch = next(iter(data.train_images(512)))
    with torch.no_grad():
        output = member.network(batch.images)
    loss = scores_loss(configuration, data)
    found = loss.terms(output, batch.images, batch.labels, []).total
    code, flat = loss.components, batch.images.flatten(1)
    decoded = code.mean + output.latent @ code.directions.T
    added = (decoded - flat).square().mean() - (code.reconstruct(flat) - flat).square().mean()
    torch.testing.assert_close(found, added, rtol=1e-4, atol=1e-6)


def test_without_a_weight_of_its_own_a_stage_has_only_its_terms() -> None:
    _, reports = train(staged("reconstruction"), data=toy_data())
    first, second = reports[0].metrics[0], reports[-1].metrics[0]
    assert not {"train_task", "train_accuracy"} & set(first)
    assert "train_reconstruction" not in second
    assert first["train_loss"] == pytest.approx(first["train_reconstruction"])
    assert second["train_loss"] == pytest.approx(second["train_task"])


def test_a_selection_by_a_term_of_the_first_stage_is_refused() -> None:
    with pytest.raises(TrainingError, match="second stage"):
        toy_training(staged("reconstruction"), data=toy_data(), select="train_reconstruction")


def test_more_components_than_images_are_refused() -> None:
    with pytest.raises(TrainingError, match="no 6 principal components") as caught:
        toy_training(staged("pca"), data=toy_data(train=5))
    assert caught.value.key == "model.latent"


def test_images_too_large_for_components_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoae.training.scores.MOST_NUMBERS", 63)
    with pytest.raises(TrainingError, match="images of 64 numbers are too large"):
        toy_training(staged("pca"), data=toy_data())


def test_it_learns_what_it_shall() -> None:
    """Stage by stage its loss falls, and in the end the decoder draws better than the mean."""
    data = toy_data()
    training, reports = train(
        staged("pca", epochs=30, first_epochs=15), data=data, select="val_mse"
    )
    losses = [report.metrics[0]["train_loss"] for report in reports]
    assert losses[14] < losses[0]
    batch = next(iter(data.train_images(512)))
    mean = batch.images.mean(0)
    error = next(iter(data.validation_batches(512))).images.sub(mean).square().mean().item()
    assert training.member(0).best_metrics["val_mse"] < error


def test_a_loss_looks_at_the_target_where_it_has_to() -> None:
    assert Loss.of(toy_configuration()).compares
    assert not Loss.of(toy_configuration(loss={"beta": 0.0})).compares
