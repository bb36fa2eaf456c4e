"""Turns pydantic's complaints into sentences: every problem at once, with the nearest name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from steelyard.errors import RecipeError, did_you_mean

M = TypeVar("M", bound=BaseModel)

TAGS = ("name", "layer")
"""The keys by which a table says which optimizer, loss, layer ... it is."""


def validate(model: type[M], value: object, where: str = "recipe") -> M:
    """``value`` as a ``model``, or a :class:`RecipeError` that lists every problem.

    >>> from steelyard.recipe.training import Training
    >>> validate(Training, {"epoch": 3})
    Traceback (most recent call last):
    ...
    steelyard.errors.RecipeError: recipe: 'epoch' is not a key here (did you mean 'epochs'?)
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        sentences = [_sentence(detail, model, value, where) for detail in error.errors(include_url=False)]
        raise RecipeError(*dict.fromkeys(sentences)) from None


def parts_of(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models an annotation admits, looking through unions and ``Annotated``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for argument in get_args(annotation):
            yield from parts_of(argument)


def tag_values(model: type[BaseModel]) -> tuple[str, ...]:
    """The names a model goes by: ``("adam",)`` for Adam."""
    return tuple(
        value for key in TAGS if key in model.model_fields for value in get_args(model.model_fields[key].annotation)
    )


def _walk(model: type[BaseModel], value: object, location: tuple[int | str, ...]) -> tuple[str, list[type[BaseModel]]]:
    """The dotted path a person would write for pydantic's location, and the models admitted there.

    Pydantic puts the tag of a union's member into the location; that is no key of the input.
    """
    path = ""
    here = value
    models: list[type[BaseModel]] = [model]
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
            here = here[step] if isinstance(here, (list, tuple)) and step < len(here) else None
            continue
        field = next((m.model_fields[step] for m in models if step in m.model_fields), None)
        tagged = [m for m in models if step in tag_values(m)]
        if tagged and (field is None or not (isinstance(here, Mapping) and step in here)):
            models = tagged
        elif field is None and step in ("mlp", "stack"):
            models = [m for m in models if ("layers" in m.model_fields) == (step == "stack")]
        elif field is not None or (isinstance(here, Mapping) and step in here):
            path += f".{step}" if path else step
            here = here.get(step) if isinstance(here, Mapping) else None
            models = list(parts_of(field.annotation)) if field is not None else []
    return path, models


def _sentence(detail: Any, model: type[BaseModel], value: object, where: str) -> str:
    location: tuple[int | str, ...] = detail["loc"]
    path, _ = _walk(model, value, location)
    place = f"{where}: {path}" if path else where
    found = detail["input"]
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            name = str(location[-1])
            parent, models = _walk(model, value, location[:-1])
            place = f"{where}: {parent}" if parent else where
            known = [key for m in models for key in m.model_fields]
            return f"{place}: {name!r} is not a key here{did_you_mean(name, known)}"
        case "union_tag_invalid":
            allowed = _quoted(context["expected_tags"])
            key = str(context["discriminator"]).strip("'")
            tag = str(context["tag"])
            return f"{place}.{key}: {tag!r} is unknown{did_you_mean(tag, allowed)}; allowed: {', '.join(allowed)}"
        case "union_tag_not_found":
            return f"{place}: needs a key {context['discriminator']}; found {found!r}"
        case "literal_error":
            allowed = _quoted(context["expected"])
            return f"{place}: found {found!r}{did_you_mean(str(found), allowed)}; allowed: {', '.join(allowed)}"
        case "value_error":
            return f"{place}: {context['error']}"
        case "missing":
            return f"{place}: is missing"
        case _:
            message = str(detail["msg"])
            return f"{place}: {message[:1].lower()}{message[1:]}; found {found!r}"


def _quoted(text: object) -> list[str]:
    return [word.strip(" '") for word in str(text).replace(" or ", ", ").split(",")]
