"""The study file as a JSON Schema, derived from the declarations of its leaves."""

from typing import cast

from autoae.spec.config import (
    Configuration,
    DataOptions,
    LossOptions,
    ModelOptions,
    Section,
    TrainingOptions,
)
from autoae.spec.encoders import encoders
from autoae.spec.settings import Settings

Schema = dict[str, object]

_RANGES: Schema = {
    "interval": {
        "type": "object",
        "required": ["min", "max"],
        "additionalProperties": False,
        "properties": {
            "min": {"type": "number"},
            "max": {"type": "number"},
            "log": {"type": "boolean"},
            "step": {"type": "number", "exclusiveMinimum": 0},
        },
    },
    "choices": {
        "type": "object",
        "required": ["values"],
        "additionalProperties": False,
        "properties": {"values": {"type": "array", "minItems": 1}},
    },
}

_SECTIONS: dict[str, type[Section]] = {
    "data": DataOptions,
    "model": ModelOptions,
    "loss": LossOptions,
    "training": TrainingOptions,
}


def json_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of a study file."""
    top = Settings.model_json_schema()
    sections = {
        name: _section(declared.model_json_schema()) for name, declared in _SECTIONS.items()
    }
    _properties(sections["model"])["encoder"] = _encoder()
    definitions = cast("Schema", top.get("$defs", {}))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "autoae study file",
        "type": "object",
        "additionalProperties": False,
        "required": ["model"],
        "properties": {**sections, **_properties(top)},
        "$defs": {**definitions, **_RANGES},
    }


def leaves() -> dict[str, str]:
    """Every leaf that may be searched, by dotted key, with its meaning."""
    found: dict[str, str] = {}
    for name in Configuration.model_fields:
        for leaf, field in _SECTIONS[name].model_fields.items():
            found[f"{name}.{leaf}"] = field.description or ""
    return found


def _encoder() -> Schema:
    kinds = [_section(options.model_json_schema()) for options in encoders().values()]
    for kind in kinds:
        for leaf in _properties(kind).values():
            _allow_ranges_by_layer(cast("Schema", leaf))
    return {"anyOf": [{"type": "string"}, *kinds, *_references()]}


def _allow_ranges_by_layer(leaf: Schema) -> None:
    """Let a list of one value for each layer of an encoder hold ranges as well."""
    inner = cast("list[Schema]", leaf["anyOf"])[0]
    for option in cast("list[Schema]", inner.get("anyOf", [])):
        if option.get("type") == "array":
            option["items"] = {"anyOf": [option["items"], *_references()]}


def _section(schema: Schema) -> Schema:
    leaves = {name: _searchable(cast("Schema", leaf)) for name, leaf in _properties(schema).items()}
    return {"type": "object", "additionalProperties": False, "properties": leaves}


def _searchable(leaf: Schema) -> Schema:
    outer: Schema = {name: leaf[name] for name in ("description", "default") if name in leaf}
    inner = {name: value for name, value in leaf.items() if name not in outer}
    return {**outer, "anyOf": [inner, *_references()]}


def _references() -> list[Schema]:
    return [{"$ref": f"#/$defs/{name}"} for name in _RANGES]


def _properties(schema: Schema) -> dict[str, object]:
    return cast("dict[str, object]", schema["properties"])
