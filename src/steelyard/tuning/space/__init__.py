"""Spaces: read from Python or TOML, checked against a recipe, enumerated, turned into recipes."""

from steelyard.tuning.space.checking import check_space as check_space
from steelyard.tuning.space.conditions import is_active as is_active
from steelyard.tuning.space.conditions import is_conditional as is_conditional
from steelyard.tuning.space.edges import on_edge as on_edge
from steelyard.tuning.space.enumeration import grid as grid
from steelyard.tuning.space.enumeration import grid_size as grid_size
from steelyard.tuning.space.enumeration import point_at as point_at
from steelyard.tuning.space.points import changes as changes
from steelyard.tuning.space.points import recipe_at as recipe_at
from steelyard.tuning.space.points import recipe_of as recipe_of
from steelyard.tuning.space.reading import PRESETS as PRESETS
from steelyard.tuning.space.reading import read_space as read_space
from steelyard.tuning.space.reading import space_from as space_from
from steelyard.tuning.space.reading import space_from_toml as space_from_toml
from steelyard.tuning.space.writing import space_to_toml as space_to_toml
