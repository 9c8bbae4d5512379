"""What PyTorch computes of BatchNorm statistics estimated anew, and of the loss of findings.

    python3 golden_more.py FOLDER        # writes FOLDER/more.json; needs what golden.py needs

Weights and images are those of golden.py; images of bytes hold the top byte of index times 2654435761.
BatchNormEstimateTest and FindingsLossTest compare.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from golden import CLASSES, CifarResNet, filled

SIZE, BATCH, STEPS = 16, 6, 3
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
UNCERTAIN, BLANK = -1, -2
KNOWN = [[1, 0, -1, -2, 0], [0, 1, 1, 0, -2], [-1, -2, 0, 1, 1], [1, 0, 0, -1, 0], [0, 0, 1, -2, -1], [-2, 1, 0, 0, 1]]
POSITIVES = [10.0, 3, 1, 4, 2]


def network():
    net = CifarResNet(3)
    net.load_state_dict({k: filled(k, tuple(v.shape)) for k, v in net.state_dict().items() if v.shape}, strict=False)
    return net.double()


def batch_norm():
    index = np.arange(BATCH * SIZE * SIZE * 3, dtype=np.uint32)
    pixels = ((index * np.uint32(2654435761)) >> np.uint32(24)).reshape(BATCH, SIZE, SIZE, 3)
    images = (torch.from_numpy(pixels.astype(np.float64)) / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    net = network()
    torch.optim.swa_utils.update_bn([images.permute(0, 3, 1, 2)], net)
    state = net.state_dict()
    names = [k for k in state if k.endswith(("running_mean", "running_var"))]
    chosen = [names[i] for i in (0, 1, len(names) // 2, len(names) - 2, len(names) - 1)]
    return {k: state[k].double().tolist() for k in chosen}


def findings(name, uncertain, blank, parts):
    """Three steps of AdamW; a finding counts with the mean of its known images, as torchxrayvision trains."""
    known = torch.tensor(KNOWN)
    target = torch.where(known == UNCERTAIN, torch.tensor({"ignore": -9, "zeros": 0, "ones": 1}[uncertain]), known)
    target = torch.where(target == BLANK, torch.tensor({"ignore": -9, "zeros": 0}[blank]), target)
    positives = torch.tensor(POSITIVES)
    weights = positives.max() - positives + positives.mean()
    weights = weights / weights.max()
    net = network()
    start = {k: v.detach().double().clone() for k, v in net.named_parameters()}
    adam = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=0.01, eps=1e-2)
    images = filled("images", (BATCH, 3, SIZE, SIZE)).double() * 7
    losses = []
    net.train()
    for _ in range(STEPS):
        adam.zero_grad()
        out = torch.cat([net(x) for x in images.chunk(parts)])
        loss = 0
        for t in range(CLASSES):
            mask = target[:, t] >= 0
            if mask.any():
                loss = loss + weights[t] * F.binary_cross_entropy_with_logits(out[mask, t], target[mask, t].double())
        loss.backward()
        if not losses:
            gradient = net.linear.weight.grad.flatten().double().tolist()
        adam.step()
        losses.append(loss.item())
    names = [k for k, _ in net.named_parameters()]
    moved = {}
    for k in (names[i] for i in (0, 1, len(names) // 2, len(names) - 2, len(names) - 1)):
        d = (net.state_dict()[k].double() - start[k]).flatten()
        at = [0, d.numel() // 2, d.numel() - 1]
        moved[k] = {"largest": d.abs().max().item(), "at": at, "values": d[at].tolist()}
    return {"case": name, "uncertain": uncertain, "blank": blank, "parts": parts, "losses": losses,
            "headGradient": gradient[::40], "moved": moved}


if __name__ == "__main__":
    torch.set_num_threads(1)
    made = {
        "torch": torch.__version__,
        "batchNorm": batch_norm(),
        "findings": [
            findings("masked", "ignore", "ignore", 1),
            findings("uncertain are present", "ones", "ignore", 1),
            findings("all known", "zeros", "zeros", 1),
            findings("in parts", "ignore", "ignore", 3),
        ],
    }
    Path(sys.argv[1], "more.json").write_text(json.dumps(made, indent=1) + "\n")
