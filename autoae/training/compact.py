"""Tensors that are parts of larger ones, by themselves: torch saves the whole memory of each."""

from typing import Any

from torch import Tensor


def compact(state: Any) -> Any:  # noqa: ANN401 - whatever torch keeps in a state
    """A state whose tensors use all of their memory: those that do not are copied.

    Args:
        state: Dictionaries and lists of tensors and of anything else.
    """
    if isinstance(state, Tensor):
        return state if state.untyped_storage().nbytes() == state.nbytes else state.clone()
    if isinstance(state, dict):
        return {key: compact(value) for key, value in state.items()}
    return [compact(value) for value in state] if isinstance(state, list) else state
