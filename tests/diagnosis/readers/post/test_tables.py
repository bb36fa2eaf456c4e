import pytest

from steelyard.diagnosis.readers.post.tables import printed_tables

PRINTED = """
   round_epochs  val_loss  ...  learningrate  activation
0            10  1.540983  ...       0.00007        relu
1            10  2.031460  ...       0.00001        tanh
2            10       NaN  ...       0.00003        relu

[10 rows x 7 columns]
"""


@pytest.mark.parametrize("text", [PRINTED, "print(t.data) " + " ".join(PRINTED.split()) + " and so on"])
def test_a_frame_with_columns_left_out(text: str) -> None:
    (table,) = printed_tables(text)
    assert dict(table.cells) == {
        "round_epochs": ["10", "10", "10"],
        "val_loss": ["1.540983", "2.031460", "NaN"],
        "learningrate": ["0.00007", "0.00001", "0.00003"],
        "activation": ["relu", "tanh", "relu"],
    }
    assert (table.rows, table.columns, table.shown) == (10, 7, 3)


def test_a_sorted_frame_keeps_its_index_out() -> None:
    (table,) = printed_tables("   val_acc  lr\n7     0.91  0.1\n2     0.90  0.2\n")
    assert dict(table.cells) == {"val_acc": ["0.91", "0.90"], "lr": ["0.1", "0.2"]}


@pytest.mark.parametrize("text", ["", "0 1 2 3", "a b\n0 1\n", "Epoch 1/2\n0 1\n1 2\n", "x 0 1 x 1 2"])
def test_what_is_no_table(text: str) -> None:
    assert list(printed_tables(text)) == []
