"""`autoae study presets | init | schema | validate`: study files, before there is a study."""

from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import complete, options
from autoae.cli.output import note, show

if TYPE_CHECKING:
    from autoae.cli.survey import Survey
    from autoae.spec.study import StudySpec


def presets(as_json: options.AsJson = False) -> None:
    """List the study files that ship with autoae."""
    from autoae.spec.presets import preset_names
    from autoae.spec.reading import read_study
    from autoae.views.tables import number, table, wide, words

    specs = [read_study(name) for name in preset_names()]
    rows = [
        {
            "preset": spec.name,
            "question": " ".join(spec.settings.description.split()),
            "trials": spec.budget,
            "profiles": sorted(spec.settings.profiles),
        }
        for spec in specs
    ]
    lines = [(str(row["preset"]), str(row["trials"]), str(row["question"])) for row in rows]
    show(
        rows,
        lambda: table((words("preset"), number("trials"), wide("question")), lines),
        as_json=as_json,
    )


def init(
    preset: Annotated[
        str,
        typer.Argument(
            metavar="PRESET",
            help="The preset to start from.",
            autocompletion=complete.preset,
            show_default=False,
        ),
    ],
) -> None:
    """Print a preset as a file to edit: autoae study init digits-hybrid > mine.yaml."""
    from autoae.spec.presets import preset_text

    typer.echo(preset_text(preset), nl=False)


def schema() -> None:
    """Print the JSON Schema of a study file, for editors that check YAML."""
    from autoae.spec.schema import json_schema

    show(json_schema(), lambda: "", as_json=True)


def validate(
    source: options.Source,
    given: options.Set = None,
    profile: options.Profile = None,
    as_json: options.AsJson = False,
) -> None:
    """Check a study file: every value, every profile, and that its networks can be built."""
    from autoae.cli.images import images_of
    from autoae.cli.survey import survey
    from autoae.data.errors import DataError
    from autoae.spec.reading import read_study

    spec = read_study(source, profile=profile, overrides=given or ())
    for each in spec.settings.profiles if profile is None else ():
        # A mistake in a profile would show only when somebody applies it.
        read_study(source, profile=each, overrides=given or ())
    try:
        found: Survey | None = survey(spec, images_of)
    except DataError as error:
        note(f"the networks were not checked, for want of images: {error}")
        found = None
    show(_facts(spec, found), lambda: _sentence(spec, found), as_json=as_json)


def _facts(spec: "StudySpec", found: "Survey | None") -> dict[str, object]:
    return {
        "study": spec.name,
        "parameters": list(spec.domains()),
        "trials": spec.budget,
        "combinations": found.combinations if found else None,
        "buildable": len(found.candidates) / found.tried if found else None,
    }


def _sentence(spec: "StudySpec", found: "Survey | None") -> str:
    count = len(spec.domains())
    searched = "1 parameter is" if count == 1 else f"{count or 'no'} parameters are"
    text = f"{spec.source} is a valid study file: {searched} searched"
    if found is None or not found.refusals:
        return text
    share = 1 - len(found.candidates) / found.tried
    return f"{text}; {share:.0%} of the space cannot be built ({found.refusals[0][0]})"
