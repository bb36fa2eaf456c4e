"""``steelyard export``: a model as a file that needs no Steelyard."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steelyard.cli.failure import debug_option, telling_warnings

if TYPE_CHECKING:
    from steelyard.run import Model

ENDINGS: Mapping[str, str] = {"keras": ".keras", "onnx": ".onnx", "numpy": ".py"}


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(list(ENDINGS)), required=True, help="What to write: see above."
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to. An existing file is replaced. [default: the name of RUN, here, unless it is taken]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of two lines.")
@debug_option
def command(run: Path, form: str, out: Path | None, as_json: bool) -> None:
    """Write the model of RUN, a run folder, for use without Steelyard.

    onnx: one file for onnxruntime and other runtimes, preprocessing included: it takes the columns of the
    table as they are, one input each, and gives `probability` and `label`. Needs `pip install
    'steelyard[onnx]'`.

    numpy: one Python file that needs numpy alone. It predicts CSV files as a program, and has
    `predict_probability` and `encode` for programs of yours.

    keras: the network, for Keras 3.4 or newer, with class weights undone and, of one network, logistic
    and temperature calibration. Its input is the matrix that `encode` of the numpy file gives: scaled
    numbers and one-hot categories.

    Several networks (--seeds) become one file that averages them.

    \b
    Examples:
      steelyard export runs/bank-1 --format onnx
      steelyard export runs/bank-1 --format numpy --out bank.py
      python bank.py new.csv > predictions.csv
    """
    from steelyard.cli.output import writing
    from steelyard.cli.text import count
    from steelyard.store import load_model

    model = load_model(run)
    file = _target(run, form, out)
    with telling_warnings():
        content = _content(model, form)
    with writing(file) as draft:
        draft.write_bytes(content)
    target = model.schema.target
    columns = [column.name for column in (*model.schema.numeric, *model.schema.categories)]
    if as_json:
        told = {
            "run": str(run),
            "format": form,
            "file": str(file),
            "bytes": len(content),
            "networks": len(model.weights),
            "target": target.name,
            "positive": target.positive,
            "columns": columns,
        }
        click.echo(json.dumps(told, indent=2, allow_nan=False))
        return
    made_from = count(len(columns), "column")
    averaged = f", the mean of {len(model.weights)} networks" if len(model.weights) > 1 else ""
    click.echo(f"{file}: probability of {target.name} = {target.positive} from {made_from}{averaged}")
    click.echo(f"use it: {_use(form, file)}")


def _content(model: Model, form: str) -> bytes:
    from steelyard.export import to_keras, to_numpy_source, to_onnx

    match form:
        case "onnx":
            content: bytes = to_onnx(model).SerializeToString()
            return content
        case "numpy":
            return to_numpy_source(model).encode()
        case _:
            return to_keras(model)


def _target(run: Path, form: str, out: Path | None) -> Path:
    """The file to write: the one that was named, or one called like the run where there is none yet."""
    from steelyard.errors import OutputError

    ending = ENDINGS[form]
    if out is None:
        name = run.resolve().name
        if form == "numpy":  # so that it can be imported
            name = re.sub(r"\W", "_", name if name[:1].isalpha() else f"model_{name}")
        file = Path(name + ending)
        if file.exists():
            raise OutputError(f"{file}: exists already", help=f"to replace it, name it: --out {file}")
        return file
    if out.is_dir():
        raise OutputError(f"{out}: is a folder", help=f"name a file: --out {out / f'model{ending}'}")
    if out.suffix != ending:
        found = f"ends in {out.suffix!r}" if out.suffix else "has no ending"
        raise OutputError(
            f"{out}: {found}; --format {form} writes {ending}", help=f"--out {out.with_suffix(ending)}"
        )
    return out


def _use(form: str, file: Path) -> str:
    match form:
        case "onnx":
            return (
                f'onnxruntime.InferenceSession("{file}"), an input per column; '
                "`python -m pydoc steelyard.export.to_onnx` shows a whole program"
            )
        case "numpy":
            return f"python {file} NEW.csv > predictions.csv"
        case _:
            return (
                f'keras.models.load_model("{file}").predict(inputs), '
                "where inputs is what encode() in the file of --format numpy gives"
            )
