"""Writes a small scripted network and what PyTorch computes with it, for ScriptedNetworkTest, and one that draws, for
ResumedOptionsTest.

    python script_fixture.py ../resources/org/fissionfusion/vision/model

Makes scripted.pt, scripted.safetensors and scripted.json, and drawing.pt and drawing.safetensors. Needs torch,
torchvision and safetensors, and what golden.py imports.
"""

import json
import sys

import torch
import torch.nn.functional as F
from golden import filled
from safetensors.torch import save_file
from torch import nn
from torchvision.ops import Conv2dNormActivation

CLASSES, BATCH, SIZE, RATE, STEPS = 5, 4, 16, 1e-2, 5


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(6)
        self.body = nn.Sequential(nn.Conv2d(6, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish())
        self.register_buffer("scale", torch.full((8,), 1.5))
        self.fc = nn.Linear(8, CLASSES)

    def forward(self, x):
        x = self.body(F.relu(self.norm(self.stem(x))))
        return self.fc(x.mean((2, 3)) * self.scale)


class Drawing(nn.Module):
    """Of a class that lives in a package named ops, with an operator whose version PyTorch writes down, and Dropout."""

    def __init__(self):
        super().__init__()
        self.stem = Conv2dNormActivation(3, 8, 3, 4, activation_layer=nn.GELU, inplace=None)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc(self.drop(self.stem(x).mean((2, 3))))


def export(net, name):
    for module in list(net.modules()):
        for key, buffer in list(module._buffers.items()):
            if buffer is not None:
                del module._buffers[key]
                module.register_parameter(key, nn.Parameter(buffer, requires_grad=False))
    torch.jit.script(net).save(name + ".pt")
    save_file(net.state_dict(), name + ".safetensors")


def made(module=Net):
    torch.manual_seed(1)
    return module()


torch.set_num_threads(1)
images = 7 * filled("images", (BATCH, 3, SIZE, SIZE))
labels = torch.arange(BATCH) % CLASSES
net = made().eval()
golden = {"logits": net(images).flatten().tolist()}
for kind in ("fine-tune", "probe"):
    net = made().train(kind == "fine-tune")
    trained = net.parameters() if kind == "fine-tune" else net.fc.parameters()
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    state = {name: t.double().sum().item() for name, t in net.state_dict().items()}
    golden[kind] = {"losses": losses, "sums": state}
export(made(), sys.argv[1] + "/scripted")
export(made(Drawing), sys.argv[1] + "/drawing")
json.dump(golden, open(sys.argv[1] + "/scripted.json", "w"), indent=1)
