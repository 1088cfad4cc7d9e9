"""A report as plain facts, for programs."""

from collections.abc import Mapping

from autoae.analysis.answer import answer
from autoae.analysis.best import best_trials
from autoae.analysis.claims import ClaimCheck
from autoae.analysis.findings import findings
from autoae.analysis.front import front
from autoae.analysis.variants import variant_figures
from autoae.views.report.material import BEST, Material
from autoae.views.report.sections.latent import latents


def facts(material: Material) -> Mapping[str, object]:
    """Everything that the report says, as mappings, sequences and dataclasses.

    Args:
        material: What it is written from.
    """
    evidence, study = material.evidence, material.study
    settings = evidence.spec.settings
    trained = [trial for trial in study.trials if trial.epochs]
    return {
        "study": study.name,
        "question": settings.description,
        "profile": settings.profile,
        "objectives": [objective.model_dump() for objective in study.objectives],
        "budget": study.budget,
        "done": len(study.counted),
        "answer": answer(evidence),
        "findings": findings(evidence),
        "best": [trial.number for trial in best_trials(study, BEST)],
        "ledger": evidence.ledger,
        "front": [trial.number for trial in front(study)],
        "confirmation": evidence.confirmation,
        "variants": evidence.groups,
        "variant_figures": variant_figures(study, evidence.groups),
        "latents": {trial.number: view.facts() for trial, view in latents(material)},
        "claims": [_claim(check) for check in evidence.claims],
        "correlations": evidence.correlations,
        "settings": evidence.settings,
        "importance": evidence.importances,
        "test": evidence.opening,
        "study_file": evidence.spec.to_text(),
        "environments": material.folders.environments(trained),
        "storage": material.storage,
        "commands": [command for command, _ in material.commands],
        "version": material.version,
        "trials": study.trials,
    }


def _claim(check: ClaimCheck) -> dict[str, object]:
    return {
        **check.claim.model_dump(),
        "trials": check.trials,
        "ours": check.ours,
        "single": check.single,
        "verdict": check.verdict,
        "reason": check.reason,
        "differences": check.differences,
    }
