"""Read a study file: profile and overrides applied, every mistake with its place."""

from collections.abc import Sequence
from pathlib import Path

from autoae.spec.document import Document, Tree, read_file, read_text, read_value, value_at
from autoae.spec.domains import FloatRange
from autoae.spec.errors import SpecError, placed
from autoae.spec.names import nearest
from autoae.spec.parts import check_space, default_objectives
from autoae.spec.presets import preset_names, preset_path
from autoae.spec.sampling import check_package, check_share
from autoae.spec.settings import Overrides, Settings
from autoae.spec.space import largest, parameters, resolve
from autoae.spec.stages import check_stage_keys
from autoae.spec.study import StudySpec, variant_tree
from autoae.spec.validation import build_configuration, validated

SECTIONS = ("data", "model", "loss", "training")


def read_study(
    source: str,
    *,
    profile: str | None = None,
    overrides: Sequence[str] = (),
    name: str | None = None,
) -> StudySpec:
    """Read a preset or a study file.

    Args:
        source: Name of a preset, or path of a YAML file.
        profile: A profile of the file; `full` is the file as it is unless it defines one.
        overrides: `key=value` each, the value in YAML; they win over the profile.
        name: What the study is called; after its preset or file unless given.

    Raises:
        SpecError: With place, key, what was expected and the nearest valid name.
    """
    spec = _read(_open(source), Path(source).stem if name is None else name, profile, overrides)
    with placed(spec.locate):
        check_package(spec.trees)
    return spec


def study_from_text(text: str, *, name: str, source: str) -> StudySpec:
    """Read a study file from text; `source` names it in messages.

    Raises:
        SpecError: As `read_study`.
    """
    return _read(read_text(text, source), name, None, ())


def _open(source: str) -> Document:
    if Path(source).suffix in {".yaml", ".yml"} or "/" in source:
        return read_file(Path(source))
    if source in preset_names():
        path = preset_path(source)
        return read_text(path.read_text(encoding="utf-8"), f"{source}.yaml")
    raise SpecError(
        f"there is no preset {source!r}; {nearest(source, preset_names())}",
        hint="the path of a study file ends in .yaml",
    )


def _read(
    document: Document, name: str, profile: str | None, overrides: Sequence[str]
) -> StudySpec:
    try:
        _apply_profile(document, profile)
        for override in overrides:
            _apply_override(document, override)
        return _checked(document, name)
    except SpecError as error:
        error.place = error.place or document.locate(error.key)
        raise


def _apply_profile(document: Document, profile: str | None) -> None:
    profiles = document.tree.get("profiles")
    known = profiles if isinstance(profiles, dict) else {}
    if profile is None or (profile == "full" and profile not in known):
        return
    if profile not in known:
        raise SpecError(f"no profile {profile!r}; {nearest(profile, {**known, 'full': 0})}")
    chosen = known[profile]
    if not isinstance(chosen, dict):
        raise SpecError("expected a mapping of key: value", key=f"profiles.{profile}")
    replaced: Tree = {key: value_at(document.tree, key) for key in chosen}
    for key, value in chosen.items():
        document.override(key, value, document.locate(f"profiles.{profile}.{key}"))
    document.tree["profile"] = profile
    document.tree["replaced"] = replaced


def _apply_override(document: Document, override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise SpecError("expected key=value, such as training.lr=0.01", place=f"--set {override}")
    place = f"--set {override}"
    document.override(key.strip(), read_value(text, place), place)


def _checked(document: Document, name: str) -> StudySpec:
    settings = _settings(document.tree)
    tree = {section: document.tree[section] for section in SECTIONS if section in document.tree}
    for section, content in tree.items():
        if not isinstance(content, dict):
            raise SpecError("expected a mapping", key=section)
    trees = _variant_trees(tree, settings.variants) if settings.variants else [tree]
    for each in trees:
        check_space(each, settings.objectives, build_configuration)
    check_stage_keys(trees)
    check_share(trees)
    if settings.search.method == "grid":
        _check_grid(tree)
    settings = _with_objectives(settings, trees[0])
    spec = StudySpec(name, tree, settings, document.places, document.source)
    spec.runs()  # An ablation refuses ranges without a baseline.
    return spec


def _check_grid(tree: Tree) -> None:
    for key, domain in parameters(tree).items():
        if isinstance(domain, FloatRange) and domain.step is None:
            raise SpecError(
                "a grid cannot run through a continuous range",
                hint="give it a `step` or `values`, or choose another search.method",
                key=key,
            )


def _settings(tree: Tree) -> Settings:
    for key in tree:
        if key not in SECTIONS and key not in Settings.model_fields:
            known = [*SECTIONS, *Settings.model_fields]
            raise SpecError(f"unknown key; {nearest(key, known)}", key=key)
    settings = validated(Settings, {k: v for k, v in tree.items() if k not in SECTIONS})
    settings.check()
    return settings


def _variant_trees(tree: Tree, variants: dict[str, Overrides]) -> list[Tree]:
    trees = [_variant(tree, name, overrides) for name, overrides in variants.items()]
    for name, each in zip(variants, trees, strict=True):
        if searched := parameters(each):
            key = next(iter(searched))
            raise SpecError(f"is a range, but variant {name!r} of a list runs as it is", key=key)
    return trees


def _variant(tree: Tree, name: str, overrides: Overrides) -> Tree:
    try:
        return variant_tree(tree, overrides)
    except SpecError as error:
        key = f"variants.{name}.{error.key}"
        raise SpecError(error.message, hint=error.hint, key=key) from error


def _with_objectives(settings: Settings, tree: Tree) -> Settings:
    if settings.objectives:
        return settings
    configuration = build_configuration(resolve(tree, lambda _, domain: largest(domain)))
    return settings.model_copy(update={"objectives": default_objectives(configuration)})
