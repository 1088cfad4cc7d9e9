"""The study file: what it may say, what it means, and the shapes of the networks it describes.

This room imports neither torch nor optuna, so reading a study file stays instant.
"""
