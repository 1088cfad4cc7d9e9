"""What a study file may say of a backbone."""

import pytest

from autoae.spec.errors import SpecError
from autoae.spec.reading import study_from_text
from autoae.spec.study import StudySpec


def read(encoder: str, data: str = "") -> StudySpec:
    text = f"data: {{dataset: cifar10{data}}}\nmodel:\n  encoder: {encoder}\n"
    return study_from_text(text, name="x", source="x.yaml")


@pytest.mark.parametrize("data", [", resize: 16", ", resize: 256, center_crop: 16"])
def test_images_that_are_made_too_small_are_refused_on_reading(data: str) -> None:
    with pytest.raises(
        SpecError, match=r"x\.yaml:1: data: .*needs images of 17 pixels .* have 16"
    ) as told:
        read("{kind: squeezenet1_1}", data)
    assert "data.resize: 17" in told.value.hint
    read("{kind: squeezenet1_1}", data.replace("16", "17"))


def test_only_the_kinds_that_fit_have_to() -> None:
    spec = read("{kind: {values: [conv, vgg16]}, weights: imagenet}", ", resize: 16")
    assert spec.domains().keys() == {"model.encoder.kind"}


@pytest.mark.parametrize(
    ("encoder", "reason"),
    [
        ("{kind: vgg16, layers: C(3)}", "a backbone has layers of its own"),
        ("{kind: vgg16, depth: 3}", "unknown key"),
        ("{kind: vgg16, weights: coco}", "expected 'none' or 'imagenet'"),
        ("{kind: vgg}", "did you mean 'vgg16'"),
    ],
)
def test_what_it_does_not_have_is_refused(encoder: str, reason: str) -> None:
    with pytest.raises(SpecError, match=reason):
        read(encoder)
