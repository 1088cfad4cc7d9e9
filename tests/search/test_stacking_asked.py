"""How many trials a study file lets be trained at once."""

import pytest

from autoae.search.stacking import AUTOMATIC, Stacking
from autoae.spec.ablation import AblationOptions, ablation_around
from autoae.spec.confirmation import ConfirmationOptions, confirmation_of
from autoae.spec.domains import Value
from autoae.spec.errors import SpecError
from tests.search.support import tiny
from tests.search.test_stacking import FIXED


@pytest.mark.parametrize(
    ("stack", "wanted", "found", "most"),
    [
        ("auto", "auto", "cuda", AUTOMATIC),
        ("auto", "cuda:1", "cuda", AUTOMATIC),
        ("auto", "cpu", "cuda", 1),
        ("auto", "auto", "cpu", 1),
        ("auto", "auto", "mps", 1),
        ("off", "auto", "cuda", 1),
        (5, "auto", "cpu", 5),
    ],
)
def test_how_many_are_trained_at_once(stack: str, wanted: str, found: str, most: int) -> None:
    text = FIXED.replace("epochs: 2", f"epochs: 2, device: {wanted}")
    spec = tiny(f"search: {{stack: {stack}}}\n", text=text)
    configuration = spec.configuration(lambda _, domain: getattr(domain, "low", None))
    assert Stacking(spec.settings.search.stack).most(configuration, found) == most


@pytest.mark.parametrize("stack", [8, "off"])
def test_an_ablation_and_a_confirmation_stack_as_their_search_did(stack: int | str) -> None:
    spec = tiny(f"search: {{stack: {stack}}}\n", text=FIXED)
    params: dict[str, Value] = {"training.lr": 0.01, "loss.alpha": 1.0}
    trained = spec.configuration(lambda key, _: params[key]).model_dump(mode="json")
    ablation = ablation_around(spec, params, "a", 0, AblationOptions())
    confirmation = confirmation_of(spec, {0: trained}, "c", ConfirmationOptions())
    assert [each.settings.search.stack for each in (ablation, confirmation)] == [stack] * 2


@pytest.mark.parametrize("stack", ["1", "true", "many", "2.5"])
def test_other_sizes_are_refused(stack: str) -> None:
    with pytest.raises(SpecError) as caught:
        tiny(f"search: {{stack: {stack}}}\n", text=FIXED)
    assert caught.value.key == "search.stack"
    assert "'auto' or 'off'" in caught.value.message
