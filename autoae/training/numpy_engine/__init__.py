"""Perceptrons trained in NumPy: forward, backward and the steps of the optimizers, by hand.

`activations`, `losses`, `layers`, `perceptron` and `rules` know NumPy alone; `engine` and
`optimizer` let the rest of the training use them. The arrays are the memory of the torch network,
so that evaluation, best weights, checkpoints and files are those of every other training. An
optimizer is added in `rules`.
"""
