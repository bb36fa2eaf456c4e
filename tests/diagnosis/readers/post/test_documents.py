"""Whole documents: the two that the diagnosis is accepted by, and others as people write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.readers.post import LARGEST, read, read_text
from steelyard.errors import DataError
from steelyard.history import Quantity
from steelyard.log import Log, Stopping


@pytest.fixture(scope="module")
def documents(project_root: Path) -> Path:
    folder = project_root.parent / "shared" / "seeds"
    if not folder.is_dir():
        pytest.skip("needs the two documents in the folder 'shared' beside the project")
    return folder


@pytest.fixture(scope="module")
def question(documents: Path) -> Log:
    (log,) = read(documents / "000_92be9fb38f2e9ea2.txt")
    return log


@pytest.fixture(scope="module")
def notebook(documents: Path) -> tuple[Log, ...]:
    return read(documents / "003_d39b5010d89aea95.txt")


def test_the_curves_of_the_question(question: Log) -> None:
    history = question.history
    assert history is not None and len(history) == 50
    assert set(history) == {
        f"{split}_{metric}"
        for split in ("train", "validation")
        for metric in ("loss", "accuracy", "precision", "recall", "f1")
    }
    assert history["validation_loss"][[0, -1]] == pytest.approx([0.16370630699260016, 0.1537987335397171])
    assert not history["validation_recall"].any()
    quantities = {series.name: series.quantity for series in history.series}
    assert quantities["train_loss"] == Quantity(weighted=None, penalized=False, dropout=True, epoch_mean=True)
    assert quantities["validation_loss"] == Quantity(False, False, False, False)


def test_the_network_of_the_question(question: Log) -> None:
    facts = question.facts
    assert facts.layers is not None
    dense = [one for one in facts.layers if one.kind == "dense"]
    assert [(one.units, one.inputs, one.activation) for one in dense] == [
        (7, 9, "linear"),
        *[(7, 7, "linear")] * 10,
        (1, 7, "sigmoid"),
    ]
    assert [one.rate for one in facts.layers if one.kind == "dropout"] == [0.5, *[0.2] * 10]
    assert (facts.loss, facts.optimizer, facts.learning_rate) == ("binary_crossentropy", "adam", 0.001)
    assert (facts.batch_size, facts.planned_epochs, facts.shuffled) == (128, 50, True)
    assert facts.metrics == ("accuracy", "precision", "recall", "f1")
    assert facts.metric_functions == ("precision", "recall", "f1")


def test_the_rows_of_the_question(question: Log) -> None:
    facts = question.facts
    assert (facts.rows_train, facts.rows_validation) == (5_595_067, 1_398_766)
    assert (facts.validation_way, facts.validation_share) == ("tail", 0.2)
    assert facts.odds_said == 20
    assert facts.class_weight_type == "array"
    assert facts.class_weight == pytest.approx((0.525, 10.5))
    assert facts.origins["class_weight"].startswith("inferred: 'balanced'")
    assert "compute_class_weight('balanced'" in facts.origins["class_weight_type"]
    assert facts.features is not None and len(facts.features) == 9
    assert facts.features[0].maximum == pytest.approx(0.0264634584)
    assert facts.features[1].distinct == 2
    assert "1 of the 30 sample rows have label 1" in question.notes


def test_every_fact_has_an_origin(question: Log, notebook: tuple[Log, ...]) -> None:
    for log in (question, *notebook):
        known = {name for name, value in vars(log.facts).items() if value is not None} - {"origins"}
        assert known == set(log.facts.origins)


def test_the_search_of_the_notebook(notebook: tuple[Log, ...]) -> None:
    (search,) = (log for log in notebook if log.trials is not None)
    trials = search.trials
    assert trials is not None
    assert (trials.asked, trials.ranked_by) == (10, "validation_accuracy")
    assert set(trials.parameters) == {"learningrate", "batchsize"}
    assert list(trials.parameters["batchsize"]) == [48, 48, 48, 24, 24, 48, 24, 48, 24, 24]
    assert np.sum(trials.metrics["validation_accuracy"] == 0.918403) == 6
    assert trials.metrics["validation_loss"].min() == 0.330297
    assert trials.epochs is not None and set(trials.epochs) == {10}
    facts = search.facts
    assert (facts.rows_train, facts.rows_validation, facts.validation_way) == (35_944, 15_405, "random")
    assert facts.validation_is_test is True
    assert facts.learning_rate is None and facts.batch_size is None
    assert facts.base_rate == 4112 / 51349
    assert facts.layers is not None
    assert [(one.units, one.inputs, one.l2) for one in facts.layers] == [
        (80, 125, 0.01),
        (40, 80, 0.01),
        (10, 40, 0.01),
        (1, 10, 0.0),
    ]
    assert facts.layers[0].kernel_initializer == "glorot_normal"
    assert "1 of 7 columns of the table are not shown in the text" in search.notes


def test_the_two_trainings_of_the_notebook(notebook: tuple[Log, ...]) -> None:
    base, with_smote = (log for log in notebook if log.trials is None)
    assert (base.facts.rows_train, base.facts.rows_validation) == (41_079, 10_270)
    assert (base.facts.learning_rate, base.facts.batch_size, base.facts.planned_epochs) == (5e-5, 24, 10)
    assert base.facts.resampling == "none" and base.facts.validation_is_test is True
    assert any("0.0005" in note and "5e-05" in note for note in base.notes)
    assert with_smote.facts.resampling == "smote"
    assert with_smote.facts.resampled_before_split is False
    assert with_smote.facts.rows_validation == 10_270
    assert with_smote.facts.reported_auc == 0.7263959240711243
    assert with_smote.facts.reported_on == "test"


SCRIPT = """
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras
from tensorflow.keras import layers, regularizers
from imblearn.over_sampling import SMOTE

