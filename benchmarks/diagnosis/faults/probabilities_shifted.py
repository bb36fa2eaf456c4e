"""IMB704: class weights whose effect on the probabilities stays in them."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, as_keras, as_ours
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _fault(seed: int) -> Logs:
    rows = generate(seed, rate=0.05, bent=False)
    recipe = program(class_weight="balanced", correct_prior=False)
    experiment = Experiment(rows, recipe, seed)
    return {"keras": as_keras(experiment), "steelyard": as_ours(experiment)}


def _twin(seed: int) -> Logs:
    experiment = Experiment(generate(seed, rate=0.05, bent=False), program(), seed)
    return {"keras": as_keras(experiment), "steelyard": as_ours(experiment)}


FAULT = Fault("IMB704", "balanced class weights at 5 % positives, against none", _fault, _twin)
