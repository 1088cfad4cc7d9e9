"""Files that were damaged, or made by somebody else: bundles, run folders, weights, images."""

import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from autoae.data.cifar_batches import read_batch
from autoae.data.files import opened_files
from autoae.data.idx import read_idx
from autoae.data.pictures import decode, is_grey, pillow_warnings
from autoae.data.tree import read_tree
from autoae.inference.inputs import Wanted, read_images
from autoae.models import build
from autoae.spec.config import DataOptions
from autoae.store.bundle import MANIFEST, STUDY, manifest_of, read_bundle, trial_files
from autoae.store.log import StudyLog
from autoae.store.runs import RunFolder
from autoae.training.weights import Description, load_network, save_weights
from autoae.views.report.runs import Folders
from autoae.views.tui.files import RunFiles
from tests.fuzz.damage import NO_JSON, changed_json, changed_line, damaged
from tests.fuzz.outcome import fuzzed, works_or_tells
from tests.snapshots import trial
from tests.store.conftest import small
from tests.studies import searched, spec
from tests.training.toy import CLASSES, toy_configuration
from tests.views.report.conftest import write_run


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _zip(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


@cache
def _bundled() -> dict[str, bytes]:
    with _folder() as folder:
        run = RunFolder(folder)
        run.write_environment({"threads": 2})
        run.append_metrics(1, {"val_mse": 0.1})
        return {STUDY: small().to_text().encode(), **dict(trial_files(trial(3, 0.5), run))}


def _whole_bundle(files: dict[str, bytes]) -> dict[str, bytes]:
    return {MANIFEST: manifest_of("small", 3, files).model_dump_json().encode(), **files}


@st.composite
def _bundles(draw: st.DrawFn) -> bytes:
    """One of its files changed, with or without the right checksums; or the archive damaged."""
    files = dict(_bundled())
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(files)))
        change = changed_json if name.endswith("json") else damaged
        files[name] = draw(change(files[name]))
    whole = _whole_bundle(files)
    if draw(st.booleans()):
        whole[MANIFEST] = draw(changed_json(whole[MANIFEST]))
    archive = _zip(whole)
    return draw(damaged(archive)) if draw(st.integers(0, 3)) == 0 else archive


@fuzzed(0.1)
@given(_bundles())
def test_a_bundle_is_read_or_refused_by_name(content: bytes) -> None:
    with _folder() as folder:
        path = folder / "odd.zip"
        path.write_bytes(content)

        def read() -> None:
            found = read_bundle(path)
            found.spec()
            for number in found.trials:
                found.trial(number)

        works_or_tells(read, "odd.zip")


@cache
def _weights() -> tuple[bytes, bytes]:
    configuration = toy_configuration(model={"encoder": "C(4) > S(8)"})
    network = build(configuration.model, (1, 8, 8), len(CLASSES), seed=0)
    with _folder() as folder:
        path = folder / "best.safetensors"
        save_weights(network, path, Description(configuration, (1, 8, 8), CLASSES, {}, 7))
        description = json.loads(path.with_suffix(".json").read_text())
        # Without the checksum, which would stop nearly all that is changed.
        return path.read_bytes(), json.dumps({**description, "sha256": None}).encode()


@fuzzed(0.1)
@given(st.data())
def test_weights_are_loaded_or_refused_by_name(data: st.DataObject) -> None:
    weights, description = _weights()
    if data.draw(st.booleans()):
        weights = data.draw(damaged(weights))
    else:
        description = data.draw(changed_json(description))
    with _folder() as folder:
        (folder / "best.safetensors").write_bytes(weights)
        (folder / "best.json").write_bytes(description)
        works_or_tells(lambda: load_network(folder / "best.safetensors"), "best.")


@cache
def _run() -> dict[str, bytes]:
    with _folder() as folder:
        write_run(folder, "hybrid", 0)
        run = RunFolder(folder / "hybrid" / "0")
        run.append_gradients(1, {"encoder.0": 0.5})
        return {file.name: file.read_bytes() for file in run.path.iterdir()}


_ODD_ARRAYS: st.SearchStrategy[NDArray[np.generic]] = st.sampled_from(
    [np.zeros((2, 8, 8), np.uint8), np.ones((2, 1, 8, 8), np.float32), np.zeros(3), np.array("a"),
     np.full((1, 8, 8), np.nan), np.zeros((0, 8, 8), np.uint8), np.zeros((2, 8, 8), complex)]
)  # fmt: skip


@st.composite
def _odd_pictures(draw: st.DrawFn, whole: bytes) -> bytes:
    """Arrays of which one is missing, or is not what another program would expect."""
    with np.load(io.BytesIO(whole)) as found:
        arrays = dict(found)
    name = draw(st.sampled_from(sorted(arrays)))
    arrays[name] = draw(_ODD_ARRAYS)
    if draw(st.integers(0, 3)) == 0:
        del arrays[name]
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


