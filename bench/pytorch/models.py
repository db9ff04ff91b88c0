"""The networks of packages/models in PyTorch: the same names, the same arithmetic."""

import math
import re

import torch.nn as nn
import torch.nn.functional as F


def convolution(inputs, outputs, size, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False)


class PreActBlock(nn.Module):
    """Batch norm and ReLU before each of two 3x3 convolutions; a shortcut's convolution takes the activated input."""

    def __init__(self, inputs, outputs, stride, shortcut):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = convolution(inputs, outputs, 3, stride)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = convolution(outputs, outputs, 3)
        self.shortcut_name = None
        if stride != 1 or inputs != outputs:
            module = convolution(inputs, outputs, 1, stride)
            self.shortcut_name = shortcut.split(".")[0]
            setattr(self, self.shortcut_name, nn.Sequential(module) if shortcut.endswith(".0") else module)

    def forward(self, x):
        activated = F.relu(self.bn1(x))
        out = self.conv2(F.relu(self.bn2(self.conv1(activated))))
        return out + (x if self.shortcut_name is None else getattr(self, self.shortcut_name)(activated))


def stage(count, inputs, outputs, stride, shortcut):
    blocks = [PreActBlock(inputs, outputs, stride, shortcut)]
    blocks += [PreActBlock(outputs, outputs, 1, shortcut) for _ in range(count - 1)]
    return nn.Sequential(*blocks)


class PreActResNet(nn.Module):
    def __init__(self, blocks, classes=10):
        super().__init__()
        self.conv1 = convolution(3, 64, 3)
        for index, count in enumerate(blocks):
            inputs, outputs = 64 * 2 ** max(index - 1, 0), 64 * 2**index
            setattr(self, f"layer{index + 1}", stage(count, inputs, outputs, 1 if index == 0 else 2, "shortcut.0"))
        self.bn = nn.BatchNorm2d(512)
        self.linear = nn.Linear(512, classes)

    def forward(self, x):
        out = self.layer4(self.layer3(self.layer2(self.layer1(self.conv1(x)))))
        return self.linear(F.relu(self.bn(out)).mean((2, 3)))


class Group(nn.Module):
    """What puts `layer` into the names of WideResNet's blocks."""

    def __init__(self, *arguments):
        super().__init__()
        self.layer = stage(*arguments, "convShortcut")

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, depth, widen, classes=10):
        super().__init__()
        count = (depth - 4) // 6
        if 6 * count + 4 != depth or count < 1:
            raise ValueError(f"depth: got {depth}, wanted 6n + 4")
        self.conv1 = convolution(3, 16, 3)
        self.block1 = Group(count, 16, 16 * widen, 1)
        self.block2 = Group(count, 16 * widen, 32 * widen, 2)
        self.block3 = Group(count, 32 * widen, 64 * widen, 2)
        self.bn1 = nn.BatchNorm2d(64 * widen)
        self.fc = nn.Linear(64 * widen, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels
                nn.init.normal_(module.weight, 0, math.sqrt(2 / fan_out))
        nn.init.zeros_(self.fc.bias)

    def forward(self, x):
        out = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.fc(F.relu(self.bn1(out)).mean((2, 3)))


def network(name):
    """`preactresnet18`, `preactresnet34` or `wrn-DEPTH-WIDEN`."""
    preset = {"preactresnet18": [2, 2, 2, 2], "preactresnet34": [3, 4, 6, 3]}.get(name)
    if preset is not None:
        return PreActResNet(preset)
    wide = re.fullmatch(r"wrn-(\d+)-(\d+)", name)
    if wide is None:
        raise ValueError(f"network: got {name}, wanted preactresnet18, preactresnet34 or wrn-DEPTH-WIDEN")
    return WideResNet(int(wide[1]), int(wide[2]))
