"""Turns pydantic's complaints into sentences: every problem at once, with the nearest name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
        details = _one_per_choice(error.errors(include_url=False), model, value)
        raise RecipeError(
            *dict.fromkeys(_sentence(detail, model, value, where) for detail in details)
        ) from None


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
        value
        for key in TAGS
        if key in model.model_fields
        for value in get_args(model.model_fields[key].annotation)
    )


def parts_meant(value: object, models: Sequence[type[BaseModel]]) -> list[type[BaseModel]]:
    """Those of ``models`` that ``value`` can be: by its tag, or by whether it has ``layers``."""
    if not isinstance(value, Mapping) or len(models) < 2:
        return list(models)
    tags = [value[tag] for tag in TAGS if tag in value]
    if any(tag_values(model) for model in models):
        return [model for model in models if tags and tags[0] in tag_values(model)]
    return [model for model in models if ("layers" in model.model_fields) == ("layers" in value)]


def _walk(
    model: type[BaseModel], value: object, location: Sequence[int | str]
) -> tuple[str, list[type[BaseModel]]]:
    """The dotted path a person would write for pydantic's location, and the models admitted there.

    Where several models are admitted, pydantic's location goes on with the tag of the one it chose,
    or with the type it tried: no key of the input.
    """
    path = ""
    here = value
    models: list[type[BaseModel]] = [model]
    for step in location:
        if isinstance(step, int):
            path += f".{step}"
            here = here[step] if isinstance(here, list | tuple) and step < len(here) else None
            continue
        if len(models) > 1:
            chosen = [m for m in models if step in tag_values(m)] or parts_meant(here, models)
            models = chosen if len(chosen) == 1 else models
            if len(chosen) == 1:
                continue
        field = next((m.model_fields[step] for m in models if step in m.model_fields), None)
        if field is None and not (isinstance(here, Mapping) and step in here):
            continue
        path += f".{step}"
        here = here.get(step) if isinstance(here, Mapping) else None
        models = list(parts_of(field.annotation)) if field is not None else []
    return path.removeprefix("."), models


_OTHER_KIND = {
    "model_type": "a table",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a number",
    "int_parsing": "a number",
}
"""Complaints of pydantic that only say that something is of another kind, and the kind it asked for."""


def _one_per_choice(details: Sequence[Any], model: type[BaseModel], value: object) -> list[Any]:
    """Where a word or something else may stand, pydantic complains about both; keeps what was meant.

    A table with a wrong key, or a number out of range, was not meant as one of the words.
    """
    placed = [(detail, _walk(model, value, detail["loc"])[0]) for detail in details]
    kept = []
    for detail, path in placed:
        rivals = [other["type"] for other, place in placed if other is not detail and place == path]
        inside = any(place.startswith(f"{path}.") for _, place in placed)
        if detail["type"] == "literal_error":
            if not inside and all(kind in _OTHER_KIND for kind in rivals):
                kept.append({**detail, "or": [_OTHER_KIND[kind] for kind in rivals]})
        elif not (detail["type"] in _OTHER_KIND and "literal_error" in rivals):
            kept.append(detail)
    return kept


def _sentence(detail: Any, model: type[BaseModel], value: object, where: str) -> str:
    location: tuple[int | str, ...] = detail["loc"]
    kind = str(detail["type"])
    path, models = _walk(model, value, location[:-1] if kind == "extra_forbidden" else location)
    place = f"{where}: {path}" if path else where
    found = detail["input"]
    context = detail.get("ctx", {})
    match kind:
        case "extra_forbidden":
            name = str(location[-1])
            known = [key for m in models for key in m.model_fields]
            hint = did_you_mean(name, known) or _list("; known", known)
            return f"{place}: {name!r} is not a key here{hint}"
        case "union_tag_invalid":
            tag = str(context["tag"])
            allowed = _quoted(context["expected_tags"])
            key = str(context["discriminator"]).strip("'")
            hint = did_you_mean(tag, allowed) + _list("; allowed", allowed)
            return f"{place}.{key}: {tag!r} is unknown{hint}"
        case "union_tag_not_found":
            key = str(context["discriminator"]).strip("'")
            tags = [tag for m in models for tag in tag_values(m)]
            return f"{place}: has no {key!r} to say which one it is{_list('; allowed', tags)}"
        case "literal_error":
            allowed = _quoted(context["expected"])
            hint = did_you_mean(str(found), allowed) + _list("; allowed", [*allowed, *detail["or"]])
            return f"{place}: found {_short(found)}{hint}"
        case "value_error":
            return f"{place}: {context['error']}"
        case "missing":
            return f"{place}: is missing"
        case _:
            return f"{place}: {_EXPECTED.get(kind) or _must(str(detail['msg']))}; found {_short(found)}"


_EXPECTED = {
    "model_type": "must be a table of keys and values",
    "model_attributes_type": "must be a table of keys and values",
    "dict_type": "must be a table of keys and values",
    "tuple_type": "must be a list",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "invalid_key": "has a key that is no text",
}
"""What pydantic says in the words of programmers."""


def _must(message: str) -> str:
    return message.replace("Input should", "must", 1)


def _list(title: str, names: Sequence[str]) -> str:
    return f"{title}: {', '.join(names)}" if names else ""


def _quoted(text: object) -> list[str]:
    return [word.strip(" '") for word in str(text).replace(" or ", ", ").split(",")]


def _short(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
