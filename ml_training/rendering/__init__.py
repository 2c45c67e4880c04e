"""Dancers drawn by ourselves: every joint's place is known exactly. See README.md beside this file's folder."""
