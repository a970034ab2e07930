"""
PyTorch on the processor for `glocal bench --against pytorch`: the modules of examples/pytorch, told what to do by lines of
JSON on standard input, each answered by one on standard output. Numbers go through files.
"""
import json
import os
import pathlib
import sys

import numpy
import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / 'examples' / 'pytorch'))
import weights
from local_global import LocalGlobal

torch.set_num_threads(len(os.sched_getaffinity(0)))


def floats(path: str, shape: list) -> torch.Tensor:
    return torch.from_numpy(numpy.fromfile(path, '<f4').reshape(shape))


def folded(network: nn.Module) -> None:
    """Biases in place of batch norms, as the weights have them."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, nn.Identity())
            elif isinstance(child, (nn.Conv2d, nn.ConvTranspose2d)) and child.bias is None:
                outputs = child.out_channels
                child.bias = nn.Parameter(torch.zeros(outputs))


def seen(network: LocalGlobal, image: torch.Tensor) -> torch.Tensor:
    side = network.view_size
    return F.interpolate(image, (side, side), mode='bilinear', align_corners=False) if side else None


class Forward:
    def __init__(self, task: dict):
        self.network = LocalGlobal(**task['config'])
        folded(self.network)
        self.network.load_state_dict(weights.load(task['weights'])[1])
        self.network.eval()
        self.image = floats(task['image'], task['shape'])

    @torch.no_grad()
    def run(self, times: int) -> None:
        for _ in range(times):
            self.output = self.network(self.image, seen(self.network, self.image))

    def read(self) -> torch.Tensor:
        return self.output


class Training:
    def __init__(self, task: dict):
        self.network = LocalGlobal(**task['config'])
        self.network.load_state_dict(weights.load(task['weights'])[1], strict=False)
        self.network.train()
        self.input, self.target = (floats(task[name], task['shape']) for name in ('input', 'target'))
        self.adam = torch.optim.Adam(self.network.parameters(), task['rate'])
        self._backward()
        self.first = {name: value.grad.clone() for name, value in self.network.named_parameters()}
        self.network.load_state_dict(weights.load(task['weights'])[1], strict=False)

    def _backward(self) -> None:
        self.adam.zero_grad(set_to_none=True)
        self.loss = F.mse_loss(self.network(self.input, seen(self.network, self.input)), self.target)
        self.loss.backward()

    def run(self, times: int) -> None:
        for _ in range(times):
            self._backward()
            self.adam.step()


run = None
for line in sys.stdin:
    task = json.loads(line)
    answer = {}
    if task['do'] == 'forward':
        run = Forward(task)
        answer = {'version': torch.__version__}
    elif task['do'] == 'training':
        run = Training(task)
        answer = {'version': torch.__version__}
    elif task['do'] == 'run':
        run.run(task['times'])
    elif task['do'] == 'read':
        run.read().numpy().astype('<f4').tofile(task['to'])
    elif task['do'] == 'loss':
        answer = {'loss': run.loss.item()}
    elif task['do'] == 'gradient':
        run.first[task['name']].numpy().astype('<f4').tofile(task['to'])
    elif task['do'] == 'version':
        answer = {'version': torch.__version__}
    print(json.dumps(answer), flush=True)
