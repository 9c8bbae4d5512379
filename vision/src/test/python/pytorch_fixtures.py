"""Writes the numbers that PyTorchParityTest compares with: what PyTorch computes with the same weights and images.

    python pytorch_fixtures.py WEIGHTS_FOLDER > ../resources/org/fissionfusion/vision/training/pytorch.json

Needs torch, timm and safetensors. WEIGHTS_FOLDER holds resnet20_cifar10.safetensors and resnet32_cifar10.safetensors.
Everything else follows from a formula. Element i (row-major, from 0) of tensor t holds a u that is a function of both:

    u(t, i) = top 24 bits of splitmix64(t * 2^32 + i), divided by 2^24

where splitmix64(seed) is the generator's first number for that seed. Weights are numbered from 0 by name in the order
of code points, counters of batches left out; images are tensor 1000. An image holds 4u - 2. A running variance and a
norm's weight hold 0.5 + u, any other vector (u - 0.5) / 5, all else (2u - 1) * sqrt(6 / numbers per output). All values
are rounded to float32. Image n has label 3n + 1 modulo 10.

AdamW's epsilon is large, so that the first steps depend smoothly on small gradients, whose float32 is mostly noise.
PyTorch computes in float64, so that a fixture holds what every float32 engine approximates; how far PyTorch's own
float32 is from it stands beside.
"""

import json
import math
import sys

import numpy as np
import timm
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

IMAGES, CLASSES, SIZE = 4, 10, 32
STEPS, RATE, DECAY, BETAS, EPSILON = 3, 1e-3, 0.05, (0.9, 0.999), 1e-3


class Block(nn.Module):
    """Two convolutions; the shortcut takes every second pixel and pads with channels of zeros (option A)."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.stride, self.zeros = (1, 0) if inputs == outputs else (2, (outputs - inputs) // 2)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, self.stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride == 2:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.zeros, self.zeros))
        return F.relu(x + y)


class ResNet(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self.stage(16, 16, blocks)
        self.layer2 = self.stage(16, 32, blocks)
        self.layer3 = self.stage(32, 64, blocks)
        self.linear = nn.Linear(64, CLASSES)

    @staticmethod
    def stage(inputs, outputs, blocks):
        return nn.Sequential(*[Block(inputs if i == 0 else outputs, outputs) for i in range(blocks)])

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(F.avg_pool2d(x, x.shape[3]).flatten(1))


def vit_micro():
    return timm.models.vision_transformer.VisionTransformer(
        img_size=32, patch_size=4, embed_dim=128, depth=6, num_heads=4, num_classes=CLASSES)


NETWORKS = {"resnet20": lambda: ResNet(3), "resnet32": lambda: ResNet(5), "vit-micro": vit_micro}


def uniform(tensor, shape):
    """u of every element."""
    state = np.arange(math.prod(shape), dtype=np.uint64) + np.uint64(tensor << 32)
    with np.errstate(over="ignore"):
        z = state + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float64) / 2**24).reshape(shape)


def filled(model):
    state = {}
    names = sorted(name for name in model.state_dict() if not name.endswith("num_batches_tracked"))
    for t, name in enumerate(names):
        shape = tuple(model.state_dict()[name].shape)
        u = uniform(t, shape)
        if name.endswith("running_var") or (len(shape) == 1 and name.endswith(".weight")):
            values = 0.5 + u
        elif len(shape) == 1:
            values = (u - 0.5) / 5
        else:
            values = (2 * u - 1) * math.sqrt(6 / math.prod(shape[1:]))
        state[name] = torch.from_numpy(values.astype(np.float32))
    return state


def images():
    return torch.from_numpy((4 * uniform(1000, (IMAGES, 3, SIZE, SIZE)) - 2).astype(np.float32))


def prepared(name, state, dtype):
    model = NETWORKS[name]()
    model.load_state_dict(state, strict=False)  # the counters of batches start at 0
    return model.to(dtype)


def logits(name, state, dtype):
    model = prepared(name, state, dtype).eval()
    with torch.no_grad():
        return model(images().to(dtype))


def samples(tensor):
    flat = tensor.detach().flatten()
    return {
        "largest": flat.abs().max().item(),
        "norm": flat.norm().item(),
        "at": {str(i): flat[i].item() for i in sorted({0, len(flat) // 3, len(flat) // 2, len(flat) - 1})},
    }


def trained(name, state, chosen, dtype):
    """Some steps of AdamW on one batch: their losses, and gradients, weights and buffers of the first step.

    Later weights are no fixture: a rounding error that turns a ReLU on or off moves some of them by a thousandth.
    """
    model = prepared(name, state, dtype).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=BETAS, eps=EPSILON, weight_decay=DECAY)
    labels = (3 * torch.arange(IMAGES) + 1) % CLASSES
    losses, gradients, after = [], {}, {}
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images().to(dtype)), labels)
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
        if step == 0:
            gradients = {n: p.grad.clone() for n, p in model.named_parameters() if n in chosen}
            after = {n: model.state_dict()[n].clone() for n in chosen}
    return losses, gradients, after


def relative(a, b):
    return ((a.double() - b.double()).abs().max() / b.double().abs().max()).item()


def case(name, weights, state, chosen=()):
    exact, single = logits(name, state, torch.float64), logits(name, state, torch.float32)
    result = {
        "architecture": name,
        "weights": weights,
        "logits": exact.tolist(),
        "float32": {"logits": relative(single, exact)},
    }
    if chosen:
        losses, gradients, after = trained(name, state, chosen, torch.float64)
        losses32, gradients32, after32 = trained(name, state, chosen, torch.float32)
        result["losses"] = losses
        result["gradients"] = {n: samples(g) for n, g in gradients.items()}
        result["trained"] = {n: samples(w) for n, w in after.items()}
        result["float32"].update(
            losses=max(abs(a / b - 1) for a, b in zip(losses32, losses)),
            gradients=max(relative(gradients32[n], gradients[n]) for n in gradients),
            trained=max(relative(after32[n], after[n]) for n in after),
        )
    return result


def main(folder):
    torch.set_num_threads(1)
    cases = []
    for name in ("resnet20", "resnet32"):
        file = name + "_cifar10.safetensors"
        cases.append(case(name, file, load_file(folder + "/" + file)))
    cases.append(case("resnet20", "formula", filled(ResNet(3)), (
        "conv1.weight", "bn1.weight", "bn1.running_mean", "bn1.running_var", "layer1.1.conv2.weight", "layer2.0.bn2.bias",
        "layer2.0.conv1.weight", "layer3.2.conv2.weight", "layer3.2.bn2.running_var", "linear.weight", "linear.bias")))
    cases.append(case("vit-micro", "formula", filled(vit_micro()), (
        "cls_token", "pos_embed", "patch_embed.proj.weight", "patch_embed.proj.bias", "blocks.0.norm1.weight",
        "blocks.0.attn.qkv.weight", "blocks.2.attn.proj.weight", "blocks.3.mlp.fc1.weight", "blocks.5.mlp.fc2.bias",
        "norm.bias", "head.weight", "head.bias")))
    json.dump({
        "made by": "vision/src/test/python/pytorch_fixtures.py",
        "torch": torch.__version__, "timm": timm.__version__,
        "images": IMAGES, "steps": STEPS, "rate": RATE, "weightDecay": DECAY, "betas": BETAS, "epsilon": EPSILON,
        "cases": cases,
    }, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(sys.argv[1])
