"""PyTorch's definitions of the networks, for tests that hold ours to them: names of layers are those of published checkpoints."""

import torch
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {"relu": F.relu, "silu": F.silu}


def conv(inputs, outputs, size, stride=1, padding=None, bias=False):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2 if padding is None else padding, bias=bias)


class MeanSparse(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.zeros(channels))
        self.register_buffer("threshold", torch.tensor(0.0))
        self.register_buffer("flag_update_statistics", torch.tensor(0))
        self.register_buffer("batch_num", torch.tensor(0.0))

    def forward(self, x):
        mean = self.running_mean[:, None, None]
        reach = self.threshold * self.running_var.sqrt()[:, None, None]
        return torch.where((x - mean).abs() < reach, mean.expand_as(x), x)


class SqueezeExcitation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1 = conv(channels, round(channels / 4), 1, bias=True)
        self.fc2 = conv(round(channels / 4), channels, 1, bias=True)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class CornerPadded(nn.Module):
    """A 3×3 convolution: with stride 2 its zeros are on the right and at the bottom alone."""

    @staticmethod
    def apply_to(convolution, x):
        if convolution.kernel_size == (3, 3) and convolution.stride == (2, 2):
            x = F.pad(x, (0, 1, 0, 1))
        return convolution(x)


class PreActivationBlock(nn.Module):
    """Norm and activation before each convolution; two 3×3 ones, or a bottleneck's three."""

    def __init__(self, inputs, outputs, stride, options):
        super().__init__()
        self.options = o = dict(
            norms=["bn1", "bn2", "bn3"], convolutions=["conv1", "conv2", "conv3"], shortcut="shortcut",
            shortcut_of="activated", shortcut_size=1, corner=False, activation="relu", momentum=0.1,
            squeeze=False, sparse=False, bottleneck=False,
        )
        o.update(options)
        middle = outputs // 4 if o["bottleneck"] else outputs
        shapes = [(inputs, middle, 3, stride), (middle, outputs, 3, 1)]
        if o["bottleneck"]:
            shapes = [(inputs, middle, 1, 1), (middle, middle, 3, stride), (middle, outputs, 1, 1)]
        self.count = len(shapes)
        for index, (a, b, size, step) in enumerate(shapes):
            self.add_module(o["norms"][index], nn.BatchNorm2d(a, momentum=o["momentum"]))
            if o["sparse"]:
                self.add_module(f"meansparse_{index}", MeanSparse(a))
            padding = 0 if o["corner"] and size == 3 and step == 2 else None
            self.add_module(o["convolutions"][index], conv(a, b, size, step, padding))
        self.projects = stride != 1 or inputs != outputs
        if self.projects:
            padding = 0 if o["corner"] and stride == 2 else None
            projection = conv(inputs, outputs, o["shortcut_size"], stride, padding)
            sequential = o["shortcut"].endswith(".0")
            name = o["shortcut"].removesuffix(".0")
            self.add_module(name, nn.Sequential(projection) if sequential else projection)
        if o["squeeze"]:
            self.se = SqueezeExcitation(outputs)
        if o["sparse"]:
            self.meansparse_2 = MeanSparse(outputs)

    def activated(self, index, x):
        x = getattr(self, self.options["norms"][index])(x)
        if self.options["sparse"]:
            x = getattr(self, f"meansparse_{index}")(x)
        return ACTIVATIONS[self.options["activation"]](x)

    def convolved(self, convolution, x):
        return CornerPadded.apply_to(convolution, x) if self.options["corner"] else convolution(x)

    def forward(self, x):
        first = out = self.activated(0, x)
        for index in range(self.count):
            out = self.convolved(getattr(self, self.options["convolutions"][index]), out)
            if index + 1 < self.count:
                out = self.activated(index + 1, out)
        if self.options["squeeze"]:
            out = self.se(out)
        if self.projects:
            projection = getattr(self, self.options["shortcut"].removesuffix(".0"))
            projection = projection[0] if isinstance(projection, nn.Sequential) else projection
            x = self.convolved(projection, first if self.options["shortcut_of"] == "activated" else x)
        out = out + x
        return self.meansparse_2(out) if self.options["sparse"] else out


class PostActivationBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, options):
        super().__init__()
        middle = outputs // 4 if options["bottleneck"] else outputs
        shapes = [(inputs, middle, 3, stride), (middle, outputs, 3, 1)]
        if options["bottleneck"]:
            shapes = [(inputs, middle, 1, 1), (middle, middle, 3, stride), (middle, outputs, 1, 1)]
        self.count = len(shapes)
        for index, (a, b, size, step) in enumerate(shapes, start=1):
            self.add_module(f"conv{index}", conv(a, b, size, step))
            self.add_module(f"bn{index}", nn.BatchNorm2d(b))
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        out = x
        for index in range(1, self.count + 1):
            out = getattr(self, f"bn{index}")(getattr(self, f"conv{index}")(out))
            if index < self.count:
                out = F.relu(out)
        return F.relu(out + self.shortcut(x))


def stage(block, count, inputs, outputs, stride, options):
    blocks = [block(outputs if k else inputs, outputs, 1 if k else stride, options) for k in range(count)]
    return nn.Sequential(*blocks)


def nested(name, stage):
    """The stage as a module whose only child has this name, as `block1.layer.0` comes about."""
    module = nn.Module()
    module.add_module(name, stage)
    module.forward = lambda x: stage(x)
    return module


class Network(nn.Module):
    """Layers by name in order; names may have dots, the functions between have none."""

    def __init__(self, layers, head, classifier, normalization=None, padding=0, per_image=False):
        super().__init__()
        self.steps = []
        for name, layer in layers:
            if isinstance(layer, nn.Module):
                self.add_module(name, layer)
            self.steps.append(layer)
        self.add_module(head, classifier)
        self.classify = classifier
        self.normalization, self.padding, self.per_image = normalization, padding, per_image

    def forward(self, x):
        x = F.pad(x, (self.padding,) * 4)
        if self.normalization:
            mean, std = (x.new_tensor(self.normalization[key])[:, None, None] for key in ("mean", "std"))
            x = (x - mean) / std
        if self.per_image:
            mean, std = x.mean((1, 2, 3), keepdim=True), x.std((1, 2, 3), keepdim=True)
            x = (x - mean) / std.clamp(min=x[0].numel() ** -0.5)
        for step in self.steps:
            x = step(x)
        return self.classify(x.mean((2, 3)))

    def state_dict(self, *args, **kwargs):
        state = super().state_dict(*args, **kwargs)
        return {name: value for name, value in state.items() if not name.startswith("classify.")}


def widened(blocks, widths, stem, block, options):
    inputs = [stem, *widths[:-1]]
    return [stage(block, n, a, b, 1 if k == 0 else 2, options) for k, (n, a, b) in enumerate(zip(blocks, inputs, widths))]


