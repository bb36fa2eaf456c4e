"""Networks that cannot be used, damaged files, hostile ones: an error with its place, no traceback."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.errors import DataError, OutputError, RecipeError, SteelyardError
from steelyard.keras import Input, Sequential, layers, models
from steelyard.keras.saving import read_architecture, read_json, read_model, read_weights
from tests.keras.saving.files import SMALL_WEIGHTS, archive, hdf5, layer, legacy, sequential, small

ONE = np.ones((2, 1), np.float32)


def refused(path: Path, code: str, *said: str, kind: type[SteelyardError] = DataError) -> SteelyardError:
    """Reading must fail with this code, the name of the file in every problem, and these words."""
    with pytest.raises(kind) as caught:
        read_model(path)
    for problem in caught.value.problems:
        assert problem.startswith("K"), problem
        assert str(path) in problem
    assert caught.value.problems[0].startswith(f"{code}: {path}: ")
    assert caught.value.help
    for words in said:
        assert words in str(caught.value)
    return caught.value


# Networks.


def test_every_layer_that_cannot_be_used_is_told(keras: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Reshape((8, 1), name="rows"),
            keras.layers.Conv1D(3, 2),
            keras.layers.LSTM(2),
            keras.layers.Dense(4, kernel_constraint="non_neg", name="positive"),
            keras.layers.Dense(1, activation="softmax", name="out"),
        ]
    ).save(path)
    error = refused(
        path,
        "K231",
        "layer 2 'rows' is a Reshape",
        "layer 3 'conv1d' is a Conv1D",
        "layer 4 'lstm' is an LSTM",
        "K208",
        "layer 5 'positive': ",
        "kernel_constraint",
        "K203",
        "layer 6 'out': ",
        "softmax",
        "there are: Dense, Dropout",
        kind=RecipeError,
    )
    assert len(error.problems) == 5


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "lambda.keras",
        sequential(
            layer("InputLayer", batch_shape=[None, 2]),
            layer("Lambda", function={"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}),
        ),
    )
    refused(path, "K233", "layer 2 'lambda' is a Lambda", "never run")


@pytest.mark.parametrize("registered", ["my_package>Dense", "Custom>Mine"])
def test_layers_of_ones_own(tmp_path: Path, registered: str) -> None:
    own = {**layer("Dense", units=3), "registered_name": registered, "module": "my_package"}
    path = archive(tmp_path / "own.keras", sequential(own))
    refused(path, "K231", registered, kind=RecipeError)


@pytest.mark.parametrize(
    ("form", "code", "said"),
    [
        ("[]", "K230", "not by a list"),
        ("3", "K230", "not by a number"),
        ('{"class_name": "Sequential"}', "K230", "no list of layers"),
        ('{"class_name": "MyModel", "config": {}}', "K231", "is a MyModel"),
        (json.dumps(sequential()), "K230", "no list of layers"),
        ('{"class_name": "Sequential", "config": {"layers": [1, {}]}}', "K230", "layer 2 is not an object"),
        (json.dumps(sequential(layer("InputLayer", batch_shape=[None, 2]))), "K231", "no other layer"),
        (json.dumps(sequential(layer("Dense", units=-3))), "K210", "units"),
        (json.dumps(sequential(layer("Dense", units=1), layer("Dense", units=1))), "K231", "same name"),
        (
            json.dumps(sequential(layer("InputLayer", batch_shape=[None, 2, 3]))),
            "K211",
            "layer 1 'inputlayer'",
        ),
        (json.dumps(sequential(layer("Dense", units=1, unknown=1))), "K212", "'unknown'"),
        (json.dumps(sequential(layer("Dense", units=1, activation={"a": 1}))), "K212", "class_name"),
        (json.dumps(sequential({"class_name": "Dense", "config": 3})), "K212", "layer 1"),
        (json.dumps(sequential(layer("Dense", units=2**31 - 1))), "K233", "parameters; at most"),
        ("{" * 100_000, "K230", "not JSON"),
        ("[" * 100_000, "K230", "not JSON"),
    ],
)
def test_descriptions_that_are_none(tmp_path: Path, form: str, code: str, said: str) -> None:
    with pytest.raises(SteelyardError, match=f"{code}: the JSON text: ") as caught:
        read_json(form)
    assert said in str(caught.value)
    path = tmp_path / "model.json"
    path.write_text(f" {form}")
    if form != "3":
        with pytest.raises(SteelyardError, match=f"{code}: .*model.json: "):
            read_architecture(path)


# Files.


def test_files_that_are_none(tmp_path: Path) -> None:
    refused(tmp_path / "missing.keras", "K230", "no such file")
    refused(tmp_path, "K230", "cannot be read")
    empty = tmp_path / "empty.keras"
    empty.touch()
    refused(empty, "K230", "is empty")
    table = tmp_path / "table.h5"
    table.write_text("a,b\n1,2\n")
    refused(table, "K230", "neither a .keras archive nor an HDF5 file")


@pytest.mark.parametrize(
    ("config", "weights", "said"),
    [
        ("", None, "has no config.json; it holds metadata.json, model.weights.h5"),
        (None, b"", "has no model.weights.h5"),
        ("{", None, "config.json is not JSON"),
        ("\ud800", None, "config.json is not UTF-8"),
        (None, b"HDF", "the HDF5 file cannot be read"),
        (None, hdf5(SMALL_WEIGHTS)[:700], "HDF5"),
    ],
)
def test_archives_with_something_missing(
    tmp_path: Path, config: str | None, weights: bytes | None, said: str
) -> None:
    path = tmp_path / "model.keras"
    if config == "\ud800":
        with zipfile.ZipFile(path, "w") as members:
            members.writestr("config.json", b"\xff\xfe{}")
    else:
        archive(path, config, weights)
    refused(path, "K230", said)


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    def file(**changed: Any) -> Path:
        weights = {
            **SMALL_WEIGHTS,
            **{f"layers/dense/vars/{key[1:]}": value for key, value in changed.items()},
        }
        return archive(tmp_path / "model.keras", weights=hdf5(weights))

    refused(file(_0=ONE.T), "K232", "layers/dense/vars/0 has shape (1, 2); its layer needs (2, 1)")
    refused(file(_0=ONE * np.nan), "K232", "2 of 2 numbers that are not finite")
    refused(file(_0=ONE.astype(np.float64) * 1e300), "K232", "not finite")
    refused(file(_0=np.ones((2, 1), np.int32)), "K232", "int32")
    refused(file(_2=ONE), "K232", "holds 3 arrays; its layer has 2")
    deeper = sequential(*small()["config"]["layers"], layer("Activation", activation="relu"))
    deeper["config"]["layers"].append({"class_name": "Dense", "config": {"name": "second", "units": 1}})
    path = archive(tmp_path / "deeper.keras", deeper)
    refused(path, "K232", "layers/dense_1/vars holds 0 arrays; its layer has 2")


def test_all_problems_of_the_weights_are_told(tmp_path: Path) -> None:
    config = sequential(
        *small()["config"]["layers"], {"class_name": "Dense", "config": {"name": "b", "units": 1}}
    )
    weights = {**SMALL_WEIGHTS, "layers/dense/vars/0": ONE.T, "layers/dense_1/vars/0": ONE * np.inf}
    error = refused(archive(tmp_path / "model.keras", config, hdf5(weights)), "K232", "layers/dense_1/vars")
    assert len(error.problems) == 2


def test_weights_for_other_layers(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), layers.Dense(4), layers.Dense(1)])
    model.save_weights(tmp_path / "w.weights.h5")
    model.save_weights(tmp_path / "w.h5")
    fewer = Sequential([Input((3,)), layers.Dense(4)])
    wider = Sequential([Input((3,)), layers.Dense(5), layers.Dense(1)])
    with pytest.raises(DataError, match=r"K232: .*w\.h5: it has weights of 2 layers; the model has 1"):
        fewer.load_weights(tmp_path / "w.h5")
    for name in ("w.weights.h5", "w.h5"):
        with pytest.raises(DataError, match=r"shape \(3, 4\); its layer needs \(3, 5\)") as caught:
            wider.load_weights(tmp_path / name)
        assert len(caught.value.problems) == 2
    with pytest.raises(DataError, match="it holds weights alone"):
        models.load_model(tmp_path / "w.h5")


# Hostile files.


def test_a_zip_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    zeros = bytes(200 * 2**20)
    path = archive(tmp_path / "bomb.keras", weights=zeros, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**20
    refused(path, "K233", "model.weights.h5 says it unpacks to 209,715,200 bytes")
    path = archive(tmp_path / "bomb.keras", " " * (20 * 2**20), compression=zipfile.ZIP_DEFLATED)
    refused(path, "K233", "config.json says it unpacks to")


def test_an_array_that_declares_gigabytes(tmp_path: Path) -> None:
    wide = 2**28
    config = sequential(
        layer("InputLayer", batch_shape=[None, wide]), layer("Dense", units=1, use_bias=False)
    )

    def claim(file: h5py.File) -> None:
        file.create_dataset("layers/dense/vars/0", (wide, 1), np.float32, chunks=(2**20, 1), fillvalue=1.0)

    refused(archive(tmp_path / "bomb.keras", config, hdf5({}, claim)), "K233", "stores next to none")


def external_link(file: h5py.File) -> None:
    file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd.h5", "/secret")


def soft_link(file: h5py.File) -> None:
    file["layers/dense/vars/0"] = h5py.SoftLink("/elsewhere")


def linked_group(file: h5py.File) -> None:
    del file["layers"]
    file["layers"] = h5py.ExternalLink("/etc/passwd.h5", "/")


def external_storage(file: h5py.File) -> None:
    file.create_dataset("layers/dense/vars/0", (2, 1), np.float32, external=[("/etc/passwd", 0, 8)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((2, 1), np.float32)
    layout[:] = h5py.VirtualSource("/etc/passwd.h5", "secret", (2, 1))
    file.create_virtual_dataset("layers/dense/vars/0", layout)


@pytest.mark.parametrize("trick", [external_link, soft_link, linked_group, external_storage, virtual])
def test_a_file_that_points_outside_itself(tmp_path: Path, trick: Callable[[h5py.File], None]) -> None:
    weights = {"layers/dense/vars/1": np.zeros(1, np.float32)}
    refused(archive(tmp_path / "model.keras", weights=hdf5(weights, trick)), "K233")


def test_links_in_the_older_format(tmp_path: Path) -> None:
    path = legacy(tmp_path / "m.h5", small(), {"dense": {"kernel": ONE, "bias": np.zeros(1, np.float32)}})
    with h5py.File(path, "r+") as file:
        del file["model_weights/dense/dense/kernel:0"]
        file["model_weights/dense/dense/kernel:0"] = h5py.ExternalLink("/etc/passwd.h5", "/secret")
    refused(path, "K233", "model_weights/dense/dense/kernel:0 is a link (ExternalLink)")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One file of each kind."""
    folder = tmp_path_factory.mktemp("sound")
    model = Sequential(
        [Input((3,)), layers.Dense(4, "relu"), layers.BatchNormalization(), layers.Dense(1, "sigmoid")]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "AUC"])
    for name in ("m.keras", "m.h5"):
        model.save(folder / name)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_damage_is_told_or_does_not_matter(
    tmp_path: Path, sound: dict[str, bytes], data: st.DataObject
) -> None:
    content = bytearray(sound["m.keras"])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    look_into(tmp_path / "m.keras", bytes(content))


