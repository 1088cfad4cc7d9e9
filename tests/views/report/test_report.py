"""A report says what there is, and why something is not there."""

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from autoae.analysis.evidence import Candidate, Confirmation
from autoae.analysis.groups import mean_of
from autoae.spec.study import StudySpec
from autoae.store.evaluations import (
    Baseline,
    ClassFigures,
    Evaluation,
    OpenedSplit,
    TrialEvaluation,
)
from autoae.store.snapshot import StudySnapshot
from autoae.views.report.blocks import (
    Code,
    Missing,
    Pictures,
    Plot,
    Report,
    Section,
    Table,
)
from autoae.views.report.html import html
from autoae.views.report.markdown import markdown
from tests import studies
from tests.snapshots import study as small_study
from tests.views.report.conftest import NOW, MakeMaterial, report_of, write_run
from tests.views.report.ledgers import FULL, ledger

CLAIMS = """\
claims:
  - {variant: baseline, metric: val_accuracy, value: 0.95, source: a paper, protocol: on test}
  - {variant: wide, metric: params, value: 5300, source: a paper}
"""


def _case(name: str) -> tuple[StudySnapshot, StudySpec]:
    if name == "list":
        spec = studies.spec(studies.LIST + CLAIMS, name)
        return studies.repeated(spec), spec
    if name == "ablation":
        spec = studies.spec(studies.ABLATION, name)
        return studies.repeated(spec), spec
    spec = studies.two_objectives() if name == "two" else studies.spec()
    return studies.searched(spec, {"few": 3, "none": 0}.get(name, 30)), spec


CASES = ("search", "two", "list", "ablation", "few", "none")


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("files", [True, False])
def test_every_study_has_a_report(name: str, files: bool, material: MakeMaterial) -> None:
    report = report_of(material(*_case(name), files=files))
    for section in report.sections:
        assert section.blocks
        assert all(block.text.strip() for block in section.blocks if isinstance(block, Missing))
    page, text = html(report), markdown(report, "figures")
    for section in report.sections:
        assert f'id="{section.key}"' in page
        assert f"## {section.title}" in text
    assert len({s.key for s in report.sections}) == len(report.sections)
    for kind in (Plot, Table):
        names = [block.name for _, block in _blocks(report) if isinstance(block, kind)]
        assert len(names) == len(set(names))
        assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", each) for each in names)


def test_nothing_is_missing_from_a_full_study(material: MakeMaterial) -> None:
    report = report_of(material(*_case("search")))
    missing = {key for key, block in _blocks(report) if isinstance(block, Missing)}
    assert missing == {"confirmation", "claims", "test"}
    assert {block.name for _, block in _blocks(report) if isinstance(block, Plot)} == {
        "effects-val_accuracy",
        "front-params-val_accuracy",
        "curves",
        "losses",
        "confusion",
        "confusion-shares",
        "latent-plane",
        "latent-space",
        "parallel",
        "correlation",
        "history-val_accuracy",
        "slices-val_accuracy",
        "importance",
    }


def test_feature_maps_of_the_best_trial_are_drawn_layer_by_layer(material: MakeMaterial) -> None:
    report = report_of(material(*_case("search")))
    drawn = [block for key, block in _blocks(report) if key == "features"]
    assert [type(block) for block in drawn] == [Pictures]
    assert isinstance(drawn[0], Pictures)
    labels = [(each.label, each.note) for each in drawn[0].strips]
    layers = [("layer 1", "8×8 pixels"), ("layer 2", "4×6 pixels")]
    assert labels == [row for n in (1, 2, 3) for row in ((f"image {n}", ""), *layers)]
    with Image.open(io.BytesIO(drawn[0].strips[2].png)) as strip:
        # Five channels of 4 x 6 pixels, each grown twelve times, with gaps between them.
        assert strip.size == (5 * 72 + 4 * 4, 48)


def test_without_feature_maps_the_report_says_who_has_them(material: MakeMaterial) -> None:
    report = report_of(material(*_case("search"), files=False))
    said = [block for key, block in _blocks(report) if key == "features"]
    assert isinstance(said[0], Missing)
    assert "encoders of convolutions" in said[0].text


def test_too_few_trials_are_said_with_how_many_are_needed(material: MakeMaterial) -> None:
    report = report_of(material(*_case("few")))
    said = {key: block.text for key, block in _blocks(report) if isinstance(block, Missing)}
    assert said["parallel"] == "too few trials: 2 complete, 4 needed"
    assert "8 are needed" in said["correlation"]
    assert "8 are needed" in said["importance"]


