"""Regularisation: overfitting told from what only looks like it, penalties, dropout, early stopping."""
