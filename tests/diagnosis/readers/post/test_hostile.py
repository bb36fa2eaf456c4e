"""Any text is read in bounded time, and none raises."""

from __future__ import annotations

import string
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.diagnosis.readers.post import LARGEST, read_text
from steelyard.log import Log

PIECES = st.sampled_from(
    [
        *"()[]{}'\"#\\\n=,:.-*%",
        "'''",
        '"""',
        "model.fit(",
        "model.add(Dense(",
        "X[-n:]",
        "model = Sequential()",
        "model.compile(loss='mse', optimizer=Adam(",
        "class_weight={0: 1, 1: ",
        "ta.Scan(x, y, {'a': [1]}, f)",
        "validation_data=(X_test, y_test)",
        "def f(x):\n    ",
        "return ",
        "for a in ",
        "lambda x: ",
        "from a import (",
        "Epoch 1/2 - loss: 0.5",
        "Train on 3 samples, validate on 2 samples",
        "0 3 1 4 dtype: int64",
        "{'loss': [0.1, 0.2], 'val_loss': [nan]}",
        "array([[1., 2.], [3., 4.], [5., 6.]])",
        "a val_loss\n0 1 0.5\n1 2 0.4\n",
        "0.5 (0.1) with: {'a': ",
        "class ratio 20:1",
        "9/9 [===] - 0s 9us/step - loss: 0.5 - acc: 0.3333",
        "validation_split=0.9999999",
        "[(0, 90), (1, 10)]",
        "{0: 900, 1: 100}",
        "0 0.900 1 0.100 dtype: float64",
        "confusion_matrix(y_test, p)",
        "[[ 3 1] [ 0 2]]",
        "y_pred > 0.5",
        "precision recall f1-score support 0 0.94 1.00 0.97 50 1 0.80 0.10 0.18 3 accuracy",
        "\u2013 \u201c\u2019",
        "5% positives",
        "AUC: 0.7",
        "1e999",
        "9" * 400,
        "X.shape[1] = " + "9" * 30,
        "[" + "0.123, " * 10 + "]",
        "\x00",
        "```\n",
    ]
)


@given(st.lists(PIECES | st.text(alphabet=string.printable, max_size=8), max_size=60).map(" ".join))
@settings(max_examples=400, deadline=None)
def test_no_text_raises(text: str) -> None:
    assert all(isinstance(log, Log) for log in read_text(text, "x"))


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_characters_raise(text: str) -> None:
    assert all(isinstance(log, Log) for log in read_text(text, "x"))


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "[{(",
        "a(",
        "a(x x ",
        "='",
        "='''",
        "#",
        "# a(b)",
        "1",
        "1.1,",
        "a=",
        "a=-",
        "a,",
        "a.",
        "a()",
        "\\",
        " ",
        "\n",
        "0 1 a b ",
        "a b c 0 1 2 3 1 1 2 3 ",
        "from a import b,",
        "Epoch 1/2 - loss: 0.5 ",
        "x = [x, x]\n",
        "model.fit(x, epochs=1)\n",
        "{'loss': [0.1], ",
        "class_weight={0: 1, ",
        "0.5 (0.1) with: {",
        "```\na\n",
        "10%|",
        "best validation accuracy ",
        "learning rate ",
    ],
)
def test_repetition_takes_time_and_memory_in_proportion(piece: str) -> None:
    text = piece * (8_000 // len(piece))
    begun = time.perf_counter()
    read_text(text, "x")
    assert time.perf_counter() - begun < 5  # some tenths of a second on a quiet machine
    tracemalloc.start()
    try:
        read_text(text[:4000], "x")
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "piece", ["a()", "a=1\n", "0 1 a b ", "x = [x, x]\n", "Epoch 1/2 - loss: 0.5 ", "5% positives "]
)
def test_the_longest_text_takes_no_more_than_ten_times_its_size_and_eight_mebibytes(piece: str) -> None:
    text = piece * (LARGEST // 20 // len(piece))
    tracemalloc.start()
    try:
        read_text(text, "x")
        assert tracemalloc.get_traced_memory()[1] < (10 * LARGEST + 8 * 2**20) / 20
    finally:
        tracemalloc.stop()


def test_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr("builtins.eval", lambda *_: called.append("eval"))
    monkeypatch.setattr("builtins.exec", lambda *_: called.append("exec"))
    read_text("model = Sequential()\nmodel.fit(__import__('os').system('true'), epochs=1)\n", "x")
    assert called == []
