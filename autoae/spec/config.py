"""One configuration: what a single training needs to know, every leaf a constant.

Each leaf is declared once, here, with its type, default and meaning. The study file, its JSON
Schema, `--set`, the search space and the documentation all follow from these declarations.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SerializeAsAny,
    field_validator,
)

from autoae.spec.encoders import encoder_from
from autoae.spec.encoders.base import EncoderOptions

Weight = NonNegativeFloat | None
Activation = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"]
Probability = Annotated[float, Field(ge=0.0, lt=1.0)]
DigitCount = Annotated[int, Field(ge=0, le=9)]


class Section(BaseModel):
    """A section of the study file: unknown keys refused, values never converted in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class DataOptions(Section):
    """Which images, and what is done to them."""

    dataset: str = Field("digits", description="name of a data set, see `autoae data list`")
    path: str | None = Field(None, description="directory or zip of images (data set `folder`)")
    validation: NonNegativeInt | None = Field(
        None, description="training images held out for validation; a tenth unless given"
    )
    select_on: Literal["validation", "test"] = Field(
        "validation",
        description="`test`, as in original protocols: the test images in place of validation "
        "images, none of which are held out; counted as an opening",
    )
    limit: PositiveInt | None = Field(None, description="train on this many images at most")
    constrained: tuple[str | NonNegativeInt, ...] = Field(
        (),
        strict=False,
        description="classes, by name or number, that lose a part of their training images",
    )
    constrained_share: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        0.5, description="share of their training images that is kept"
    )
    resample: Literal["none", "undersample", "oversample", "smote"] = Field(
        "none",
        description="make classes equally frequent in training: fewer images, repeated ones, or "
        "ones made by SMOTE",
    )
    augment: tuple[Literal["flip", "crop"], ...] = Field(
        (), strict=False, description="random changes of the training images"
    )
    normalize: Literal["none", "dataset", "imagenet"] = Field(
        "none", description="subtract a mean and divide by a deviation per channel"
    )
    resize: PositiveInt | None = Field(None, description="shorter side becomes this many pixels")
    center_crop: PositiveInt | None = Field(None, description="then keep a centred square")
    blur: NonNegativeFloat = Field(
        0.0, description="deviation of a Gaussian that blurs all images, in pixels of that size"
    )
    digits: tuple[DigitCount, ...] = Field(
        (0, 1, 2),
        strict=False,
        min_length=1,
        description="how many digits an image may hold (data set `double-mnist`)",
    )
    canvas: PositiveInt = Field(128, description="pixels on a side of its images")
    overlap: bool = Field(False, description="whether its digits may lie over each other")
    images: Annotated[int, Field(ge=2)] = Field(
        12_000, description="its training images; a sixth as many are for the test"
    )
    compose_seed: NonNegativeInt = Field(0, description="of its digits and their places")
    order_seed: NonNegativeInt | None = Field(
        None,
        description="seed of the order of batches, and of augmentation; `training.seed` "
        "unless given",
    )


class ModelOptions(Section):
    """The network: encoder, latent, decoder, head."""

    encoder: SerializeAsAny[EncoderOptions] = Field(
        description="a pattern (kind, depth, width, ...) or layers in notation"
    )
    latent: PositiveInt | Literal["spatial", "encoder"] = Field(
        "encoder",
        description="a width (one linear layer), `spatial` (the feature map), or `encoder` "
        "(what the encoder gives, as it is)",
    )
    decoder: str = Field("mirror", description="`mirror`, `none`, or layers in notation")
    up: Literal["transpose", "nearest"] = Field(
        "transpose", description="how a decoder grows: ConvTranspose, or resize and convolution"
    )
    output: Literal["sigmoid", "linear"] = Field(
        "sigmoid",
        description="sigmoid reconstructs 0-1 images, linear reconstructs normalised ones",
    )
    task: Literal["none", "classify", "count", "digits"] = Field(
        "none", description="what the head is for"
    )
    count: Literal["regression", "one-hot", "classification"] = Field(
        "regression",
        description="how `count` finds the number of digits: the number itself by squared error, "
        "its one-hot by squared error, or its class by cross-entropy",
    )
    digits: Literal["counts", "classes"] = Field(
        "counts",
        description="what `digits` finds: how many of each digit by squared error, or which "
        "digits by softmax and cross-entropy",
    )
    head: str | None = Field(None, description="layers in notation; one linear layer unless given")
    activation: Activation = Field("relu", description="activation of every hidden layer")
    decoder_activation: Activation | None = Field(
        None, description="of the hidden layers of the decoder; `model.activation` unless given"
    )
    slope: PositiveFloat = Field(0.01, description="negative slope of leaky_relu")
    batch_norm: bool = Field(False, description="batch normalisation after hidden layers")
    dropout: Probability = Field(0.0, description="share of activations dropped in training")
    bridge: PositiveInt | None = Field(
        None,
        description="channels of one convolution that takes the features of the first layer past "
        "the latent to the head; none unless given",
    )
    dropout_after: Literal["linear", "conv", "all"] = Field(
        "linear", description="the hidden layers that dropout follows"
    )
    init: Literal["default", "xavier", "kaiming", "orthogonal", "normal"] = Field(
        "default", description="initial weights; `normal` draws with deviation 0.01"
    )

    @field_validator("encoder", mode="before")
    @classmethod
    def _read_encoder(cls, value: Any) -> EncoderOptions:  # noqa: ANN401
        return encoder_from(value)


