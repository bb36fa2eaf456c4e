"""Follows a program through its statements, in their order and without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.diagnosis.readers.post.building import MOST_LAYERS, built, is_of_a_network
from steelyard.diagnosis.readers.post.program import Data, Measured, Network, Program, Search, Training
from steelyard.diagnosis.readers.post.scope import Scope
from steelyard.diagnosis.readers.post.statements import Statement
from steelyard.diagnosis.readers.post.syntax import called, calls_in, names_in, names_of_argument, printed_key
from steelyard.diagnosis.readers.post.values import ABSENT, UNKNOWN, Attribute, Call, Item, Name, value_of

_FITS = frozenset({"fit", "fit_generator", "train_on_batch"})
_SCORES = frozenset({"evaluate", "predict", "predict_proba", "roc_auc_score", "classification_report"})
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
_MOST_TRAININGS = 400
_GAP = 2
"""Characters between two statements that are taken for a part of them: a space, the end of a line."""


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
        frozenset(reading.scope.modules),
        tuple(reading.networks),
    )


class _Reading:
    """What was found so far, and what names stand for."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.trainings: list[Training] = []
        self.searches: list[Search] = []
        self.measured: list[Measured] = []
        self.fits: list[Call] = []
        self.shows: list[tuple[int, tuple[str, ...]]] = []
        self.printed = ""
        self.data: list[Data] = []
        self.spans: list[tuple[int, int]] = []
        self.networks: list[Network] = []

    def read(self, statement: Statement) -> None:
        if self.spans and statement.start - self.spans[-1][1] <= _GAP:
            self.spans[-1] = (self.spans[-1][0], statement.end)
        else:
            self.spans.append((statement.start, statement.end))
        self.scope.close(statement.column)
        if statement.kind == "def":
            self.scope.enter(statement)
        elif statement.kind == "import":
            self.scope.bring(statement)
        elif statement.value is not None:
            self._evaluate(statement, statement.value)

    def _evaluate(self, statement: Statement, node: ast.expr) -> None:
        value = value_of(node, self.scope.variables)
        network = built(value, self.scope)
        if network is not None:
            network.loops = self.scope.loops
            self.networks.append(network)
            value = network
        self._look_at_calls(statement, node, value)
        if statement.kind in ("assign", "for"):
            self.scope.assign(statement, value)
        elif statement.kind == "return":
            self.scope.leave(statement, value)
        if _is_data(value):
            name = statement.targets[0] if len(statement.targets) == 1 else self.printed
            self.data.append(Data(statement.start, name, value))
            self.printed = ""

    def _look_at_calls(self, statement: Statement, node: ast.expr, value: Any) -> None:
        one = value
        while isinstance(one, Attribute | Item):
            one = one.of
        if isinstance(one, Call):
            self._look_at(statement, one)
        for call in calls_in(node):
            name = called(call)
            if name in _SCORES:
                self.measured.append(Measured(statement.start, name, names_in(call.args[:1])))
        if statement.kind == "call":
            self.printed = printed_key(node)
            if not (isinstance(node, ast.Call) and called(node) in ("add", "compile", "fit")):
                names = names_in([node])
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
                    self.scope.variables[argument.id] = call
        elif name == "cross_val_score" and isinstance(network := call.argument(0, "estimator"), Network):
            validation = call.argument(3, "cv")
            self._trained(statement, call, network, call.argument(1, "X"), validation, ())
        elif name == "fit_transform":
            self.fits.append(call)

    def _look_at_method(self, statement: Statement, call: Call, name: str) -> None:
        receiver = call.receiver
        if isinstance(receiver, Call) and receiver.name in _SEARCHES and name == "fit":
            if receiver.name != "Scan":
                self._search(statement, receiver, call)
            return
        if isinstance(receiver, Name) and is_of_a_network(call, name):
            receiver = Network([] if name == "add" else None, loops=self.scope.loops)
            self.networks.append(receiver)
            self.scope.variables[call.function.rpartition(".")[0]] = receiver
        if not isinstance(receiver, Network):
            if name == "fit":
                self.fits.append(call)
            return
        if name == "add":
            if receiver.layers is not None and len(receiver.layers) < MOST_LAYERS:
                receiver.layers.append(call.argument(0, "layer"))
                if self.scope.loops > receiver.loops:
                    receiver.layers.append(UNKNOWN)  # as often as the loop runs
        elif name == "compile":
            receiver.compile = call
        else:
            validation = call.argument(None, "validation_data")
            names = names_of_argument(statement.value, "validation_data")
            self._trained(statement, call, receiver, call.argument(0, "x", "X"), validation, names)

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
        function = self.scope.function
        self.trainings.append(
            Training(statement.start, statement.end, call, now, function, features, validation, names)
        )

    def _search(self, statement: Statement, search: Call, call: Call) -> None:
        if any(one.call is search for one in self.searches):
            return
        place, names, model_place, model_names = _SEARCHES[search.name]
        model = search.argument(model_place, *model_names)
        function = model.path if isinstance(model, Name) else ""
        network = model if isinstance(model, Network) else self.scope.returned(function)
        grid = search.argument(place, *names) if names else ABSENT
        features = (search if search.name == "Scan" else call).argument(0, "x", "X")
        if search is call and search.name in ("GridSearchCV", "RandomizedSearchCV"):
            return  # nothing is searched before fit
        self.searches.append(
            Search(statement.start, statement.end, search, grid, function, network, features)
        )


def _is_data(value: Any) -> bool:
    """Is it a dict, a list that may hold numbers, or an array of something?"""
    if isinstance(value, Call):
        return value.name in ("array", "DataFrame") and bool(value.arguments)
    if isinstance(value, list):
        first = value[0] if value else ""
        return not isinstance(first, dict | str) and not (isinstance(first, list) and len(first) > 1)
    return isinstance(value, dict | np.ndarray)
