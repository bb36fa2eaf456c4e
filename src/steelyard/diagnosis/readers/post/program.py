"""What a program does, read from its statements in their order and never run: trainings and searches.

Statements in the body of a function are read where they stand, with its parameters as names of which
nothing is known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.diagnosis.readers.post.layers import is_layer
from steelyard.diagnosis.readers.post.statements import Statement
from steelyard.diagnosis.readers.post.values import (
    ABSENT,
    UNKNOWN,
    Attribute,
    Call,
    Item,
    Name,
    Operation,
    ancestry,
    value_of,
)

_FITS = frozenset({"fit", "fit_generator", "train_on_batch"})
_ONLY_NETWORKS = frozenset(
    {"epochs", "nb_epoch", "batch_size", "validation_data", "validation_split", "class_weight", "callbacks"}
)
"""Arguments by which ``fit`` of something unknown is that of a network."""
_WRAPPERS = frozenset({"KerasClassifier", "KerasRegressor"})
_SEARCHES = MappingProxyType(
    {
        "Scan": (2, ("params", "params_dict"), 3, ("model",)),
        "GridSearchCV": (1, ("param_grid",), 0, ("estimator",)),
        "RandomizedSearchCV": (1, ("param_distributions",), 0, ("estimator",)),
        "RandomSearch": (None, (), 0, ("hypermodel",)),
        "Hyperband": (None, (), 0, ("hypermodel",)),
        "BayesianOptimization": (None, (), 0, ("hypermodel",)),
    }
)
"""Place and names of the grid and of the model among the arguments of a search."""
_MOST_LAYERS = 2000
_MOST_TRAININGS = 400
_GAP = 2
"""Characters between two statements that are taken for a part of them: a space, the end of a line."""


@dataclass(eq=False)
class Network:
    """A network while its program is read: its layers so far (None: not known) and how it was compiled."""

    layers: list[Any] | None = None
    compile: Call | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of ``fit`` that a wrapper for scikit-learn keeps."""


@dataclass(frozen=True, eq=False)
class Training:
    """A call of ``fit`` at a place in the text, with the network as it then was.

    ``function`` is the function it stands in, empty if none. ``features`` and ``validation`` are values,
    :data:`~steelyard.diagnosis.readers.post.values.ABSENT` if not given; ``validation_names`` the variables
    that ``validation`` was written with.
    """

    start: int
    end: int
    call: Call
    network: Network
    function: str
    features: Any
    validation: Any
    validation_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Search:
    """A search over hyperparameters; ``function`` is that which builds and trains, empty if not known."""

    start: int
    end: int
    call: Call
    grid: Any
    function: str
    network: Network | None
    features: Any


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """``evaluate``, ``predict`` or a score: the variables whose rows it was on."""

    start: int
    function: str
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Data:
    """Data that stands in the text. ``name`` is what it was assigned to, or the key of what was printed just
    before it (``print(history.history['loss'])``); empty if neither is so."""

    start: int
    name: str
    value: Any


@dataclass(frozen=True, eq=False)
class Program:
    """All that was found, each in the order of the text.

    ``fits`` are calls of ``fit`` and ``fit_transform`` of anything else (scalers). ``shows`` are the starts
    of calls whose value is not kept, with their variables: what is printed comes after one; of several with
    the same variables, one after the other, the first. ``spans`` are the starts and ends of all statements,
    where next to nothing stands between two those of both.
    """

    trainings: tuple[Training, ...]
    searches: tuple[Search, ...]
    measured: tuple[Measured, ...]
    fits: tuple[Call, ...]
    shows: tuple[tuple[int, tuple[str, ...]], ...]
    data: tuple[Data, ...]
    spans: tuple[tuple[int, int], ...]
    modules: frozenset[str]
    networks: tuple[Network, ...]


def program(statements: Iterable[Statement]) -> Program:
    """The program that these statements are."""
    reading = _Reading()
    for statement in statements:
        reading.read(statement)
    return Program(
        tuple(reading.trainings),
        tuple(reading.searches),
        tuple(reading.measured),
        tuple(reading.fits),
        tuple(reading.shows),
        tuple(reading.data),
        tuple(reading.spans),
        frozenset(reading.modules),
        tuple(reading.networks),
    )


@dataclass
class _Function:
    name: str
    column: int | None
    outside: dict[str, Any]
    """Values that its parameters' names have outside of it."""


