"""Names without races, folders that cannot be written, disks that fill up, processes that are killed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from steelyard.errors import OutputError
from steelyard.store import RunState, RunWriter, list_runs, load_model, load_run, read_predictions
from steelyard.store.layout import FILES, MANIFEST
from tests.store.results import DRAWING, PROVENANCE, facts_of, training_result


def _save(writer: RunWriter) -> Path:
    result = training_result()
    return writer.save(result, facts_of(result), PROVENANCE, DRAWING)


def test_numbers_count_up_past_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "bank-3").mkdir()
    (tmp_path / "bank-7.unfinished").mkdir()
    (tmp_path / "bank-full-9").mkdir()
    (tmp_path / "bank-x").mkdir()
    assert RunWriter.numbered(tmp_path, "bank").folder == tmp_path / "bank-8"
    assert RunWriter.numbered(tmp_path, "bank").folder == tmp_path / "bank-9"
    assert RunWriter.numbered(tmp_path, "other").folder == tmp_path / "other-1"


def test_threads_never_claim_the_same_number(tmp_path: Path) -> None:
    def claim(_: int) -> str:
        return RunWriter.numbered(tmp_path / "runs", "bank").folder.name

    with ThreadPoolExecutor(8) as threads:
        names = list(threads.map(claim, range(80)))
    assert sorted(names) == sorted(f"bank-{number}" for number in range(1, 81))


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("precious")
    with pytest.raises(OutputError, match="mine: exists already"):
        RunWriter.exact(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_name_that_is_being_written_is_refused(tmp_path: Path) -> None:
    with (
        RunWriter.exact(tmp_path / "mine"),
        pytest.raises(OutputError, match=r"mine\.unfinished: another process is writing"),
    ):
        RunWriter.exact(tmp_path / "mine")


def test_the_name_of_an_unfinished_run_cannot_be_chosen(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="mark runs that are being written"):
        RunWriter.exact(tmp_path / "runs" / "mine.unfinished")
    assert list(tmp_path.iterdir()) == []


def test_leaving_without_saving_gives_everything_back(tmp_path: Path) -> None:
    with RunWriter.numbered(tmp_path / "deep" / "runs", "bank"):
        assert (tmp_path / "deep" / "runs" / "bank-1.unfinished").is_dir()
    assert list(tmp_path.iterdir()) == []


def test_leaving_keeps_parents_that_somebody_else_uses_by_now(tmp_path: Path) -> None:
    with RunWriter.numbered(tmp_path / "runs", "bank"):
        (tmp_path / "runs" / "notes.txt").write_text("precious")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["notes.txt"]


def test_leaving_after_saving_keeps_the_run(tmp_path: Path) -> None:
    with RunWriter.numbered(tmp_path / "runs", "bank") as writer:
        folder = _save(writer)
    assert load_run(folder).folder == folder


@pytest.mark.parametrize("way", ["numbered", "exact"])
def test_a_file_in_the_way_is_named(tmp_path: Path, way: str) -> None:
    (tmp_path / "runs").write_text("I am a file")
    with pytest.raises(OutputError, match=r"runs/bank-1: cannot be written: (File exists|Not a directory)"):
        if way == "numbered":
            RunWriter.numbered(tmp_path / "runs", "bank")
        else:
            RunWriter.exact(tmp_path / "runs" / "bank-1")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_found_out_before_training(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        RunWriter.numbered(tmp_path, "bank")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("call", ["fsync", "rename"])
@pytest.mark.parametrize("failure", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_when_the_system_refuses_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, failure: int
) -> None:
    writer = RunWriter.numbered(tmp_path / "runs", "bank")
    calls = 0
    genuine = getattr(os, call)

    def refuse(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == (5 if call == "fsync" else 1):
            raise OSError(failure, os.strerror(failure))
        return genuine(*arguments)

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(OutputError) as caught:
        _save(writer)
    assert os.strerror(failure) in str(caught.value)
    assert "bank-1" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 KiB, which is less than a run needs."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k,nr_inodes=64", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small file system needs to be allowed")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_named_and_nothing_is_left(tiny_disk: Path) -> None:
    with (
        pytest.raises(OutputError, match="bank-1: cannot be written: No space left on device"),
        RunWriter.numbered(tiny_disk / "runs", "bank") as writer,
    ):
        _save(writer)
    assert list(tiny_disk.iterdir()) == []


def test_a_read_only_disk_is_found_out_before_training(tiny_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    with pytest.raises(OutputError, match="Read-only file system"):
        RunWriter.numbered(tiny_disk, "bank")


SYNCS_OF_A_RUN = 1 + len((*FILES, MANIFEST)) + 2
"""The claim, each file, the folder before and its parent after the renaming."""

DIE_AT_EACH_CALL = """
import os, signal, sys
from pathlib import Path
import polars
from steelyard.store import RunWriter
from tests.store.results import DRAWING, PROVENANCE, facts_of, training_result

