"""One AT-AWP step with PGD-10 (arXiv:2004.05884), as the reference script does it and as well as PyTorch can."""

import contextlib
import copy

import torch
import torch.nn.functional as F

EPSILON, STEP_SIZE, STEPS = 8 / 255, 2 / 255, 10
GAMMA, LEARNING_RATE = 0.01, 0.01


def descent(model):
    return torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=0.9, weight_decay=5e-4)


def perturbed(named):
    """The weights that AWP displaces: those of convolutions and dense layers."""
    return [(name, weight) for name, weight in named if weight.dim() > 1 and "weight" in name]


class OfficialStep:
    """38 forward passes' worth: gradients of the weights in every step of PGD, a proxy model, two forward passes more."""

    def __init__(self, model):
        self.model = model.train()
        self.proxy = copy.deepcopy(model).train()
        self.optimizer = descent(model)
        self.proxy_optimizer = torch.optim.SGD(self.proxy.parameters(), lr=0.01)
        device = next(model.parameters()).device
        self.mean = torch.tensor((0.4914, 0.4822, 0.4465), device=device).view(3, 1, 1)
        self.deviation = torch.tensor((0.2471, 0.2435, 0.2616), device=device).view(3, 1, 1)

    def normalized(self, x):
        return (x - self.mean) / self.deviation

    def attack(self, x, y):
        delta = torch.zeros_like(x).uniform_(-EPSILON, EPSILON)
        delta.data = torch.max(torch.min(1 - x, delta.data), 0 - x)
        delta.requires_grad = True
        for _ in range(STEPS):
            loss = F.cross_entropy(self.model(self.normalized(torch.clamp(x + delta, 0, 1))), y)
            loss.backward()
            moved = torch.clamp(delta.detach() + STEP_SIZE * torch.sign(delta.grad.detach()), -EPSILON, EPSILON)
            delta.data = torch.max(torch.min(1 - x, moved), 0 - x)
            delta.grad.zero_()
        losses = F.cross_entropy(self.model(self.normalized(x + delta)), y, reduction="none").detach()
        chosen = losses >= 0
        best = torch.zeros_like(x)
        best[chosen] = delta.detach()[chosen]
        return best

    def displacement(self, x, y):
        self.proxy.load_state_dict(self.model.state_dict())
        self.proxy.train()
        loss = -F.cross_entropy(self.proxy(x), y)
        self.proxy_optimizer.zero_grad()
        loss.backward()
        self.proxy_optimizer.step()
        moved = self.proxy.state_dict()
        result = {}
        for name, weight in perturbed(self.model.state_dict().items()):
            difference = moved[name] - weight
            result[name] = weight.norm() / (difference.norm() + 1e-20) * difference
        return result

    def displace(self, displacement, length):
        with torch.no_grad():
            for name, weight in self.model.named_parameters():
                if name in displacement:
                    weight.add_(length * displacement[name])

    def __call__(self, x, y):
        delta = self.attack(x, y)
        adversarial = self.normalized(torch.clamp(x + delta, 0, 1))
        displacement = self.displacement(adversarial, y)
        self.displace(displacement, GAMMA)
        loss = F.cross_entropy(self.model(adversarial), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.displace(displacement, -GAMMA)
        clean = self.model(self.normalized(x))
        return loss.detach(), (clean.max(1)[1] == y).sum()


class TunedStep:
    """26 forward passes' worth: the gradient that a pass is for and no other, and no proxy model."""

    def __init__(self, model, forward=None, precision=contextlib.nullcontext):
        self.model = model.train()
        self.forward = forward or model
        self.precision = precision
        self.weights = list(model.parameters())
        self.displaced = [weight for _, weight in perturbed(model.named_parameters())]
        self.norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
        self.optimizer = descent(model)

    def loss(self, x, y):
        with self.precision():
            logits = self.forward(x)
        return F.cross_entropy(logits.float(), y)

    def attack(self, x, y):
        for weight in self.weights:
            weight.requires_grad_(False)
        adversarial = (x + torch.empty_like(x).uniform_(-EPSILON, EPSILON)).clamp_(0, 1)
        low, high = (x - EPSILON).clamp_(0, 1), (x + EPSILON).clamp_(0, 1)
        for _ in range(STEPS):
            adversarial = adversarial.detach().requires_grad_(True)
            (gradient,) = torch.autograd.grad(self.loss(adversarial, y), adversarial)
            with torch.no_grad():
                adversarial = torch.max(torch.min(adversarial + STEP_SIZE * gradient.sign(), high), low)
        for weight in self.weights:
            weight.requires_grad_(True)
        return adversarial

    @contextlib.contextmanager
    def statistics_at_rest(self):
        momenta = [norm.momentum for norm in self.norms]
        for norm in self.norms:
            norm.momentum = 0.0
        yield
        for norm, momentum in zip(self.norms, momenta):
            norm.momentum = momentum

    def __call__(self, x, y):
        adversarial = self.attack(x, y)
        with self.statistics_at_rest():
            gradients = torch.autograd.grad(self.loss(adversarial, y), self.displaced)
        with torch.no_grad():
            clean = [weight.clone() for weight in self.displaced]
            for weight, gradient in zip(self.displaced, gradients):
                weight.add_(gradient * (GAMMA * weight.norm() / (gradient.norm() + 1e-20)))
        del gradients
        loss = self.loss(adversarial, y)
        gradients = torch.autograd.grad(loss, self.weights)
        with torch.no_grad():
            # The reference decays the displaced weights: it restores them after the update.
            displacement = [weight - original for weight, original in zip(self.displaced, clean)]
            for weight, gradient in zip(self.weights, gradients):
                weight.grad = gradient
            self.optimizer.step()
            for weight, difference in zip(self.displaced, displacement):
                weight.sub_(difference)
            for weight in self.weights:
                weight.grad = None
        return (loss.detach(),)
