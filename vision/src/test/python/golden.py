"""Golden numbers of every architecture: logits, and loss and gradients of one training step, as PyTorch computes them
in float64, which no processor's order of additions changes.

    python3 golden.py FOLDER        # writes FOLDER/golden.json; needs torch, torchvision, timm, numpy

Weights and images are no random numbers but a hash of their index and name (see filled), so that any implementation
can make the same ones. GoldenTest compares. The file names the versions it was made with.
"""

import json
import math
import re
import sys
import zlib
from pathlib import Path

import numpy as np
import timm
import torch
import torch.nn.functional as F
import torchvision
from timm.layers import resample_abs_pos_embed
from timm.optim import param_groups_layer_decay
from torch import nn

CLASSES = 5
BATCH_NORM = re.compile(r"(bn\d|downsample\.1)\.(weight|bias)$")


def uniform(name, count):
    """Numbers in [-0.5, 0.5): a 32-bit mix of index and the CRC-32 of the name."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(zlib.crc32(name.encode()))
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x45D9F3B)
    x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2.0**32 - 0.5


def filled(name, shape):
    """Kernels and matrices of variance 2 / inputs, norms near one, the rest small; float32 of float64.

    BatchNorm is small beside its shifts, which alternate: of the millions of inputs of ReLU so few come near zero that
    rounding does not decide which are cut off, and one such moves a gradient by far more than rounding itself.
    """
    u = uniform(name, math.prod(shape))
    if BATCH_NORM.search(name):
        values = 1 + 0.4 * u
        values *= 0.4 if name.endswith("weight") else 1 - 2 * (np.arange(len(u)) % 2)
    elif name.endswith("running_var") or (len(shape) == 1 and name.endswith("weight")):
        values = 1 + 0.4 * u
    elif len(shape) in (2, 4) and name.endswith("weight"):
        values = u * math.sqrt(24 / math.prod(shape[1:]))
    else:
        values = 0.4 * u
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.stride = 1 if inputs == outputs else 2
        self.zeros = (outputs - inputs) // 2
        self.conv1 = nn.Conv2d(inputs, outputs, 3, self.stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride == 2:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.zeros, self.zeros))
        return F.relu(y + x)


class CifarResNet(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(*[Block(16, 16) for _ in range(blocks)])
        self.layer2 = nn.Sequential(*[Block(16 if i == 0 else 32, 32) for i in range(blocks)])
        self.layer3 = nn.Sequential(*[Block(32 if i == 0 else 64, 64) for i in range(blocks)])
        self.linear = nn.Linear(64, CLASSES)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.linear(x.mean((2, 3)))


def model(name, size):
    if name in ("resnet20", "resnet32"):
        return CifarResNet({"resnet20": 3, "resnet32": 5}[name])
    if name == "vit-micro":
        return timm.models.VisionTransformer(32, 4, 3, CLASSES, embed_dim=128, depth=6, num_heads=4)
    if name.startswith("resnet"):
        return getattr(torchvision.models, name)(num_classes=CLASSES)
    return timm.create_model(name, num_classes=CLASSES, img_size=size)


def golden(name, size, batch, seed):
    net = model(name, size)
    state = {k: filled(k, tuple(v.shape)) for k, v in net.state_dict().items() if v.dtype == torch.float32}
    net.load_state_dict(state, strict=False)
    net.double()
    images = filled(f"images{seed}", (batch, 3, size, size)).double() * 7
    labels = torch.arange(batch) % CLASSES
    net.eval()
    with torch.no_grad():
        logits = net(images)
    net.train()
    loss = F.cross_entropy(net(images), labels)
    loss.backward()
    names = [k for k, _ in net.named_parameters()]
    chosen = sorted({0, 1, 2, len(names) // 3, len(names) // 2, 2 * len(names) // 3, len(names) - 2, len(names) - 1})
    gradients = {}
    for k in (names[i] for i in chosen):
        g = net.get_parameter(k).grad.flatten().double()
        at = [0, g.numel() // 2, g.numel() - 1]
        gradients[k] = {"norm": g.norm().item(), "largest": g.abs().max().item(), "at": at, "values": g[at].tolist()}
    running = {
        k: v.double().norm().item() for k, v in net.state_dict().items() if k.endswith(("running_mean", "running_var"))
    }
    counts = not isinstance(net, CifarResNet)  # published weights of these have no counters of batches
    layout = sorted(f"{k}{list(v.shape)}" for k, v in net.state_dict().items() if counts or v.shape)
    shapes = zlib.crc32(";".join(layout).encode())
    return {
        "architecture": name,
        "imageSize": size,
        "batch": batch,
        "seed": seed,
        "stateDict": shapes,
        "logits": logits.flatten().tolist(),
        "loss": loss.item(),
        "gradients": gradients,
        "running": {k: running[k] for k in list(running)[-2:]},
    }


class SplitMix:
    """The project's generator, to draw the same masks."""

    mask = (1 << 64) - 1

    def __init__(self, seed):
        self.state = seed & self.mask

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & self.mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & self.mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & self.mask
        return z ^ (z >> 31)

    def factor(self, dropped):
        return 0.0 if (self.next() >> 11) * 2.0**-53 < dropped else 1 / (1 - dropped)

    @staticmethod
    def hash(first, second):
        return SplitMix(SplitMix(first).next() ^ second).next()


class Times(nn.Module):
    """Multiplies by a fixed mask, in the place of timm's random layers."""

    def __init__(self, factors):
        super().__init__()
        self.factors = factors

    def forward(self, x):
        return x * self.factors


