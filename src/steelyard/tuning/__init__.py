"""Tuning: the search for a recipe, trained trial by trial on folds and seeds."""

from steelyard.tuning.draft import Draft as Draft
from steelyard.tuning.draft import draft as draft
from steelyard.tuning.procedure import conduct as conduct
from steelyard.tuning.procedure import join as join
from steelyard.tuning.procedure import load_study as load_study
from steelyard.tuning.procedure import tune as tune
from steelyard.tuning.search import Ending as Ending
from steelyard.tuning.study import Study as Study
