"""Rules that stop trials which have little hope: pure, on what is known of a batch between two epochs."""

from steelyard.tuning.pruning.folds import hopeless, incumbent
from steelyard.tuning.pruning.patience import Waiting
from steelyard.tuning.pruning.referee import Referee, most_epochs, rules_of
from steelyard.tuning.pruning.standing import Rule, Standing

__all__ = ["Referee", "Rule", "Standing", "Waiting", "hopeless", "incumbent", "most_epochs", "rules_of"]
