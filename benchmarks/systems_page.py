"""`docs/systems.md`, made from the listing, the presets and what was measured."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from systems_listing import ROOT, Line, System
from systems_measured import Measured, digest, quick

from autoae.spec.metrics import KNOWN_BEFORE_TRAINING
from autoae.spec.reading import read_study
from autoae.spec.settings import Claim
from autoae.views.numbers import figure, whole

PAGE = ROOT / "docs" / "systems.md"

_HEAD = """\
# The published systems

Every line of the systems that autoae reproduces: the command that produces it, how far it is, and
what its quick profile gave.

`make systems` runs the quick profile of every preset on the data in `AUTOAE_DATA_DIR`, goes on
where it was interrupted, and fails where no trial of a preset beats the majority class or the mean
image; `make systems PRESET=NAME` runs one. `autoae study create NAME --run` is a preset with its
published budget and three seeds, and `autoae study report NAME` sets the published figures beside
ours, with a verdict.

This page is made from `docs/systems.yaml`, the presets in `studies/` and `docs/systems.json`, which
`make systems` writes. Edit those, then run `python benchmarks/systems.py --page`.
"""

_MOST_ROWS = 12


def page(systems: Iterable[System], measured: Mapping[str, Measured]) -> str:
    """The whole page as Markdown."""
    systems = tuple(systems)
    parts = [_HEAD, _overview(systems)]
    parts += [_section(system, measured) for system in systems]
    return "\n".join(parts)


def _overview(systems: tuple[System, ...]) -> str:
    states = ("works", "partly", "not yet")
    rows = [
        [system.title, *(str(sum(line.state == each for line in system.lines)) for each in states)]
        for system in systems
    ]
    return "\n".join(_table(["system", *states], rows)) + "\n"


def _section(system: System, measured: Mapping[str, Measured]) -> str:
    rows = [[line.what, _code(line.commands), _state(line)] for line in system.lines]
    lines = [f"## {system.title}", "", f"Published as {system.source}.", ""]
    lines += _table(["line of the reference", "command", "state"], rows)
    for preset in system.presets:
        lines += ["", *_preset(preset, measured.get(preset))]
    return "\n".join(lines) + "\n"


def _state(line: Line) -> str:
    return f"{line.state}: {line.missing}" if line.missing else line.state


def _code(commands: Iterable[str]) -> str:
    return "<br>".join(f"`{command}`" for command in commands)


def _preset(preset: str, found: Measured | None) -> Iterator[str]:
    spec = read_study(preset)
    yield f"### `{preset}`"
    yield ""
    yield spec.settings.description
    yield ""
    if found is None:
        yield "The quick profile was not measured yet."
    else:
        yield from _said(preset, found)
    yield ""
    names = tuple(spec.settings.variants) or tuple(found.trials if found else ())[:_MOST_ROWS]
    rows = [_row(name, spec.settings.claims, found) for name in names]
    if rows:
        yield from _table(["variant", "published", "quick profile"], rows)


def _said(preset: str, found: Measured) -> Iterator[str]:
    yield (
        f"Quick profile: {whole(found.images)} images, {found.epochs} epochs, "
        f"{len(found.trials)} trials in {found.seconds:.0f} s on {found.cores} cores, {found.day}; "
        "its errors and accuracies are not comparable with published ones."
    )
    for name, value in found.baseline.items():
        what = "mean image" if name == "val_mse" else "most frequent answer"
        verb = "does not beat" if name in found.unbeaten else "beats"
        yield f"The best {name}, {figure(found.best[name])}, {verb} the {what}, {figure(value)}."
    if found.stuck is not None:
        yield f"Too short to beat a baseline: it shows that {_learning(found.stuck)}."
    if found.digest != digest(quick(preset)):
        yield "**The preset was changed since: `make systems` measures it anew.**"


def _learning(stuck: tuple[str, ...]) -> str:
    rest = f"all networks but {', '.join(stuck)}" if stuck else "every network"
    return f"the training loss of {rest} falls"


def _row(name: str, claims: Iterable[Claim], found: Measured | None) -> list[str]:
    ours = found.trials.get(name, {}) if found else {}
    own = [(claim.metric, claim.value) for claim in claims if claim.variant == name]
    published = [
        f"{metric} {' and '.join(_number(metric, value) for _, value in values)}"
        for metric, values in groupby(own, key=lambda pair: pair[0])
    ]
    measured = [f"{metric} {_number(metric, value)}" for metric, value in ours.items()]
    return [name, ", ".join(published), ", ".join(measured)]


def _number(metric: str, value: float) -> str:
    return whole(value) if metric in KNOWN_BEFORE_TRAINING and value >= 1 else figure(value)


def _table(heads: list[str], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *(list(row) for row in rows)]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines]
