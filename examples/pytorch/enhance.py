"""python enhance.py MODEL.safetensors PHOTO RESULT [STRENGTH]. Photos are binary PPM, or any format that Pillow reads."""
import sys

import numpy
import torch

import weights
from bilateral_grid import BilateralGrid
from drht import Drht
from local_global import LocalGlobal

NETWORKS = {'local-global': LocalGlobal, 'bilateral-grid': BilateralGrid, 'drht': Drht}


def network_of(config: dict) -> torch.nn.Module:
    return NETWORKS[config.get('kind', 'local-global')](**config)


def load(path: str) -> torch.nn.Module:
    """Loads the network of a weight file for inference."""
    config, state = weights.load(path)
    network = network_of(config)
    missing, unexpected = network.load_state_dict(state, strict=False)
    wrong = [name for name in missing if not name.endswith('num_batches_tracked')] + unexpected
    if wrong:
        raise ValueError(f'{path} does not fit its configuration: {", ".join(wrong)}')
    return network.eval()


@torch.no_grad()
def enhance(network: torch.nn.Module, photo: numpy.ndarray, strength: float = 1.0) -> numpy.ndarray:
    """Maps uint8 [H, W, 3] to the same."""
    levels = torch.from_numpy(photo.astype(numpy.float32)).permute(2, 0, 1)[None]
    return network.enhance(levels, strength)[0].permute(1, 2, 0).contiguous().numpy()


def read(path: str) -> numpy.ndarray:
    if not path.endswith('.ppm'):
        from PIL import Image
        return numpy.asarray(Image.open(path).convert('RGB'))
    with open(path, 'rb') as file:
        width, height = map(int, file.read().split(None, 3)[1:3])
    return numpy.fromfile(path, numpy.uint8)[-3 * width * height:].reshape(height, width, 3)


def write(path: str, photo: numpy.ndarray) -> None:
    if not path.endswith('.ppm'):
        from PIL import Image
        return Image.fromarray(photo).save(path)
    with open(path, 'wb') as file:
        file.write(b'P6\n%d %d\n255\n' % (photo.shape[1], photo.shape[0]) + photo.tobytes())


if __name__ == '__main__':
    model, source, target = sys.argv[1:4]
    write(target, enhance(load(model), read(source), *map(float, sys.argv[4:5])))
