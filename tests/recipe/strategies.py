"""Hypothesis strategies for every part of a recipe, with values that are not the defaults."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from steelyard.recipe import Recipe, imbalance, loss, optimizer, schedule
from steelyard.recipe import initializer as init
from steelyard.recipe.imbalance import ClassWeight, Imbalance
from steelyard.recipe.network import (
    Activation,
    ActivationLayer,
    BatchNormalization,
    Dense,
    Dropout,
    MultilayerPerceptron,
    Stack,
)
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.recipe.training import Monitor, Training

POSITIVE = st.floats(1e-12, 1e12)
NON_NEGATIVE = st.just(0.0) | POSITIVE
FINITE = st.floats(allow_nan=False, allow_infinity=False)
BELOW_ONE = st.floats(0.0, 1.0, exclude_max=True)
BETWEEN = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)
SHARE = st.floats(0.0, 1.0)
COUNT = st.integers(1, 10**9)
FLAG = st.booleans()
ACTIVATION = st.sampled_from(get_args(Activation))
MONITOR = st.sampled_from(get_args(Monitor))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


KERNEL_INITIALIZER = st.one_of(
    st.sampled_from(get_args(init.VarianceScaling.model_fields["name"].annotation)).map(
        lambda name: init.VarianceScaling(name=name)
    ),
    st.builds(init.Zeros),
    st.builds(init.Ones),
    st.builds(init.Constant, value=FINITE),
    st.builds(init.RandomNormal, mean=FINITE, stddev=NON_NEGATIVE),
    st.tuples(FINITE, FINITE).map(lambda pair: init.RandomUniform(minval=min(pair), maxval=max(pair))),
)
BIAS_INITIALIZER = KERNEL_INITIALIZER | st.builds(init.LogOdds)

SCHEDULE = st.one_of(
    st.builds(schedule.ConstantRate),
    st.builds(schedule.StepDecay, factor=POSITIVE, every=COUNT),
    st.builds(schedule.ExponentialDecay, factor=POSITIVE),
    st.builds(schedule.CosineDecay, warmup=SHARE, final=SHARE),
    st.builds(schedule.OneCycle, warmup=SHARE, initial_divisor=POSITIVE, final_divisor=POSITIVE),
    st.builds(
        schedule.ReduceOnPlateau,
        monitor=MONITOR,
        factor=BETWEEN,
        patience=COUNT,
        min_delta=NON_NEGATIVE,
        cooldown=st.integers(0, 100),
        min_learning_rate=NON_NEGATIVE,
    ),
)

COMMON: dict[str, st.SearchStrategy[Any]] = {
    "learning_rate": POSITIVE,
    "schedule": SCHEDULE,
    "weight_decay": NON_NEGATIVE,
    "decay_biases": FLAG,
    "clip_value": maybe(POSITIVE),
    "clip_norm": maybe(POSITIVE),
    "global_clip_norm": maybe(POSITIVE),
}
ADAM = {**COMMON, "beta_1": BELOW_ONE, "beta_2": BELOW_ONE, "epsilon": POSITIVE}
OPTIMIZER = st.one_of(
    st.builds(optimizer.SGD, **COMMON, momentum=SHARE, nesterov=FLAG),
    st.builds(optimizer.Adam, **ADAM, amsgrad=FLAG),
    st.builds(optimizer.AdamW, **ADAM, amsgrad=FLAG),
    st.builds(optimizer.Adadelta, **COMMON, rho=BELOW_ONE, epsilon=POSITIVE),
    st.builds(optimizer.Adagrad, **COMMON, initial_accumulator_value=NON_NEGATIVE, epsilon=POSITIVE),
    st.builds(
        optimizer.RMSprop, **COMMON, rho=BELOW_ONE, momentum=BELOW_ONE, epsilon=POSITIVE, centered=FLAG
    ),
    st.builds(optimizer.Adamax, **ADAM),
    st.builds(optimizer.Nadam, **ADAM),
)

LOSS = st.one_of(
    st.builds(loss.BinaryCrossentropy, label_smoothing=BELOW_ONE),
    st.builds(loss.FocalCrossentropy, gamma=NON_NEGATIVE, alpha=maybe(BETWEEN), label_smoothing=BELOW_ONE),
    st.builds(loss.LogitAdjusted, tau=FINITE, label_smoothing=BELOW_ONE),
)
RATIO = st.floats(0.0, 1.0, exclude_min=True)
RESAMPLING = st.one_of(
    st.builds(imbalance.NoResampling),
    st.builds(imbalance.RandomOverSampling, ratio=RATIO),
    st.builds(imbalance.RandomUnderSampling, ratio=RATIO),
    st.builds(imbalance.SMOTE, ratio=RATIO, k_neighbors=COUNT),
    st.builds(imbalance.BorderlineSMOTE, ratio=RATIO, k_neighbors=COUNT, m_neighbors=COUNT),
    st.builds(imbalance.ADASYN, ratio=RATIO, k_neighbors=COUNT),
    st.builds(imbalance.SMOTEENN, ratio=RATIO, k_neighbors=COUNT, enn_neighbors=COUNT),
    st.builds(imbalance.SMOTETomek, ratio=RATIO, k_neighbors=COUNT),
    st.builds(imbalance.BalancedBatches, positive_share=BETWEEN),
)
IMBALANCE = st.builds(
    Imbalance,
    class_weight=st.sampled_from(["none", "balanced", "square_root"])
    | st.builds(ClassWeight, negative=POSITIVE, positive=POSITIVE),
    resampling=RESAMPLING,
    correct_prior=FLAG,
)

DENSE = {
    "activation": ACTIVATION,
    "negative_slope": NON_NEGATIVE,
    "use_bias": FLAG,
    "kernel_initializer": KERNEL_INITIALIZER,
    "bias_initializer": BIAS_INITIALIZER,
    "l1": NON_NEGATIVE,
    "l2": NON_NEGATIVE,
    "bias_l1": NON_NEGATIVE,
    "bias_l2": NON_NEGATIVE,
}
LAYER = st.one_of(
    st.builds(Dense, units=COUNT, **DENSE),
    st.builds(ActivationLayer, activation=ACTIVATION, negative_slope=NON_NEGATIVE),
    st.builds(Dropout, rate=BELOW_ONE),
    st.builds(BatchNormalization, momentum=SHARE, epsilon=POSITIVE, center=FLAG, scale=FLAG),
)
LOGIT = st.builds(Dense, units=st.just(1), **{**DENSE, "activation": st.just("linear")})
STACK = st.builds(
    Stack,
    layers=st.tuples(st.lists(LAYER, max_size=3), LOGIT).map(lambda parts: (*parts[0], parts[1])),
    embedding_initializer=KERNEL_INITIALIZER,
)
PERCEPTRON = st.builds(
    MultilayerPerceptron,
    hidden_units=st.lists(COUNT, max_size=4).map(tuple),
    activation=ACTIVATION,
    kernel_initializer=KERNEL_INITIALIZER,
    dropout=BELOW_ONE,
    input_dropout=BELOW_ONE,
    batch_normalization=FLAG,
    l1=NON_NEGATIVE,
    l2=NON_NEGATIVE,
    output_kernel_initializer=KERNEL_INITIALIZER,
    output_bias_initializer=BIAS_INITIALIZER,
    embedding_initializer=KERNEL_INITIALIZER,
)
NETWORK = PERCEPTRON | STACK

PREPROCESSING = st.builds(
    Preprocessing,
    scaling=st.sampled_from(["robust", "standard", "none"]),
    smooth_clip=st.just("off") | POSITIVE,
    missing_indicator=FLAG,
    min_level_rows=COUNT,
    one_hot_levels=st.integers(0, 10**6),
    embedding_dim=COUNT,
)
TRAINING = st.builds(
    Training,
    epochs=COUNT,
    batch_size=st.just("auto") | COUNT,
    shuffle=FLAG,
    monitor=MONITOR,
    patience=maybe(COUNT),
    min_delta=NON_NEGATIVE,
    restore_best_weights=FLAG,
    max_seconds=maybe(POSITIVE),
    train_metric_rows=COUNT,
)
RECIPE = st.builds(
    Recipe,
    preprocessing=PREPROCESSING,
    network=NETWORK,
    loss=LOSS,
    imbalance=IMBALANCE,
    optimizer=OPTIMIZER,
    training=TRAINING,
)
