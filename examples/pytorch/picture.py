"""The processing around a network: view of the whole photo, borders, strength and rounding; see docs/weights.md."""
import torch


def view(photo: torch.Tensor, size: int) -> torch.Tensor:
    """The whole photo [N, 3, H, W] as [N, 3, size, size]."""
    height, width = photo.shape[2:]
    return (_axis(height, size) @ photo.double() @ _axis(width, size).T).to(photo.dtype)


def _axis(size: int, places: int) -> torch.Tensor:
    """[places, size]: the weight of each pixel. Area-averaged when reducing, bilinear otherwise."""
    pixel = torch.arange(size, dtype=torch.float64)
    place = torch.arange(places, dtype=torch.float64)[:, None]
    if size > places:
        end = torch.minimum((pixel + 1) * places, (place + 1) * size)
        begin = torch.maximum(pixel * places, place * size)
        return (end - begin).clamp(min=0) / size
    position = ((place + 0.5) * size / places - 0.5).clamp(0, size - 1)
    return (1 - (position - pixel).abs()).clamp(min=0)


def mirrored(photo: torch.Tensor, multiple: int, least: int = 0) -> torch.Tensor:
    """Extends right and bottom to multiples of a number by mirroring, repeating the last pixel."""
    for axis in (2, 3):
        size = photo.shape[axis]
        padded = max(-(-size // multiple) * multiple, least)
        phase = torch.arange(padded) % (2 * size)
        photo = photo.index_select(axis, torch.minimum(phase, 2 * size - 1 - phase))
    return photo


def finished(levels: torch.Tensor, values: torch.Tensor, strength: float = 1.0, keep_off_ends: bool = True) -> torch.Tensor:
    """
    The network's values [N, 3, H, W] as levels of 0..255, uint8.

    levels: the photo's own, 0..255 as floats. keep_off_ends: nothing goes to 0 or 255 that was not there.
    """
    photo = levels.double() / 255
    mixed = photo + strength * (values.double().clamp(0, 1) - photo)
    result = (255 * mixed + 0.5).floor()
    if keep_off_ends:
        least, most = levels.clamp(max=1), levels.clamp(min=254)
        result = torch.minimum(torch.maximum(result, least), most)
    return result.to(torch.uint8)
