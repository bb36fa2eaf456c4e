"""talos' grid search over the parameters of a Keras model function."""

from steelyard.keras.scan.scan import Scan as Scan
