"""The catalogue: every rule, in the order in which results are shown.

A rule is added by writing its file and a line here; a test sees to it that no file is forgotten.
"""

from steelyard.diagnosis.rule import Rule
from steelyard.diagnosis.rules.architecture.dead_or_saturated_units import dead_or_saturated_units
from steelyard.diagnosis.rules.architecture.deep_for_few_inputs import deep_for_few_inputs
from steelyard.diagnosis.rules.architecture.hidden_layers_all_linear import hidden_layers_all_linear
from steelyard.diagnosis.rules.architecture.layers_not_trained import layers_not_trained
from steelyard.diagnosis.rules.architecture.learning_rate_unusual import learning_rate_unusual
from steelyard.diagnosis.rules.architecture.narrow_hidden_layer import narrow_hidden_layer
from steelyard.diagnosis.rules.architecture.output_does_not_fit_loss import output_does_not_fit_loss
from steelyard.diagnosis.rules.architecture.softmax_on_one_unit import softmax_on_one_unit
from steelyard.diagnosis.rules.architecture.units_start_alike import units_start_alike
from steelyard.diagnosis.rules.collapse.accuracy_never_moves import accuracy_never_moves
from steelyard.diagnosis.rules.collapse.accuracy_says_nothing import accuracy_says_nothing
from steelyard.diagnosis.rules.collapse.constant_predictions import constant_predictions
from steelyard.diagnosis.rules.collapse.everything_predicted_positive import everything_predicted_positive
from steelyard.diagnosis.rules.collapse.metric_contradicts_predictions import metric_contradicts_predictions
from steelyard.diagnosis.rules.collapse.no_better_than_even_odds import no_better_than_even_odds
from steelyard.diagnosis.rules.collapse.nothing_above_half import nothing_above_half
from steelyard.diagnosis.rules.collapse.too_many_above_half import too_many_above_half
from steelyard.diagnosis.rules.collapse.undefined_precision_shown_as_zero import (
    undefined_precision_shown_as_zero,
)
from steelyard.diagnosis.rules.comparability.base_rates_differ import base_rates_differ
from steelyard.diagnosis.rules.comparability.epoch_mean_against_epoch_end import epoch_mean_against_epoch_end
from steelyard.diagnosis.rules.comparability.losses_weighted_differently import losses_weighted_differently
from steelyard.diagnosis.rules.comparability.metrics_averaged_over_batches import (
    metrics_averaged_over_batches,
)
from steelyard.diagnosis.rules.comparability.penalty_inside_losses import penalty_inside_losses
from steelyard.diagnosis.rules.comparability.probes_change_training import probes_change_training
from steelyard.diagnosis.rules.comparability.resampled_train_natural_validation import (
    resampled_train_natural_validation,
)
from steelyard.diagnosis.rules.comparability.train_loss_with_dropout import train_loss_with_dropout
from steelyard.diagnosis.rules.comparability.train_metrics_streamed import train_metrics_streamed
from steelyard.diagnosis.rules.data_and_split.entities_in_both_parts import entities_in_both_parts
from steelyard.diagnosis.rules.data_and_split.identifier_as_input import identifier_as_input
from steelyard.diagnosis.rules.data_and_split.inputs_far_from_unit_scale import inputs_far_from_unit_scale
from steelyard.diagnosis.rules.data_and_split.inputs_missing_or_constant import inputs_missing_or_constant
from steelyard.diagnosis.rules.data_and_split.nothing_to_learn import nothing_to_learn
from steelyard.diagnosis.rules.data_and_split.one_input_tells_the_target import one_input_tells_the_target
from steelyard.diagnosis.rules.data_and_split.random_split_off_balance import random_split_off_balance
from steelyard.diagnosis.rules.data_and_split.ranking_reversed import ranking_reversed
from steelyard.diagnosis.rules.data_and_split.same_rows_in_both_parts import same_rows_in_both_parts
from steelyard.diagnosis.rules.data_and_split.scaling_saw_all_rows import scaling_saw_all_rows
from steelyard.diagnosis.rules.data_and_split.tail_unlike_the_rest import tail_unlike_the_rest
from steelyard.diagnosis.rules.data_and_split.too_few_positives import too_few_positives
from steelyard.diagnosis.rules.forensics.accuracy_after_nan_loss import accuracy_after_nan_loss
from steelyard.diagnosis.rules.forensics.accuracy_equals_base_rate import accuracy_equals_base_rate
from steelyard.diagnosis.rules.forensics.changes_smaller_than_one_row import changes_smaller_than_one_row
from steelyard.diagnosis.rules.forensics.f1_not_of_its_precision_and_recall import (
    f1_not_of_its_precision_and_recall,
)
from steelyard.diagnosis.rules.forensics.loss_below_its_accuracy import loss_below_its_accuracy
from steelyard.diagnosis.rules.forensics.loss_without_the_class_weights import loss_without_the_class_weights
from steelyard.diagnosis.rules.forensics.metric_names_unpaired import metric_names_unpaired
from steelyard.diagnosis.rules.forensics.metrics_contradict_each_other import metrics_contradict_each_other
from steelyard.diagnosis.rules.forensics.penalty_exceeds_data_loss import penalty_exceeds_data_loss
from steelyard.diagnosis.rules.forensics.several_runs_in_one_log import several_runs_in_one_log
from steelyard.diagnosis.rules.forensics.validation_rows_not_natural import validation_rows_not_natural
from steelyard.diagnosis.rules.forensics.validation_wiggle_beyond_noise import validation_wiggle_beyond_noise
from steelyard.diagnosis.rules.forensics.zero_recall_while_accuracy_moves import (
    zero_recall_while_accuracy_moves,
)
from steelyard.diagnosis.rules.imbalance.class_weights_not_in_force import class_weights_not_in_force
from steelyard.diagnosis.rules.imbalance.corrected_twice import corrected_twice
from steelyard.diagnosis.rules.imbalance.imbalance_not_the_cause import imbalance_not_the_cause
from steelyard.diagnosis.rules.imbalance.invented_rows_between_categories import (
    invented_rows_between_categories,
)
from steelyard.diagnosis.rules.imbalance.probabilities_off_the_base_rate import (
    probabilities_off_the_base_rate,
)
from steelyard.diagnosis.rules.imbalance.resampled_before_split import resampled_before_split
from steelyard.diagnosis.rules.optimisation.batch_size_unsuited import batch_size_unsuited
from steelyard.diagnosis.rules.optimisation.best_epoch_early import best_epoch_early
from steelyard.diagnosis.rules.optimisation.cannot_fit_one_batch import cannot_fit_one_batch
from steelyard.diagnosis.rules.optimisation.first_layer_gradient_vanishes import first_layer_gradient_vanishes
from steelyard.diagnosis.rules.optimisation.loss_at_start_wrong import loss_at_start_wrong
from steelyard.diagnosis.rules.optimisation.loss_falls_slowly import loss_falls_slowly
from steelyard.diagnosis.rules.optimisation.loss_never_moves import loss_never_moves
from steelyard.diagnosis.rules.optimisation.loss_not_cross_entropy import loss_not_cross_entropy
from steelyard.diagnosis.rules.optimisation.loss_not_finite import loss_not_finite
from steelyard.diagnosis.rules.optimisation.plateau_at_base_rate import plateau_at_base_rate
from steelyard.diagnosis.rules.optimisation.steps_too_large import steps_too_large
from steelyard.diagnosis.rules.optimisation.stopped_while_improving import stopped_while_improving
from steelyard.diagnosis.rules.optimisation.worse_than_logistic import worse_than_logistic
from steelyard.diagnosis.rules.regularisation.best_weights_lost import best_weights_lost
from steelyard.diagnosis.rules.regularisation.dropout_starves_layer import dropout_starves_layer
from steelyard.diagnosis.rules.regularisation.gap_without_rise import gap_without_rise
from steelyard.diagnosis.rules.regularisation.monitor_misdirected import monitor_misdirected
from steelyard.diagnosis.rules.regularisation.over_confidence import over_confidence
from steelyard.diagnosis.rules.regularisation.overfitting import overfitting
from steelyard.diagnosis.rules.regularisation.penalty_dominates import penalty_dominates
from steelyard.diagnosis.rules.search.best_at_edge import best_at_edge
from steelyard.diagnosis.rules.search.chosen_on_test_rows import chosen_on_test_rows
from steelyard.diagnosis.rules.search.differences_within_noise import differences_within_noise
from steelyard.diagnosis.rules.search.metric_cannot_rank import metric_cannot_rank
from steelyard.diagnosis.rules.search.no_trial_beats_guessing import no_trial_beats_guessing
from steelyard.diagnosis.rules.search.one_seed_each import one_seed_each
from steelyard.diagnosis.rules.search.same_seed_other_result import same_seed_other_result
from steelyard.diagnosis.rules.search.search_ranks_speed import search_ranks_speed
from steelyard.diagnosis.rules.search.several_changes_at_once import several_changes_at_once
from steelyard.diagnosis.rules.search.too_few_positives_to_rank import too_few_positives_to_rank
from steelyard.diagnosis.rules.search.trials_missing import trials_missing
from steelyard.diagnosis.rules.search.unequal_budgets import unequal_budgets
from steelyard.diagnosis.rules.search.winner_looks_too_good import winner_looks_too_good

