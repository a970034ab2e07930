"""The bilateral-grid network, under the names of glocal's weight files."""
import math

import torch
from torch import nn
from torch.nn import functional as F

import picture


class Layer(nn.Module):
    """A 3x3 convolution with batch norm and ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int, norm: dict):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(outputs, **norm)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class BilateralGrid(nn.Module):
    """Maps photos [N, 3, H, W] in 0..1, of any size, and their views to photos, not clipped above."""

    def __init__(self, width=16, viewSize=128, gridSize=32, levels=8, guideWidth=16, normEpsilon=1e-5, normMomentum=0.1,
                 kind='bilateral-grid'):
        super().__init__()
        self.view_size, self.levels = viewSize, levels
        norm = {'eps': normEpsilon, 'momentum': normMomentum}
        deep = 4 * width
        self.local = nn.ModuleList([
            Layer(3, width, 2, norm),
            Layer(width, 2 * width, 2, norm),
            Layer(2 * width, 2 * width, 1, norm),
            Layer(2 * width, deep, viewSize // (4 * gridSize), norm),
            Layer(deep, deep, 1, norm),
            Layer(deep, deep, 1, norm),
            nn.Conv2d(deep, deep, 3, padding=1),
        ])
        halvings = int(math.log2(gridSize // 4))
        encoder = [Layer(deep, deep, 2, norm) for _ in range(halvings)]
        self.add_module('global', nn.ModuleList([*encoder, nn.Conv2d(deep, deep, 4), nn.Conv2d(deep, deep, 1)]))
        self.head = nn.Conv2d(deep, 12 * levels, 1)
        self.guide = nn.ModuleList([nn.Conv2d(3, guideWidth, 1), nn.Conv2d(guideWidth, 1, 1)])

    def grid(self, view):
        """[N, 12 levels, gridSize, gridSize]."""
        x = view.sqrt()
        for layer in self.local[:5]:
            x = layer(x)
        local = self.local[6](self.local[5](x))
        *encoder, gather, last = getattr(self, 'global')
        for layer in encoder:
            x = layer(x)
        return self.head(F.relu(local + last(F.relu(gather(x)))))

    def forward(self, photo, view):
        grid = self.grid(view)
        # [N, 12, levels, gridSize, gridSize]
        maps = grid.unflatten(1, (self.levels, 12)).transpose(1, 2)
        tone = photo.sqrt()
        guide = self.guide[1](F.relu(self.guide[0](tone)))
        depth = (guide / (1 + guide.abs())).squeeze(1)
        height, width = photo.shape[2:]
        # Centres of pixels in -1..1, where -1 and 1 are the outer borders of the first and last cell.
        y = ((torch.arange(height) + 0.5) * 2 / height - 1)[None, :, None].expand_as(depth)
        x = ((torch.arange(width) + 0.5) * 2 / width - 1)[None, None, :].expand_as(depth)
        places = torch.stack([x, y, depth], -1)[:, None]
        found = F.grid_sample(maps, places, 'bilinear', padding_mode='border', align_corners=False).squeeze(2)
        rows = found.unflatten(1, (3, 4))
        return F.relu((rows[:, :, :3] * tone[:, None]).sum(2) + rows[:, :, 3])

    def enhance(self, levels, strength=1.0):
        """Enhances photos [N, 3, H, W] of any size, given as levels 0..255; returns uint8."""
        photo = levels.float() / 255
        return picture.finished(levels, self(photo, picture.view(photo, self.view_size)), strength)
