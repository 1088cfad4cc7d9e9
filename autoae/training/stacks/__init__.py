"""Networks of one shape that are trained as one: a stack of them is as quick as a few, on a GPU.

A stack lives for the training images of one epoch. It takes weights and optimizer states from its
members and gives them back, so that all else (validation, best weights, checkpoints, schedules) is
that of a member that is trained alone, and members may leave between any two epochs.
"""
