"""The program of a notebook on who buys in a web shop, with only its import lines changed.

A network of 80, 40 and 10 units with an L2 penalty; a grid search over learning rate and batch size with
talos; the same network on rows oversampled by SMOTE. Every call is as the notebook has it, but that
imbalanced-learn says ``sampling_strategy`` for ``ratio`` and ``fit_resample`` for ``fit_sample`` today.
The table is generated (:func:`steelyard.datasets.one_hot_purchases`).

    python tests/acceptance/notebook.py                 # 51,349 rows
    python tests/acceptance/notebook.py --share 0.2     # one row in five

``--results`` names a file for what came out, as JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn import metrics
from sklearn.model_selection import train_test_split

import steelyard as ta
from steelyard.datasets import one_hot_purchases
from steelyard.datasets.purchases import ROWS
from steelyard.keras.initializers import glorot_normal
from steelyard.keras.layers import Dense
from steelyard.keras.models import Sequential
from steelyard.keras.optimizers import Adam
from steelyard.keras.regularizers import l2


def first_model(X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, y_test: pd.Series) -> Any:
    """The cells up to the first prediction."""
    basemodel = Sequential()
    basemodel.add(
        Dense(
            80,
            kernel_regularizer=l2(0.01),
            kernel_initializer=glorot_normal(seed=42),
            bias_initializer="zeros",
            activation="relu",
            input_dim=125,
        )
    )
    basemodel.add(
        Dense(
            40,
            kernel_regularizer=l2(0.01),
            kernel_initializer=glorot_normal(seed=42),
            bias_initializer="zeros",
            activation="relu",
        )
    )
    basemodel.add(
        Dense(
            10,
            kernel_regularizer=l2(0.01),
            kernel_initializer=glorot_normal(seed=42),
            bias_initializer="zeros",
            activation="relu",
        )
    )
    basemodel.add(Dense(1, activation="sigmoid"))

    basemodel.compile(optimizer=Adam(lr=0.00005), loss="binary_crossentropy", metrics=["accuracy"])

    story = basemodel.fit(x=X_train, y=y_train, validation_data=[X_test, y_test], epochs=10, batch_size=24)

    predictions = basemodel.predict(X_test)
    return story, predictions


def scan(X: pd.DataFrame, y: pd.Series) -> Any:
    """The cells of the grid search."""
    X_talos = np.asarray(X)
    y_talos = np.asarray(y)

    def minimodel(x_train, y_train, x_val, y_val, params):

        model = Sequential()
        model.add(
            Dense(
                80,
                kernel_regularizer=l2(0.01),
                kernel_initializer=glorot_normal(seed=42),
                bias_initializer="zeros",
                activation="relu",
                input_dim=125,
            )
        )
        model.add(
            Dense(
                40,
                kernel_regularizer=l2(0.01),
                kernel_initializer=glorot_normal(seed=42),
                bias_initializer="zeros",
                activation="relu",
            )
        )
        model.add(
            Dense(
                10,
                kernel_regularizer=l2(0.01),
                kernel_initializer=glorot_normal(seed=42),
                bias_initializer="zeros",
                activation="relu",
            )
        )
        model.add(Dense(1, activation="sigmoid"))

        model.compile(
            optimizer=Adam(lr=params["learningrate"]), loss="binary_crossentropy", metrics=["accuracy"]
        )

        story = model.fit(
            x=x_train, y=y_train, validation_data=[x_val, y_val], epochs=10, batch_size=params["batchsize"]
        )

        return story, model

    p = {"learningrate": [0.00001, 0.00003, 0.00005, 0.00007, 0.0001], "batchsize": [24, 48]}

    t = ta.Scan(X_talos, y_talos, p, minimodel)

    print(t.data)
    return t


def oversampled_model(
    minidata: pd.DataFrame, X_train: pd.DataFrame, y_train: pd.Series, X_test: pd.DataFrame, y_test: pd.Series
) -> Any:
    """The cell of the oversampled rows."""
    print(minidata.groupby("Kauf").size())
    X_train_smote, y_train_smote = SMOTE(random_state=12, sampling_strategy=1.0).fit_resample(
        X_train, y_train
    )
    X_train_smote = pd.DataFrame(X_train_smote)
    y_train_smote = pd.DataFrame(y_train_smote)
    smotemodel = Sequential()
    smotemodel.add(
        Dense(
            80,
            kernel_regularizer=l2(0.01),
            kernel_initializer=glorot_normal(seed=42),
            bias_initializer="zeros",
            activation="relu",
            input_dim=125,
        )
    )
    smotemodel.add(
        Dense(
            40,
            kernel_regularizer=l2(0.01),
            kernel_initializer=glorot_normal(seed=42),
            bias_initializer="zeros",
            activation="relu",
        )
    )
    smotemodel.add(
        Dense(
            10,
            kernel_regularizer=l2(0.01),
            kernel_initializer=glorot_normal(seed=42),
            bias_initializer="zeros",
            activation="relu",
        )
    )
    smotemodel.add(Dense(1, activation="sigmoid"))
    smotemodel.compile(optimizer=Adam(lr=0.00005), loss="binary_crossentropy", metrics=["accuracy"])
    story2 = smotemodel.fit(
        x=X_train_smote,
        y=y_train_smote,
        validation_data=[X_test, y_test],
        epochs=10,
        batch_size=24,
        verbose=0,
    )
    predictions_smote = smotemodel.predict(X_test)
    print("AUC: ", metrics.roc_auc_score(y_test, predictions_smote))
    return story2, predictions_smote


def main() -> None:
    """Makes the table, runs the notebook's three parts, prints what they print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0, help="share of the 51,349 rows (default 1)")
    parser.add_argument("--results", type=Path, help="a JSON file for what came out")
    arguments = parser.parse_args()

    table = one_hot_purchases(round(ROWS * arguments.share))
    minidata = pd.DataFrame(table.to_numpy(), columns=table.columns)
    X, y = minidata.drop(columns="Kauf"), minidata["Kauf"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)

    story, predictions = first_model(X_train, y_train, X_test, y_test)
    started = time.perf_counter()
    t = scan(X, y)
    seconds = time.perf_counter() - started
    story2, predictions_smote = oversampled_model(minidata, X_train, y_train, X_test, y_test)
    if arguments.results:
        results = {
            "rows": list(minidata.shape),
            "purchases": int(y.sum()),
            "first": {"history": story.history, "auc": metrics.roc_auc_score(y_test, predictions)},
            "scan": {
                "columns": list(t.data.columns),
                "rows": t.data.to_dict(orient="records"),
                "seconds": seconds,
            },
            "oversampled": {
                "history": story2.history,
                "auc": metrics.roc_auc_score(y_test, predictions_smote),
                "predictions": list(predictions_smote.shape),
            },
        }
        arguments.results.write_text(json.dumps(results))


if __name__ == "__main__":
    main()
