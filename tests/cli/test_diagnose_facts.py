"""The flags that state facts: all that rules ask for exists, and each becomes the fact that it says."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest

import steelyard.diagnosis.rules
from steelyard.cli.diagnose import command
from steelyard.cli.diagnose_facts import RESAMPLINGS, FactOption, Said, facts_of, share_of
from steelyard.diagnosis.arithmetic import samplers
from steelyard.diagnosis.signals import SIGNALS
from steelyard.log import Facts, Stopping

FLAG = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
OPTIONS = {
    name
    for option in command.params
    if isinstance(option, click.Option)
    for name in (*option.opts, *option.secondary_opts)
}


@pytest.mark.parametrize("signal", SIGNALS)
def test_flags_that_are_asked_for_exist(signal: str) -> None:
    named = set(FLAG.findall(SIGNALS[signal][1]))
    assert named <= OPTIONS


def test_flags_that_rules_name_in_their_sentences_exist() -> None:
    folder = Path(steelyard.diagnosis.rules.__file__).parent
    named = {
        (path.name, flag) for path in folder.rglob("*.py") for flag in FLAG.findall(path.read_text("utf-8"))
    }
    assert {flag for _, flag in named} <= OPTIONS


def test_every_flag_of_a_fact_becomes_one_and_says_where_it_is_from() -> None:
    """Those that are about curves (``l2``, ``dropout``) are no facts."""
    flags = {str(option.name): option for option in command.params if isinstance(option, FactOption)}
    assert set(flags) == {one.name for one in fields(Said)}
    part_of_stopping = {"monitor", "patience", "restore_best"}
    about_curves = {"l2", "dropout"}
    facts = {one.name for one in fields(Facts)}
    assert set(flags) - part_of_stopping - about_curves <= facts
    for name in set(flags) & facts - {"class_weight"}:
        known = facts_of(Said(**{name: 1}))
        assert getattr(known, name) == 1
        assert known.origins == {name: flags[name].opts[0]}


def test_nothing_said_is_nothing_known() -> None:
    assert facts_of(Said()) == Facts(origins={})


def test_false_is_said_too() -> None:
    assert facts_of(Said(shuffled=False)).shuffled is False
    assert facts_of(Said(seed=0, positives_validation=0)).positives_validation == 0


@pytest.mark.parametrize(
    ("said", "weights", "kind"),
    [
        ({"class_weight": "balanced"}, None, "balanced"),
        ({"class_weight": "none"}, (1.0, 1.0), "none"),
        ({"class_weight": (0.5, 10.0)}, (0.5, 10.0), None),
        ({"class_weight": "balanced", "class_weight_type": "array"}, None, "array"),
    ],
)
def test_class_weights(said: dict[str, Any], weights: tuple[float, float] | None, kind: str | None) -> None:
    known = facts_of(Said(**said))
    assert (known.class_weight, known.class_weight_type) == (weights, kind)
    assert known.origins["class_weight"].startswith("--class-weight")


def test_early_stopping() -> None:
    known = facts_of(Said(monitor="val_loss", patience=3, restore_best=True))
    assert known.stopping == Stopping("val_loss", 3, restore_best=True)
    assert known.origins == {"stopping": "--monitor"}


@pytest.mark.parametrize(("text", "share"), [("0.05", 0.05), ("5%", 0.05), ("19:1", 0.05), ("1:19", 0.05)])
def test_a_share_as_people_write_it(text: str, share: float) -> None:
    assert share_of(text) == pytest.approx(share)


def test_every_sampler_that_rules_know_can_be_named() -> None:
    assert set(RESAMPLINGS) >= samplers.EVENING


@pytest.mark.parametrize("flag", sorted(OPTIONS))
def test_help_says_what_each_flag_is(flag: str) -> None:
    (option,) = (one for one in command.params if flag in (*one.opts, *one.secondary_opts))
    assert isinstance(option, click.Option) and option.help and option.help.endswith((".", "]"))
