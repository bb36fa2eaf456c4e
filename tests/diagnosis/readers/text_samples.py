"""Small valid files with text: a post, a script with what it printed, a notebook, a table of anybody's."""

from __future__ import annotations

import json
from typing import Any

from tests.diagnosis.readers.mutations import Sample

POST = """\
I train this on rows with a class ratio of about 20:1 (5% positives). <code>model.add(Dense(7, input_dim=9)) \
model.add(Dense(1, activation='sigmoid', kernel_regularizer=l2(0.01))) # output \
model.compile(loss='binary_crossentropy', optimizer=SGD(lr=0.01), metrics=['acc', AUC(curve='PR')]) \
model.fit(X[:-n], y[:-n], 3, validation_data=(X[-n:], y[-n:]), class_weight={0: 1, 1: 20})</code> gives \
{'loss': [0.31, 0.29], 'val_loss': [0.2, nan]}
"""
DATA = """\
X.shape[1] = 2, the last column is the label: array([[1e-4, 2.5, 0.], [3e-4, 1.5, 1.], [2e-4, 0.5, 0.]])
0 19000 1 1000 Name: y, dtype: int64, Counter({0: 700, 1: 30})
val_loss = [0.31, 0.29, 0.28]
"""
SCRIPT = """\
import talos as ta
X, X_val, y, y_val = train_test_split(X, y, test_size=0.3)
X, y = SMOTE().fit_resample(X, y)
def build(x, y, x_val, y_val, params):
    model = Sequential([Dense(8, 'relu', input_shape=(5,)), Dropout(0.2), Dense(1)])
    model.compile(Adam(params['lr']), loss=BinaryCrossentropy(from_logits=True))
    return model.fit(x, y, validation_data=[x_val, y_val]), model
scan = ta.Scan(X, y, params={'lr': [0.1, 0.01]}, model=build)
"""
PRINTED = """\
   val_loss  val_acc   lr
0    0.3100   0.9000  0.1
1    0.3000   0.9100  0.01
Train on 700 samples, validate on 300 samples
Epoch 1/2
700/700 [==] - 1s - loss: 0.6931 - acc: 0.5000 - val_loss: 0.6000
"""


NOTEBOOK: dict[str, Any] = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": "There are 3% positives."},
        {
            "cell_type": "code",
            "source": [
                "model.add(Dense(1, 'sigmoid'))\n",
                "model.compile('adam', 'bce')\n",
                "model.fit(X, y, 2)",
            ],
            "outputs": [{"text": PRINTED.replace("\n700", "\n\x1b[1m 1/7\x1b[0m - loss: 0.9\r700")}],
        },
        {
            "cell_type": "code",
            "source": "roc_auc_score(y_test, p)",
            "outputs": [{"data": {"text/plain": ["0.81"]}}],
        },
    ],
}
COLUMN_MAP = {"val_loss": "error on holdout", "loss": "error", "epoch": "round"}
TABLE = "round;error;error on holdout;note\n1;0.75;0.8;a\n2;0.5;;b\n3;nan;0.7;\n"

TEXT_SAMPLES = (
    Sample("post", "question.txt", (POST.encode(),)),
    Sample("post", "data.txt", (DATA.encode(),)),
    Sample("post", "script.py", (SCRIPT.encode(),)),
    Sample("post", "notes.md", (b"```python\nmodel.fit(X, y)\n```\n", PRINTED.encode())),
    Sample("notebook", "churn.ipynb", (json.dumps(NOTEBOOK).encode(),)),
    Sample("column map", "table.csv", (TABLE.encode(),)),
)
