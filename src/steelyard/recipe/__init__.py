"""The recipe of a run, and changes to it.

Each name is loaded when it is first used: a diagnosis recommends changes, and loads no recipe for that.
"""

from typing import TYPE_CHECKING

from steelyard.lazily import loaded

if TYPE_CHECKING:
    from steelyard.recipe.applying import apply as apply
    from steelyard.recipe.change import Change as Change
    from steelyard.recipe.change import parse_change as parse_change
    from steelyard.recipe.files import read_recipe as read_recipe
    from steelyard.recipe.files import recipe_from_dict as recipe_from_dict
    from steelyard.recipe.files import recipe_from_toml as recipe_from_toml
    from steelyard.recipe.files import recipe_to_dict as recipe_to_dict
    from steelyard.recipe.files import recipe_to_toml as recipe_to_toml
    from steelyard.recipe.recipe import Recipe as Recipe

_HOMES = {
    "Change": "change",
    "Recipe": "recipe",
    "apply": "applying",
    "parse_change": "change",
    "read_recipe": "files",
    "recipe_from_dict": "files",
    "recipe_from_toml": "files",
    "recipe_to_dict": "files",
    "recipe_to_toml": "files",
}

__all__ = sorted(_HOMES)

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        return loaded(__name__, _HOMES, name)