def drop(net, depth, dropout, batch, seed):
    random = SplitMix(SplitMix.hash(seed, 1))
    for i, block in enumerate(net.blocks):
        rate = depth * i / (len(net.blocks) - 1)
        block.drop_path1 = Times(torch.tensor([random.factor(rate) for _ in range(batch)]).reshape(-1, 1, 1))
        block.drop_path2 = Times(torch.tensor([random.factor(rate) for _ in range(batch)]).reshape(-1, 1, 1))
    random = SplitMix(SplitMix.hash(seed, 2))
    factors = [random.factor(dropout) for _ in range(batch * net.embed_dim)]
    net.head_drop = Times(torch.tensor(factors).reshape(batch, net.embed_dim))


def options(name, smoothing=0.0, weighted=False, adjusted=0.0, clip=None, parts=1, average=None, layer_decay=None,
            depth=0.0, dropout=0.0):
    """Three steps of AdamW with an option on; labels have the counts below in the training set."""
    architecture = "vit-micro" if layer_decay or depth else "resnet20"
    size, batch, steps = 32 if architecture == "vit-micro" else 16, 6, 3
    net = model(architecture, size)
    net.load_state_dict({k: filled(k, tuple(v.shape)) for k, v in net.state_dict().items() if v.shape}, strict=False)
    net.double()
    start = {k: v.detach().double().clone() for k, v in net.named_parameters()}
    if depth:
        drop(net, depth, dropout, batch, 5)
    counts = torch.tensor([10.0, 3, 1, 4, 2])
    weights = (counts.sum() / (CLASSES * counts)).double() if weighted else None
    priors = adjusted * torch.log(counts / counts.sum())
    groups = net.parameters()
    if layer_decay:
        groups = param_groups_layer_decay(net, 0.01, layer_decay=layer_decay)
        for group in groups:
            group["lr"] = 1e-2 * group["lr_scale"]
            group["weight_decay"] = 0.01
    adam = torch.optim.AdamW(groups, lr=1e-2, weight_decay=0.01, eps=1e-2)
    images = filled("images", (batch, 3, size, size)).double() * 7
    labels = torch.tensor([0, 1, 2, 3, 4, 0])
    averages = {k: v.detach().clone() for k, v in net.state_dict().items() if v.shape}
    losses = []
    net.train()
    for _ in range(steps):
        adam.zero_grad()
        total = 0.0
        for x, y in zip(images.chunk(parts), labels.chunk(parts)):
            sums = F.cross_entropy(net(x) + priors, y, weights, reduction="sum", label_smoothing=smoothing)
            loss = sums / (weights[labels].sum() if weighted else batch)
            loss.backward()
            total += loss.item()
        if clip:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
        adam.step()
        for k, v in averages.items():
            if average:
                v.lerp_(net.state_dict()[k], 1 - average)
        losses.append(total)
    end = averages if average else net.state_dict()
    names = [k for k, _ in net.named_parameters()]
    moved = {}
    for k in (names[i] for i in (0, 1, len(names) // 2, len(names) - 3, len(names) - 1)):
        d = (end[k].double() - start[k]).flatten()
        at = [0, d.numel() // 2, d.numel() - 1]
        moved[k] = {"largest": d.abs().max().item(), "at": at, "values": d[at].tolist()}
    return {"option": name, "architecture": architecture, "imageSize": size, "losses": losses, "moved": moved}


def positions(width, old, new):
    embedding = filled("pos_embed", (1, old * old + 1, width))
    resized = resample_abs_pos_embed(embedding, (new, new), (old, old), num_prefix_tokens=1)
    return {"width": width, "from": old, "to": new, "values": resized.flatten().tolist()}


# of the seeds below 16 those whose images keep every input of ReLU and max pooling farthest from a tie
RUNS = [
    ("resnet20", 32, 4, 12),
    ("resnet32", 24, 4, 8),
    ("vit-micro", 32, 2, 0),
    ("resnet18", 64, 4, 6),
    ("resnet34", 64, 4, 2),
    ("resnet50", 64, 4, 1),
    ("resnet101", 64, 2, 1),
    ("deit_tiny_patch16_224", 224, 2, 0),
    ("deit_small_patch16_224", 64, 2, 0),
    ("deit_base_patch16_224", 32, 2, 0),
    ("vit_tiny_patch16_224", 48, 2, 0),
    ("vit_small_patch16_224", 32, 2, 0),
    ("vit_base_patch16_224", 32, 2, 0),
]

if __name__ == "__main__":
    torch.set_num_threads(1)
    made = {
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "timm": timm.__version__,
        "classes": CLASSES,
        "networks": [] if len(sys.argv) > 2 else [golden(*run) for run in RUNS],
        "options": [
            options("none"),
            options("labelSmoothing", smoothing=0.1),
            options("classWeighted", weighted=True),
            options("logitAdjustment", adjusted=0.7),
            options("weightedAndSmoothed", weighted=True, smoothing=0.1),
            options("gradientClip", clip=0.5),
            options("accumulate", parts=3),
            options("averageDecay", average=0.9),
            options("layerDecay", layer_decay=0.7),
            options("drop", depth=0.6, dropout=0.4),
        ],
        "positions": [positions(2, 4, 7), positions(2, 14, 6), positions(1, 14, 16)],
    }
    text = ",\n".join(f'"{k}": ' + ("[\n%s\n]" % ",\n".join(map(json.dumps, v)) if isinstance(v, list) else json.dumps(v)) for k, v in made.items())
    Path(sys.argv[1], "golden.json").write_text("{\n" + text + "\n}\n")
