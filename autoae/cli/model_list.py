"""`autoae model list`: what there is to use."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autoae.cli import options
from autoae.cli.output import note, show


@dataclass(frozen=True)
class Listed:
    """One line.

    Attributes:
        model: What to call it in other commands.
        network: Its architecture.
        params: Trainable parameters.
        metric: Of a trial the first objective, else the best known figure, if there is one.
        value: Of that figure.
        dataset: What it was trained on.
        folder: Where its files are.
    """

    model: str
    network: str
    params: int | None
    metric: str | None
    value: float | None
    dataset: str
    folder: Path


def list_models(storage: options.Storage = None, as_json: options.AsJson = False) -> None:
    """List the models: the best trial of each study, and what `model train` has trained."""
    from rich.console import RenderableType

    from autoae.views.numbers import figure, short
    from autoae.views.tables import number, table, wide, words

    found = [*_of_studies(storage), *_of_folders(storage)]

    def page() -> RenderableType:
        rows = [
            [m.model, m.metric or "", figure(m.value), short(m.params), m.dataset, m.network]
            for m in found
        ]
        columns = [words("model"), words("metric"), number("value"), number("params")]
        return table([*columns, words("data"), wide("network")], rows)

    if found or as_json:
        show(found, page, as_json=as_json)
    else:
        note("there is no model yet: `autoae study create digits-hybrid --run` trains some")


def _of_studies(storage: str | None) -> Iterator[Listed]:
    """The best trial of each study, where its weights are there."""
    from autoae.library import load_study
    from autoae.spec.errors import UserError
    from autoae.store.listing import study_names
    from autoae.store.runs import run_root, trial_folder
    from autoae.store.urls import storage_url

    url = storage_url(storage)
    for name in study_names(url):
        with suppress(UserError):  # Without a complete trial, or of another program.
            study = load_study(name, url)
            best, metric = study.best(), study.spec.objectives[0].metric
            folder = trial_folder(run_root(url), name, best.number)
            if folder.weights.exists():
                params, data = best.costs.get("params"), best.configuration.get("data")
                yield Listed(
                    f"{name}:{best.number}",
                    best.network,
                    None if params is None else int(params),
                    metric,
                    best.values[0],
                    str(data.get("dataset", "")) if isinstance(data, dict) else "",
                    folder.path,
                )


def _of_folders(storage: str | None) -> Iterator[Listed]:
    from autoae.cli.training import TOLD, models_root
    from autoae.inference.model import load_model
    from autoae.models.costs import parameters
    from autoae.training.weights import WeightsError

    root = models_root(storage)
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        try:
            model = load_model(folder)
        except WeightsError as error:
            note(f"left out: {error.message}")
            continue
        configuration, metrics = model.description.configuration, model.description.metrics
        metric = next((name for name in TOLD if name in metrics), None)
        yield Listed(
            str(folder),
            model.notation,
            parameters(model.network),
            metric,
            metrics[metric] if metric else None,
            configuration.data.dataset,
            folder,
        )
