"""A model as ONNX, from the columns of the table to probability and label."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from steelyard.data.schema import Column
from steelyard.errors import SteelyardError
from steelyard.run import Model
from steelyard.store.environment import version_of
from steelyard.tables.dialect import MISSING_WORDS

if TYPE_CHECKING:
    from onnx import ModelProto

    from steelyard.export.onnx_graph import GraphBuilder

OPSET = 13
"""Version of the operators: what onnxruntime 1.6 of 2020 and all later ones run, and no operator here needs
a newer one (gelu and mish are written out)."""

ML_OPSET = 2
"""Likewise for ai.onnx.ml; the first whose LabelEncoder maps text to whole numbers."""

IR_VERSION = 7
"""Of the file format; the one that belongs to opset 13."""


def to_onnx(model: Model) -> ModelProto:
    """The model, its preprocessing included, for any runtime of ONNX.

    The bytes of the file are ``to_onnx(model).SerializeToString()``.

    There is one input per column, called like the column, of shape (rows, 1): the shape that ``skl2onnx``
    gives to the columns of a frame. Its type is

    - float32 for a number, NaN where it is missing;
    - float64 for a number that float32 cannot hold exactly enough (the model subtracts an offset first, as
      when it was trained), and for a date: days since 1970-01-01;
    - a string for a category and for yes and no: the text of the training table without blanks around it,
      empty where it is missing. A level that the table did not have is treated as unknown.

    The outputs are ``probability``, float32 (rows,), that of the positive label, the mean over the networks,
    with the prior put right and calibrated; and ``label``, strings (rows,), the positive label where that
    exceeds the model's threshold. (Where a column has that name, underscores follow.) What the columns are
    is in the doc strings of the inputs and, as JSON, in the metadata ``columns``. Probabilities agree with
    :func:`steelyard.predict_probability` to about 1e-6; an isotonic calibrator has steps, on which a logit
    that differs by as much makes more of it.

    From a CSV file to probabilities, with ``pip install onnxruntime`` and nothing of Steelyard::

        import csv

        import numpy as np
        import onnxruntime

        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        with open("new.csv", newline="") as file:
            rows = list(csv.DictReader(file))


        def column(wanted):
            texts = [row[wanted.name].strip() for row in rows]
            if wanted.type == "tensor(string)":
                return np.array(texts, dtype=object).reshape(-1, 1)
            numbers = [np.nan if text in ("", "?", "NA", "NaN") else float(text) for text in texts]
            dtype = np.float32 if wanted.type == "tensor(float)" else np.float64
            return np.array(numbers, dtype).reshape(-1, 1)


        feed = {wanted.name: column(wanted) for wanted in session.get_inputs()}
        probability, label = session.run(None, feed)

    A column of dates becomes days with
    ``(np.array(texts, "datetime64[us]") - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")``.

    Raises:
        SteelyardError: The package ``onnx`` is not installed, or a column has an empty name.
    """
    try:
        from onnx import TensorProto, helper
    except ModuleNotFoundError:
        raise SteelyardError(
            "onnx: writing ONNX needs the package onnx, which is not installed",
            help="pip install 'steelyard[onnx]'",
        ) from None
    from steelyard.export.onnx_columns import ROWS, add_columns, input_of
    from steelyard.export.onnx_graph import ML, GraphBuilder
    from steelyard.export.onnx_network import add_network

    columns = _inputs(model)
    names = [column.name for column in columns]
    probability, label = (_free(name, names) for name in ("probability", "label"))
    builder = GraphBuilder([*names, probability, label])
    encoded = add_columns(builder, model.schema, model.encoding)
    logits = [
        add_network(builder, model.network, weights, model.encoding, encoded, f"network_{number}")
        for number, weights in enumerate(model.weights)
    ]
    _add_outputs(builder, model, logits, probability, label)
    target = model.schema.target
    outputs = [
        helper.make_tensor_value_info(
            probability,
            TensorProto.FLOAT,
            [ROWS],
            doc_string=f"probability of {target.name} = {target.positive}",
        ),
        helper.make_tensor_value_info(
            label,
            TensorProto.STRING,
            [ROWS],
            doc_string=f"{target.positive} where the probability exceeds {model.readout.threshold:.9g}, else "
            f"{target.negative}",
        ),
    ]
    document = _document(model)
    graph = builder.graph("steelyard", [input_of(column) for column in columns], outputs, document)
    version = version_of("steelyard")
    proto = helper.make_model(
        graph,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)],
        producer_name="steelyard",
        producer_version=version,
        doc_string=document,
    )
    helper.set_model_props(proto, _metadata(model, columns, version))
    return proto


def _inputs(model: Model) -> tuple[Column, ...]:
    """The columns that are inputs, in the order of the table."""
    used = {column.name for column in (*model.schema.numeric, *model.schema.categories)}
    if "" in used:
        raise SteelyardError(
            "a column has an empty name, which no input in ONNX can have",
            help="name it in the table and train again",
        )
    return tuple(column for column in model.schema.columns if column.name in used)


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _add_outputs(
    builder: GraphBuilder, model: Model, logits: Sequence[str], probability: str, label: str
) -> None:
    """From the logits of the networks to the probability, and the label."""
    from steelyard.export.onnx_readout import add_probability

    read = add_probability(builder, model.readout, logits)
    axis = builder.constant("last_axis", np.array([1], np.int64))
    builder.node("Squeeze", [read, axis], "probability", output=probability)
    threshold = builder.constant("threshold", np.array([model.readout.threshold], np.float32))
    above = builder.node("Greater", [probability, threshold], "above_threshold")
    target = model.schema.target
    positive, negative = (
        builder.constant(name, np.array([text], object))
        for name, text in (("positive_label", target.positive), ("negative_label", target.negative))
    )
    builder.node("Where", [above, positive, negative], "label", output=label)


def _document(model: Model) -> str:
    target = model.schema.target
    networks = len(model.weights)
    made_of = "One network" if networks == 1 else f"{networks} networks, whose probabilities are averaged"
    return (
        f"Probability of {target.name} = {target.positive}. {made_of}, preprocessing included: feed the "
        "columns of the table as they are, each with shape (rows, 1). Missing: NaN in a number, the empty "
        "string in text."
    )


def _metadata(model: Model, columns: Sequence[Column], version: str) -> dict[str, str]:
    """What programs may want to know. ``columns`` is JSON, a list of objects."""
    target = model.schema.target
    described = [
        {"name": c.name, "kind": c.kind.value, "offset": c.offset, "levels": list(c.levels)} for c in columns
    ]
    return {
        "steelyard_version": version,
        "target": target.name,
        "positive_label": target.positive,
        "negative_label": target.negative,
        "networks": str(len(model.weights)),
        "threshold": repr(model.readout.threshold),
        "threshold_objective": model.readout.objective,
        "missing_words": json.dumps(MISSING_WORDS),
        "columns": json.dumps(described, ensure_ascii=False),
    }
