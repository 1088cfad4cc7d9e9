"""The JSON Schema says the same as the reader."""

import jsonschema
import pytest
from ruamel.yaml import YAML

from autoae.spec.presets import preset_names, preset_text
from autoae.spec.schema import json_schema, leaves


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_valid(name: str) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(YAML(typ="safe").load(preset_text(name)), schema)


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": {"encoder": "C(8)"}, "trainin": {}},
        {"model": {"encoder": "C(8)", "latnt": 3}},
        {"model": {"encoder": {"kind": "cnov"}}},
        {"model": {"encoder": "C(8)"}, "training": {"lr": {"min": 1}}},
        {"model": {"encoder": "C(8)"}, "training": {"lr": "fast"}},
        {},
    ],
)
def test_what_the_reader_refuses_is_invalid(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, json_schema())


def test_every_leaf_says_what_it_means() -> None:
    silent = [key for key, meaning in leaves().items() if not meaning]
    assert silent == []
    assert "training.lr" in leaves()
