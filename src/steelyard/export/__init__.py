"""Models in forms that need no Steelyard: ONNX with its preprocessing, one Python file, Keras."""

from steelyard.export.keras_file import to_keras as to_keras
from steelyard.export.numpy_source import to_numpy_source as to_numpy_source
from steelyard.export.onnx_model import to_onnx as to_onnx
