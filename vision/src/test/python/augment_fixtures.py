"""Writes what torchvision and Pillow draw and compute, for AugmentParityTest, PillowParityTest, ResizeParityTest,
InksParityTest and PositionEmbeddingsTest.

    python augment_fixtures.py ../resources/org/fissionfusion/vision

Needs torch, torchvision, Pillow and numpy. Images follow from a formula (see made_up), draws from a seed. Levels are
written in hexadecimal, plane after plane, where there are many.
"""

import io
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


def made_up(width, height=None, channels=3, levels=211, lowest=20):
    y, x, c = np.meshgrid(np.arange(height or width), np.arange(width), np.arange(channels), indexing="ij")
    pixels = ((x * 37 + y * 59 + c * 83 + x * y * 7) % levels + lowest).astype(np.uint8)
    return Image.fromarray(pixels if channels == 3 else pixels[..., 0])


def planes(image):
    pixels = np.asarray(image)
    return (pixels.transpose(2, 0, 1) if pixels.ndim == 3 else pixels).flatten().tolist()


def hexadecimal(image):
    return bytes(planes(image)).hex()


def histogram(values, low, high):
    """Counts of equal bins; the last holds its upper end."""
    at = np.minimum(((np.asarray(values) - low) / (high - low) * BINS).astype(int), BINS - 1)
    return np.bincount(at, minlength=BINS).tolist()


def jittered():
    steps = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation]
    for factors, order in itertools.product([[0.7, 1.35, 0.62], [1.4, 0.6, 1.4]], itertools.permutations(range(3))):
        image = made_up(12)
        for step in order:
            image = steps[step](image, factors[step])
        yield ["JITTER", *order, *factors, *planes(image)]


def central_crops():
    """No share above 1 fits, so every draw ends in the fallback."""
    for width, height in [(300, 100), (100, 300), (101, 67), (67, 101), (120, 100), (97, 31), (5, 9)]:
        image = torch.zeros(1, height, width)
        top, left, h, w = RandomResizedCrop.get_params(image, (5, 6), (3 / 4, 4 / 3))
        yield ["CENTRAL", width, height, left, top, w, h]


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


def magnitudes():
    for size in [32, 331]:
        for name, (values, _) in space(size).items():
            yield ["MAGNITUDES", name, size, *[f"{v:.9g}" for v in values.expand(31).tolist()]]


def space(size):
    return RandAugment()._augmentation_space(31, (size, size))


def altered():
    """Every operation at several magnitudes in every direction; RGB of 12 and grey of 19 pixels a side."""
    for size, channels in [(12, 3), (19, 1)]:
        for name, (values, signed) in space(size).items():
            for step in [0, 4, 11, 15, 23, 30] if values.ndim else [15]:
                for sign in [1, -1] if signed else [1]:
                    magnitude = sign * values.expand(31)[step].item()
                    image = autoaugment._apply_op(
                        made_up(size, channels=channels), name, magnitude, F.InterpolationMode.BILINEAR, [0] * channels)
                    yield [name, magnitude, size, channels, hexadecimal(image)]


def cropped():
    """Crop, then resize, as RandomResizedCrop does."""
    for width, height, left, top, w, h, size, channels in [
            (12, 10, 0, 0, 12, 10, 5, 3), (7, 5, 0, 0, 7, 5, 9, 3), (28, 28, 3, 2, 21, 25, 8, 1),
            (16, 12, 2, 1, 11, 10, 10, 3), (28, 28, 0, 0, 28, 28, 12, 3), (30, 30, 0, 0, 30, 30, 3, 1),
            (40, 33, 5, 3, 29, 17, 25, 3), (40, 33, 1, 9, 9, 23, 25, 1)]:
        image = made_up(width, height, channels)
        image = F.resized_crop(image, top, left, h, w, [size, size], F.InterpolationMode.BILINEAR, antialias=True)
        yield ["RESIZE", width, height, left, top, w, h, size, channels, hexadecimal(image)]


def squares():
    """Image.resize of the whole, of the central square, and between black bars."""
    shapes = [(13, 7, 5), (7, 13, 5), (31, 17, 48), (12, 12, 12), (40, 23, 9), (3, 3, 17), (301, 200, 23), (1, 1, 4)]
    for (width, height, size), channels, name in itertools.product(shapes, [3, 1], ["BILINEAR", "BICUBIC"]):
        yield square("SQUASH", name, width, height, size, channels)
    for fit, name in itertools.product(["SHORT_SIDE", "LETTERBOX"], ["BILINEAR", "BICUBIC"]):
        yield square(fit, name, 41, 24, 16, 3)


def square(fit, name, width, height, size, channels):
    image = made_up(width, height, channels, levels=256, lowest=0)
    resample = Image.Resampling[name]
    if fit == "SHORT_SIDE":
        side = min(width, height)
        image = F.center_crop(image, [side, side])
    if fit == "LETTERBOX":
        bars = Image.new("RGB", (size, size))
        inner = image.resize((size, round(height * size / width)), resample)
        bars.paste(inner, (0, (size - inner.height) // 2))
        image = bars
    else:
        image = image.resize((size, size), resample)
    return [fit, name, width, height, size, channels, hexadecimal(image)]


def inks():
    """Pictures of cyan, magenta, yellow and black; Pillow writes no YCCK, so the marker's transform is set to it."""
    y, x, c = np.meshgrid(np.arange(8), np.arange(8), np.arange(4), indexing="ij")
    levels = ((x * 17 + y * 11 + c * 61) * (4 - c) // 4 % 256).astype(np.uint8)
    for name, kind, pixels in [("cmyk", "JPEG", levels), ("ycck", "JPEG", levels // 2 + 64), ("tiff", "TIFF", levels)]:
        encoded = io.BytesIO()
        Image.fromarray(pixels, "CMYK").save(encoded, kind, quality=95, optimize=True)
        encoded = bytearray(encoded.getvalue())
        if name == "ycck":
            encoded[encoded.index(b"Adobe") + 11] = 2
        rgb = np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))
        yield [name, encoded.hex(), rgb.tobytes().hex()]


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
write(folder / "augment" / "pillow.txt", altered(), cropped())
write(folder / "images" / "pillow.txt", squares())
write(folder / "images" / "inks.txt", inks())
write(folder / "augment" / "torchvision.txt", jittered(), equalized, crops(), jitter_draws(), operations(),
      magnitudes(), central_crops())
write(folder / "model" / "bicubic.txt", bicubic())