def places(form: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the values within a configuration are."""
    if path:
        yield path
    inner = form.items() if isinstance(form, dict) else enumerate(form) if isinstance(form, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "relu", "Dense", "Adam", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["class_name", "config", "module", "name", "units"]), inner, max_size=3
        )
    ),
    max_leaves=4,
)


@pytest.mark.filterwarnings("ignore::steelyard.errors.SteelyardWarning")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_any_place_of_a_configuration(
    tmp_path: Path, sound: dict[str, bytes], data: st.DataObject
) -> None:
    with zipfile.ZipFile(io.BytesIO(sound["m.keras"])) as members:
        form, weights = json.loads(members.read("config.json")), members.read("model.weights.h5")
    path = data.draw(st.sampled_from(list(places(form))))
    inside = form
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = data.draw(values)
    file = archive(tmp_path / "m.keras", form, weights)
    try:
        read_model(file)
    except SteelyardError as error:
        assert all(str(file) in problem for problem in error.problems)


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_that_ends_early(
    tmp_path: Path, sound: dict[str, bytes], name: str, data: st.DataObject
) -> None:
    """``.h5`` is only cut: on a damaged heap of texts, where its configuration lies, HDF5 2.0.0 itself may
    never return."""
    content = sound[name]
    look_into(tmp_path / name, content[: data.draw(st.integers(0, len(content) - 1))])


def look_into(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for read in (lambda: read_model(path, compile=False), lambda: read_architecture(path)):
        try:
            read()
        except SteelyardError as error:
            assert all(str(path) in problem for problem in error.problems)


# Writing.


def test_names_of_files(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), layers.Dense(1, "sigmoid")])
    with pytest.raises(OutputError, match=r"K234: .*model.txt: .* \.keras or \.h5 or \.hdf5"):
        model.save(tmp_path / "model.txt")
    with pytest.raises(OutputError, match=r"K234: .*w.keras: .* \.h5"):
        model.save_weights(tmp_path / "w.keras")
    with pytest.raises(OutputError, match=r"K234: .*no weights yet"):
        Sequential([layers.Dense(1)]).save_weights(tmp_path / "w.weights.h5")
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays_if_writing_fails(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), layers.Dense(1, "sigmoid")])
    path = tmp_path / "model.keras"
    path.write_text("precious")
    with pytest.raises(OutputError, match=r"K234: .*exists already"):
        model.save(path, overwrite=False)
    assert path.read_text() == "precious"
    with pytest.raises(OutputError, match="cannot be written"):
        model.save(tmp_path / "nowhere" / "model.keras")
    model.save(path)
    assert models.load_model(path).count_params() == 4
    assert list(tmp_path.iterdir()) == [path]


def test_weights_must_be_wanted_by_their_number(tmp_path: Path) -> None:
    """The order of the layers decides, and their number must agree."""
    path = legacy(tmp_path / "m.h5", small(), {"dense": {"kernel": ONE}})
    refused(path, "K232", "dense holds 1 arrays; its layer has 2")
    model = read_architecture(path)
    with pytest.raises(DataError, match="dense holds 1 arrays"):
        read_weights(path, model.layers, 2)


@pytest.mark.parametrize("depth", [500, 850, 900, 930, 960, 990, 20_000])
def test_lists_within_lists(tmp_path: Path, depth: int) -> None:
    """Around the depth at which JSON is no longer read, what walks through it may give up first."""
    config = json.dumps({"optimizer": "adam", "loss": "binary_crossentropy", "metrics": "deep"})
    config = config.replace('"deep"', "[" * depth + "]" * depth)
    form = json.dumps(small() | {"compile_config": "here"}).replace('"here"', config)
    path = archive(tmp_path / "m.keras", form)
    try:
        assert read_model(path).compiled is not None
    except DataError as error:
        assert error.problems[0].startswith(("K230: ", "K233: "))
