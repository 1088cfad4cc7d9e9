"""`autoae model train`: one network, trained as a study file or a found trial says."""

from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import complete, options
from autoae.cli.output import note, show
from autoae.spec.errors import SpecError, placed

if TYPE_CHECKING:
    from pathlib import Path

    from autoae.cli.chosen import Chosen
    from autoae.cli.training import Trained


def train(  # noqa: PLR0913, PLR0917 - one parameter an option
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME_OR_FILE",
            help="A preset or a study file, unless --from names a trial.",
            autocompletion=complete.source,
            show_default=False,
        ),
    ] = None,
    trial: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="STUDY:TRIAL",
            help="Train the network of this trial anew.",
            autocompletion=complete.trial,
        ),
    ] = None,
    given: options.Set = None,
    profile: options.Profile = None,
    middle: options.Middle = False,
    variant: options.Variant = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the training images.")
    ] = None,
    with_validation: Annotated[
        bool,
        typer.Option(
            "--with-validation",
            help="Train on the validation images too. Nothing is then left to select the best "
            "epoch by: the weights are those of the last one.",
        ),
    ] = False,
    name: Annotated[str | None, typer.Option(help="What the model's folder is called.")] = None,
    device: options.Device = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the training.")] = None,
    tensorboard: options.TensorBoard = False,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Train one network: that of a study file without ranges, or that of a trial, longer."""
    from autoae.cli.chosen import Choice, from_file, from_trial, refuse_for_trials
    from autoae.cli.running import check_event_files
    from autoae.cli.training import HowTrained, model_folder, train_model

    check_event_files(asked=tensorboard)

    short = {"training.epochs": epochs, "training.device": device, "training.seed": seed}
    sets = [
        *(given or ()),
        *(f"{key}={value}" for key, value in short.items() if value is not None),
    ]
    if (source is None) == (trial is None):
        raise SpecError("name either a study file or --from STUDY:TRIAL")
    if trial is not None:
        refuse_for_trials(profile=profile, middle=middle, variant=variant)
        chosen = from_trial(trial, storage, sets)
    else:
        chosen = from_file(source or "", Choice(sets, profile, middle, variant))
    folder = model_folder(storage, name, chosen.name)
    _announce(chosen, folder, with_validation=with_validation)
    with placed(chosen.locate):
        how = HowTrained(with_validation, tensorboard)
        trained = train_model(chosen, folder, how, tell=note)
    _answer(trained, folder, as_json=as_json)


def _announce(chosen: "Chosen", folder: "Path", *, with_validation: bool) -> None:
    from autoae.spec.protocol import original_protocol

    training = chosen.configuration.training
    note(f"training {chosen.name} for {training.epochs} epochs into {folder}")
    if label := original_protocol(chosen.configuration.model_dump(mode="json")):
        note(label)
    if with_validation:
        note("the validation images are trained on, so no figure says how good the model is on")
        note("unseen ones, and the weights are those of the last epoch")


def _answer(trained: "Trained", folder: "Path", *, as_json: bool) -> None:
    from autoae.views.numbers import figure, short
    from autoae.views.tables import pairs

    metrics = [(name, figure(value)) for name, value in sorted(trained.metrics.items())]
    rows = [
        ("network", trained.notation),
        ("parameters", short(trained.params)),
        ("weights of epoch", f"{trained.epoch} of {trained.epochs}"),
        *metrics,
        ("folder", str(folder)),
    ]
    show({"model": trained, "folder": folder}, lambda: pairs(rows), as_json=as_json)
