"""Posts in the manner of forums: what a person sees at a glance is in the log."""

from __future__ import annotations

import pytest

from steelyard.diagnosis.readers.post import read_text
from steelyard.log import UNKNOWN_KIND, Log

NETWORK = """
model = Sequential()
model.add(Dense(8, input_dim=9, activation='relu'))
model.add(Dense({units}, activation='{activation}'))
model.compile(loss='{loss}', optimizer='adam', metrics=['accuracy'])
model.fit(X, y, {fit})
"""


def _post(more: str = "", fit: str = "epochs=2", units: int = 1, loss: str = "binary_crossentropy") -> Log:
    activation = "sigmoid" if units == 1 else "softmax"
    code = NETWORK.format(units=units, activation=activation, loss=loss, fit=fit)
    (log,) = read_text(code + more, "post")
    return log


def _epochs(time: str, name: str, bar: int = 80) -> str:
    line = (
        f"{bar}/{bar} [=====] - 1s{time} - loss: 0.5000 - {name}: 0.8000 - val_loss: 0.6000 - "
        f"val_{name}: 0.8500\n"
    )
    return f"Epoch 1/2\n{line}Epoch 2/2\n{line}"


def test_counts_belong_to_the_rows_that_are_as_many() -> None:
    log = _post(
        "Train data: classes [(0, 70), (1, 10)]\nValidation data: classes [(0, 17), (1, 3)]\n"
        "Train on 80 samples, validate on 20 samples\n" + _epochs("", "acc")
    )
    facts = log.facts
    assert (facts.positives_train, facts.rows_train) == (10, 80)
    assert (facts.positives_validation, facts.rows_validation) == (3, 20)


@pytest.mark.parametrize(
    ("before", "fact"),
    [
        ("Training set counts: ", "positives_train"),
        ("print(Counter(y_val).items())\n", "positives_validation"),
        ("and y_val has ", "positives_validation"),
        ("All rows together: ", "base_rate"),
    ],
)
def test_counts_belong_to_the_rows_that_words_or_code_name(before: str, fact: str) -> None:
    facts = _post(f"{before}[(0, 900), (1, 100)]\n").facts
    assert getattr(facts, fact) == (0.1 if fact == "base_rate" else 100)


def test_equal_counts_after_resampling_are_no_base_rate() -> None:
    text = "X, y = SMOTE().fit_resample(A, b)\n" + NETWORK.format(
        units=1, activation="sigmoid", loss="binary_crossentropy", fit="epochs=2"
    )
    (log,) = read_text(f"{text}Resampled: [(0, 900), (1, 900)]\n", "post")
    assert log.facts.resampling == "smote"
    assert log.facts.base_rate is None


def test_bars_of_an_old_keras_count_rows_and_the_split_follows() -> None:
    facts = _post(_epochs(" 2ms/step", "acc"), fit="epochs=2, validation_split=0.2").facts
    assert (facts.rows_train, facts.rows_validation) == (80, 20)
    assert "'acc'" in facts.origins["rows_train"]
    assert "validation_split=0.2" in facts.origins["rows_validation"]


@pytest.mark.parametrize(
    ("name", "fit"),
    [("accuracy", "epochs=2"), ("acc", "epochs=2, steps_per_epoch=80")],
)
def test_bars_that_may_count_batches_tell_no_rows(name: str, fit: str) -> None:
    assert _post(_epochs(" 2ms/step", name), fit=fit).facts.rows_train is None


def test_several_classes_have_no_positives() -> None:
    log = _post(
        "We have 10% positives.\nEpoch 1/2\n9/9 - 0s - loss: 1.0 - recall: 0.0 - val_recall: 0.0\n",
        units=3,
        loss="categorical_crossentropy",
    )
    assert log.facts.base_rate is None
    assert "base_rate" not in log.facts.origins
    assert log.history is not None and "validation_recall" not in log.history
    assert any("3 outputs" in note for note in log.notes)


def test_quotes_and_dashes_of_a_word_processor() -> None:
    text = NETWORK.format(units=1, activation="sigmoid", loss="binary_crossentropy", fit="epochs=2")
    (log,) = read_text(text.replace("'", "\u2019") + _epochs("", "acc").replace(" - ", " \u2013 "), "post")
    assert log.facts.loss == "binary_crossentropy"
    assert log.history is not None and log.history["train_loss"].tolist() == [0.5, 0.5]


def test_a_table_of_epochs_as_a_web_page_has_it() -> None:
    log = _post("epoch\tloss\tval_loss\n1\t0.7000\t0.6900\n5\t0.5000\t0.5500\n10\t0.4000\t0.5600\n")
    assert log.trials is None
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 5, 10]
    assert log.history["validation_loss"].tolist() == [0.69, 0.55, 0.56]


def test_a_table_of_epochs_counted_from_zero() -> None:
    log = _post("epoch loss val_loss\n0 0.7 0.69\n1 0.5 0.55\n")
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2]


def test_a_report_of_classes_is_no_table_of_a_search() -> None:
    log = _post("precision recall f1-score support 0 0.94 1.00 0.97 50 1 0.80 0.10 0.18 30 2 0.5 0.5 0.5 30")
    assert log.trials is None


LOOP = """
model = Sequential()
for units in sizes:
    model.add(Dense(units, activation='relu'))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='mse', optimizer='adam')
model.fit(X, y, epochs=2)
"""


def test_layers_that_a_loop_adds_are_not_counted() -> None:
    (log,) = read_text(LOOP, "post")
    assert log.facts.layers is not None
    assert [one.kind for one in log.facts.layers] == ["dense", UNKNOWN_KIND, "dense"]


def test_a_network_that_is_made_inside_of_a_loop_has_its_layers() -> None:
    code = NETWORK.format(units=1, activation="sigmoid", loss="mse", fit="epochs=2")
    inside = "".join(f"    {line}\n" for line in code.strip().split("\n"))
    (log,) = read_text(f"for seed in range(3):\n{inside}", "post")
    assert log.facts.layers is not None
    assert [one.kind for one in log.facts.layers] == ["dense", "dense"]


def test_code_as_html_writes_it() -> None:
    text = NETWORK.format(units=1, activation="sigmoid", loss="binary_crossentropy", fit="epochs=2")
    (log,) = read_text(text.replace("'", "&#39;"), "post")
    assert log.facts.loss == "binary_crossentropy"


def test_lines_that_quote_a_session_of_ipython() -> None:
    (log,) = read_text(
        "> In [1]: model = Sequential([\n"
        ">    ...:     Embedding(50, 16),  # words\n"
        ">    ...:     Dense(1, activation='softmax'),\n"
        ">    ...: ])\n"
        "> In [2]: model.compile('adam', 'binary_crossentropy')\n"
        "> In [3]: model.fit(X, y, epochs=1)\n"
        "> Epoch 1/1\n"
        "> 90/90 [=====] - 3s 3ms/sample - loss: 7.6000\n"
        "> Out[4]: [(0, 40), (1, 50)]\n",
        "post",
    )
    assert log.facts.layers is not None
    assert [one.kind for one in log.facts.layers] == ["embedding", "dense"]
    assert (log.facts.rows_train, log.facts.positives_train) == (90, 50)
