"""Values checked against the declarations, mistakes told in the words of the study file."""

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from autoae.spec.config import Configuration, ModelOptions
from autoae.spec.document import Tree
from autoae.spec.encoders import encoder_from
from autoae.spec.encoders.base import EncoderOptions
from autoae.spec.errors import SpecError
from autoae.spec.names import nearest
from autoae.spec.ranges import is_range

Declared = TypeVar("Declared", bound=BaseModel)

_TYPES = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def build_configuration(values: Tree) -> Configuration:
    """A configuration from a tree of constants.

    Raises:
        SpecError: With the key of the first leaf that is unknown or has a wrong value.
    """
    model = values.get("model")
    if not isinstance(model, dict) or "encoder" not in model:
        raise _without_encoder(model)
    encoder = _build_encoder(model["encoder"])
    return validated(Configuration, {**values, "model": {**model, "encoder": encoder}})


def _without_encoder(model: object) -> SpecError:
    known = ModelOptions.model_fields
    for word in model if isinstance(model, dict) else ():
        # A misspelt `encoder` is the likelier mistake than a forgotten one.
        if word not in known:
            return SpecError(f"unknown key; {nearest(word, known)}", key=f"model.{word}")
    return SpecError("`model.encoder` is missing; it says how images are encoded", key="model")


def _build_encoder(value: object) -> EncoderOptions:
    try:
        return encoder_from(value)
    except ValidationError as error:
        kind = value.get("kind") if isinstance(value, dict) else None
        options = type(encoder_from({"kind": kind})) if kind else EncoderOptions
        raise _told(error, options, "model.encoder") from None


def validated(declared: type[Declared], values: object, prefix: str = "") -> Declared:
    """Validate values against a declared section.

    Raises:
        SpecError: With the dotted key, what was found and what was expected.
    """
    try:
        return declared.model_validate(values)
    except ValidationError as error:
        raise _told(error, declared, prefix) from None


def _told(error: ValidationError, declared: type[BaseModel], prefix: str) -> SpecError:
    details = error.errors(include_url=False)
    first = _key(details[0], declared)
    same = [detail for detail in details if _key(detail, declared) == first]
    message = _described(same, declared)
    return SpecError(message, key=".".join(part for part in (prefix, first) if part))


def _key(detail: ErrorDetails, declared: type[BaseModel]) -> str:
    """The dotted key of an error, without the names of union members that pydantic adds."""
    words: list[str] = []
    section: type[BaseModel] | None = declared
    named = False
    for word in detail["loc"]:
        known = isinstance(word, int) or named or detail["type"] == "extra_forbidden"
        if section is None and not known:
            break
        words.append(str(word))
        named = section is not None and _is_mapping(section, word)
        section = _below(section, str(word)) if not isinstance(word, int) else section
    return ".".join(words)


def _below(section: type[BaseModel] | None, word: str) -> type[BaseModel] | None:
    """The section that a key of a section holds, if it holds one."""
    if section is None or word not in section.model_fields:
        return None
    return next(_sections_in(section.model_fields[word].annotation), None)


def _is_mapping(section: type[BaseModel], word: str | int) -> bool:
    """Whether a key of a section holds names that the user gives, such as those of variants."""
    field = section.model_fields.get(str(word))
    return field is not None and get_origin(field.annotation) is dict


def _sections_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _sections_in(argument)


def _described(details: Sequence[ErrorDetails], declared: type[BaseModel]) -> str:
    found, kind = details[0]["input"], details[0]["type"]
    if kind == "extra_forbidden":
        return _unknown(details[0], declared)
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(details[0]["ctx"]["error"])
    if is_range(found):
        return "cannot be searched; only data, model, loss and training hold ranges"
    expected = " or ".join(dict.fromkeys(map(_expected, details)))
    return f"expected {expected}, not {found!r}{_suggestion(found, expected)}"


def _unknown(detail: ErrorDetails, declared: type[BaseModel]) -> str:
    section: type[BaseModel] | None = declared
    *way, word = [str(part) for part in detail["loc"] if not isinstance(part, int)]
    for step in way:
        section = _below(section, step) or section
    assert section is not None
    return f"unknown key; {nearest(word, section.model_fields)}"


def _expected(detail: ErrorDetails) -> str:
    if detail["type"] == "literal_error":
        return str(detail["ctx"]["expected"])
    if detail["type"] in _TYPES:
        return _TYPES[detail["type"]]
    return re.sub(r"^(Input|Value) should (be |match )?", "", detail["msg"])


def _suggestion(found: object, expected: str) -> str:
    hint = nearest(str(found), re.findall(r"'([^']+)'", expected))
    return f"; {hint}" if hint.startswith("did you mean") else ""
