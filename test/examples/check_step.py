"""
python check_step.py FOLDER: repeats the step that `glocal train --dump-batch FOLDER --dump-gradients` wrote, in float64, and
prints the largest errors, each over the largest number of its kind, as JSON.
"""
import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / 'examples' / 'pytorch'))
import enhance
import picture
import weights

torch.set_num_threads(1)
folder = pathlib.Path(sys.argv[1])
facts = json.loads((folder / 'step.json').read_text())
_, batch = weights.load(str(folder / 'batch.safetensors'))
_, before = weights.load(str(folder / 'before.safetensors'))
_, after = weights.load(str(folder / 'after.safetensors'))
_, given = weights.load(str(folder / 'gradients.safetensors'))

network = enhance.network_of(facts['network'])
network.load_state_dict({name: value for name, value in before.items() if '.adam.' not in name}, strict=False)
network.double().train()
photo, target = batch['input'].double(), batch['target'].double()
output = network(photo, torch.nn.functional.interpolate(photo, (network.view_size,) * 2, mode='bilinear', align_corners=False))
loss = {'mse': torch.nn.functional.mse_loss, 'mae': torch.nn.functional.l1_loss}[facts['lossFunction']](output, target)
loss.backward()
gradients = {name: parameter.grad for name, parameter in network.named_parameters()}
adam = facts['adam']
torch.optim.Adam(network.parameters(), facts['rate'], (adam['beta1'], adam['beta2']), adam['eps']).step()
state = network.state_dict()


def error(got: dict, wanted: dict) -> float:
    return max(((got[name].double() - wanted[name]).abs().max() / wanted[name].abs().max().clamp(min=1e-30)).item() for name in wanted)


moments = {name: (1 - adam['beta1']) * gradient for name, gradient in gradients.items()}
print(json.dumps({
    'loss': abs(loss.item() - facts['loss']) / loss.item(),
    'gradients': error(given, gradients),
    'names': sorted(given) == sorted(gradients),
    'moments': error({name: after[f'{name}.adam.m'] for name in moments}, moments),
    'statistics': error(after, {name: value for name, value in state.items() if 'running' in name}),
    # Where a gradient is nearly zero its sign, and with it Adam's whole first step, is one of rounding.
    'parameters': max((after[name].double() - state[name]).abs().mean().item() for name in gradients) / facts['rate'],
}))