def save_until(call, last, runs):
    genuine, calls = getattr(os, call), 0
    def die(*arguments):
        nonlocal calls
        calls += 1
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return genuine(*arguments)
    setattr(os, call, die)
    result = training_result()
    with RunWriter.numbered(runs, "bank") as writer:
        writer.save(result, facts_of(result), PROVENANCE, DRAWING)

for moment in sys.argv[2:]:
    call, last = moment.split("-")
    child = os.fork()
    if child == 0:
        save_until(call, int(last), Path(sys.argv[1]) / moment)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, moment
"""

SAVE_FOR_EVER = """
import sys
from pathlib import Path
from steelyard.store import RunWriter
from tests.store.results import DRAWING, PROVENANCE, facts_of, training_result

result = training_result()
facts = facts_of(result)
while True:
    with RunWriter.numbered(Path(sys.argv[1]), "bank") as writer:
        writer.save(result, facts, PROVENANCE, DRAWING)
    print("saved", flush=True)
"""


def _start(project_root: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(project_root / "src"), str(project_root), *filter(None, sys.path)])
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )


def _assert_complete_or_clearly_unfinished(runs: Path) -> tuple[int, int]:
    """How many runs there are of either kind, after reading all of the complete ones."""
    entries = list_runs(runs)
    complete = [entry for entry in entries if entry.state is RunState.COMPLETE]
    unfinished = [entry for entry in entries if entry.state is RunState.UNFINISHED]
    assert len(complete) + len(unfinished) == len(entries) == len(list(runs.iterdir()))
    for entry in complete:
        load_run(entry.folder)
        load_model(entry.folder)
        read_predictions(entry.folder)
    return len(complete), len(unfinished)


def test_a_kill_at_any_call_leaves_a_complete_run_or_a_clearly_unfinished_one(
    tmp_path: Path, project_root: Path
) -> None:
    moments = [*(f"fsync-{number + 1}" for number in range(SYNCS_OF_A_RUN)), "rename-1"]
    with _start(project_root, DIE_AT_EACH_CALL, str(tmp_path), *moments) as process:
        assert process.wait(120) == 0
    left = {moment: _assert_complete_or_clearly_unfinished(tmp_path / moment) for moment in moments}
    # Only at the last call, when the parent is synced, has the folder its final name.
    assert left == dict.fromkeys(moments[:-2], (0, 1)) | {moments[-2]: (1, 0), "rename-1": (0, 1)}


def test_two_processes_saving_until_killed_at_any_moment_never_harm_a_run(
    tmp_path: Path, project_root: Path
) -> None:
    runs = tmp_path / "runs"
    with (
        _start(project_root, SAVE_FOR_EVER, str(runs)) as one,
        _start(project_root, SAVE_FOR_EVER, str(runs)) as other,
    ):
        saved = 0
        for process in (one, other):
            assert process.stdout is not None
            assert process.stdout.readline() == "saved\n"
        time.sleep(0.123)
        for process in (one, other):
            process.kill()
        for process in (one, other):
            assert process.stdout is not None
            saved += 1 + process.stdout.read().count("saved\n")
    complete, unfinished = _assert_complete_or_clearly_unfinished(runs)
    assert saved <= complete <= saved + 2
    assert unfinished <= 2
    numbers = sorted(int(path.name.removesuffix(".unfinished").split("-")[1]) for path in runs.iterdir())
    assert len(set(numbers)) == len(numbers)