def wide_resnet(depth, widen, classes, sub_block=False, **wrapping):
    blocks, widths = [(depth - 4) // 6] * 3, [16 * widen, 32 * widen, 64 * widen]
    stages = widened(blocks, widths, 16, PreActivationBlock, dict(shortcut="convShortcut"))
    network = Network(
        [
            ("conv1", conv(3, 16, 3)),
            *[(f"block{k}", nested("layer", s)) for k, s in enumerate(stages, start=1)],
            ("bn1", nn.BatchNorm2d(widths[-1])),
            ("", F.relu),
        ],
        "fc", nn.Linear(widths[-1], classes), **wrapping,
    )
    if sub_block:
        network.sub_block1 = nested("layer", widened(blocks[:1], widths[:1], 16, PreActivationBlock, dict(shortcut="convShortcut"))[0])
    return network


def wide_resnet_a4(blocks, widths, classes, **wrapping):
    stages = widened(blocks, widths, 16, PreActivationBlock, dict(shortcut="shortcut.0", activation="silu"))
    body = nn.ModuleList([nested("layer", s) for s in stages])
    body.forward = lambda x: stages[2](stages[1](stages[0](x)))
    return Network(
        [("stem_conv", conv(3, 16, 3)), ("blocks", body), ("norm1", nn.BatchNorm2d(widths[-1])), ("", F.silu)],
        "fc", nn.Linear(widths[-1], classes), **wrapping,
    )


def residual_layers(blocks, width, bottleneck, block, options):
    widths = [width * (4 if bottleneck else 1) * 2**k for k in range(len(blocks))]
    stages = widened(blocks, widths, width, block, dict(options, bottleneck=bottleneck))
    return [(f"layer{k}", s) for k, s in enumerate(stages, start=1)], widths[-1]


def preact_resnet(blocks, width, classes, bottleneck=False, shortcut_of="activated", last_norm=True, **wrapping):
    options = dict(shortcut="shortcut.0", shortcut_of=shortcut_of)
    layers, features = residual_layers(blocks, width, bottleneck, PreActivationBlock, options)
    end = [("bn", nn.BatchNorm2d(features)), ("", F.relu)] if last_norm else []
    return Network([("conv1", conv(3, width, 3)), *layers, *end], "linear", nn.Linear(features, classes), **wrapping)


def resnet(blocks, width, classes, bottleneck=False, **wrapping):
    layers, features = residual_layers(blocks, width, bottleneck, PostActivationBlock, {})
    start = [("conv1", conv(3, width, 3)), ("bn1", nn.BatchNorm2d(width)), ("", F.relu)]
    return Network([*start, *layers], "linear", nn.Linear(features, classes), **wrapping)


def dm_end(features, sparse, activation):
    end = [("meansparse_end", MeanSparse(features))] if sparse else []
    return [("batchnorm", nn.BatchNorm2d(features, momentum=0.01)), *end, ("", ACTIVATIONS[activation])]


def dm_wide(stem, blocks, widths, classes, sparse, activation, squeeze, channels, wrapping):
    options = dict(
        norms=["batchnorm_0", "batchnorm_1"], convolutions=["conv_0", "conv_1"], corner=True, momentum=0.01,
        activation=activation, squeeze=squeeze, sparse=sparse,
    )
    groups = nn.Sequential(*[nested("block", s) for s in widened(blocks, widths, stem, PreActivationBlock, options)])
    return Network(
        [("init_conv", conv(channels, stem, 3)), ("layer", groups), *dm_end(widths[-1], sparse, activation)],
        "logits", nn.Linear(widths[-1], classes), **wrapping,
    )


def dm_wide_resnet(depth, widen, classes, sparse=False, activation="silu", channels=3, **wrapping):
    blocks, widths = [(depth - 4) // 6] * 3, [16 * widen, 32 * widen, 64 * widen]
    return dm_wide(16, blocks, widths, classes, sparse, activation, False, channels, wrapping)


def ra_wide_resnet(stem, blocks, widths, classes, sparse=False, **wrapping):
    return dm_wide(stem, blocks, widths, classes, sparse, "silu", True, 3, wrapping)


def dm_preact_resnet(blocks, width, classes, activation="silu", **wrapping):
    options = dict(
        norms=["batchnorm_0", "batchnorm_1"], convolutions=["conv_2d_1", "conv_2d_2"], shortcut_of="input",
        shortcut_size=3, corner=True, momentum=0.01, activation=activation,
    )
    widths = [width * 2**k for k in range(len(blocks))]
    stages = widened(blocks, widths, width, PreActivationBlock, options)
    layers = [(f"layer_{k}", s) for k, s in enumerate(stages)]
    return Network(
        [("conv_2d", conv(3, width, 3)), *layers, *dm_end(widths[-1], False, activation)],
        "logits", nn.Linear(widths[-1], classes), **wrapping,
    )


NETWORKS = dict(
    wide_resnet=wide_resnet, wide_resnet_a4=wide_resnet_a4, preact_resnet=preact_resnet, resnet=resnet,
    dm_wide_resnet=dm_wide_resnet, ra_wide_resnet=ra_wide_resnet, dm_preact_resnet=dm_preact_resnet,
)
