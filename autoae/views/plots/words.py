"""What figures say: titles of axes, and what a pointer over a trial tells."""

from html import escape

from autoae.analysis.figures import figure_of
from autoae.spec.metrics import COSTS, METRICS
from autoae.store.snapshot import StudySnapshot, TrialSnapshot
from autoae.views.board import state_word
from autoae.views.numbers import cost, figure

_COUNTED = {
    "params": "params (trainable parameters)",
    "flops": "flops (operations per image)",
    "latent_ratio": "latent_ratio (latent ÷ input numbers)",
}
_WIDTH = 64


def axis_title(name: str) -> str:
    """The name of a figure with its unit."""
    known = {**METRICS, **COSTS}.get(name)
    unit = f" ({known.unit})" if known and known.unit else ""
    return _COUNTED.get(name, f"{name}{unit}")


def safe(text: str) -> str:
    """Text as Plotly shows it as it is: Plotly reads a little HTML in every label."""
    return escape(text, quote=False)


def hover(study: StudySnapshot, trial: TrialSnapshot) -> str:
    """What a pointer over a trial tells: state, variant, figures, costs, network."""
    names = [objective.metric for objective in study.objectives]
    figures = [f"{name} {figure(figure_of(study, trial, name))}" for name in names]
    costs = [
        f"{name} {cost(name, trial.costs[name])}" for name in ("params",) if name in trial.costs
    ]
    lines = [
        f"<b>trial {trial.number}</b> · {state_word(trial.state)}",
        *([safe(trial.variant)] if trial.variant else []),
        " · ".join([*figures, *costs]),
        *_folded(trial.notation),
        *_folded(trial.reason),
    ]
    return "<br>".join(line for line in lines if line)


def _folded(text: str) -> list[str]:
    """Long text in lines, broken at spaces."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= _WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [safe(line) for line in lines]
