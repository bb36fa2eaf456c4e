"""PyTorch, eager: the loop of its tutorials, with batches gathered by index (faster than a DataLoader)."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import nn

from benchmarks.workloads import Workload

if threads := os.environ.get("OMP_NUM_THREADS"):
    torch.set_num_threads(int(threads))

ACTIVATIONS = {"relu": nn.ReLU, "linear": nn.Identity}
INITIALIZERS = {"glorot_normal": nn.init.xavier_normal_, "glorot_uniform": nn.init.xavier_uniform_}


def describe() -> str:
    return f"PyTorch {torch.__version__}, eager"


def network(workload: Workload) -> tuple[nn.Sequential, list[nn.Linear]]:
    """The network and its hidden layers."""
    hidden = [nn.Linear(inputs, units) for inputs, units in pairwise((workload.columns, *workload.hidden))]
    modules: list[nn.Module] = []
    for layer, rate in zip(hidden, workload.dropout, strict=True):
        INITIALIZERS[workload.kernel_initializer](layer.weight)
        nn.init.zeros_(layer.bias)
        modules.append(layer)
        if workload.activation != "linear":
            modules.append(ACTIVATIONS[workload.activation]())
        if rate:
            modules.append(nn.Dropout(rate))
    return nn.Sequential(*modules, nn.Linear(workload.hidden[-1], 1), nn.Flatten(0)), hidden


def prepare(workload: Workload) -> Callable[[], int]:
    size = workload.batch_size
    x_array, y_array = workload.rows(min(workload.peer_steps * size, workload.train_rows))
    x, y = torch.from_numpy(x_array), torch.from_numpy(y_array).float()
    model, hidden = network(workload)
    optimizer = torch.optim.Adam(model.parameters(), lr=workload.learning_rate)
    loss_of = nn.BCEWithLogitsLoss()

    def train() -> int:
        model.train()
        batches = torch.randperm(len(x)).split(size)
        for rows in batches:
            optimizer.zero_grad()
            loss = loss_of(model(x[rows]), y[rows])
            if workload.l2:
                loss = loss + workload.l2 * sum(layer.weight.square().sum() for layer in hidden)
            loss.backward()
            optimizer.step()
        return len(batches)

    return train