df = pd.read_csv("creditcard.csv")
X = df.drop("Class", axis=1)
y = df["Class"]
scaler = StandardScaler()
X = scaler.fit_transform(X)
X_res, y_res = SMOTE(random_state=1).fit_resample(X, y)
X_train, X_test, y_train, y_test = train_test_split(X_res, y_res, test_size=0.2, stratify=y_res)

# model.add(Dropout(0.9))
inputs = keras.Input(shape=(30,), name="in")
x = layers.Dense(64, activation="relu", kernel_regularizer=regularizers.l2(1e-4))(inputs)
x = layers.BatchNormalization()(x)
x = layers.Dropout(0.3)(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs=inputs, outputs=outputs)
METRICS = [keras.metrics.Precision(name="precision"), keras.metrics.AUC(name="prc", curve="PR")]
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=1e-3),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=METRICS,
)
early = keras.callbacks.EarlyStopping(monitor="val_prc", patience=10, mode="max", restore_best_weights=True)
weights = {0: 0.5, 1: 289.4}
history = model.fit(X_train, y_train, batch_size=2048, epochs=100, callbacks=[early],
                    validation_data=(X_test, y_test), class_weight=weights)
"""


def test_a_script_with_a_functional_model() -> None:
    (log,) = read_text(SCRIPT, "script.py")
    facts = log.facts
    assert facts.layers is not None
    kinds = [(one.kind, one.inputs) for one in facts.layers]
    assert kinds == [("dense", 30), ("batch_normalization", 64), ("dropout", 64), ("dense", 64)]
    assert (facts.layers[0].l2, facts.layers[2].rate) == (1e-4, 0.3)
    assert facts.from_logits is True
    assert (facts.metrics, facts.metric_functions) == (("precision", "prc"), ())
    assert facts.stopping == Stopping("val_prc", 10, "max", True)
    assert (facts.class_weight, facts.class_weight_type) == ((0.5, 289.4), "dict")
    assert (facts.resampling, facts.resampled_before_split) == ("smote", True)
    assert (facts.scaling, facts.scaled_before_split) == ("standard", True)
    assert (facts.validation_way, facts.validation_share) == ("stratified", 0.2)
    assert facts.validation_is_test is True
    assert log.history is None


def test_a_split_before_scaling_and_resampling() -> None:
    changed = SCRIPT.replace("X = scaler.fit_transform(X)\n", "").replace(
        "X_res, y_res = SMOTE(random_state=1).fit_resample(X, y)\n", ""
    )
    changed = changed.replace(
        "train_test_split(X_res, y_res, test_size=0.2, stratify=y_res)\n",
        "train_test_split(X, y)\n"
        "X_train = scaler.fit_transform(X_train)\n"
        "X_test = scaler.transform(X_test)\n",
    )
    facts = read_text(changed, "script.py")[0].facts
    assert (facts.scaling, facts.scaled_before_split) == ("standard", False)
    assert (facts.resampling, facts.resampled_before_split) == ("none", None)
    assert (facts.validation_way, facts.validation_share) == ("random", 0.25)


def test_nothing_is_scaled_where_the_code_shows_all_that_is_done() -> None:
    facts = read_text(SCRIPT.replace("X = scaler.fit_transform(X)\n", ""), "script.py")[0].facts
    assert facts.scaling == "none"


def test_console_output_flattened_with_its_code() -> None:
    (log,) = read_text(
        "Why is my val loss NaN? I use keras 2.2.4. model = Sequential([ Dense(64, activation='relu', "
        "input_shape=(train.shape[-1],)), # hidden Dropout(0.5), # drop it Dense(1, activation='sigmoid') ]) "
        "model.compile(optimizer=Adam(1e-2), loss='binary_crossentropy', metrics=['acc']) "
        "model.fit(x, y, validation_split=0.2, epochs=3, class_weight='balanced') "
        "Epoch 1/3 10/10 [====] - 1s 2ms/step - loss: 0.7 - acc: 0.9500 - val_loss: nan - val_acc: 0.9510 "
        "Epoch 2/3 10/10 [====] - 1s - loss: nan - acc: 0.96 - val_loss: nan - val_acc: 0.951 "
        "There are 29 features.",
        "post",
    )
    assert log.history is not None
    assert log.history["train_loss"] == pytest.approx([0.7, np.nan], nan_ok=True)
    assert list(log.history["train_accuracy"]) == [0.95, 0.96]
    facts = log.facts
    assert facts.layers is not None and facts.layers[0].inputs == 29
    assert (facts.framework, facts.validation_way, facts.class_weight_type) == ("keras 2", "tail", "string")
    assert (facts.planned_epochs, facts.batch_size, facts.learning_rate) == (3, 32, 0.01)


def test_a_grid_search_in_a_post_with_fences() -> None:
    text = """I have data with 5% positives and this model:

