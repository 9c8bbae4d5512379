"""Writes what torchvision and Pillow draw and compute, for AugmentParityTest and PositionEmbeddingsTest.

    python augment_fixtures.py ../resources/org/fissionfusion/vision

Needs torch, torchvision, Pillow and numpy. Images follow from a formula (see made_up), draws from a seed.
"""

import itertools
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torchvision.transforms import ColorJitter, RandAugment, RandomResizedCrop, autoaugment
from torchvision.transforms import functional as F

DRAWS = 20000
BINS = 10
OPERATIONS = ["Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast",
              "Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize"]


def made_up(size):
    y, x, c = np.meshgrid(np.arange(size), np.arange(size), np.arange(3), indexing="ij")
    return Image.fromarray(((x * 37 + y * 59 + c * 83 + x * y * 7) % 211 + 20).astype(np.uint8))


def planes(image):
    return np.asarray(image).transpose(2, 0, 1).flatten().tolist()


def histogram(values, low, high):
    """Counts of equal bins; the last holds its upper end."""
    at = np.minimum(((np.asarray(values) - low) / (high - low) * BINS).astype(int), BINS - 1)
    return np.bincount(at, minlength=BINS).tolist()


def jittered():
    steps = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation]
    factors = [0.7, 1.35, 0.62]
    for order in itertools.permutations(range(3)):
        image = made_up(12)
        for step in order:
            image = steps[step](image, factors[step])
        yield ["JITTER", *order, *factors, *planes(image)]


def crops():
    for width, height, low, high in [(256, 256, 0.7, 1.2), (200, 150, 0.7, 1.2), (224, 160, 0.08, 1.0), (96, 96, 0.9, 1.0)]:
        image = torch.zeros(1, height, width)
        windows = np.array([RandomResizedCrop.get_params(image, (low, high), (3 / 4, 4 / 3)) for _ in range(DRAWS)])
        top, left, h, w = windows.T
        case = ["CROP", width, height, low, high]
        yield [*case, "width", *histogram(w, 1, width)]
        yield [*case, "height", *histogram(h, 1, height)]
        yield [*case, "left", *histogram(left, 0, width)]
        yield [*case, "top", *histogram(top, 0, height)]
        yield [*case, "ratio", *histogram(np.log(w / h), np.log(0.7), -np.log(0.7))]


def operations():
    drawn = []
    autoaugment._apply_op = lambda image, name, magnitude, **_: drawn.append((name, magnitude)) or image
    augment = RandAugment(num_ops=2, magnitude=15, num_magnitude_bins=31)
    image = made_up(24)
    for _ in range(DRAWS // 2):
        augment(image)
    yield ["OPERATIONS", *[sum(name == one for name, _ in drawn) for one in OPERATIONS]]
    yield ["NEGATIVE", *[sum(name == one and m < 0 for name, m in drawn) for one in OPERATIONS]]


def jitter_draws():
    jitter = ColorJitter(0.4, 0.4, 0.4)
    orders, factors = [], []
    for _ in range(DRAWS):
        order, *values = ColorJitter.get_params(jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue)
        orders.append(tuple(i for i in order.tolist() if i < 3))
        factors.append(values[:3])
    yield ["ORDERS", *[orders.count(order) for order in itertools.permutations(range(3))]]
    for k, name in enumerate(["brightness", "contrast", "saturation"]):
        yield ["FACTOR", name, *histogram([f[k] for f in factors], 0.6, 1.4)]


def bicubic():
    for before, after in [(14, 7), (7, 14), (14, 9), (4, 5)]:
        y, x = np.meshgrid(np.arange(before), np.arange(before), indexing="ij")
        grid = ((x * 37 + y * 59 + x * y * 7) % 211 + 20).astype(np.float32)
        resized = Image.fromarray(grid).resize((after, after), Image.Resampling.BICUBIC)
        yield ["BICUBIC", before, after, *[f"{v:.4f}" for v in np.asarray(resized).flatten()]]


def write(path, *parts):
    path.write_text("".join(" ".join(map(str, line)) + "\n" for line in itertools.chain(*parts)))


folder = Path(sys.argv[1])
torch.manual_seed(1)
equalized = [["EQUALIZE", 24, *planes(ImageOps.equalize(made_up(24)))]]
write(folder / "augment" / "torchvision.txt", jittered(), equalized, crops(), jitter_draws(), operations())
write(folder / "model" / "bicubic.txt", bicubic())
