"""The latents of a report."""

import numpy as np
import pytest

from autoae.store.runs import trial_folder
from autoae.views.report.blocks import Missing, Plot, Table
from autoae.views.report.html import html
from autoae.views.report.material import Material
from autoae.views.report.sections.latent import latent_section
from tests import studies
from tests.views.report.conftest import MakeMaterial, report_of


def listed(material: MakeMaterial, *, files: bool = True) -> Material:
    """A list of which every trial left its files."""
    spec = studies.spec(studies.LIST, "list")
    return material(studies.repeated(spec), spec, files=files)


def change(material: Material, numbers: int, images: int) -> None:
    """Leave so many numbers of so many latents."""
    for trial in material.complete:
        path = trial_folder(material.folders.root, material.study.name, trial.number).arrays
        with np.load(path) as arrays:
            kept = dict(arrays)
        kept["latent"] = kept["latent"][:images, :numbers]
        kept["latent_labels"] = kept["latent_labels"][:images]
        np.savez(path, **kept)


def test_each_variant_has_a_panel_and_a_row(material: MakeMaterial) -> None:
    found = listed(material)
    plane, space, table = latent_section(found).blocks
    assert isinstance(plane, Plot)
    assert isinstance(space, Plot)
    assert isinstance(table, Table)
    variants = [group.name for group in found.evidence.groups]
    assert [row[0].partition(" (")[0] for row in table.rows] == variants
    titles = [each.text for each in plane.figure.layout.annotations]
    assert all(name in title for name, title in zip(variants, titles, strict=True))
    assert "% of the variance" in titles[0]
    assert "silhouette" in titles[0]
    assert "probe" in titles[0]
    assert {trace.type for trace in space.figure.data} == {"scatter3d"}


def test_names_of_classes_are_shown_as_they_are(material: MakeMaterial) -> None:
    found = listed(material)
    for trial in found.complete:
        folder = trial_folder(found.folders.root, found.study.name, trial.number)
        folder.write_json(folder.best, {"classes": [f"digit <{name}>" for name in range(10)]})
    page = html(report_of(found))
    assert "digit <" not in page
    assert "digit \\u0026lt;3\\u0026gt;" in page


def test_a_latent_of_two_numbers_has_no_picture_in_space(material: MakeMaterial) -> None:
    found = listed(material)
    change(found, numbers=2, images=60)
    plane, missing, table = latent_section(found).blocks
    assert isinstance(plane, Plot)
    assert isinstance(missing, Missing)
    assert "fewer than 3" in missing.text
    assert isinstance(table, Table)


@pytest.mark.parametrize("shape", ["none", "empty"])
def test_no_latents_are_said_to_be_missing(material: MakeMaterial, shape: str) -> None:
    found = listed(material, files=shape != "none")
    if shape == "empty":
        change(found, numbers=4, images=0)
    (missing,) = latent_section(found).blocks
    assert isinstance(missing, Missing)


def test_a_search_shows_its_best_trial_alone(material: MakeMaterial) -> None:
    spec = studies.spec()
    plane, _, table = latent_section(material(studies.searched(spec), spec)).blocks
    assert isinstance(table, Table)
    assert len(table.rows) == 1
    assert isinstance(plane, Plot)
    assert len(plane.figure.layout.annotations) == 1
