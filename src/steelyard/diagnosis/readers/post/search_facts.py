"""What the code of a search says of all its trials."""

from __future__ import annotations

from steelyard.diagnosis.readers.post.anchors import Anchor, owner
from steelyard.diagnosis.readers.post.evidence import Evidence
from steelyard.diagnosis.readers.post.program import Search, Training
from steelyard.diagnosis.readers.post.rows import named_for_testing, split_of
from steelyard.diagnosis.readers.post.sheet import FactSheet
from steelyard.diagnosis.readers.post.training_facts import depends_on, put_fit, put_network
from steelyard.diagnosis.readers.post.values import ABSENT, number, whole

_GRID_NAMES = {
    "learning_rate": ("learningrate", "lr", "learnrate"),
    "batch_size": ("batchsize", "batch"),
    "planned_epochs": ("epochs", "nbepoch", "epoch"),
    "optimizer": ("optimizer",),
    "loss": ("loss", "losses"),
}


def put_search(sheet: FactSheet, found: Evidence, search: Search, notes: list[str]) -> set[str]:
    """The facts that all trials share; gives the names of those that the search varies."""
    inside = next((one for one in found.program.trainings if one.function == search.function), None)
    varied: set[str] = set()
    network = search.network
    if inside is not None and search.function:
        put_fit(sheet, inside)
        network = inside.network
        for fact, arguments in (
            ("batch_size", ("batch_size",)),
            ("planned_epochs", ("epochs", "nb_epoch")),
        ):
            key = depends_on(inside.call.argument(None, *arguments), "params")
            if key is not None:
                varied.add(fact)
                notes.append(f"{fact} is searched: {key}")
    if network is not None:
        put_network(sheet, network, found.inputs, sheet["framework"] == "keras 1")
        optimizer = network.compile.argument(0, "optimizer") if network.compile is not None else ABSENT
        if (key := depends_on(optimizer, "params")) is not None:
            varied |= {"learning_rate", "optimizer"}
            notes.append(f"learning_rate is searched: {key}")
        if inside is None:
            sheet.put(
                "batch_size", whole(network.settings.get("batch_size")), "KerasClassifier(batch_size=...)"
            )
            epochs = network.settings.get("epochs", network.settings.get("nb_epoch"))
            sheet.put("planned_epochs", whole(epochs), "KerasClassifier(epochs=...)")
    if isinstance(search.grid, dict):
        varied |= {
            fact
            for fact, names in _GRID_NAMES.items()
            if any(str(key).lower().replace("_", "").rpartition("model")[2] in names for key in search.grid)
        }
    return varied


def put_searched_rows(sheet: FactSheet, found: Evidence, anchors: list[Anchor], search: Search) -> None:
    """How the search split its rows, and whether those that test the result were among them."""
    call = search.call
    if call.name == "Scan":
        if call.argument(None, "x_val") is ABSENT:
            share = number(call.argument(None, "val_split"))
            sheet.put(
                "validation_share",
                0.3 if share is None else share,
                "talos.Scan(val_split=...), 0.3 if not given",
            )
            mixed = call.argument(None, "shuffle") is not False
            sheet.put("validation_way", "random" if mixed else "tail", "talos.Scan shuffles before it splits")
        else:
            sheet.put("validation_way", split_of(call.argument(None, "x_val")).way, "talos.Scan(x_val=...)")
        sheet.put("seeds", 1, "talos.Scan trains each configuration once")
    elif call.name in ("GridSearchCV", "RandomizedSearchCV"):
        cv = call.argument(None, "cv")
        folds = split_of(cv)
        sheet.put("validation_way", folds.way, folds.written)
        if cv is ABSENT or whole(cv) is not None:
            sheet.put("validation_way", "stratified", f"{call.name}: folds of a classifier are stratified")
    together = (sheet["rows_train"] or 0) + (sheet["rows_validation"] or 0)
    everything = _all_rows(found, anchors, search)
    test_rows = any(named_for_testing(one.names) for one in found.program.measured)
    if together and everything and test_rows:
        saw_all = together == everything[0]
        sheet.put(
            "validation_is_test",
            saw_all,
            f"{call.written}: {sheet['rows_train']} + {sheet['rows_validation']} rows, "
            + ("which are all, those of the test among them" if saw_all else f"of {everything[0]}")
            + f" ({everything[1]})",
        )


def _all_rows(found: Evidence, anchors: list[Anchor], but: Anchor) -> tuple[int, str] | None:
    """How many rows there are in all, those that test included, and how that is known."""
    for counts in found.counts:
        return counts.negatives + counts.positives, counts.quote
    for run in found.runs:
        training = owner(anchors, run.start)
        with_test = isinstance(training, Training) and named_for_testing(training.validation_names)
        if training is not but and with_test and run.rows_train and run.rows_validation:
            return run.rows_train + run.rows_validation, "those of another training with its test rows"
    return None
