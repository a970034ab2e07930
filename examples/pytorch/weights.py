"""Weight files: safetensors, read and written without its package. `safetensors.torch` does the same."""
import json
import struct

import torch

_TYPES = {'F64': torch.float64, 'F32': torch.float32, 'F16': torch.float16, 'BF16': torch.bfloat16, 'I64': torch.int64}


def load(path: str) -> tuple:
    """Returns the configuration and the state dict, in single precision."""
    with open(path, 'rb') as file:
        (length,) = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    metadata = header.pop('__metadata__', {})
    state = {}
    for name, entry in header.items():
        begin, end = entry['data_offsets']
        tensor = torch.frombuffer(data[begin:end], dtype=_TYPES[entry['dtype']])
        state[name] = tensor.reshape(entry['shape']).float()
    return json.loads(metadata.get('config', '{}')), state


def save(path: str, state: dict, config: dict = None) -> None:
    """Writes a state dict without batch norm counters; with a configuration, the file needs no import."""
    tensors = {name: tensor for name, tensor in state.items() if not name.endswith('num_batches_tracked')}
    header, end = {}, 0
    if config is not None:
        header['__metadata__'] = {'format': 'glocal-weights-1', 'config': json.dumps(config)}
    for name, tensor in tensors.items():
        begin, end = end, end + 4 * tensor.numel()
        header[name] = {'dtype': 'F32', 'shape': list(tensor.shape), 'data_offsets': [begin, end]}
    text = json.dumps(header).encode()
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().float().contiguous().numpy().astype('<f4').tobytes())