_STUDY = searched(spec(), trials=4)


@fuzzed(0.06)
@given(st.data())
def test_damaged_run_folders_are_shown_as_far_as_they_are_whole(data: st.DataObject) -> None:
    files = dict(_run())
    name = data.draw(st.sampled_from(sorted(files)))
    change = {".json": changed_json, ".jsonl": changed_line}.get(Path(name).suffix, damaged)
    files[name] = data.draw(change(files[name]))
    if name == RunFolder(Path()).arrays.name and data.draw(st.booleans()):
        files[name] = data.draw(_odd_pictures(_run()[name]))
    log = data.draw(changed_json(json.dumps({"at": "2026-01-01", "event": "note"}).encode()))
    with _folder() as root:
        folder = root / "hybrid" / "0"
        folder.mkdir(parents=True)
        for each, content in files.items():
            (folder / each).write_bytes(content)
        (root / "hybrid" / "log.jsonl").write_bytes(log + b"\n")

        def look() -> None:
            RunFiles(root).live("hybrid", 0)
            RunFiles(root).of(_STUDY, 0)
            StudyLog(root / "hybrid").read()
            folders = Folders(root, "hybrid")
            folders.seen(_STUDY.trials[:1])
            folders.losses({"trial": _STUDY.trials[0]})
            folders.gradients({"trial": _STUDY.trials[0]})
            folders.curves(0)
            folders.environments(_STUDY.trials[:1])

        assert works_or_tells(look, "")


def _image(kind: str) -> bytes:
    content = io.BytesIO()
    pixels = np.arange(3 * 12 * 12, dtype=np.uint8).reshape(12, 12, 3)
    Image.fromarray(pixels).save(content, kind)
    return content.getvalue()


_IMAGES = {kind: _image(kind) for kind in ("PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP")}


@fuzzed(0.15)
@given(st.sampled_from(sorted(_IMAGES)).flatmap(lambda kind: damaged(_IMAGES[kind])), st.booleans())
def test_an_image_is_decoded_or_refused_by_name(content: bytes, grey: bool) -> None:
    def read() -> None:
        with pillow_warnings():
            is_grey(content, "odd.png")
            assert decode(content, "odd.png", grey=grey).shape[2] == (1 if grey else 3)

    works_or_tells(read, "odd.png")


def _arrays(images: NDArray[np.generic]) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, images=images)
    return content.getvalue()


@fuzzed(0.08)
@given(st.data())
def test_images_to_look_at_are_read_or_refused_by_name(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["npz", "zip"]))
    if kind == "npz":
        content = _arrays(data.draw(_ODD_ARRAYS))
    else:
        whole = _IMAGES["PNG"]
        content = _zip({"cat/1.png": data.draw(damaged(whole)), "dog/1.png": whole})
    content = data.draw(damaged(content)) if data.draw(st.booleans()) else content
    with _folder() as folder:
        path = folder / f"odd.{kind}"
        path.write_bytes(content)
        wanted = Wanted((1, 8, 8), DataOptions(), fit=True)
        works_or_tells(lambda: read_images([path], wanted), f"odd.{kind}")


_NAMES = st.lists(
    st.sampled_from(["a", "..", "", "/", "\\", "C:", "train", "test", "1.png", ".", "x" * 200]),
    min_size=1,
    max_size=4,
).map("/".join).filter(bool)  # fmt: skip


@fuzzed(0.08)
@given(st.dictionaries(_NAMES, st.just(_IMAGES["PNG"]), max_size=4), st.data())
def test_a_zip_of_images_is_listed_or_refused_by_name(
    files: dict[str, bytes], data: st.DataObject
) -> None:
    content = _zip(files)
    content = data.draw(damaged(content)) if data.draw(st.booleans()) else content
    with _folder() as folder:
        path = folder / "odd.zip"
        path.write_bytes(content)

        def read() -> None:
            with opened_files(path) as found:
                for name in read_tree(found).train.names:
                    assert ".." not in name.split("/")
                    found.read(name)

        works_or_tells(read, "odd.zip")


_IDX = bytes((0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, *range(8)))


@fuzzed(0.08)
@given(damaged(_IDX) | st.sampled_from(NO_JSON))
def test_files_of_known_data_sets_are_read_or_refused_by_name(content: bytes) -> None:
    with _folder() as folder:
        path = folder / "odd-idx3-ubyte"
        path.write_bytes(content)
        works_or_tells(lambda: read_idx(path, 3), "odd-idx3-ubyte")
    works_or_tells(lambda: read_batch(content, "odd_batch"), "odd_batch")
