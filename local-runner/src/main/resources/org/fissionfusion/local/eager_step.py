"""Times PyTorch eager as StepBench times this engine: train or score, architecture, batch, threads, steps per line,
image size. Networks but the CIFAR-style ones come from torchvision and timm.

Takes some steps for every line of standard input and answers "times: WALL/PROCESSOR ...", in milliseconds.
"""

import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

work, name = sys.argv[1], sys.argv[2]
batch, threads, steps = int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
torch.set_num_threads(threads)
torch.manual_seed(1)


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


class ResNet(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        widths = [16] + [16] * blocks + [32] * blocks + [64] * blocks
        self.blocks = nn.Sequential(*[Block(a, b) for a, b in zip(widths, widths[1:])])
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = self.blocks(F.relu(self.bn1(self.conv1(x))))
        return self.linear(x.mean((2, 3)))


def network(size):
    depths = {"resnet20": 3, "resnet32": 5}
    if name in depths:
        return ResNet(depths[name])
    if name.startswith("resnet"):
        import torchvision

        return getattr(torchvision.models, name)(num_classes=10)
    import timm

    if name == "vit-micro":
        return timm.models.VisionTransformer(32, 4, 3, 10, embed_dim=128, depth=6, num_heads=4)
    return timm.create_model(name, num_classes=10, img_size=size)


size = int(sys.argv[6])
model = network(size).train(work == "train")
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
images = torch.randn(batch, 3, size, size)
labels = torch.arange(batch) % 10


def train():
    optimizer.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.inference_mode()
def score():
    return model(images).numpy()


step = train if work == "train" else score
for _ in range(3):
    step()
for _ in sys.stdin:
    times = []
    for _ in range(steps):
        begun, processor = time.perf_counter(), time.process_time()
        step()
        times.append(f"{(time.perf_counter() - begun) * 1e3:.3f}/{(time.process_time() - processor) * 1e3:.3f}")
    print("times:", *times, flush=True)
