"""Facts made visible."""
