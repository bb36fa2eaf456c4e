"""Whatever a person says of a run, it is judged or refused: no combination of flags breaks a rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.cli import app
from steelyard.cli.diagnose_facts import RESAMPLINGS, WAYS, WEIGHT_TYPES

ZEROS = "val_precision: 0.0000e+00 - val_recall: 0.0000e+00"
TEXT = """\
model.add(Dense(8, input_dim=5, activation='relu', kernel_regularizer=l2(0.01)))
model.add(Dropout(0.5))
model.add(Dense(1, activation='sigmoid'))
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy', Precision(), Recall()])
model.fit(X, y, epochs=6, validation_split=0.2, class_weight={0: 1, 1: 20})
""" + "".join(
    f"Epoch {n}/6\n9/9 - 3s - loss: {2 / n:.4f} - accuracy: 0.95 - val_loss: {1 / n + n / 20:.4f} - "
    f"val_accuracy: 0.94{n:02d} - {ZEROS}\n"
    for n in range(1, 7)
)

counts = st.one_of(st.integers(0, 200), st.sampled_from([10**5, 10**9, 10**15]))
numbers = st.one_of(st.floats(0, 2), st.sampled_from([0.0, 1e-300, 1e-12, 1.0, 1e300]))
shares = st.floats(0, 1)
inner = st.floats(0, 1, exclude_min=True, exclude_max=True)
FLAGS: dict[str, st.SearchStrategy[object]] = {
    "--rows": counts,
    "--positives": counts,
    "--rows-train": counts,
    "--positives-train": counts,
    "--base-rate": inner,
    "--split": st.sampled_from(WAYS),
    "--validation-share": inner,
    "--class-weight": st.sampled_from(["balanced", "none", "1,20", "1e-9,1e9", "1,1", "3,0.1"]),
    "--class-weight-type": st.sampled_from(WEIGHT_TYPES),
    "--resampling": st.sampled_from(RESAMPLINGS),
    "--scaling": st.sampled_from(["none", "standard", "something"]),
    "--loss": st.sampled_from(["binary_crossentropy", "mse", "binary_focal_crossentropy", "something"]),
    "--label-smoothing": shares,
    "--l2": numbers,
    "--dropout": st.floats(0, 1, exclude_max=True),
    "--optimizer": st.sampled_from(["adam", "sgd", "something"]),
    "--learning-rate": numbers,
    "--batch-size": st.sampled_from([1, 128, 10**9]),
    "--epochs": st.sampled_from([1, 6, 50, 10**6]),
    "--monitor": st.sampled_from(["val_loss", "loss", "val_auc", "something"]),
    "--batch-metric": st.sampled_from(["precision,recall", "f1", "loss"]),
    "--framework": st.sampled_from(["keras 2", "keras 3", "steelyard", "something"]),
    "--seeds": st.sampled_from([1, 2, 100]),
    "--initial-loss": numbers,
    "--one-batch-loss": numbers,
    "--logistic-loss": numbers,
    "--logistic-auc": shares,
    "--reported-auc": shares,
    "--reported-on": st.sampled_from(["train", "validation", "test"]),
    "--entities-shared": shares,
}
SWITCHES = (
    "--shuffled",
    "--not-shuffled",
    "--from-logits",
    "--validation-is-test",
    "--sample-weight",
    "--resampled-before-split",
    "--split-before-resampling",
    "--scaled-before-split",
)


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("flags") / "post.txt"
    path.write_text(TEXT)
    return path


@settings(max_examples=60, deadline=None)
@given(
    flags=st.fixed_dictionaries({}, optional=FLAGS),
    switches=st.lists(st.sampled_from(SWITCHES), unique=True),
    form=st.sampled_from([(), ("--json",), ("--sarif",), ("-v",)]),
)
def test_any_flags(post: Path, flags: dict[str, object], switches: list[str], form: tuple[str, ...]) -> None:
    said = [str(word) for flag in flags.items() for word in flag]
    done = CliRunner().invoke(app, ["diagnose", str(post), *said, *switches, *form])
    assert done.exception is None or isinstance(done.exception, SystemExit), said
    assert done.exit_code in (0, 1, 2)
    assert done.exit_code != 2 or "rror:" in done.stderr