```python
def create_model(neurons=12):
    model = Sequential()
    model.add(Dense(neurons, input_dim=8, init='uniform', activation='relu'))
    model.add(Dense(1, activation='softmax'))
    model.compile(loss='mse', optimizer=SGD(lr=0.1), metrics=['accuracy', 'precision'])
    return model
model = KerasClassifier(build_fn=create_model, nb_epoch=100, batch_size=10)
grid = GridSearchCV(estimator=model, param_grid=dict(neurons=[1, 5, 10]), scoring='roc_auc')
grid_result = grid.fit(X, Y)
```

```
Best: 0.716146 using {'neurons': 5}
0.670573 (0.013902) with: {'neurons': 1}
0.716146 (0.022326) with: {'neurons': 5}
```
"""
    (log,) = read_text(text, "post.md")
    assert log.trials is not None
    assert (log.trials.asked, log.trials.ranked_by) == (3, "validation_roc_auc")
    assert dict(log.trials.parameters) == {"neurons": [1, 5]}
    facts = log.facts
    assert (facts.framework, facts.planned_epochs, facts.batch_size) == ("keras 1", 100, 10)
    assert facts.layers is not None and [one.units for one in facts.layers] == [None, 1]
    assert (facts.base_rate, facts.metric_functions) == (0.05, ("precision",))


def test_folds_named_test_are_no_test_rows() -> None:
    text = """
model = Sequential([Dense(1, input_dim=3, activation='sigmoid')])
model.compile('sgd', 'binary_crossentropy')
weights = dict(enumerate(compute_class_weight('balanced', np.unique(y), y)))
for train, test in StratifiedKFold(5).split(X, y):
    model.fit(X[train], y[train], validation_data=(X[test], y[test]), class_weight=weights)
