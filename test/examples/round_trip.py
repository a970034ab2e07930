"""
python round_trip.py FOLDER: what the tests of examples/pytorch compare. Of every *.safetensors it enhances every *.ppm to
MODEL.PHOTO.out, and saves the state to MODEL.back; networks from scratch go to scratch-*.saved, with their pictures.
"""
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / 'examples' / 'pytorch'))
import enhance
import weights
from bilateral_grid import BilateralGrid
from local_global import LocalGlobal

torch.set_num_threads(1)
folder = pathlib.Path(sys.argv[1])
photos = [(path.stem, enhance.read(str(path))) for path in sorted(folder.glob('*.ppm'))]


def run(name: str, network: torch.nn.Module) -> None:
    for photo, pixels in photos:
        (folder / f'{name}.{photo}.out').write_bytes(enhance.enhance(network, pixels).tobytes())


for path in sorted(folder.glob('*.safetensors')):
    network = enhance.load(str(path))
    run(path.stem, network)
    weights.save(str(folder / f'{path.stem}.back'), torch.nn.DataParallel(network).state_dict())

torch.manual_seed(1)
for name, network in {
    'scratch-local': LocalGlobal(width=3, globalWidth=2, join='A', globalSize=32),
    'scratch-grid': BilateralGrid(width=2, gridSize=8, viewSize=32, levels=4, guideWidth=3),
}.items():
    # Nothing may stay at its neutral value.
    for part, tensor in network.state_dict().items():
        if '_var' in part or 'bn' in part and part.endswith('weight'):
            tensor.uniform_(0.5, 1.5)
        elif 'bn' in part and tensor.dim() == 1:
            tensor.uniform_(-0.3, 0.3)
    run(name, network.eval())
    weights.save(str(folder / f'{name}.saved'), network.state_dict())
