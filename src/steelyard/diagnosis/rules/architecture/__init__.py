"""Architecture: layers, activations and settings that do not go together."""
