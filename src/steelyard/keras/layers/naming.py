"""Layers by the names of their classes: reading and writing them, and refusing those there are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import import_hint, listed
from steelyard.keras.codes import refuse
from steelyard.keras.layers.activation import ELU, Activation, LeakyReLU, ReLU
from steelyard.keras.layers.dense import Dense
from steelyard.keras.layers.dropout import Dropout
from steelyard.keras.layers.identity import Flatten, Identity
from steelyard.keras.layers.inputs import InputLayer
from steelyard.keras.layers.layer import Layer
from steelyard.keras.layers.normalization import BatchNormalization
from steelyard.keras.serialized import Config, read_form, serialized

LAYERS: Mapping[str, type[Layer]] = {
    each.__name__: each
    for each in (
        InputLayer,
        Dense,
        Dropout,
        BatchNormalization,
        Activation,
        LeakyReLU,
        ReLU,
        ELU,
        Flatten,
        Identity,
    )
}
"""The layers there are, by the name of the class."""

_REASONS: Mapping[str, str] = {
    "it is for images, sound or sequences, and the input is a table of numbers": (
        "AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D "
        "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
        "AdaptiveMaxPooling2D AdaptiveMaxPooling3D AugMix AutoContrast CenterCrop "
        "ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose "
        "Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D Convolution1DTranspose "
        "Convolution2D Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D Cropping2D "
        "Cropping3D CutMix DepthwiseConv1D DepthwiseConv2D Equalization GlobalAveragePooling1D "
        "GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D "
        "GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D "
        "GlobalMaxPooling3D MaxNumBoundingBoxes MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D "
        "MaxPooling3D MelSpectrogram MixUp RandAugment RandomBrightness RandomColorDegeneration "
        "RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip "
        "RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization "
        "RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom "
        "Resizing STFTSpectrogram SeparableConv1D SeparableConv2D SeparableConvolution1D "
        "SeparableConvolution2D Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D "
        "UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D Bidirectional "
        "CuDNNGRU CuDNNLSTM GRU GRUCell LSTM LSTMCell Masking RNN RepeatVector SimpleRNN SimpleRNNCell "
        "StackedRNNCells TimeDistributed AdditiveAttention Attention GroupQueryAttention "
        "MultiHeadAttention LocallyConnected1D LocallyConnected2D"
    ),
    "networks are stacks: each layer gets what the one before it gives": (
        "Add Average Concatenate Dot Maximum Minimum Multiply Subtract Functional Model Sequential add "
        "average concatenate dot maximum minimum multiply subtract"
    ),
    "the engine cannot run Python code": (
        "FlaxLayer JaxLayer Lambda RandomFourierFeatures TFSMLayer TorchModuleWrapper Wrapper"
    ),
    "it prepares columns, which is done before training: see steelyard.train and steelyard.preprocessing": (
        "CategoryEncoding Discretization Embedding HashedCrossing Hashing IntegerLookup Normalization "
        "Pipeline Rescaling ReversibleEmbedding StringLookup TextVectorization"
    ),
    "a network ends in one probability: write Dense(1, activation='sigmoid')": "Softmax",
    "the nearest is Dropout": "AlphaDropout GaussianDropout GaussianNoise",
    "the nearest is BatchNormalization": (
        "GroupNormalization LayerNormalization RMSNormalization SpectralNormalization UnitNormalization"
    ),
    "the nearest is LeakyReLU": "PReLU ThresholdedReLU",
    "only kernels and biases can be penalised: see kernel_regularizer": "ActivityRegularization",
    "every layer takes and gives rows of numbers": "EinsumDense InputSpec Permute Reshape",
}
"""Layers that Keras 2 or 3 has and we do not, by the reason."""

KNOWN: Mapping[str, str] = {name: reason for reason, names in _REASONS.items() for name in names.split()}
"""The reason by the name of the layer."""


def unsupported(name: str, where: str) -> SteelyardError:
    """The error for a layer that there is not; ``where`` says where it was found."""
    layers = [each for each in LAYERS if each != "InputLayer"]
    reason = KNOWN.get(name)
    if reason is None:
        near = did_you_mean(name, LAYERS)
        reason = f"it is none of Keras' own that the engine knows{near}"
    return refuse("K202", f"{where}: layer {name} is not supported: {reason}; there are {listed(layers)}")


def not_a_layer(value: object, where: str) -> SteelyardError:
    """The error for something that stands where a layer should."""
    kind = value if isinstance(value, type) else type(value)
    if isinstance(value, type) and issubclass(value, Layer):
        return refuse("K202", f"{where}: found the class {kind.__name__}", f"Write {kind.__name__}(...).")
    if kind.__name__ in LAYERS:
        found = f"{kind.__name__} of {kind.__module__.split('.')[0]}"
        return refuse("K202", f"{where}: found {found}", import_hint(kind, LAYERS, "steelyard.keras.layers"))
    if kind.__module__ == "builtins":
        return refuse("K202", f"{where}: found {kind.__name__}, which is no layer")
    return unsupported(kind.__name__, where)


def serialize(layer: Layer) -> Config:
    """Keras 3's serialized form, with the shape of the input where the layer has tensors."""
    form = serialized("keras.layers", type(layer).__name__, layer.get_config())
    if layer.input_shape is not None and layer.tensor_shapes(layer.input_shape[1]):
        form["build_config"] = {"input_shape": layer.input_shape}
    return form


def deserialize(config: Mapping[str, Any], where: str = "layer") -> Layer:
    """A layer from what Keras 2 or 3 wrote; ``where`` begins the messages. Weights come separately."""
    if not isinstance(config, Mapping):
        raise refuse("K212", f"{where}: must be an object of keys and values; found {config!r}")
    name, arguments = read_form(where, config)
    if name not in LAYERS:
        raise unsupported(name, where)
    return LAYERS[name].from_config(arguments)
