"""From the material to a report: which sections, in which order."""

from datetime import datetime

from autoae.views.report.blocks import Report
from autoae.views.report.material import Material
from autoae.views.report.sections import (
    classes,
    depth,
    facts,
    findings,
    gaps,
    knobs,
    latent,
    opening,
    seeds,
    training,
)

_SECTIONS = (
    findings.answer_section,
    findings.findings_section,
    findings.best_section,
    knobs.ledger_section,
    findings.front_section,
    seeds.confirmation_section,
    seeds.variants_section,
    seeds.claims_section,
    depth.depth_section,
    training.curves_section,
    gaps.gaps_section,
    depth.gradients_section,
    classes.classes_section,
    training.reconstructions_section,
    training.features_section,
    latent.latent_section,
    knobs.parallel_section,
    knobs.correlation_section,
    training.history_section,
    knobs.slices_section,
    knobs.importance_section,
    opening.opening_section,
    facts.protocol_section,
    facts.environment_section,
    facts.commands_section,
    facts.trials_section,
)


def build(material: Material, now: datetime) -> Report:
    """The whole report.

    Args:
        material: What it is written from.
        now: When, local time.
    """
    study, settings = material.study, material.evidence.spec.settings
    sections = (make(material) for make in _SECTIONS)
    return Report(
        title=study.name,
        question=" ".join(settings.description.split()),
        facts=tuple(_facts(material)),
        sections=tuple(section for section in sections if section is not None),
        footer=f"Written by autoae {material.version} on {now:%Y-%m-%d %H:%M}.",
    )


def _facts(material: Material) -> list[tuple[str, str]]:
    study, settings = material.study, material.evidence.spec.settings
    aims = ", ".join(f"{o.metric} ({o.direction})" for o in study.objectives)
    pruned, failed = len(study.of_state("PRUNED")), len(study.of_state("FAIL"))
    running = len(study.of_state("RUNNING"))
    facts = [
        ("objective" if len(study.objectives) == 1 else "objectives", aims),
        ("trials", f"{len(study.counted)} of {study.budget}"),
        ("complete", str(len(material.complete))),
        ("pruned or refused", str(pruned) if pruned else ""),
        ("failed", str(failed) if failed else ""),
        ("running", str(running) if running else ""),
        ("profile", settings.profile or ""),
    ]
    return [(word, value) for word, value in facts if value]
