"""May training and validation loss be held against each other?"""

from __future__ import annotations

from steelyard.diagnosis.answers.answer import Answer, Case, joined, sentence
from steelyard.diagnosis.answers.floors import ends
from steelyard.diagnosis.measured import was_logged_plain
from steelyard.diagnosis.signals import Signals
from steelyard.diagnosis.wording import estimated, listed, number

QUESTION = "May the two losses be compared?"
_CODES = ("CMP101", "CMP102", "CMP104", "CMP105", "CMP106", "LOG902", "LOG903", "LOG904")


def comparable(case: Case) -> Answer | None:
    """What is in the one and not in the other; what of that is not known."""
    signals = case.signals
    if signals.train_loss_logged is None or signals.validation_loss_logged is None:
        return None
    codes, minimised = case.of(_CODES), signals.train_loss_logged
    # Where the log has the plain training loss too, nothing but the rows can differ.
    plain = was_logged_plain(signals.train_loss) and was_logged_plain(signals.validation_loss)
    apart = _floors(case) if plain else [*_floors(case), *_weights(case), *_dropout(signals)]
    both = "" if plain else _penalty(signals)
    doubt = "" if plain else _doubt(signals)
    older = (
        "The training loss is a mean over each epoch besides, half an epoch older than the validation loss."
        if not plain and _half_epoch_older(signals)
        else ""
    )
    if apart:
        start = f"No, not as they stand: {'; '.join(apart)}."
        return Answer(QUESTION, joined(start, sentence(both), older, doubt, ends(signals)), codes)
    if doubt:
        return Answer(QUESTION, joined("Cannot tell.", doubt, sentence(both), older), codes)
    start = (
        f"Yes, with each other, but not with the loss of the base rate: {both}."
        if both
        else "Yes: the log has the plain loss of both, without weights, penalty and dropout"
        + ("; what was minimised is another curve." if not was_logged_plain(minimised) else ".")
    )
    return Answer(QUESTION, joined(start, older, ends(signals)), codes)


def _doubt(signals: Signals) -> str:
    unknown = _unknown(signals)
    if not unknown:
        return ""
    return (
        f"The log does not say whether the training loss holds {listed(unknown)} (--model FILE, or "
        "--class-weight, --l2 and --dropout)."
    )


def _floors(case: Case) -> list[str]:
    signals = case.signals
    train, validation = signals.base_rate_train, signals.base_rate_validation
    if (case.told("CMP105") is None and case.told("CMP106") is None) or train is None or validation is None:
        return []
    if signals.train_floor is None or signals.validation_floor is None:
        return []
    why = " since they were resampled" if case.told("CMP106") is not None else ""
    return [
        f"{estimated(train, share=True)} of the training rows are positive{why} and "
        f"{estimated(validation, share=True)} of the validation rows, so that predicting the base rate "
        f"costs {estimated(signals.train_floor)} in training and {estimated(signals.validation_floor)} in "
        "validation"
    ]


def _weights(case: Case) -> list[str]:
    signals = case.signals
    logged = signals.train_loss_logged
    if (found := case.fired("CMP104")) is not None and signals.class_weight is not None:
        ratio = signals.class_weight[1] / max(signals.class_weight[0], 1e-12)
        useless = found.evidence.get("train_loss_knowing_only_base_rate")
        other = found.evidence.get("validation_loss_of_the_same_network")
        return [
            f"the training loss counts a positive row {number(ratio)} times a negative one and the "
            "validation loss does not, so that a network that knows only the base rate has "
            f"{float(useless or 0):.4g} and {float(other or 0):.4g}"
        ]
    weighted = signals.weights_in_force or (logged is not None and logged.quantity.weighted)
    if weighted and signals.weights_in_force is not False:
        return ["the training loss is weighted by class or by row, the validation loss is not"]
    return []


def _dropout(signals: Signals) -> list[str]:
    logged = signals.train_loss_logged
    if not signals.dropout or logged is None or logged.quantity.dropout is False:
        return []
    return ["the training loss was measured with dropout, which raises it, and the validation loss without"]


def _penalty(signals: Signals) -> str:
    logged = signals.train_loss_logged
    if not signals.penalized or logged is None or logged.quantity.penalized is False:
        return ""
    return "both hold the penalty on the weights, which cancels in their difference only"


def _unknown(signals: Signals) -> list[str]:
    logged = signals.train_loss_logged
    assert logged is not None
    asked = {
        "class weights": logged.quantity.weighted is None
        and signals.weights_in_force is None
        and signals.class_weight_type != "none",
        "a penalty": logged.quantity.penalized is None and signals.penalized is None,
        "dropout": logged.quantity.dropout is None and signals.dropout is None,
    }
    return [name for name, lacking in asked.items() if lacking]


def _half_epoch_older(signals: Signals) -> bool:
    train, validation = signals.train_loss_logged, signals.validation_loss_logged
    return bool(
        train is not None
        and validation is not None
        and train.quantity.epoch_mean
        and validation.quantity.epoch_mean is False
    )
