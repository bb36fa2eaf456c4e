"""The recipe of a run, and changes to it."""

from steelyard.recipe.change import Change as Change
from steelyard.recipe.change import apply as apply
from steelyard.recipe.change import parse_change as parse_change
from steelyard.recipe.files import read_recipe as read_recipe
from steelyard.recipe.files import recipe_from_dict as recipe_from_dict
from steelyard.recipe.files import recipe_from_toml as recipe_from_toml
from steelyard.recipe.files import recipe_to_dict as recipe_to_dict
from steelyard.recipe.files import recipe_to_toml as recipe_to_toml
from steelyard.recipe.recipe import Recipe as Recipe
