"""Models as one Python file: it needs numpy alone, and predicts what Steelyard predicts."""

from __future__ import annotations

import ast
import csv
import datetime
import gzip
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from steelyard.data import Table
from steelyard.engine import predict_probability
from steelyard.export import to_numpy_source
from steelyard.preprocessing import encode
from steelyard.recipe.network import (
    Activation,
    ActivationLayer,
    Dense,
    MultilayerPerceptron,
    Network,
    Stack,
)
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.run import Model
from steelyard.tables import features_from, read_like, table_from
from tests.export.models import KINDS, READOUTS, mixed_csv, random_model, stacks
from tests.export.real_tables import Prepared

TOLERANCE = 1e-5
"""Both sides are float32, summed in different orders; trained networks agree to about 1e-7."""

WITHOUT = (
    "import sys; sys.modules.update(dict.fromkeys(('steelyard', 'polars', 'pandas', 'scipy', 'sklearn')))"
)
"""Makes every import of these fail."""


def module_of(model: Model) -> ModuleType:
    module = ModuleType("exported")
    exec(compile(to_numpy_source(model), "exported.py", "exec"), module.__dict__)
    return module


def run(source: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The file as a program, in a Python that finds neither Steelyard nor what it is made of."""
    script = (
        f"{WITHOUT}; import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-I", "-X", "utf8", "-c", script, str(source), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def probabilities(output: str) -> NDArray[np.float64]:
    lines = output.splitlines()
    assert lines[0] == "probability,predicted"
    return np.array([float(line.split(",")[0]) for line in lines[1:]])


def columns_of(text: str, separator: str = ",") -> dict[str, list[str]]:
    names, *rows = csv.reader(io.StringIO(text), delimiter=separator)
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


@pytest.fixture(scope="module")
def model(mixed: Table) -> Model:
    return random_model(mixed, networks=2)


@pytest.fixture(scope="module")
def exported(model: Model) -> ModuleType:
    return module_of(model)


@pytest.fixture(scope="module")
def program(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("program") / "model.py"
    path.write_text(to_numpy_source(model), encoding="utf-8")
    return path


# --- Whole tables -------------------------------------------------------------------------------------------


def test_real_tables_as_a_program(prepared: Prepared, tmp_path: Path) -> None:
    source = tmp_path / "model.py"
    source.write_text(to_numpy_source(prepared.model), encoding="utf-8")
    done = run(source, prepared.raw)
    assert (done.returncode, done.stderr) == (0, "")
    np.testing.assert_allclose(probabilities(done.stdout), prepared.probability, rtol=0, atol=TOLERANCE)


def test_real_tables_are_encoded_alike(prepared: Prepared) -> None:
    module = module_of(prepared.model)
    with prepared.plain.open(newline="") as file:
        text = file.read()
    columns = {name: values[-1000:] for name, values in columns_of(text).items()}
    rows = np.arange(len(prepared.features) - 1000, len(prepared.features))
    expected = encode(prepared.features, prepared.model.encoding, rows).toarray()
    np.testing.assert_array_equal(module.encode(columns), expected)


@pytest.mark.parametrize(
    "preprocessing",
    [
        Preprocessing(scaling="standard", missing_indicator=False),
        Preprocessing(scaling="none", smooth_clip="off"),
        Preprocessing(min_level_rows=1),
        Preprocessing(one_hot_levels=0, embedding_dim=3),
        Preprocessing(one_hot_levels=6, embedding_dim=2),
    ],
    ids=lambda spec: ",".join(
        f"{name}={value}" for name, value in spec.model_dump(exclude_defaults=True).items()
    ),
)
def test_preprocessing(mixed: Table, preprocessing: Preprocessing) -> None:
    model = random_model(mixed, preprocessing=preprocessing)
    module = module_of(model)
    columns = columns_of(mixed_csv())
    np.testing.assert_array_equal(module.encode(columns), encode(mixed.features, model.encoding).toarray())
    np.testing.assert_allclose(
        module.predict_probability(columns),
        predict_probability(model, mixed.features),
        rtol=0,
        atol=TOLERANCE,
    )


@pytest.mark.parametrize("activation", get_args(Activation))
def test_activations(mixed: Table, activation: Activation) -> None:
    model = random_model(mixed, MultilayerPerceptron(hidden_units=(8, 8), activation=activation))
    expected = predict_probability(model, mixed.features)
    assert np.ptp(expected) > 0.03
    found = module_of(model).predict_probability(columns_of(mixed_csv()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("activation", get_args(Activation))
def test_activations_far_from_zero(activation: Activation) -> None:
    """Where exp overflows and where 1 + tiny is 1; warnings are errors."""
    values = np.concatenate((np.linspace(-200, 200, 401), [-1e-4, 1e-4, 0.0]))
    table = table_from(values[:, None], (np.arange(len(values)) % 2).astype(str))
    network = Stack(layers=(ActivationLayer(activation=activation, negative_slope=0.3), Dense(units=1)))
    model = random_model(table, network, Preprocessing(scaling="none", smooth_clip="off"))
    found = module_of(model).predict_probability({"column_1": values})
    np.testing.assert_allclose(found, predict_probability(model, table.features), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("networks", [1, 3])
def test_logits_are_read_as_the_model_says(mixed: Table, tmp_path: Path, readout: str, networks: int) -> None:
    model = random_model(mixed, networks=networks, readout=READOUTS[readout])
    source, table = tmp_path / "model.py", tmp_path / "new.csv"
    source.write_text(to_numpy_source(model), encoding="utf-8")
    table.write_text(mixed_csv(), encoding="utf-8")
    done = run(source, table)
    assert (done.returncode, done.stderr) == (0, "")
    found, expected = probabilities(done.stdout), predict_probability(model, mixed.features)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)
    labels = [line.split(",")[1] for line in done.stdout.splitlines()[1:]]
    assert labels == ["yes" if p > model.readout.threshold else "no" for p in found]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(stacks())
def test_any_stack(mixed: Table, network: Network) -> None:
    model = random_model(mixed, network, Preprocessing(one_hot_levels=0))
    found = module_of(model).predict_probability(columns_of(mixed_csv()))
    np.testing.assert_allclose(found, predict_probability(model, mixed.features), rtol=0, atol=TOLERANCE)


# --- The file itself ----------------------------------------------------------------------------------------


def test_it_is_python_3_9_that_needs_numpy_alone(program: Path) -> None:
    tree = ast.parse(program.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported - sys.stdlib_module_names == {"numpy"}
    assert not imported & {"pickle", "marshal", "ctypes", "subprocess"}
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"exec", "eval", "compile", "__import__"}


def test_the_same_model_gives_the_same_file(model: Model) -> None:
    assert to_numpy_source(model) == to_numpy_source(model)


def test_names_that_would_break_out_of_a_string() -> None:
    names = ['"""', "'''", "a\\", "\n", "{x}", "# >>>"]
    frame = pl.DataFrame(
        {name: [float((i * (k + 2)) % 11) for i in range(40)] for k, name in enumerate(names)}
    )
    table = table_from(frame, ['"""\\' if i % 3 == 0 else "'" for i in range(40)])
    model = random_model(table)
    module = module_of(model)
    assert module.MODEL["positive"] == '"""\\'
    found = module.predict_probability({name: frame[name].to_numpy() for name in names})
    np.testing.assert_allclose(found, predict_probability(model, table.features), rtol=0, atol=TOLERANCE)


# --- Values of Python ---------------------------------------------------------------------------------------

DAY = datetime.date(2022, 5, 6)


@pytest.mark.parametrize(
    ("column", "values", "texts"),
    [
        ("age", [41, 41.0, np.float32(41), np.int64(41), "41", " 41 ", "4.1e1"], ["41"] * 7),
        ("age", [None, float("nan"), np.nan, "", "?", "NA", pd.NA], [""] * 7),
        ("age", np.array([1, 2, 3]), ["1", "2", "3"]),
        ("age", np.array([1.5, np.nan]), ["1.5", ""]),
        ("age", pd.Series([1, 2, 3], dtype="Int64"), ["1", "2", "3"]),
        ("age", pd.Series([1, None, 3], dtype="Int64"), ["1", "", "3"]),
        ("age", pl.Series([1.5, None]), ["1.5", ""]),
        ("account", [5_000_000_001, 5_000_000_002.0], ["5000000001", "5000000002"]),
        ("member", ["Yes", "no", "TRUE", True], ["Yes", "No", "Yes", "Yes"]),
        ("member", [np.False_, 1, 0.0, "1.0"], ["No", "Yes", "No", "Yes"]),
        ("member", [None, "?", float("nan")], [""] * 3),
        ("member", np.array([True, False]), ["Yes", "No"]),
        ("paid", [1, 0, True, "1", "yes", None], ["1", "0", "1", "1", "1", ""]),
        ("since", [DAY, datetime.datetime(2022, 5, 6), "2022/5/6", "06.05.2022"], [str(DAY)] * 4),
        ("since", ["2022-05-06T00:00:00Z", "2022-05-06 00:00"], [str(DAY)] * 2),
        ("since", [pd.Timestamp(DAY), np.datetime64(DAY), pd.NaT, None], [str(DAY), str(DAY), "", ""]),
        ("since", np.array(["2022-05-06", "NaT"], "datetime64[ns]"), [str(DAY), ""]),
        ("since", pd.Series(pd.to_datetime(["2022-05-06", None])), [str(DAY), ""]),
        ("since", ["2022-05-06 02:00:00+02:00", "2022-05-05T23:30-00:30"], [str(DAY)] * 2),
        ("since", [pd.Timestamp("2022-05-06 02:00", tz="Europe/Berlin")], [str(DAY)]),
        ("shop", [101, 101.0, np.int64(101), "101.0", " 101"], ["101"] * 5),
        ("shop", np.array([101, 102]), ["101", "102"]),
        ("shop", [999, "x", None], ["999", "x", ""]),
        ("job", np.array(["clerk", "医者"]), ["clerk", "医者"]),
        ("job", pd.Series(["clerk", None], dtype="string"), ["clerk", ""]),
        ("job", pd.Categorical(["clerk", None]), ["clerk", ""]),
    ],
)  # fmt: skip
def test_values_of_python(
    model: Model, exported: ModuleType, tmp_path: Path, column: str, values: Any, texts: list[str]
) -> None:
    """What programs hand over is taken as the text that means the same."""
    rows = [dict(row) for row in csv.DictReader(mixed_csv().splitlines())][: len(texts)]
    path = tmp_path / "texts.csv"
    with path.open("w", newline="") as file:
        lines = csv.DictWriter(file, list(rows[0]))
        lines.writeheader()
        lines.writerows({**row, column: text} for row, text in zip(rows, texts, strict=True))
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]} | {column: values}
    expected = predict_probability(model, read_like(path, model.schema, target=False))
    np.testing.assert_allclose(exported.predict_probability(columns), expected, rtol=0, atol=TOLERANCE)