class LossOptions(Section):
    """alpha * task + beta * reconstruction + gamma * half the squared weights + delta * jigsaw."""

    task: Literal["cross_entropy", "squared_error"] = Field(
        "cross_entropy",
        description="of the class; squared error is between softmax and one-hot, summed over "
        "classes",
    )
    reconstruction: Literal["mse", "bce", "l1"] = Field("mse", description="per pixel, mean")
    alpha: Weight = Field(None, description="weight of the task; 1 with a head, else 0")
    beta: Weight = Field(None, description="weight of the reconstruction; 1 with a decoder, else 0")
    gamma: NonNegativeFloat = Field(0.0, description="weight of half the sum of squared weights")
    delta: NonNegativeFloat = Field(
        0.0, description="weight of the reconstruction of an image from its shuffled pieces"
    )
    jigsaw_grid: Annotated[int, Field(ge=2)] = Field(
        4, description="pieces on a side, for `delta`; it must divide the image"
    )
    softmax_twice: bool = Field(
        False,
        description="as in an original protocol: a softmax before the cross-entropy has its own",
    )


class TrainingOptions(Section):
    """How the network is trained."""

    engine: Literal["torch", "numpy"] = Field(
        "torch", description="what trains it; `numpy` is for networks of linear layers, on the CPU"
    )
    optimizer: Literal[
        "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam"
    ] = Field("adam", description="rule that turns gradients into steps")
    lr: PositiveFloat = Field(1e-3, description="learning rate")
    momentum: Probability = Field(0.9, description="of momentum, nesterov and rmsprop")
    weight_decay: NonNegativeFloat = Field(0.0, description="of the optimizer")
    batch_size: PositiveInt = Field(128, description="images per step")
    epochs: PositiveInt = Field(20, description="passes over the training images")
    schedule: Literal["none", "step", "plateau", "cosine", "one-cycle"] = Field(
        "none", description="how the learning rate changes"
    )
    schedule_every: PositiveInt = Field(10, description="epochs between the steps of `step`")
    schedule_factor: Annotated[float, Field(gt=0.0, lt=1.0)] = Field(
        0.5, description="factor of `step` and `plateau`"
    )
    schedule_patience: NonNegativeInt = Field(3, description="epochs that `plateau` waits")
    schedule_threshold: NonNegativeFloat = Field(
        1e-4, description="relative improvement below which an epoch is none to `plateau`"
    )
    schedule_least_lr: NonNegativeFloat = Field(
        0.0, description="learning rate below which `plateau` does not go"
    )
    early_stopping: NonNegativeInt = Field(
        0, description="stop after this many epochs without a better one; 0: never"
    )
    end_to_end: bool = Field(
        True, description="false: two stages, the second on what the first has trained and frozen"
    )
    first_stage: Literal["reconstruction", "pca"] = Field(
        "reconstruction",
        description="trains encoder and decoder, or the encoder to give the images' principal "
        "components",
    )
    first_epochs: PositiveInt | None = Field(
        None, description="those of `epochs` that the first stage has; half of them unless given"
    )
    gradients: bool = Field(
        False, description="keep how large the gradient of each layer is, by epoch"
    )
    checkpoint_every: NonNegativeInt = Field(1, description="epochs between checkpoints; 0: none")
    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?|mps)$", description="where")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="`auto`: bfloat16 and channels_last where this machine gains by it"
    )
    seed: NonNegativeInt = Field(0, description="of initial weights, batches and augmentation")


class Configuration(Section):
    """Everything that one training needs; two equal configurations train the same network."""

    data: DataOptions = DataOptions()
    model: ModelOptions
    loss: LossOptions = LossOptions()
    training: TrainingOptions = TrainingOptions()

    @property
    def has_head(self) -> bool:
        """Whether the network solves a task."""
        return self.model.task != "none"

    @property
    def has_decoder(self) -> bool:
        """Whether the network reconstructs its input."""
        return self.model.decoder != "none"

    def has(self, part: str) -> bool:
        """Whether the network has a part, or solves a task, that a figure needs."""
        parts = {"any": True, "head": self.has_head, "decoder": self.has_decoder}
        parts["jigsaw"] = self.loss.delta > 0
        return parts.get(part, part == self.model.task)

    @property
    def device(self) -> str:
        """The device in force, as the study file names it."""
        auto, numpy = self.training.device == "auto", self.training.engine == "numpy"
        return "cpu" if auto and numpy else self.training.device

    @property
    def first_epochs(self) -> int:
        """The epochs of the first of two stages; 0 where all is trained end to end."""
        training = self.training
        if training.end_to_end:
            return 0
        return training.epochs // 2 if training.first_epochs is None else training.first_epochs

    @property
    def alpha(self) -> float:
        """The weight of the task in force."""
        return float(self.has_head) if self.loss.alpha is None else self.loss.alpha

    @property
    def beta(self) -> float:
        """The weight of the reconstruction in force."""
        return float(self.has_decoder) if self.loss.beta is None else self.loss.beta
