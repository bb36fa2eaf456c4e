"""Tables to try things on. All are invented; each says which shape it imitates, and from where it has it."""

from steelyard.datasets.purchases import one_hot_purchases as one_hot_purchases
from steelyard.datasets.ratios import drifting_ratios as drifting_ratios
from steelyard.datasets.web_shop import web_shop_visits as web_shop_visits
from steelyard.datasets.web_shop import write_web_shop_visits as write_web_shop_visits
