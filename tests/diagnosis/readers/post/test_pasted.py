import numpy as np

from steelyard.diagnosis.readers.post.pasted import pasted_runs


def test_epochs_on_one_line_and_over_several() -> None:
    for between in (" ", "\n"):
        text = between.join(
            [
                "Train on 80 samples, validate on 20 samples",
                "Epoch 1/2",
                "80/80 [=====] - ETA: 0s - loss: 0.9",
                "80/80 [=====] - 1s 2ms/step - loss: 0.7 - acc: 0.5 - val_loss: nan",
                "Epoch 2/2",
                "80/80 - 1s - loss: 5.0e-01 - acc: 0.6 - val_loss: 0.4",
            ]
        )
        (run,) = pasted_runs(text)
        assert (run.rows_train, run.rows_validation, run.planned_epochs) == (80, 20, 2)
        assert run.framework == "keras 2"
        assert list(run.epochs) == [1, 2]
        assert list(run.curves["loss"][0]) == [0.7, 0.5]
        values, printed = run.curves["val_loss"]
        assert np.isnan(values[0]) and printed.all()
        assert "ETA" not in run.curves


def test_epochs_that_begin_again_are_another_run() -> None:
    first, second = pasted_runs("Epoch 1/1 - loss: 0.5 Epoch 1/1 - loss: 0.4")
    assert (list(first.curves["loss"][0]), list(second.curves["loss"][0])) == ([0.5], [0.4])


def test_what_evaluate_prints_is_no_epoch() -> None:
    text = (
        "Epoch 1/1\n10/10 - 0s - loss: 0.7 - accuracy: 0.5 - val_loss: 0.6 - val_accuracy: 0.9\n"
        "5/5 - 0s - loss: 0.61 - accuracy: 0.7\n"
    )
    (run,) = pasted_runs(text)
    assert list(run.curves["loss"][0]) == [0.7]


def test_epochs_without_metrics() -> None:
    (run,) = pasted_runs("Train on 8 samples\nEpoch 1/3\nEpoch 2/3\nEpoch 3/3\n")
    assert (run.rows_train, run.rows_validation, run.planned_epochs, len(run.epochs)) == (8, None, 3, 0)


def test_an_epoch_that_was_cut_off_has_no_values() -> None:
    text = (
        "Epoch 1/3\n8/8 [==] - 1s - loss: 0.5 - val_loss: 0.4\nEpoch 2/3\n3/8 [=>.] - ETA: 1s - loss: 0.9\n"
    )
    (run,) = pasted_runs(text)
    assert run.epochs.tolist() == [1]
    assert run.curves["loss"][0].tolist() == [0.5]


def test_a_loop_that_counts_from_zero() -> None:
    (run,) = pasted_runs("Train on 80 samples\nEpoch 0/1 - loss: 0.5\nEpoch 1/1 - loss: 0.25\n")
    assert run.rows_train == 80
    assert run.epochs.tolist() == [1, 2]
    assert run.curves["loss"][0].tolist() == [0.5, 0.25]