"""
    facts = read_text(text, "x.py")[0].facts
    assert (facts.validation_way, facts.validation_is_test) == ("stratified", None)
    assert (facts.class_weight_type, facts.class_weight, facts.learning_rate) == ("dict", None, 0.01)


@pytest.mark.parametrize(
    ("split", "way", "share"),
    [
        ("n = int(len(X) * 0.8)\nX, V = X[:n], X[n:]", "tail", 0.2),
        ("V = X[-1000:]\nX = X[:-1000]", "tail", None),
        ("np.random.shuffle(X)\nV = X[-1000:]\nX = X[:-1000]", "random", None),
        ("X, V = train_test_split(X, shuffle=False, test_size=0.3)", "tail", 0.3),
        ("X, V = train_test_split(X, train_size=0.9)", "random", 0.1),
        ("V = pd.read_csv('v.csv')", "given", None),
        ("V = something", None, None),
    ],
)
def test_ways_to_split(split: str, way: str | None, share: float | None) -> None:
    facts = read_text(f"{split}\nmodel.fit(X, y, epochs=2, validation_data=(V, w))\n", "x.py")[0].facts
    assert (facts.validation_way, facts.validation_share) == (way, pytest.approx(share) if share else share)


def test_lists_with_the_names_of_curves() -> None:
    (log,) = read_text("My losses:\nloss = [0.69, 0.5, 0.4]\nval_loss = [0.7, 0.6, 0.65]\n", "post")
    assert log.history is not None
    assert list(log.history["validation_loss"]) == [0.7, 0.6, 0.65]


def test_lists_that_follow_a_print_of_a_curve() -> None:
    text = "print(h.history['loss'])\n[0.5, 0.4]\nprint(h.history['val_loss'])\n[0.5, 0.45]\n"
    (log,) = read_text(text, "post")
    assert log.history is not None
    assert list(log.history["validation_loss"]) == [0.5, 0.45]


def test_a_printed_frame_of_a_history() -> None:
    text = "       loss  val_loss\n0  0.693000  0.690000\n1  0.600000  0.650000\n\n[2 rows x 2 columns]\n"
    (log,) = read_text(text, "post")
    assert log.history is not None and list(log.history["train_loss"]) == [0.693, 0.6]


def test_a_second_history_is_a_log_of_its_own() -> None:
    text = "{'loss': [1.0, 0.5], 'val_loss': [1.0, 0.7]} and {'loss': [1.0, 0.4], 'val_loss': [1.0, 0.6]}"
    first, second = read_text(text, "post")
    assert first.history is not None and second.history is not None
    assert second.history["train_loss"][-1] == 0.4


def test_pytorch_is_told_of() -> None:
    (log,) = read_text("import torch\nnet = torch.nn.Linear(3, 1)\n", "post")
    assert log.facts.framework == "pytorch"
    assert any("PyTorch" in note for note in log.notes)


def test_layers_that_are_no_chain_are_told_of() -> None:
    text = (
        "o = Dense(1)(concatenate([a, b]))\nm = Model(i, o)\nm.compile(loss='mse')\nm.fit(x, y, epochs=3)\n"
    )
    (log,) = read_text(text, "post")
    assert log.facts.layers is None
    assert any("layers are not known" in note for note in log.notes)


def test_words_alone_are_no_log() -> None:
    assert read_text("How do I train a network with a learning rate of 0.1?", "post") == ()


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(DataError, match="is read up to"):
        read_text("x" * (LARGEST + 1), "post")


def test_several_trainings_in_one_text_are_told_apart() -> None:
    fit = "m = Sequential()\nm.add(Dense(1, input_dim=3))\nm.compile(loss='mse')\nm.fit(x, y, epochs={})\n"
    (alone,) = read_text(fit.format(3), "post")
    assert alone.source == "post"
    both = read_text(fit.format(3) + fit.format(4), "post")
    assert [log.source for log in both] == ["post, training 1", "post, training 2"]
