"""Dancers drawn by ourselves: every joint's place is known exactly. See ml_training/README.md."""
