import json
from pathlib import Path
from typing import Any

import pytest

from steelyard.diagnosis.readers import notebook
from steelyard.errors import DataError


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source.splitlines(keepends=True), "outputs": list(outputs)}


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


CELLS = [
    {"cell_type": "markdown", "source": "# Churn\nThere are 3% positives."},
    code(
        "model = Sequential([Dense(4, 'relu', input_shape=(5,)), Dense(1, activation='sigmoid')])\n"
        "model.compile('adam', 'binary_crossentropy', metrics=['accuracy'])\n"
    ),
    code(
        "%matplotlib inline\nh = model.fit(X_train, y_train, epochs=2, validation_split=0.1)",
        stream(
            "Epoch 1/2\n\x1b[1m 1/10\x1b[0m \x1b[32m━━\x1b[0m 0s - loss: 0.9 - accuracy: 0.1\x08\x08\r"
            "10/10 ━━━━ 0s - loss: 0.7 - accuracy: 0.5 - val_loss: 0.6 - val_accuracy: 0.9\n"
            "Epoch 2/2\n10/10 ━━━━ 0s - loss: 0.5 - accuracy: 0.6 - val_loss: 0.4 - val_accuracy: 0.8\n"
        ),
    ),
    code(
        "roc_auc_score(y_test, model.predict(X_test))",
        {"output_type": "execute_result", "data": {"text/plain": ["AUC 0.81"], "image/png": "iVBOR"}},
    ),
]


def saved(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("version", [3, 4])
def test_a_notebook_with_its_outputs(tmp_path: Path, version: int) -> None:
    cells = CELLS
    content: dict[str, Any] = {"nbformat": 4, "cells": cells}
    if version == 3:
        old = [
            {("input" if k == "source" and c["cell_type"] == "code" else k): v for k, v in c.items()}
            for c in cells
        ]
        content = {"nbformat": 3, "worksheets": [{"cells": old}]}
    (log,) = notebook.read(saved(tmp_path / "a.ipynb", content))
    assert log.format == "notebook"
    assert log.source.endswith("a.ipynb, cell 3")
    assert log.history is not None
    assert list(log.history["train_loss"]) == [0.7, 0.5]
    assert list(log.history["validation_loss"]) == [0.6, 0.4]
    facts = log.facts
    assert (facts.framework, facts.base_rate, facts.planned_epochs) == ("keras 3", 0.03, 2)
    assert facts.layers is not None and facts.layers[0].inputs == 5
    assert (facts.reported_auc, facts.reported_on) == (0.81, "test")


def test_what_stands_in_an_output_is_no_code(tmp_path: Path) -> None:
    cells = [code("model.fit(x, y, epochs=2)", stream("model.compile('sgd', loss='mse')\n"))]
    (log,) = notebook.read(saved(tmp_path / "a.ipynb", {"cells": cells}))
    assert log.facts.loss is None


@pytest.mark.parametrize("content", [[], {"a": 1}, "x", {"cells": 3}])
def test_other_json_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(DataError, match="no notebook"):
        notebook.read(saved(tmp_path / "a.ipynb", content))


@pytest.mark.parametrize("cells", [[], [3, None, {}], [{"source": 3, "outputs": [1, {"data": 2}]}]])
def test_cells_that_hold_nothing(tmp_path: Path, cells: list[object]) -> None:
    assert notebook.read(saved(tmp_path / "a.ipynb", {"cells": cells})) == ()


def test_a_notebook_is_recognised(tmp_path: Path) -> None:
    assert notebook.sniff(b'{"cells": [', tmp_path / "noname")
    assert notebook.sniff(b'{\n "metadata": {}', tmp_path / "a.ipynb")
    assert not notebook.sniff(b'{"loss": [0.1]}', tmp_path / "h.json")


def test_of_a_line_that_was_written_again_only_the_last_state_counts(tmp_path: Path) -> None:
    states = [f" {batch}/900 [=>..] - loss: 0.9" + "\b" * 40 for batch in range(900)]
    bar = "".join(states) + "900/900 [====] - 3s - loss: 0.5 - val_loss: 0.25\n"
    epochs = "".join(f"Epoch {number}/60\n{bar}" for number in range(1, 61))
    (log,) = notebook.read(saved(tmp_path / "a.ipynb", {"cells": [code("fit", stream(epochs[:1_900_000]))]}))
    assert log.history is not None
    assert 30 < len(log.history) < 60
    assert set(log.history["train_loss"]) == {0.5}


def test_the_middle_of_long_outputs_is_left_out(tmp_path: Path) -> None:
    lines = "".join(f"Epoch {epoch}/9000\n9/9 - 1s - loss: 0.5000\n" for epoch in range(1, 9001))
    cells = [code("model.fit(x, y, epochs=9000)", stream(lines)), code("1", stream("x" * 2_000_000))]
    (log,) = notebook.read(saved(tmp_path / "a.ipynb", {"cells": cells}))
    assert log.history is not None
    assert (log.history.epochs[0], log.history.epochs[-1]) == (1, 9000)
    assert 1000 < len(log.history) < 9000


def test_halves_of_characters(tmp_path: Path) -> None:
    said = {"cell_type": "markdown", "source": "There are 3% positive\ud800s."}
    cells = [said, *CELLS[1:]]
    for log in notebook.read(saved(tmp_path / "churn.ipynb", {"cells": cells, "nbformat": 4})):
        "".join((log.source, *log.notes, *log.facts.origins.values())).encode()


def test_too_much_code(tmp_path: Path) -> None:
    cells = [code("x = 1\n" * 50_000)]
    with pytest.raises(DataError, match="has more than 150,000 characters of code and words"):
        notebook.read(saved(tmp_path / "a.ipynb", {"cells": cells}))