def test_categories_that_are_true_false_and_moments() -> None:
    """As labels of a frame: what Steelyard makes of such columns, the file makes too."""
    rows = 40
    moments = [datetime.datetime(2024, 1, 1 + i % 3, 12 * (i % 2)) for i in range(rows)]
    data = {
        "flag": [i % 2 == 0 for i in range(rows)],
        "when": moments,
        "x": [0.5 * (i % 5) for i in range(rows)],
    }
    kinds = dict.fromkeys(data, KINDS["shop"])
    table = table_from(pl.DataFrame(data), [str(i % 3 == 0) for i in range(rows)], kinds=kinds)
    model = random_model(table, preprocessing=Preprocessing(min_level_rows=1))
    module = module_of(model)
    np.testing.assert_array_equal(module.encode(data), encode(table.features, model.encoding).toarray())
    assert encode(table.features, model.encoding).sum() == 3 * rows


@pytest.mark.filterwarnings("always:.*neither yes nor no")
def test_a_word_that_is_no_truth_is_missing(model: Model, exported: ModuleType) -> None:
    columns = columns_of(mixed_csv())
    gap = {**columns, "member": [""] * 300}
    odd = {**columns, "member": [*[""] * 299, "perhaps"]}
    with pytest.warns(UserWarning, match="column 'member', row 300"):
        found = exported.predict_probability(odd)
    np.testing.assert_array_equal(found, exported.predict_probability(gap))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("age", "old", "column 'age', row 2: 'old' is no number"),
        ("age", "1_000", "'1_000' is no number"),
        ("age", "1e39", "column 'age', row 2: 1e+39 is too large"),
        ("age", float("-inf"), "too large"),
        ("age", 10**400, "is no number"),
        ("since", "03/04/2021", "column 'since', row 2: '03/04/2021' is no date"),
        ("since", "2021-02-30", "is no date"),
        ("since", 19000, "19000 is no date"),
    ],
)
def test_values_that_cannot_be(exported: ModuleType, column: str, value: Any, said: str) -> None:
    columns: dict[str, Any] = {name: values[:3] for name, values in columns_of(mixed_csv()).items()}
    columns[column] = [columns[column][0], value, columns[column][2]]
    with pytest.raises(exported.TableError) as caught:
        exported.predict_probability(columns)
    assert said in str(caught.value)


