"""Numbers in sentences."""

from steelyard.diagnosis.wording import counted, estimated, listed
from tests.diagnosis.signals import about, exactly


def test_lists_of_every_length() -> None:
    assert [listed(range(1, n + 1)) for n in range(6)] == [
        "",
        "1",
        "1 and 2",
        "1, 2 and 3",
        "1, 2, 3 and 4",
        "1, 2, 3, 4 and 1 more",
    ]


def test_bounds_that_print_alike_are_one_number() -> None:
    assert estimated(about(0.19144, 0.191441, 0.191444)) == "0.1914"
    assert estimated(exactly(0.5), share=True) == "50%"
    assert counted(0, "row") == "0 rows"
