"""A device that is not the CPU, for machines without a GPU: torch's own place for such devices.

Its numbers are those of the CPU, but as on a GPU they cannot be mixed with tensors of the CPU,
drawn by its generators, or read by NumPy; and whenever a number is waited for, that is counted.

It belongs to the whole process, as does what it replaces in torch: to be used in one of its own.
What torch calls an inference tensor cannot be made of it, so `inference_mode` is `no_grad` there.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils import backend_registration
from torch.utils._pytree import tree_leaves, tree_map

aten = torch.ops.aten
_CPU = torch.device("cpu")
_MOVES = {aten.copy_.default, aten._to_copy.default, aten._copy_from.default}
_WAITS = {aten._local_scalar_dense.default, aten.nonzero.default, aten.equal.default}

waits = list[str]()
"""Where a number was waited for, by the operation."""


class Elsewhere(Tensor):
    """A tensor there, and the one of the CPU that has its numbers."""

    numbers: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls: type["Elsewhere"], numbers: Tensor) -> "Elsewhere":
        made: Elsewhere = Tensor._make_wrapper_subclass(
            cls,
            numbers.size(),
            strides=numbers.stride(),
            storage_offset=numbers.storage_offset(),
            dtype=numbers.dtype,
            device=DEVICE,
        )
        made.numbers = numbers
        return made

    def __init__(self, numbers: Tensor) -> None:
        del numbers

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return _called(func, args, kwargs or {})

    def _data(self) -> Tensor:
        found: Tensor = Tensor.data.__get__(self)  # type: ignore[attr-defined]
        return found

    def _set_data(self, value: "Elsewhere") -> None:
        Tensor.data.__set__(self, value)  # type: ignore[attr-defined]
        self.numbers = value.numbers

    data = property(_data, _set_data)

    def tolist(self) -> Any:
        waits.append("tolist")
        return self.numbers.tolist()

    def numpy(self, *, force: bool = False) -> Any:
        raise TypeError(f"{DEVICE} is not the CPU, whatever force={force} is")

    def __reduce_ex__(self, protocol: Any) -> Any:
        """As torch saves tensors of such devices."""
        parts = (self.detach().cpu(), self.dtype, str(DEVICE), self.requires_grad)
        return torch._utils._rebuild_device_tensor_from_cpu_tensor, parts


def _called(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call an operation on the numbers, as a GPU would take it."""
    given = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)]
    _refuse_mixed(func, given)
    place = kwargs.get("device") or (DEVICE if any(map(_is_there, given)) else _CPU)
    if func in _WAITS or (func in _MOVES and not all(map(_is_there, given))):
        waits.append(str(func))
    theirs = {id(_numbers(each)): each for each in given}
    drawn = kwargs.get("generator")
    assert drawn is None or drawn.device.type == torch.device(place).type, func
    made = _on_cpu(func)(*tree_map(_numbers, args), **tree_map(_numbers, kwargs))

    def back(value: Any) -> Any:
        if not isinstance(value, Tensor) or id(value) in theirs:
            return theirs.get(id(value), value)
        return Elsewhere(value) if torch.device(place).type == DEVICE.type else value

    return tree_map(back, made)


def _is_there(tensor: Tensor) -> bool:
    return isinstance(tensor, Elsewhere)


def _refuse_mixed(func: Any, given: list[Tensor]) -> None:
    """A GPU takes single numbers of the CPU, and indices, for which it waits."""
    plain = [each for each in given if not _is_there(each) and each.dim()]
    if plain and len(plain) < len(given) and func not in _MOVES:
        places = [str(each.device) for each in given]
        raise RuntimeError(f"expected all tensors to be on the same device: {func} of {places}")


def _numbers(value: Any) -> Any:
    if isinstance(value, Elsewhere):
        return value.numbers
    return _CPU if isinstance(value, torch.device) and value.type == DEVICE.type else value


def _on_cpu(func: Any) -> Callable[..., Any]:
    """The operation of the CPU; devices of this kind have two of their own for convolutions."""
    if func is aten.convolution_overrideable.default:
        return torch.convolution
    return _convolution_backward if func is aten.convolution_backward_overrideable.default else func


def _convolution_backward(
    gradient: Tensor, images: Tensor, weight: Tensor, *options: Any, **named: Any
) -> Any:
    *shape, groups, mask = (*options, *named.values())
    transposed = shape[3]
    bias = [weight.shape[1] * groups if transposed else weight.shape[0]] if mask[2] else None
    return aten.convolution_backward(gradient, images, weight, bias, *shape, groups, mask)


def _makers() -> Iterator[Any]:
    """The operations of torch that make a tensor of none, and what moves one."""
    for name in torch._C._dispatch_get_all_op_names():
        space, _, rest = name.partition("::")
        if space == "aten":
            packet, _, overload = rest.partition(".")
            func = getattr(getattr(aten, packet), overload or "default", None)
            if func is not None and _makes_one(func._schema):
                yield func
    yield from (aten._copy_from.default, aten.copy_.default, aten._to_copy.default)


def _makes_one(schema: Any) -> bool:
    given = [str(each.type) for each in schema.arguments]
    named = any(each.name == "device" for each in schema.arguments)
    gives = any("Tensor" in str(each.type) for each in schema.returns)
    return named and gives and not any("Tensor" in each for each in given)


def _implemented(func: Any) -> Callable[..., Any]:
    return lambda *args, **kwargs: _called(func, args, kwargs)


backend_registration._setup_privateuseone_for_python_backend("elsewhere")
DEVICE = torch.device("elsewhere:0")
_all = torch.library.Library("_", "IMPL")  # type: ignore[no-untyped-call]
_all.fallback(lambda func, *args, **kwargs: _called(func, args, kwargs), "PrivateUse1")  # type: ignore[no-untyped-call]
_own = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]
for _func in _makers():
    _name = _func._schema.name.partition("::")[2]
    _full = ".".join(filter(None, (_name, _func._schema.overload_name)))
    _own.impl(_full, _implemented(_func), "PrivateUse1")  # type: ignore[no-untyped-call]
vars(torch)["inference_mode"] = lambda mode=True: torch.no_grad() if mode else torch.enable_grad()
vars(torch.accelerator)["synchronize"] = lambda *_: None
