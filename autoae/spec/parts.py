"""Which combinations of values make sense together: weights, objectives and their parts."""

from collections.abc import Callable, Iterable, Sequence

from autoae.spec.bridge import check_bridge
from autoae.spec.composition import check_composition
from autoae.spec.config import Configuration
from autoae.spec.document import Tree
from autoae.spec.domains import Domain, Value
from autoae.spec.engines import BLAMED, check_engine
from autoae.spec.errors import SpecError, Unbuildable
from autoae.spec.jigsaw import check_jigsaw
from autoae.spec.metrics import METRICS, PARTS, SIGMOID_ONLY
from autoae.spec.sampling import check_sampling
from autoae.spec.settings import Objective
from autoae.spec.space import KIND, Choose, largest, parameters, resolve
from autoae.spec.stages import check_stages
from autoae.spec.tasks import check_task, default_metric, has_softmax

_DECIDED_BY = {
    **dict.fromkeys(BLAMED, ("training.engine",)),
    "loss.alpha": ("model.task",),
    "loss.beta": ("model.decoder",),
    "loss.delta": ("model.decoder", "training.engine"),
}
"""What refuses the values of a key: where all of it is constant, so is the refusal."""


def check_parts(configuration: Configuration, objectives: Iterable[Objective]) -> None:
    """Refuse a configuration whose data, loss, objectives or engine do not go with its network.

    Raises:
        Unbuildable: With the key and the reason.
    """
    check_composition(configuration.data)
    check_sampling(configuration.data)
    _check_size(configuration)
    check_task(configuration)
    if configuration.alpha > 0 and not configuration.has_head:
        raise Unbuildable("weighs a task, but `model.task` is none", key="loss.alpha")
    if configuration.beta > 0 and not configuration.has_decoder:
        raise Unbuildable("weighs a reconstruction, but there is no decoder", key="loss.beta")
    check_jigsaw(configuration)
    check_bridge(configuration)
    if configuration.alpha == configuration.beta == configuration.loss.delta == 0:
        raise Unbuildable("nothing to train: alpha, beta and delta are all 0", key="loss")
    if configuration.loss.reconstruction == "bce" and configuration.model.output != "sigmoid":
        raise Unbuildable("`bce` needs `model.output: sigmoid`", key="loss.reconstruction")
    if configuration.loss.softmax_twice and not has_softmax(configuration.model):
        raise Unbuildable(
            "there is no softmax without a task that has one", key="loss.softmax_twice"
        )
    check_stages(configuration)
    for objective in objectives:
        _check_objective(configuration, objective.metric)
    check_engine(configuration)


def _check_size(configuration: Configuration) -> None:
    """Where the study file says how large images are; otherwise the data set does, later."""
    side = configuration.data.center_crop or configuration.data.resize
    if side is not None:
        configuration.model.encoder.check_size(side)


def _check_objective(configuration: Configuration, name: str) -> None:
    part = METRICS[name].part if name in METRICS else "any"
    if not configuration.has(part):
        lacks = PARTS[part].format(configuration.model.task)
        raise Unbuildable(f"{name} needs {lacks}", key="objectives")
    if name in SIGMOID_ONLY and configuration.model.output != "sigmoid":
        raise Unbuildable(f"{name} needs `model.output: sigmoid`", key="objectives")
    if name.startswith("val_") and configuration.data.validation == 0:
        raise Unbuildable(f"{name} needs validation images", key="data.validation")


def default_objectives(configuration: Configuration) -> tuple[Objective, ...]:
    """What a study optimises unless its file says: the task if there is one, else the MSE."""
    name = default_metric(configuration.model)
    return (Objective(metric=name, direction=METRICS[name].direction),)


def corners(tree: Tree) -> list[Choose]:
    """Ways to choose that, together, try both ends of every range and every choice."""
    domains = parameters(tree)
    kinds = domains[KIND].ends if KIND in domains else (None,)
    tries = [(key, end) for key, domain in domains.items() for end in domain.ends]
    return [_corner(kind, key, end) for kind in kinds for key, end in tries or [("", None)]]


def _corner(kind: Value, chosen: str, end: Value) -> Choose:
    def choose(key: str, domain: Domain) -> Value:
        if key == chosen:
            return end
        return kind if key == KIND else largest(domain)

    return choose


def check_space(
    tree: Tree, objectives: Sequence[Objective], build: Callable[[Tree], Configuration]
) -> None:
    """Refuse a space with a value that is not allowed, or of which nothing makes sense.

    Raises:
        SpecError: A leaf is wrong, a weight can be above zero though its part is never there,
            the engine cannot train a value, or every combination tried is contradictory.
    """
    searched, refusals, tries = parameters(tree), [], corners(tree)
    for choose in tries:
        configuration = build(resolve(tree, choose))
        try:
            check_parts(configuration, objectives or default_objectives(configuration))
        except Unbuildable as reason:
            decides = _DECIDED_BY.get(reason.key)
            if decides and not searched.keys() & decides:
                raise SpecError(reason.message, key=reason.key, hint=reason.hint) from reason
            refusals.append(reason)
    if len(refusals) == len(tries):
        raise refusals[0]
