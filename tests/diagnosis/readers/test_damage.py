"""No damage to a file gets anything out of a reader but logs or a ``DataError``."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz_readers import Tally, check, one
from steelyard.diagnosis.readers import READERS, column_map, pickled, read
from steelyard.diagnosis.readers.registry import head_of, reader_of
from steelyard.errors import DataError
from tests.diagnosis.readers.mutations import Sample
from tests.diagnosis.readers.samples import SAMPLES
from tests.diagnosis.readers.text_samples import COLUMN_MAP

IDS = [f"{sample.reader}, {sample.file_name}" for sample in SAMPLES]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_an_undamaged_sample_is_read_by_its_reader(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / sample.file_name
    path.write_bytes(sample.content)
    if sample.reader == "column map":
        check(column_map.read(path, COLUMN_MAP))
        return
    if sample.reader == "pickle":
        assert pickled.sniff(head_of(path), path)
    else:
        found = reader_of(path, head_of(path))
        assert found is not None and found.name == sample.reader
    logs = read(path, trust=sample.reader == "pickle")
    assert logs
    check(logs)


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_damage_is_survived(sample: Sample, folder: Path, seed: int) -> None:
    tally = Tally()
    one(sample, seed * 16 + 1, folder, tally)
    assert not tally.failures


@settings(max_examples=200, deadline=None)
@given(
    data=st.binary(max_size=300),
    suffix=st.sampled_from((".json", ".csv", ".h5", ".keras", ".ipynb", ".txt", "")),
)
def test_any_bytes_are_survived(folder: Path, data: bytes, suffix: str) -> None:
    path = folder / f"any{suffix}"
    path.write_bytes(data)
    for reader in READERS:
        reader.sniff(data, path)
        try:
            check(reader.read(path))
        except DataError as error:
            assert path.name in str(error)


@pytest.mark.parametrize(
    ("name", "start", "slice_", "end"),
    [
        ("history.json", b'{"loss": [', b"[],", b"0]}"),
        ("history.json", b'{"loss": [', b"{},", b"0]}"),
        ("history.json", b'{"loss": [', b'"ab",', b"0]}"),
        ("log.csv", b"epoch,loss" + b",val_x" * 200 + b"\n", b"," * 201 + b"\n", b""),
        ("log.csv", b"epoch,loss\n", b"1,2\n", b""),
        ("metrics.csv", b"epoch,step,loss\n", b"1,1,0\n", b""),
    ],
)
def test_what_swells_takes_no_more_than_ten_times_the_file(
    name: str, start: bytes, slice_: bytes, end: bytes, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(start + slice_ * (2**19 // len(slice_)) + end)
    tracemalloc.start()
    try:
        read(path)
    except DataError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10 * path.stat().st_size + 2 * 2**20
