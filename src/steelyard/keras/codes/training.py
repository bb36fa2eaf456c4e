"""Training rows and the arguments of ``fit``."""

from __future__ import annotations

from steelyard.codes import Code
from steelyard.errors import DataError, RecipeError

CODES = (
    Code(
        "K101",
        "class_weight is an array",
        "Keras wants a dictionary. Keras 2 took an array without a word and used no weights at all; "
        "Keras 3 fails on it with an AttributeError. Here the array is read in the order of the "
        "classes: 0, 1.",
        "Write class_weight={0: ..., 1: ...}.",
    ),
    Code(
        "K102",
        "class_weight names one class only",
        "The other class gets weight 1, as in Keras, which does not mention it.",
        "Name both classes.",
    ),
    Code(
        "K103",
        "validation_split takes the last rows",
        "The share is cut off the end of the arrays before any shuffling, as in Keras. Where the rows"
        " are sorted by class or by time, or synthetic rows were appended, these rows are unlike the "
        "others.",
        "Shuffle or stratify first (sklearn.model_selection.train_test_split) and pass validation_data.",
    ),
    Code(
        "K104",
        "every layer is linear",
        "A stack of linear layers is one linear layer: depth and width add nothing but noise and time.",
        "Give the hidden layers an activation, for example activation='relu'.",
    ),
    Code(
        "K105",
        "no positives in the validation rows",
        "Precision, recall, F1 and AUC of these rows are undefined; Keras reports 0.0 for them.",
        "Use a stratified split.",
    ),
    Code(
        "K106",
        "one class only in the training rows",
        "There is nothing to tell apart.",
        "Check the labels and how the rows were chosen.",
    ),
    Code(
        "K107",
        "training diverged",
        "The loss or a gradient was not finite. Keras would go on with NaN; here training stops and "
        "the model keeps its last finite weights.",
        "Lower the learning rate, scale the inputs, or clip the gradients (clipnorm=1.0).",
    ),
    Code(
        "K108",
        "fractions in columns of zeros and ones",
        "SMOTE and its kin put rows between rows: where a column holds 0 and 1 only they put 0.37, which no "
        "real row has, and by which a network tells the invented rows from the others.",
        "Use random_over_sampling or class_weight; or SteelyardClassifier or steelyard.train with the "
        "category as one column of text: smote then becomes SMOTENC.",
    ),
    Code(
        "K251",
        "labels are not 0 and 1",
        "Keras trains on labels such as 1 and 2 without a word; its loss is then not a log loss.",
        "Map the labels to 0 and 1 first.",
        DataError,
    ),
    Code(
        "K252",
        "missing or infinite cells",
        "In Keras one NaN cell makes every weight NaN within an epoch, while accuracy may even rise.",
        "Fill or drop them first; or use steelyard.train or SteelyardClassifier, which handle missing"
        " values.",
        DataError,
    ),
    Code(
        "K253",
        "arrays that do not fit",
        "Features need one row per label, two dimensions, and the width the network was built for.",
        "Check the shapes.",
        DataError,
    ),
    Code(
        "K254",
        "class_weight cannot be used",
        "Weights are finite, above 0, and belong to the classes 0 and 1; or they have a name. Keras accepts "
        "other keys, for example the strings '0' and '1', and then uses weight 1.",
        "Write class_weight={0: ..., 1: ...}, or class_weight='balanced'.",
        RecipeError,
    ),
    Code(
        "K255",
        "the network does not end in one probability",
        "A binary classifier ends in one unit with a sigmoid, or in one linear unit with "
        "BinaryCrossentropy(from_logits=True). A softmax over one unit is always 1.",
        "End with Dense(1, activation='sigmoid').",
        RecipeError,
    ),
    Code(
        "K256",
        "used in the wrong order",
        "A model is given its layers, then compiled, then fitted.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K257",
        "an argument of fit that is not supported",
        "The engine trains on arrays in memory, whole epochs at a time.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K258",
        "resampling that cannot be done",
        "The method is not known, or the training rows do not allow it: they hold too few rows of the rarer "
        "class, or more of them already than the ratio asks for.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K259",
        "one class where both are needed",
        "Balanced class weights and logit adjustment are computed from the share of positives among the "
        "training rows.",
        "Check the labels and how the rows were chosen.",
        DataError,
    ),
    Code(
        "K260",
        "a threshold that cannot be chosen",
        "The objective is none that is known, or the rows to choose on are of one class.",
        "See the message.",
        RecipeError,
    ),
)