CATALOGUE: tuple[Rule, ...] = (
    penalty_inside_losses,
    train_loss_with_dropout,
    epoch_mean_against_epoch_end,
    losses_weighted_differently,
    base_rates_differ,
    resampled_train_natural_validation,
    train_metrics_streamed,
    metrics_averaged_over_batches,
    probes_change_training,
    constant_predictions,
    nothing_above_half,
    too_many_above_half,
    undefined_precision_shown_as_zero,
    everything_predicted_positive,
    accuracy_says_nothing,
    metric_contradicts_predictions,
    accuracy_never_moves,
    no_better_than_even_odds,
    loss_falls_slowly,
    steps_too_large,
    stopped_while_improving,
    best_epoch_early,
    plateau_at_base_rate,
    worse_than_logistic,
    first_layer_gradient_vanishes,
    loss_not_finite,
    cannot_fit_one_batch,
    loss_at_start_wrong,
    batch_size_unsuited,
    loss_never_moves,
    loss_not_cross_entropy,
    overfitting,
    gap_without_rise,
    over_confidence,
    penalty_dominates,
    dropout_starves_layer,
    best_weights_lost,
    monitor_misdirected,
    softmax_on_one_unit,
    output_does_not_fit_loss,
    hidden_layers_all_linear,
    deep_for_few_inputs,
    narrow_hidden_layer,
    dead_or_saturated_units,
    units_start_alike,
    layers_not_trained,
    learning_rate_unusual,
    inputs_far_from_unit_scale,
    inputs_missing_or_constant,
    tail_unlike_the_rest,
    random_split_off_balance,
    same_rows_in_both_parts,
    one_input_tells_the_target,
    scaling_saw_all_rows,
    entities_in_both_parts,
    nothing_to_learn,
    ranking_reversed,
    identifier_as_input,
    too_few_positives,
    class_weights_not_in_force,
    corrected_twice,
    resampled_before_split,
    probabilities_off_the_base_rate,
    invented_rows_between_categories,
    imbalance_not_the_cause,
    best_at_edge,
    differences_within_noise,
    too_few_positives_to_rank,
    winner_looks_too_good,
    chosen_on_test_rows,
    one_seed_each,
    several_changes_at_once,
    unequal_budgets,
    same_seed_other_result,
    trials_missing,
    metric_cannot_rank,
    no_trial_beats_guessing,
    search_ranks_speed,
    metrics_contradict_each_other,
    loss_without_the_class_weights,
    validation_rows_not_natural,
    penalty_exceeds_data_loss,
    accuracy_equals_base_rate,
    changes_smaller_than_one_row,
    f1_not_of_its_precision_and_recall,
    accuracy_after_nan_loss,
    several_runs_in_one_log,
    metric_names_unpaired,
    zero_recall_while_accuracy_moves,
    validation_wiggle_beyond_noise,
    loss_below_its_accuracy,
)
