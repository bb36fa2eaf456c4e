"""Writes a rule of the diagnosis and its tests to be filled in: `python scripts/new_rule.py family/name`.

The name is that of the symptom (`optimisation/loss_jumps`). The catalogue gets its lines, with the next free
code of the family; whatever says TODO has to be written, and `tests/diagnosis/test_catalogue.py` fails until
it is.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = Path("src") / "steelyard" / "diagnosis" / "rules"
TESTS = Path("tests") / "diagnosis" / "rules"
WIDTH = 110

RULE = '''\
"""{code}: TODO, a clause that says what it is."""

from __future__ import annotations

from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Confidence, Severity


@rule("{code}", severity=Severity.WARNING, confidence=Confidence.LIKELY)
def {name}(
    validation_loss: Curve,
    learning_rate: float | None,
    *,
    limit: float = 1.0,
) -> Outcome:
    """TODO: the symptom, as a sentence that fits on this line.

    How it is detected
    ------------------
    TODO: the arithmetic, with every threshold by name: ``limit``.

    When it misleads
    ----------------
    TODO: runs that look like it and are not, and what the rule says of them.

    Why it matters
    --------------
    TODO

    What to change
    --------------
    TODO

    Source
    ------
    TODO: who says so, or what was measured.
    """
    losses = finite_part(validation_loss)
    if not len(losses):
        return CannotTell("no validation loss is a number")
    last = float(losses.values[-1])
    if losses.low[-1] <= limit:
        return Passed(f"the last validation loss is {{last:.4g}}")
    rate = "" if learning_rate is None else f" at a learning rate of {{learning_rate:g}}"
    return Fired(
        f"TODO: the last validation loss is {{last:.4g}}{{rate}}.",
        evidence={{"validation_loss": last}},
        advice="TODO.",
    )
'''

TEST = '''\
"""{code}."""

{imported}
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve


def test_it_fires_with_its_numbers() -> None:
    """The first finding of this file is the example of docs/rules."""
    finding = fired({name}, validation_loss=curve([0.9, 1.2]))
    assert finding.message == "TODO"


def test_a_sound_run_passes() -> None:
    assert "0.2" in passed({name}, validation_loss=curve([0.3, 0.2]))


def test_what_looks_like_it_and_is_not() -> None:
    assert "TODO" in passed({name}, validation_loss=curve([0.3, 0.2]))


def test_what_is_missing_is_said() -> None:
    assert "validation loss" in not_applicable({name})
'''


def new_rule(family: str, name: str, root: Path = ROOT) -> tuple[Path, Path]:
    """Writes the two files and the lines of the catalogue; where the files are."""
    catalogue = root / RULES / "__init__.py"
    before = catalogue.read_text()
    code = _next_code(root / RULES / family)
    made = root / RULES / family / f"{name}.py", root / TESTS / family / f"test_{name}.py"
    for path, template in zip(made, (RULE, TEST), strict=True):
        if path.exists():
            raise SystemExit(f"{path.relative_to(root)} is there already")
        imported = _import(f"steelyard.diagnosis.rules.{family}.{name}", name)
        path.write_text(template.format(code=code, name=name, imported=imported))
    catalogue.write_text(with_rule(before, family, name))
    return made


def with_rule(catalogue: str, family: str, name: str) -> str:
    """The text of the catalogue with one more import, in its place, and one more entry, last of its family.

    The imports stay as the formatter leaves them: sorted, and folded where they are too long.
    """
    opening, _, rest = catalogue.partition("\nfrom ")
    imports, middle, entries = ("\nfrom " + rest).partition("\n\nCATALOGUE")
    found = re.findall(r"^from ([\w.]+) import (?:\(\s*)?(\w+)", imports, re.MULTILINE)
    package = f"steelyard.diagnosis.rules.{family}"
    lines = "\n".join(_import(*one) for one in sorted([*found, (f"{package}.{name}", name)]))
    last = [entry for module, entry in found if module.startswith(package + ".")]
    place = max(entries.index(f"    {entry},\n") + len(f"    {entry},\n") for entry in last)
    return f"{opening}\n{lines}{middle}{entries[:place]}    {name},\n{entries[place:]}"


def _import(module: str, name: str) -> str:
    line = f"from {module} import {name}"
    return line if len(line) <= WIDTH else f"from {module} import (\n    {name},\n)"


def _next_code(folder: Path) -> str:
    sources = "\n".join(path.read_text() for path in folder.glob("*.py"))
    codes = re.findall(r'^@rule\(\s*"(\w+)"', sources, re.MULTILINE)
    last = max(codes)
    return f"{last[:3]}{int(last[3:]) + 1}"


def main(words: list[str]) -> None:
    """Writes what the command line asks for and says what is to be done."""
    families = sorted(path.parent.name for path in (ROOT / RULES).glob("*/__init__.py"))
    asked = re.fullmatch(r"(\w+)/([a-z][a-z0-9_]*)", words[0]) if len(words) == 1 else None
    if asked is None or asked[1] not in families:
        raise SystemExit(
            "usage: make new-rule NAME=family/name_of_the_symptom\nfamilies: " + ", ".join(families)
        )
    for path in new_rule(asked[1], asked[2]):
        print(f"wrote {path.relative_to(ROOT)}")
    print("fill in what says TODO, then: make docs test")


if __name__ == "__main__":
    main(sys.argv[1:])
