"""Small valid files with results in text: of boosting, searches, consoles and Steelyard itself."""

from __future__ import annotations

import json
from typing import Any

from steelyard.recipe import Recipe
from tests.diagnosis.readers.database_samples import PLAN
from tests.diagnosis.readers.mutations import Sample

MLP: dict[str, Any] = {
    "loss_curve_": [0.75, 0.5, 0.375],
    "validation_scores_": [0.5, 0.75, 0.875],
    "hidden_layer_sizes": [8, 4],
    "activation": "relu",
    "alpha": 0.0001,
    "batch_size": 50,
    "solver": "adam",
    "learning_rate_init": 0.001,
    "max_iter": 200,
    "early_stopping": True,
    "validation_fraction": 0.1,
    "n_iter_no_change": 10,
}
XGBOOST = {
    "validation_0": {"logloss": [0.5, 0.25], "error": [0.25, 0.125]},
    "validation_1": {"logloss": [0.625, 0.5], "error": [0.375, 0.25]},
}
TRAINER: dict[str, Any] = {
    "best_metric": 0.5,
    "global_step": 4,
    "num_train_epochs": 2,
    "train_batch_size": 8,
    "log_history": [
        {"epoch": 0.5, "loss": 0.75, "learning_rate": 5e-05, "step": 1},
        {"epoch": 1.0, "loss": 0.5, "learning_rate": 4e-05, "step": 2},
        {"epoch": 1.0, "eval_loss": 0.625, "eval_accuracy": 0.75, "eval_runtime": 1.5, "step": 2},
        {"epoch": 2.0, "loss": 0.25, "learning_rate": 1e-05, "step": 4},
        {"epoch": 2.0, "eval_loss": 0.5, "eval_accuracy": 0.875, "eval_runtime": 1.5, "step": 4},
        {"epoch": 2.0, "train_runtime": 9.5, "train_loss": 0.4375, "step": 4},
    ],
    "stateful_callbacks": {"EarlyStoppingCallback": {"args": {"early_stopping_patience": 3}}},
}
TUNER = {
    "trial_id": "0",
    "hyperparameters": {"space": [], "values": {"units": 5}},
    "metrics": {
        "metrics": {
            "loss": {"direction": "min", "observations": [{"value": [0.5, 0.25], "step": 2}]},
            "val_auc": {"direction": "max", "observations": [{"value": [0.5, 0.75], "step": 2}]},
        }
    },
    "score": 0.625,
    "best_step": 2,
    "status": "COMPLETED",
}
TALOS = """\
start,end,duration,round_epochs,loss,fmeasure_acc,val_loss,val_fmeasure_acc,lr,losses,first_neuron,dropout
01/02/21-101112,01/02/21-101113,1.5,10,0.5,0.25,0.625,0.125,0.1,binary_crossentropy,16,0
01/02/21-101113,01/02/21-101114,1.5,7,nan,0.5,0.5,0.25,1,logcosh,32,0.5
"""
EXPERIMENT_LOG = "id,epoch,loss,val_loss\n1a,0,0.5,0.625\n1a,1,0.25,0.5\n2b,0,0.75,0.5\n"
KERAS_2 = """\
Train on 8000 samples, validate on 2000 samples
Epoch 1/3
8000/8000 [==============================] - 1s 153us/step - loss: 0.5012 - acc: 0.8012 - val_loss: 0.4100
Epoch 2/3
8000/8000 [==============================] - 1s 153us/step - loss: 0.4512 - acc: 0.8112 - val_loss: 0.4000
"""
HISTORY_CSV = """\
epoch,accuracy,learning_rate,loss,val_accuracy,val_loss,train_objective,train_penalty,train_loss,validation_loss,seed
0,0.75,0.001,0.75,0.75,0.625,0.75,0.125,0.625,0.5,0
1,0.875,0.001,0.5,0.75,0.5,0.5,0.125,0.375,0.375,0
0,0.75,0.001,0.75,0.75,0.75,0.75,0.125,0.625,0.625,1
"""
STUDY: dict[str, Any] = {
    "format": 1,
    "study": "bank",
    "storage": "study.sqlite3",
    "data": {"rows": 1000, "positives": 50, "base_rate": 0.05},
    "plan": PLAN.model_dump(mode="json"),
    "counts": {"target": 3},
    "winner": {"trial": 1, "metric": "average_precision", "held_out": 0.25},
    "trials": [
        {"number": 0, "state": "complete", "network.activation": "relu", "average_precision": 0.25}
        | {"log_loss": 0.25, "average_precision_seeds": 0.125, "epochs": 7.0},
        {"number": 1, "state": "complete", "network.activation": "tanh", "average_precision": 0.5}
        | {"log_loss": 0.125, "average_precision_seeds": 0.125, "epochs": 8.5},
        {"number": 2, "state": "running", "network.activation": "relu"},
    ],
}
FOLDED: dict[str, Any] = {
    "format": 1,
    "status": "completed",
    "data": {"rows": 1000, "positives": 50, "base_rate": 0.05},
    "folds": {
        "method": "3 folds, stratified at random, seed 0",
        "base_rates": [0.05],
        "rows": {"train": 600, "validation": 100, "test": 300},
    },
    "seeds": 2,
    "metrics": {"roc_auc": {"direction": "higher"}, "log_loss": {"direction": "lower"}},
    "recipes": {
        name: {
            "metrics": {"roc_auc": {"mean": auc}, "log_loss": {"mean": 0.125}},
            "recipe": Recipe().model_dump(mode="json"),
        }
        for name, auc in (("plain", 0.75), ("weighted", 0.875))
    },
    "leaderboard": {"metric": "roc_auc"},
}

LOOP = """\
12:00:01 INFO Epoch [1/3], Train Loss: 0.6512, Train Acc: 61.20%, Val Loss: 0.6120, Val Acc: 91.00%
12:00:02 INFO Epoch [2/3], Train Loss: 0.4512, Train Acc: 88.75%, Val Loss: 0.4120, Val Acc: 91.25%
12:00:03 INFO Epoch [3/3], Train Loss: nan, Train Acc: 89.50%, Val Loss: 0.3890, Val Acc: 91.50%
"""
"""As loops of PyTorch print it."""

RESULT_SAMPLES = (
    Sample("sklearn", "mlp.json", (json.dumps(MLP).encode(),)),
    Sample("boosting", "evals.json", (json.dumps(XGBOOST).encode(),)),
    Sample("hugging face", "trainer_state.json", (json.dumps(TRAINER).encode(),)),
    Sample("keras tuner", "trial.json", (json.dumps(TUNER).encode(),)),
    Sample("talos", "talos.csv", (TALOS.encode(),)),
    Sample("talos", "experiment.log", (EXPERIMENT_LOG.encode(),)),
    Sample("console", "console.txt", (KERAS_2.encode(),)),
    Sample("printed", "loop.txt", (LOOP.encode(),)),
    Sample("steelyard run", "history.csv", (HISTORY_CSV.encode(),)),
    Sample("steelyard results", "results.json", (json.dumps(STUDY).encode(),)),
    Sample("steelyard results", "results.json", (json.dumps(FOLDED).encode(),)),
)