class _Reading:
    """The variables and what was found so far."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {}
        self.returns: dict[str, Network] = {}
        self.open: list[_Function] = []
        self.trainings: list[Training] = []
        self.searches: list[Search] = []
        self.measured: list[Measured] = []
        self.fits: list[Call] = []
        self.shows: list[tuple[int, tuple[str, ...]]] = []
        self.printed = ""
        self.data: list[Data] = []
        self.spans: list[tuple[int, int]] = []
        self.modules: set[str] = set()
        self.networks: list[Network] = []

    def read(self, statement: Statement) -> None:
        if self.spans and statement.start - self.spans[-1][1] <= _GAP:
            self.spans[-1] = (self.spans[-1][0], statement.end)
        else:
            self.spans.append((statement.start, statement.end))
        if statement.column is not None:
            while self.open and self.open[-1].column is not None and statement.column <= self.open[-1].column:
                self._leave()
        if statement.kind == "def":
            self._enter(statement)
        elif statement.kind == "import":
            self._import(statement)
        elif statement.value is not None:
            value = self._network_of(value_of(statement.value, self.variables))
            self._look_at_calls(statement, value)
            if statement.kind in ("assign", "for"):
                self._assign(statement, value)
            elif statement.kind == "return":
                self._return(statement, value)
            if _is_data(value):
                name = statement.targets[0] if len(statement.targets) == 1 else self.printed
                self.data.append(Data(statement.start, name, value))
                self.printed = ""

    def _enter(self, statement: Statement) -> None:
        name, *parameters = statement.targets
        outside = {one: self.variables.get(one, ABSENT) for one in parameters}
        self.open.append(_Function(name, statement.column, outside))
        self.variables.update({one: Name(one) for one in parameters})

    def _leave(self) -> None:
        for name, value in self.open.pop().outside.items():
            if value is ABSENT:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value

    def _return(self, statement: Statement, value: Any) -> None:
        if not self.open:
            return
        for one in ancestry(value, most=50):
            if isinstance(one, Network):
                self.returns[self.open[-1].name] = one
                break
        if statement.column is None:
            self._leave()

    def _import(self, statement: Statement) -> None:
        assert isinstance(statement.value, ast.Tuple)
        for target, node in zip(statement.targets, statement.value.elts, strict=True):
            assert isinstance(node, ast.Constant)
            self.modules.add(str(node.value))
            if target != node.value:
                self.variables[target] = Name(str(node.value))

    def _assign(self, statement: Statement, value: Any) -> None:
        targets = statement.targets
        if statement.kind == "for":
            value = Item(value, UNKNOWN)
        if len(targets) > 1 and isinstance(value, list | tuple) and len(value) == len(targets):
            values = list(value)
        elif len(targets) > 1:
            values = [Item(value, i) for i in range(len(targets))]
        else:
            values = [value]
        for target, one in zip(targets, values, strict=True):
            base, bracket, _ = target.partition("[")
            if bracket:  # a part of it is replaced
                one = Operation("update", (self.variables.get(base, Name(base)), one))
            self.variables[base] = one

    def _network_of(self, value: Any) -> Any:
        """The network that a value is, or the value itself."""
        if not isinstance(value, Call):
            return value
        network: Network | None = None
        if value.name == "Sequential":
            layers = value.argument(0, "layers")
            network = Network(list(layers) if isinstance(layers, list | tuple) else [])
        elif value.name in ("Model", "Functional") and value.argument(1, "outputs", "output") is not ABSENT:
            network = Network(_chain(value.argument(1, "outputs", "output")))
        elif value.name in _WRAPPERS:
            built = value.argument(0, "build_fn", "model")
            known = self.returns.get(built.path) if isinstance(built, Name) else None
            network = Network(
                None if known is None else known.layers, known.compile if known else None, value.keywords
            )
        elif value.function in self.returns:
            known = self.returns[value.function]
            network = Network(list(known.layers) if known.layers is not None else None, known.compile)
        if network is None:
            return value
        self.networks.append(network)
        return network

    def _look_at_calls(self, statement: Statement, value: Any) -> None:
        one = value
        while isinstance(one, Attribute | Item):
            one = one.of
        if isinstance(one, Call):
            self._look_at(statement, one)
        node = statement.value
        assert node is not None
        for call in _calls(node):
            name = _called(call)
            if name in ("evaluate", "predict", "predict_proba", "roc_auc_score", "classification_report"):
                self.measured.append(Measured(statement.start, name, _names(call.args[:1])))
        if statement.kind == "call":
            self.printed = _printed_key(node)
            if not (isinstance(node, ast.Call) and _called(node) in ("add", "compile", "fit")):
                names = _names([node])
                if not self.shows or self.shows[-1][1] != names:
                    self.shows.append((statement.start, names))

    def _look_at(self, statement: Statement, call: Call) -> None:
        name = call.name
        if name in _SEARCHES:
            self._search(statement, call, call)
        elif name in ("add", "compile", *_FITS):
            self._look_at_method(statement, call, name)
        elif name == "shuffle" and isinstance(statement.value, ast.Call) and statement.kind == "call":
            for argument in statement.value.args:
                if isinstance(argument, ast.Name):
                    self.variables[argument.id] = call
        elif name == "cross_val_score" and isinstance(network := call.argument(0, "estimator"), Network):
            validation = call.argument(3, "cv")
            self._trained(statement, call, network, call.argument(1, "X"), validation, ())
        if name in ("fit_transform",):
            self.fits.append(call)

    def _look_at_method(self, statement: Statement, call: Call, name: str) -> None:
        receiver = call.receiver
        if isinstance(receiver, Call) and receiver.name in _SEARCHES and name == "fit":
            if receiver.name != "Scan":
                self._search(statement, receiver, call)
            return
        if isinstance(receiver, Name) and self._is_a_network(call, name):
            receiver = Network([] if name == "add" else None)
            self.networks.append(receiver)
            self.variables[call.function.rpartition(".")[0]] = receiver
        if not isinstance(receiver, Network):
            if name == "fit":
                self.fits.append(call)
            return
        if name == "add":
            if receiver.layers is not None and len(receiver.layers) < _MOST_LAYERS:
                receiver.layers.append(call.argument(0, "layer"))
        elif name == "compile":
            receiver.compile = call
        else:
            validation = call.argument(None, "validation_data")
            names = _names_of_argument(statement.value, "validation_data")
            self._trained(statement, call, receiver, call.argument(0, "x", "X"), validation, names)

    def _is_a_network(self, call: Call, method: str) -> bool:
        if method == "add":
            return is_layer(call.argument(0, "layer"))
        if method == "compile":
            return bool({"loss", "optimizer", "metrics"} & set(call.keywords))
        return bool(_ONLY_NETWORKS & set(call.keywords))

    def _trained(
        self,
        statement: Statement,
        call: Call,
        network: Network,
        features: Any,
        validation: Any,
        names: tuple[str, ...],
    ) -> None:
        if len(self.trainings) == _MOST_TRAININGS:
            return
        layers = None if network.layers is None else list(network.layers)
        now = Network(layers, network.compile, network.settings)
        function = self.open[-1].name if self.open else ""
        self.trainings.append(
            Training(statement.start, statement.end, call, now, function, features, validation, names)
        )

    def _search(self, statement: Statement, search: Call, call: Call) -> None:
        if any(one.call is search for one in self.searches):
            return
        place, names, model_place, model_names = _SEARCHES[search.name]
        model = search.argument(model_place, *model_names)
        function = model.path if isinstance(model, Name) else ""
        network = model if isinstance(model, Network) else self.returns.get(function)
        grid = search.argument(place, *names) if names else ABSENT
        features = (search if search.name == "Scan" else call).argument(0, "x", "X")
        if search is call and search.name in ("GridSearchCV", "RandomizedSearchCV"):
            return  # nothing is searched before fit
        self.searches.append(
            Search(statement.start, statement.end, search, grid, function, network, features)
        )


def _chain(output: Any) -> list[Any] | None:
    """The layers of a functional model from its output back to its input, in the order of the data; None
    where they branch."""
    layers: list[Any] = []
    one = output[0] if isinstance(output, list) and len(output) == 1 else output
    while len(layers) < _MOST_LAYERS:
        if not isinstance(one, Call):
            return layers[::-1] if isinstance(one, Name) and layers else None
        if isinstance(one.receiver, Call) and not one.function:
            layers.append(one.receiver)
            if len(one.arguments) != 1 or isinstance(one.arguments[0], list | tuple):
                return None
            one = one.arguments[0]
        elif is_layer(one):
            layers.append(one)
            return layers[::-1]
        else:
            return None
    return None


def _printed_key(node: ast.expr) -> str:
    """The key of what ``print(history.history['loss'])`` shows; empty if it shows nothing of the kind."""
    if not (isinstance(node, ast.Call) and _called(node) == "print"):
        return ""
    for argument in node.args:
        if isinstance(argument, ast.Subscript) and isinstance(argument.slice, ast.Constant):
            return str(argument.slice.value)[:80]
    return ""


def _is_data(value: Any) -> bool:
    """Is it a dict, a list that may hold numbers, or an array of something?"""
    if isinstance(value, Call):
        return value.name in ("array", "DataFrame") and bool(value.arguments)
    if isinstance(value, list):
        first = value[0] if value else ""
        return not isinstance(first, dict | str) and not (isinstance(first, list) and len(first) > 1)
    return isinstance(value, dict | np.ndarray)


def _calls(node: ast.expr, most: int = 500) -> list[ast.Call]:
    """The calls inside an expression of ordinary size."""
    waiting: list[ast.AST] = [node]
    found: list[ast.Call] = []
    for _ in range(most):
        if not waiting:
            break
        one = waiting.pop()
        if isinstance(one, ast.Call):
            found.append(one)
        waiting.extend(list(ast.iter_child_nodes(one))[:100])
    return found


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _names(nodes: Iterable[ast.AST], most: int = 200) -> tuple[str, ...]:
    """The names of variables in expressions, each once."""
    waiting = list(nodes)
    found: dict[str, None] = {}
    for _ in range(most):
        if not waiting:
            break
        one = waiting.pop(0)
        if isinstance(one, ast.Name):
            found[one.id] = None
        waiting.extend(list(ast.iter_child_nodes(one))[:50])
    return tuple(found)


def _names_of_argument(node: ast.expr | None, argument: str) -> tuple[str, ...]:
    if node is None:
        return ()
    for call in _calls(node):
        for keyword in call.keywords:
            if keyword.arg == argument:
                return _names([keyword.value])
    return ()