def test_a_study_without_a_trial_says_so_everywhere(material: MakeMaterial) -> None:
    report = report_of(material(*_case("none")))
    assert not [block for _, block in _blocks(report) if isinstance(block, Plot)]
    assert "No trial is complete" in html(report)


class _Loaded(HTMLParser):
    """Whatever a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "data", "action", "poster") and value:
                self.addresses.append(value)


def test_a_page_loads_nothing(material: MakeMaterial) -> None:
    page = html(report_of(material(*_case("list"))))
    found = _Loaded()
    found.feed(page)
    assert all(re.match(r"#|data:", address) for address in found.addresses)
    assert not {"iframe", "object", "embed", "base"} & set(found.tags)
    assert found.tags.count("link") == 1  # The empty icon: else browsers ask for one.
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert page.count("plotly.js v") == 1


def test_texts_of_users_are_shown_and_never_run(material: MakeMaterial) -> None:
    evil = "<script>alert(1)</script><b>&amp;"
    study, spec = _case("list")
    trials = tuple(replace(t, notation=evil, variant=evil, reason=evil) for t in study.trials)
    settings = spec.settings.model_copy(update={"description": evil})
    made = material(
        replace(study, name="list</script>", trials=trials),
        replace(spec, settings=settings),
        files=False,
    )
    report = report_of(made)
    page = html(report)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;&amp;amp;" in page
    for holder in re.findall(
        r"<script type=\"application/json\" data-plot[^>]*>(.*?)</script>", page
    ):
        assert not re.search("[<>&]", holder)
        # What Plotly takes for HTML is escaped once more.
        assert "<script>" not in json.dumps(json.loads(holder))
    outside_code = re.sub(r"(?ms)^(`{3,})$.*?^\1$", "", markdown(report))
    assert "<script>" not in outside_code


def test_tables_of_markdown_keep_their_columns(material: MakeMaterial) -> None:
    text = markdown(report_of(material(*_case("search"))))
    for block in re.split(r"\n\n", text):
        if block.startswith("| "):
            bars = {len(re.findall(r"(?<!\\)\|", line)) for line in block.split("\n")}
            assert len(bars) == 1


def test_no_text_ends_the_code_that_it_stands_in() -> None:
    block = Code("```\n# not a heading\n````")
    report = Report("t", "", (), (Section("s", "s", (block,)),), "")
    assert "`````\n```\n# not a heading\n````\n`````" in markdown(report)


def test_the_ledger_is_drawn_and_listed(material: MakeMaterial) -> None:
    report = report_of(material(*_case("ablation"), ledger=ledger(*FULL)))
    blocks = [block for key, block in _blocks(report) if key == "ledger"]
    plot = next(block for block in blocks if isinstance(block, Plot))
    assert len({label for trace in plot.figure.data for label in trace.y if label}) == 3
    effects, doubts, costs = (block for block in blocks if isinstance(block, Table))
    assert [row[7] for row in effects.rows] == [each.verdict for each in FULL]
    assert effects.rows[0][:6] == (
        "model.batch_norm", "false → true", "+0.03", "0.020 to 0.040", "0.004", "4"
    )  # fmt: skip
    assert effects.rows[3][2:5] == ("–", "–", "–")
    assert doubts.rows == (("order_seed", "false → 1", "1 seed, 5 are needed"),)
    assert costs.rows[0] == ("model.batch_norm", "false → true", "+12.0%")
    page = html(report)
    assert 'class="good">helps' in page
    assert "model.activation never varied" in page


def test_why_there_is_no_ledger_is_said(material: MakeMaterial) -> None:
    made = material(*_case("ablation"), ledger=ledger(problem="2 seeds; 3 are needed"))
    assert "2 seeds; 3 are needed" in html(report_of(made))


def test_confirmed_candidates_stand_with_their_intervals(material: MakeMaterial) -> None:
    mean = mean_of([0.9, 0.92, 0.91])
    assert mean is not None
    confirmation = Confirmation("val_accuracy", (Candidate(4, "L'(10)", 1200.0, mean),), 4)
    made = material(*_case("search"), confirmation=confirmation)
    text = markdown(report_of(made))
    row = next(line for line in text.split("\n") if line.startswith("| 4 | 0.9100 |"))
    assert "| 0.885 to 0.935 | 3 |" in row
    assert "| 1,200 | L'(10) |" in row


def test_test_figures_stand_with_the_count_of_openings(material: MakeMaterial) -> None:
    made = material(*_case("search"))
    best = made.best[0].number
    classes = tuple(ClassFigures(name, 10, 0.9, 0.8, 0.85) for name in ("cat", "<dog>"))
    trial = TrialEvaluation(
        best, None, 0, "L'(2)", 20, {"test_accuracy": 0.85, "test_mse": 0.01},
        (0.64, 0.95), classes, ((9, 1), (2, 8)), ((0.9, 0.1), (0.2, 0.8)),
    )  # fmt: skip
    majority = Baseline("majority class", (best,), {"test_accuracy": 0.5})
    pca = Baseline("PCA of 8", (best,), {"test_mse": 0.02})
    baselines = (majority, pca)
    opened = Evaluation("hybrid", 2, NOW, ("digits",), (trial,), baselines, {3: "no weights"})
    report = report_of(replace(made, split=OpenedSplit((NOW, NOW), opened)))
    text = markdown(report)
    assert "opened 2 times" in text
    assert "may have been chosen for these images" in text
    assert f"| trial {best} | 0.8500 | 0.64 to 0.95 | 0.01000 | 0.02000 | 1 |" in text
    assert "| majority class | 0.5000 | – | – | – | – |" in text
    assert "Trial 3 has no test figures: no weights." in text
    plots = {block.name for _, block in _blocks(report) if isinstance(block, Plot)}
    assert {"test-confusion", "test-confusion-shares"} <= plots
    gone = report_of(replace(made, split=OpenedSplit((NOW,), None)))
    assert "opened once" in markdown(gone)
    assert "their file is gone" in markdown(gone)


def test_pictures_stand_together_only_if_they_are_of_the_same_images(
    material: MakeMaterial,
) -> None:
    study, spec = _case("search")
    made = material(study, spec, files=False)
    best = [trial.number for trial in made.best]
    for number in best[:3]:
        write_run(made.folders.root, study.name, number, images=int(number == best[1]))
    broken = made.folders.of(best[3])
    broken.path.mkdir()
    broken.arrays.write_bytes(b"PK\x03\x04 torn")
    drawn = [block for _, block in _blocks(report_of(made)) if isinstance(block, Pictures)]
    shown = [block for block in drawn if block.name.startswith("reconstructions")]
    assert [[strip.label for strip in block.strips] for block in shown] == [
        ["originals", f"trial {best[0]}", f"trial {best[2]}"],
        ["originals", f"trial {best[1]}"],
    ]
    assert len({block.name for block in shown}) == 2


def test_one_image_of_each_class_and_what_is_taken_for_what(material: MakeMaterial) -> None:
    report = report_of(material(*_case("search")))
    section = next(each for each in report.sections if each.key == "classes")
    samples, counts, shares = section.blocks
    assert isinstance(samples, Pictures)
    assert samples.strips[0].label == "one of each class"
    with Image.open(io.BytesIO(samples.strips[0].png)) as image:
        pictures = np.asarray(image)[:72, :, 3]
    # Ten pictures of full height, and nothing between them.
    edges = np.diff((pictures == 255).all(axis=0).astype(int), prepend=0, append=0)
    assert (edges == 1).sum() == (edges == -1).sum() == 10
    for plot, diagonal in ((counts, "30"), (shares, "100")):
        assert isinstance(plot, Plot)
        heat, cells = plot.figure.data
        assert list(heat.x) == [f"class {number}" for number in range(10)]
        assert list(cells.text).count(diagonal) == 10


def test_without_a_classifier_the_classes_say_so(material: MakeMaterial) -> None:
    report = report_of(material(*_case("search"), files=False))
    assert ("classes", Missing) in {(key, type(block)) for key, block in _blocks(report)}


def test_a_study_of_waiting_trials_has_a_report(material: MakeMaterial) -> None:
    study, spec = _case("search")
    waiting = [t for t in study.trials if t.state in ("WAITING", "RUNNING", "FAIL")]
    numbered = [replace(trial, number=number) for number, trial in enumerate(waiting)]
    made = material(small_study(numbered, name=study.name), spec, files=False)
    assert html(report_of(made))


def _blocks(report: Report) -> list[tuple[str, object]]:
    return [(section.key, block) for section in report.sections for block in section.blocks]
