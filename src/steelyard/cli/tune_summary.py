"""A study for people, drawn from its document."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from steelyard.cli import diagnosing
from steelyard.cli.cv_summary import name_of
from steelyard.cli.options import reading_arguments
from steelyard.cli.points import folded, folded_point, short_names, shown, told
from steelyard.cli.study_folder import BEST, CHARTS, TRIALS
from steelyard.cli.text import WIDTH, columns, count, duration, entry, number, percent

Document = Mapping[str, Any]
"""What :func:`steelyard.tuning.document.study_document` gives."""

TOP = 10
"""Trials in the table."""

MOST_WIDTH = 130
"""Of the table: parameters that decide little are left out where there are many."""


def study_summary(document: Document, folder: Path) -> str:
    """What was searched, the best trials and what makes them so, the winner, and what to know before it is
    believed."""
    blocks = [
        "\n".join(_head(document)),
        _table(document),
        "\n".join(_remarks(document)),
        "\n".join(_winner(document)),
        "\n".join(_cautions(document)),
        _findings(document),
        "\n".join(_tail(document, folder)),
    ]
    return "\n\n".join(block for block in blocks if block)


def _head(document: Document) -> Iterator[str]:
    data, target = document["data"], document["data"]["target"]
    yield entry(
        "data",
        f"{data['source']}: {count(data['rows'], 'row')}, {data['positives']:,} with {target['name']} = "
        f"{target['positive']}, a base rate of {percent(data['base_rate'])}",
    )
    counts = document["counts"]
    kinds = [f"{counts[kind]:,} {kind}" for kind in ("pruned", "diverged") if counts[kind]]
    of_these = f" ({', '.join(kinds)})" if kinds else ""
    yield entry(
        "study",
        f"{document['study']}: {count(counts['finished'], 'trial')}{of_these}, "
        f"{count(counts['networks'], 'network')}, {duration(document['seconds'])} of training",
    )
    yield entry("status", _status(document))


def _status(document: Document) -> str:
    finished, target = document["counts"]["finished"], document["counts"]["target"]
    done = f"{finished:,} of {target:,} trials are finished"
    match document["status"]:
        case "complete" if document["plan"]["sampler"] == "grid":
            return f"complete: {count(target, 'point')} of the grid"
        case "complete":
            return f"complete: {count(target, 'trial')}; --trials with a larger number adds more"
        case "interrupted" if finished >= target:
            return "interrupted while the winner was trained"
        case "out of time":
            return f"the time is over: {done}"
        case _:
            return f"interrupted: {done}"


def _table(document: Document) -> str:
    board = document["leaderboard"]
    entries = board["entries"][:TOP]
    if not entries:
        return ""
    rows = [_header(document), *(_scores(document, found) for found in entries)]
    parameters = _parameters(document, entries)
    room = MOST_WIDTH + 2 - sum(max(map(len, column)) + 2 for column in zip(*rows, strict=True))
    left_out = []
    for path in _by_importance(document, list(parameters)):
        room -= max(map(len, parameters[path])) + 2
        if room < 0:
            left_out.append(parameters.pop(path)[0])
    rows = [[*row, *cells] for row, cells in zip(rows, zip(*parameters.values(), strict=True), strict=True)]
    more = len(board["entries"]) - len(entries)
    rest = [count(more, "more trial")] * bool(more) + [", ".join(left_out)] * bool(left_out)
    elsewhere = f"; {' and '.join(rest)} in {TRIALS}" if rest else ""
    better = {"higher": "higher is better", "lower": "lower is better"}
    direction = better.get(document["metrics"][board["metric"]]["direction"], "nearest to its ideal is best")
    title = f"by {name_of(board['metric'])}, best first ({direction}){elsewhere}:"
    return f"{fill(title, WIDTH)}\n{columns(rows)}"


def _header(document: Document) -> list[str]:
    plan = document["plan"]
    spreads = ["folds ±"] * (plan["folds"] > 1) + ["seeds ±"] * (plan["seeds"] > 1)
    return ["trial", name_of(document["leaderboard"]["metric"]), "last epoch", *spreads]


def _scores(document: Document, found: Mapping[str, Any]) -> list[str]:
    board, plan = document["leaderboard"], document["plan"]
    tied = found["trial"] in board["tied"] and len(board["tied"]) > 1
    spreads = [found["over_folds"]] * (plan["folds"] > 1) + [found["over_seeds"]] * (plan["seeds"] > 1)
    return [
        f"{'= ' if tied else '  '}{found['trial']}",
        *map(number, (found["mean"], found["last"], *spreads)),
    ]


def _parameters(document: Document, entries: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """A column for each parameter: its short name, and its value in each of the trials."""
    paths = folded([parameter["path"] for parameter in document["plan"]["space"]["parameters"]])
    names = short_names(paths)
    points = [folded_point(found["point"]) for found in entries]
    return {
        path: [names[path], *(shown(point[path]) if path in point else "-" for point in points)]
        for path in paths
    }


def _by_importance(document: Document, paths: Sequence[str]) -> list[str]:
    """Those first that decide most."""
    shares = {share["path"]: share["share"] for share in document["importance"]["shares"]}

    def most(path: str) -> float:
        return max((share for one, share in shares.items() if f"{one}.".startswith(f"{path}.")), default=0.0)

    return sorted(paths, key=most, reverse=True)


def _remarks(document: Document) -> Iterator[str]:
    board = document["leaderboard"]
    marked = "= " if len(board["tied"]) > 1 else ""
    yield fill(f"{marked}{board['summary']}", WIDTH)
    if not board["entries"]:
        return
    if document["front"] is not None:
        metrics = " and ".join(map(name_of, document["metrics"]))
        numbers = ", ".join(map(str, document["front"]))
        yield fill(f"No other trial is better in both or all of {metrics} than these: {numbers}.", WIDTH)
    yield entry("spread", document["spreads"]["summary"])
    yield entry("importance", _importance(document["importance"]))


def _importance(importance: Mapping[str, Any]) -> str:
    if not importance["shares"]:
        return f"not known: {importance['reason']}"
    names = short_names([share["path"] for share in importance["shares"]])
    said = [
        f"{names[share['path']]} {100 * share['share']:.0f}%"
        for share in importance["shares"]
        if share["share"] > share["chance"]
    ]
    if not said:
        return "no parameter explains more of the differences between trials than chance would"
    return f"{', '.join(said)} of the differences between trials; the rest is of several together, and chance"


def _winner(document: Document) -> Iterator[str]:
    best, winner = document["best"], document["winner"]
    if best is None:
        return
    yield entry("best", f"trial {best['trial']}: {told(best['point'])}")
    if winner is not None:
        yield entry("winner", winner["sentence"])


def _cautions(document: Document) -> Iterator[str]:
    """What to know before the winner is believed."""
    winner = document["winner"] or {"findings": [], "notes": []}
    for found in (*document["findings"], *winner["findings"]):
        yield entry("warning", f"{found['code']}: {found['message']}")
    for note in (*document["notes"], *winner["notes"]):
        yield entry("note", note)


def _findings(document: Document) -> str:
    """Of the search as a whole, then of the networks of its best trial."""
    diagnosis = document.get("diagnosis")  # older studies have none
    if diagnosis is None:
        return ""
    study = diagnosis["study"]
    # That nothing is wrong would contradict the warnings of the search, which stand above.
    silent = document["findings"] and not study["findings"]
    blocks = ["" if silent else diagnosing.told([study]), diagnosing.told(diagnosis["best"], "best trial")]
    return "\n".join(block for block in blocks if block)


def _tail(document: Document, folder: Path) -> Iterator[str]:
    """Not wrapped: these lines are there to be copied."""
    yield f"{'results':<10} {folder} ({TRIALS}, {CHARTS}, {BEST})"
    winner = document["winner"]
    if winner is not None:
        run = shlex.quote(winner["run"])
        yield f"{'predict':<10} steelyard predict {run} NEW.csv --out predictions.csv"
    elif document["best"] is not None and document["plan"]["reading"]:
        table = shlex.join(reading_arguments(document["plan"]["reading"]))
        recipe = shlex.quote(str(folder / BEST))
        yield f"{'train':<10} steelyard train {table} --recipe {recipe}"
    if document["status"] != "complete":
        yield f"{'go on':<10} with the same command"
