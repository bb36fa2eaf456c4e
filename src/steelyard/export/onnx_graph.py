"""An ONNX graph under construction: nodes and constants, each under a name of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

ML = "ai.onnx.ml"
"""The domain of operators on categories."""


class GraphBuilder:
    """Collects nodes in the order in which they are added, which is one in which they can run.

    ``taken`` are the names of inputs and outputs; no name inside the graph begins like one of them.
    """

    def __init__(self, taken: Collection[str]) -> None:
        self._prefix = "net/"
        while any(name.startswith(self._prefix) for name in taken):
            self._prefix = "_" + self._prefix
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, TensorProto] = {}
        self._names: dict[str, int] = {}

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """A tensor that is part of the file; returns its name."""
        full = self._free(name)
        self._constants[full] = numpy_helper.from_array(np.ascontiguousarray(values), full)
        return full

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        name: str,
        attributes: Mapping[str, Any] = {},
        *,
        domain: str = "",
        output: str | None = None,
    ) -> str:
        """Adds an operation; returns the name of its output: made from ``name``, or ``output``."""
        full = self._free(name)
        result = full if output is None else output
        self._nodes.append(
            helper.make_node(operator, list(inputs), [result], name=full, domain=domain, **attributes)
        )
        return result

    def graph(
        self,
        name: str,
        inputs: Sequence[ValueInfoProto],
        outputs: Sequence[ValueInfoProto],
        doc_string: str,
    ) -> GraphProto:
        """All that was added, as the graph of a model."""
        return helper.make_graph(
            self._nodes, name, inputs, outputs, list(self._constants.values()), doc_string=doc_string
        )

    def _free(self, name: str) -> str:
        number = self._names.get(name, 0)
        self._names[name] = number + 1
        return f"{self._prefix}{name}" + (f"_{number}" if number else "")
