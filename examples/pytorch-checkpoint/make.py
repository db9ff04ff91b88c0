"""Trains a small network in PyTorch and saves what main.ts reads: model.pt, a checkpoint, and test.pt, images to try it on.

Run it in this folder with any PyTorch: python3 make.py
"""
import torch
from torch import nn


class SmallCnn(nn.Module):
    def __init__(self, classes=4, widths=(16, 32)):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.conv2 = nn.Conv2d(widths[0], widths[1], 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(widths[1])
        self.linear = nn.Linear(widths[1], classes)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        return self.linear(x.mean((2, 3)))


def images_of(count):
    """Noise with one colour on top of it for each class."""
    labels = torch.arange(count) % 4
    tints = torch.tensor([[0.15, 0, 0], [0, 0.15, 0], [0, 0, 0.15], [0, 0, 0]])
    return 0.85 * torch.rand(count, 3, 8, 8) + tints[labels][:, :, None, None], labels


torch.manual_seed(0)
network = SmallCnn()
optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
for step in range(200):
    images, labels = images_of(64)
    optimizer.zero_grad()
    nn.functional.cross_entropy(network(images), labels).backward()
    optimizer.step()
torch.save({"epoch": 1, "state_dict": network.state_dict()}, "data/model.pt")

network.eval()
images, labels = images_of(32)
with torch.no_grad():
    logits = network(images)
torch.save({"images": images, "labels": labels.float(), "logits": logits}, "data/test.pt")
print("accuracy", (logits.argmax(1) == labels).float().mean().item())
