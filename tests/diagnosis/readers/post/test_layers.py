import ast

import pytest

from steelyard.diagnosis.readers import quantities
from steelyard.diagnosis.readers.post.class_weights import class_weights
from steelyard.diagnosis.readers.post.compiling import compiled
from steelyard.diagnosis.readers.post.layers import layer_facts
from steelyard.diagnosis.readers.post.values import Call, value_of
from steelyard.log import UNKNOWN_KIND, Facts, LayerFact


def value(text: str) -> object:
    return value_of(ast.parse(text, mode="eval").body, {})


def layer(text: str, inputs: int | None = None) -> LayerFact:
    found = layer_facts([value(text)], inputs)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("text", "l1", "l2"),
    [
        ("Dense(3, kernel_regularizer=l2(0.01))", 0.0, 0.01),
        ("Dense(3, kernel_regularizer=tf.keras.regularizers.L2(l2=0.02))", 0.0, 0.02),
        ("Dense(3, kernel_regularizer='l2')", 0.0, 0.01),
        ("Dense(3, kernel_regularizer=regularizers.l1_l2(l1=1e-5, l2=1e-4))", 1e-5, 1e-4),
        ("Dense(3, kernel_regularizer=L1(0.5))", 0.5, 0.0),
        ("Dense(3, W_regularizer=l2())", 0.0, 0.01),
        ("Dense(3)", 0.0, 0.0),
    ],
)
def test_penalties(text: str, l1: float, l2: float) -> None:
    found = layer(text)
    assert (found.l1, found.l2) == (l1, l2)


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("Dense(3, input_dim=8)", 8),
        ("Dense(3, input_shape=(8,))", 8),
        ("Dense(3, input_shape=[8])", 8),
        ("Dense(3, batch_input_shape=(None, 8))", 8),
        ("Dense(3, input_dim=X.shape[1])", None),
        ("Dense(output_dim=3, init='uniform', input_dim=8)", 8),
    ],
)
def test_inputs(text: str, inputs: int | None) -> None:
    assert (layer(text).inputs, layer(text).units) == (inputs, 3)


def test_inputs_that_the_data_tell() -> None:
    assert layer("Dense(3, input_dim=X.shape[1])", inputs=9).inputs == 9


def test_kinds_of_activation() -> None:
    assert layer("Activation('relu')").activation == "relu"
    assert (layer("LeakyReLU(0.1)").kind, layer("LeakyReLU(0.1)").activation) == ("activation", "leaky_relu")
    assert layer("Dense(1, activation=tf.nn.sigmoid)").activation == "sigmoid"
    assert layer("Dense(1, activation=None)").activation == "linear"
    assert layer("Dropout(rate=0.3)").rate == 0.3
    assert layer("Dense(1, kernel_initializer=HeNormal())").kernel_initializer == "he_normal"


@pytest.mark.parametrize(
    ("text", "optimizer", "rate"),
    [
        ("compile('adam', 'mse')", "adam", 0.001),
        ("compile(optimizer=Adam(lr=1e-4))", "adam", 1e-4),
        ("compile(optimizer=tf.keras.optimizers.legacy.SGD(0.1, 0.9))", "sgd", 0.1),
        ("compile(optimizer=RMSprop())", "rmsprop", 0.001),
        ("compile(optimizer=tf.train.AdamOptimizer(0.01))", "adam", 0.01),
        ("compile(optimizer=Adam(lr=params['lr']))", "adam", None),
        ("compile(optimizer=Adam(ExponentialDecay(initial_learning_rate=0.1)))", "adam", 0.1),
        ("compile(optimizer='adagrad')", "adagrad", None),
    ],
)
def test_optimizers(text: str, optimizer: str, rate: float | None) -> None:
    call = value(text)
    assert isinstance(call, Call)
    found = compiled(call)
    assert (found.optimizer, found.learning_rate) == (optimizer, rate)


@pytest.mark.parametrize(
    ("text", "kind", "pair", "balanced"),
    [
        ("{0: 1, 1: 20}", "dict", (1.0, 20.0), False),
        ("{'0': 1, '1': 20}", "string keys", (1.0, 20.0), False),
        ("[1, 20]", "list", (1.0, 20.0), False),
        ("np.array([1, 20])", "array", (1.0, 20.0), False),
        ("'balanced'", "string", None, True),
        ("compute_class_weight('balanced', np.unique(y), y)", "array", None, True),
        ("dict(zip([0, 1], compute_class_weight(class_weight='balanced', y=y)))", "dict", None, True),
        ("{0: compute_class_weight('balanced', c, y)[0], 1: 3}", "dict", None, True),
        ("None", "none", None, False),
        ("weights", None, None, False),
    ],
)
def test_class_weights(text: str, kind: str | None, pair: tuple[float, float] | None, balanced: bool) -> None:
    found = class_weights(value(text))
    assert (found.kind, found.pair, found.balanced) == (kind, pair, balanced)


def test_layers_that_are_not_looked_at_keep_the_others() -> None:
    calls = ["Conv1D(16, 4, input_shape=(10, 4), kernel_regularizer=l2(0.1))", "Flatten()", "Dense(1)"]
    found = layer_facts([*map(value, calls), value("Activation('softmax')")])
    assert found is not None
    assert [one.kind for one in found] == ["conv1d", "flatten", "dense", "activation"]
    assert (found[0].l2, found[2].units, found[2].inputs) == (0.1, 1, None)


def test_dropout_inside_of_a_recurrent_layer() -> None:
    assert layer("LSTM(8, dropout=0.2, recurrent_dropout=0.3)").rate == 0.3
    assert layer("Bidirectional(LSTM(8, dropout=0.2))").rate == 0.2
    assert layer("GRU(8)").rate is None


@pytest.mark.parametrize("text", ["base_model", "make_base(3)", "Bidirectional(rnn)"])
def test_what_is_no_layer_by_name_is_one_that_is_not_known(text: str) -> None:
    found = layer_facts([value(text), value("Dense(1)")])
    assert found is not None
    assert [one.kind for one in found] == [UNKNOWN_KIND, "dense"]
    facts = Facts(layers=found)
    assert quantities.keras("train", "loss", facts).dropout is None
    assert quantities.keras("train", "loss", facts).penalized is None


def test_of_nothing_but_unknown_layers_nothing_is_known() -> None:
    assert layer_facts([value("a"), value("b")]) is None