def test_columns_that_cannot_be(exported: ModuleType) -> None:
    columns = columns_of(mixed_csv())
    with pytest.raises(exported.TableError, match=r"lacks columns .* 'age', 'job'"):
        exported.encode({name: values for name, values in columns.items() if name not in ("age", "job")})
    with pytest.raises(exported.TableError, match="'age' has 300 values, 'shop' 299"):
        exported.encode({**columns, "shop": columns["shop"][1:]})


# --- Files --------------------------------------------------------------------------------------------------


def as_text(table: list[list[str]], separator: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(table)
    return text.getvalue()


def rows_of_mixed() -> list[list[str]]:
    return list(csv.reader(mixed_csv().splitlines()))


def with_commas(table: list[list[str]]) -> list[list[str]]:
    place = table[0].index("income")
    return [[*row[:place], row[place].replace(".", ","), *row[place + 1 :]] for row in table]


FORMS: dict[str, Callable[[list[list[str]]], bytes]] = {
    "semicolons": lambda table: as_text(table, ";").encode(),
    "tabs": lambda table: as_text(table, "\t").encode(),
    "bars": lambda table: as_text(table, "|").encode(),
    "decimal commas": lambda table: as_text(with_commas(table), ";").encode(),
    "decimal commas and tabs": lambda table: as_text(with_commas(table), "\t").encode(),
    "byte order mark": lambda table: b"\xef\xbb\xbf" + as_text(table, ",").encode(),
    "carriage returns": lambda table: as_text(table, ",").replace("\n", "\r\n").encode(),
    "blank lines": lambda table: as_text(table, ",").replace("\n", "\n\n", 20).encode(),
    "no end of line": lambda table: as_text(table, ",").rstrip("\n").encode(),
    "padded": lambda table: as_text([[f" {field} " for field in row] for row in table], ",").encode(),
    "columns the other way round": lambda table: as_text([row[::-1] for row in table], ",").encode(),
    "more columns": lambda table: as_text([["x", *row] for row in table], ",").encode(),
    "without the target": lambda table: as_text([row[:-1] for row in table], ",").encode(),
    "no header, no target": lambda table: as_text([row[:-1] for row in table[1:]], ",").encode(),
    "one row": lambda table: as_text(table[:2], ",").encode(),
    "gzip": lambda table: gzip.compress(as_text(table, ",").encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_files_are_read_as_steelyard_reads_them(
    model: Model, exported: ModuleType, tmp_path: Path, form: str
) -> None:
    path = tmp_path / ("new.csv.gz" if form == "gzip" else "new.csv")
    path.write_bytes(FORMS[form](rows_of_mixed()))
    features = read_like(path, model.schema, target=False)
    columns = [exported.encode(block) for block in exported.read_csv(path)]
    np.testing.assert_array_equal(np.concatenate(columns), encode(features, model.encoding).toarray())


def test_more_rows_than_are_read_at_once(model: Model, program: Path, tmp_path: Path) -> None:
    header, *rows = rows_of_mixed()
    many = rows * 120
    many[-1] = ["odd", *many[-1][1:]]
    path = tmp_path / "many.csv"
    path.write_text(as_text([header, *many], ","))
    done = run(program, path)
    assert done.returncode == 2
    assert "error: " in done.stderr and "column 'age', row 36000: 'odd' is no number" in done.stderr
    path.write_text(as_text([header, *many[:-1]], ","))
    done = run(program, path)
    expected = predict_probability(model, read_like(path, model.schema, target=False))
    np.testing.assert_allclose(probabilities(done.stdout), expected, rtol=0, atol=TOLERANCE)


def test_whoever_reads_may_have_seen_enough(program: Path, tmp_path: Path) -> None:
    header, *rows = rows_of_mixed()
    path = tmp_path / "many.csv"
    path.write_text(as_text([header, *rows * 60], ","))
    command = [sys.executable, "-I", program, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "probability,predicted\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_a_table_of_one_column(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("length\n" + "\n".join(str(i % 9 + 0.5) for i in range(40)) + "\n")
    frame = pl.read_csv(path)
    model = random_model(table_from(frame, [str(i % 3 == 0) for i in range(40)]))
    module = module_of(model)
    (block,) = module.read_csv(path)
    expected = predict_probability(model, read_like(path, model.schema, target=False))
    np.testing.assert_allclose(module.predict_probability(block), expected, rtol=0, atol=TOLERANCE)


TEXTS = st.one_of(
    st.sampled_from(
        ["", "?", "NaN", "clerk", " clerk", "医者", "rare", "101", "101.0", "102.00", "yes", "No", "T", "1"]
    ),
    st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=6),
)


@given(st.lists(st.tuples(TEXTS, TEXTS, st.floats(allow_nan=False, width=32)), min_size=1, max_size=8))
def test_any_text_is_understood_alike(rows: list[tuple[str, str, float]]) -> None:
    table, module, folder = understood()
    header, *old = rows_of_mixed()
    places = [header.index(name) for name in ("job", "shop", "income")]
    for row, texts in zip(old, rows, strict=False):
        for place, text in zip(places, texts, strict=True):
            row[place] = text if isinstance(text, str) else "" if np.isinf(text) else repr(text)
    path = folder / "any.csv"
    path.write_text(as_text([header, *old[: len(rows)]], ","), encoding="utf-8")
    features = read_like(path, table.schema, target=False)
    found = np.concatenate([module.encode(block) for block in module.read_csv(path)])
    np.testing.assert_array_equal(found, encode(features, table.encoding).toarray())


def understood() -> tuple[Model, ModuleType, Path]:
    """For hypothesis, which takes no fixtures of a function: made once."""
    if not _UNDERSTOOD:
        import tempfile

        from tests.export.models import mixed_table

        folder = Path(tempfile.mkdtemp())
        model = random_model(mixed_table(folder))
        _UNDERSTOOD.append((model, module_of(model), folder))
    return _UNDERSTOOD[0]


_UNDERSTOOD: list[tuple[Model, ModuleType, Path]] = []


# --- The program --------------------------------------------------------------------------------------------


def test_labels_are_those_of_the_table(model: Model, program: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text(mixed_csv())
    lines = run(program, path).stdout.splitlines()[1:]
    expected = predict_probability(model, read_like(path, model.schema, target=False))
    assert [line.split(",")[1] for line in lines] == ["yes" if p > 0.5 else "no" for p in expected]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"age,income\n1,2\n", "lacks columns that the model was trained with: 'account', 'since'"),
        (b"a,b\nx,y\n", "lacks columns"),
        (mixed_csv(3).encode() + b'"1","2"\n', "line 5: has 2 fields, the first line 9"),
        (mixed_csv(3).encode().replace(b"age", b"job", 1), "names columns more than once: 'job'"),
        (mixed_csv(3).encode() + b"\xff\xfe", "can't decode"),
        (b"\x1f\x8b not gzip", "not in gzip format|Not a gzipped file|incorrect|Unknown|invalid|CRC|unknown"),
    ],
    ids=["empty", "blank", "columns", "no column", "ragged", "twice", "utf-8", "gzip"],
)
def test_a_file_that_cannot_be_used(program: Path, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / ("new.csv.gz" if content.startswith(b"\x1f") else "new.csv")
    path.write_bytes(content)
    done = run(program, path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {path}: ") and done.stderr.count("\n") == 1
    assert any(one in done.stderr for one in said.split("|"))


def test_a_file_that_is_not_there(program: Path, tmp_path: Path) -> None:
    done = run(program, tmp_path / "none.csv")
    assert (done.returncode, done.stderr) == (
        2,
        f"error: {tmp_path / 'none.csv'}: No such file or directory\n",
    )


def test_usage(program: Path) -> None:
    told, asked = run(program), run(program, "--help")
    assert (told.returncode, told.stdout) == (2, "")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert told.stderr == asked.stdout
    assert "usage: python model.py table.csv > predictions.csv" in asked.stdout
    assert "'age', 'income'" in asked.stdout


def test_frames_and_the_file_agree(model: Model, exported: ModuleType) -> None:
    """Frames with typed columns, as pandas reads them."""
    frame = pd.read_csv(io.StringIO(mixed_csv()), parse_dates=["since"], na_values=["?"])
    expected = predict_probability(model, features_from(frame, model.schema))
    found = exported.predict_probability({str(name): frame[name] for name in frame})
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)
