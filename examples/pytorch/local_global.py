"""The local-global network of Kinoshita and Kiya (2019), under the names of glocal's weight files."""
import torch
from torch import nn
from torch.nn import functional as F

import picture

DEPTH = 4


class Pair(nn.Module):
    """Two 3x3 convolutions, each with batch norm and ReLU."""

    def __init__(self, inputs: int, outputs: int, norm: dict):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs, **norm)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs, **norm)

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class Up(Pair):
    """Doubles the size, concatenates the skip first, then a pair."""

    def __init__(self, inputs: int, outputs: int, norm: dict):
        super().__init__(2 * outputs, outputs, norm)
        self.up = nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
        self.up_bn = nn.BatchNorm2d(outputs, **norm)

    def forward(self, x, skip):
        return super().forward(torch.cat([skip, F.relu(self.up_bn(self.up(x)))], 1))


class Global(nn.Module):
    """A convolution of the global encoder."""

    def __init__(self, inputs: int, outputs: int, kernel: int, padding: int, norm: dict):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, **norm)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class LocalGlobal(nn.Module):
    """Maps photos [N, 3, H, W] in 0..1, H and W multiples of 16, and their views to photos, not clipped above."""

    def __init__(self, width=32, globalWidth=64, globalSize=128, globalEncoder=True, join='P', outputKernel=3,
                 normEpsilon=1e-5, normMomentum=0.1, kind='local-global', upsampling='free'):
        super().__init__()
        # `upsampling` only concerns training: the kernels of a weight file are ready for use.
        self.view_size = globalSize if globalEncoder else None
        self.join_variant = join
        norm = {'eps': normEpsilon, 'momentum': normMomentum}
        filters = [width * 2 ** level for level in range(DEPTH + 1)]
        levels = DEPTH if join == 'A' else DEPTH + 1
        inputs = [3, *filters]
        self.local = nn.ModuleList(Pair(inputs[level], filters[level], norm) for level in range(levels))
        if globalEncoder:
            sizes = [3] + 5 * [globalWidth]
            encoder = [Global(size, globalWidth, 3, 1, norm) for size in sizes[:5]]
            encoder.append(Global(globalWidth, globalWidth, globalSize // 32, 0, norm))
            self.add_module('global', nn.ModuleList(encoder))
        joined = filters[levels - 1] + (globalWidth if globalEncoder else 0)
        if join != 'P':
            self.join = Pair(joined, filters[DEPTH], norm)
        below = [*filters[1:DEPTH], joined if join == 'P' else filters[DEPTH]]
        self.decoder = nn.ModuleList(Up(below[level], filters[level], norm) for level in range(DEPTH))
        self.output = nn.Conv2d(width, 3, outputKernel, padding=outputKernel // 2)

    def forward(self, photo, view=None):
        skips, x = [], photo
        for level, pair in enumerate(self.local):
            x = pair(F.max_pool2d(x, 2) if level > 0 else x)
            skips.append(x)
        if self.join_variant == 'A':
            x = F.max_pool2d(x, 2)
        if self.view_size:
            feature = view
            for index, layer in enumerate(getattr(self, 'global')):
                feature = layer(F.max_pool2d(feature, 2) if index > 0 else feature)
            x = torch.cat([x, feature.expand(-1, -1, *x.shape[2:])], 1)
        if self.join_variant != 'P':
            x = self.join(x)
        for level in reversed(range(DEPTH)):
            x = self.decoder[level](x, skips[level])
        return F.relu(self.output(x))

    def enhance(self, levels, strength=1.0):
        """Enhances photos [N, 3, H, W] of any size, given as levels 0..255; returns uint8."""
        photo = levels.float() / 255
        view = picture.view(photo, self.view_size) if self.view_size else None
        values = self(picture.mirrored(photo, 2 ** DEPTH), view)
        return picture.finished(levels, values[:, :, :levels.shape[2], :levels.shape[3]], strength)
