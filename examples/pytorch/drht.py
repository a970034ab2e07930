"""DRHT (Yang et al., CVPR 2018) in the approximation released by its authors, under the names of glocal's weight files."""
import torch
from torch import nn
from torch.nn import functional as F

import picture

OFFSET = 1 / 255
# Blue first, as in the training of VGG-16.
VGG_MEANS = (103.939, 116.779, 123.68)


class Norm(nn.Module):
    """A norm with only a shift, using the statistics of the current batch, in training and inference."""

    def __init__(self, channels: int):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return F.batch_norm(x, None, None, None, self.bias, training=True, eps=1e-3)


class Block(nn.Module):
    """Modules by name."""

    def __init__(self, **modules):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)


def same(x, kernel, stride):
    """TensorFlow's SAME padding: kernel - stride zeros, the smaller half before."""
    before = (kernel - stride) // 2
    return F.pad(x, 2 * (before, kernel - stride - before))


def light(x, scale):
    return torch.log((scale * x) ** 2 + OFFSET)


class Hdr(nn.Module):
    """Maps photos to linear light."""

    def __init__(self, width: int):
        super().__init__()
        filters = [width * factor for factor in (1, 2, 4, 8, 8)]
        stages, inputs = [], 3
        for outputs, count in zip(filters, (2, 2, 3, 3, 3)):
            sizes = [inputs] + count * [outputs]
            convolutions = {f'conv{k + 1}': nn.Conv2d(sizes[k], outputs, 3, padding=1) for k in range(count)}
            stages.append(Block(**convolutions))
            inputs = outputs
        self.encoder = nn.ModuleList(stages)
        self.middle = Block(conv=nn.Conv2d(inputs, inputs, 3, padding=1, bias=False), bn=nn.BatchNorm2d(inputs))
        below = [*filters[1:], filters[-1]]
        self.decoder = nn.ModuleList(
            Block(up=nn.ConvTranspose2d(below[s], filters[s], 4, 2, 1, bias=False), up_bn=nn.BatchNorm2d(filters[s]),
                  fuse=nn.Conv2d(2 * filters[s], filters[s], 1)) for s in range(5))
        self.output = Block(conv=nn.Conv2d(width, 3, 1, bias=False), bn=nn.BatchNorm2d(3), fuse=nn.Conv2d(6, 3, 1))

    def forward(self, photo):
        x = 255 * photo.flip(1) - photo.new_tensor(VGG_MEANS)[:, None, None]
        skips = []
        for index, stage in enumerate(self.encoder):
            x = F.max_pool2d(x, 2) if index > 0 else x
            for convolution in stage.children():
                x = F.relu(convolution(x))
            skips.append(x)
        x = F.relu(self.middle.bn(self.middle.conv(F.max_pool2d(x, 2))))
        for index in reversed(range(5)):
            step = self.decoder[index]
            x = F.relu(step.up_bn(step.up(x)))
            x = step.fuse(torch.cat([x, light(skips[index], 1 / 255)], 1))
        x = F.relu(self.output.bn(self.output.conv(x)))
        predicted = self.output.fuse(torch.cat([x, light(photo, 1)], 1))
        share = ((photo.amax(1, keepdim=True) - 0.95) / 0.05).clamp(0, 1)
        return (1 - share) * photo ** 2 + share * (predicted.exp() - OFFSET).clamp(min=0)


class Ldr(nn.Module):
    """Maps linear light to photos."""

    ENCODER = ((1, 1, 1), (7, 2, 1), (5, 2, 2), (3, 2, 4), (3, 2, 4), (3, 2, 8))  # kernel, stride, filters
    DECODER = ((7, 1), (5, 1), (3, 2), (3, 4), (3, 4))  # kernel, filters; from full resolution down

    def __init__(self, width: int):
        super().__init__()
        sizes = [3, *(factor * width for _, _, factor in self.ENCODER)]
        self.encoder = nn.ModuleList(
            Block(conv=nn.Conv2d(sizes[l], sizes[l + 1], kernel, stride, bias=False), bn=Norm(sizes[l + 1]))
            for l, (kernel, stride, _) in enumerate(self.ENCODER))
        outputs = [factor * width for _, factor in self.DECODER]
        inputs = [*outputs[1:], sizes[-1]]
        self.decoder = nn.ModuleList(
            Block(up=nn.ConvTranspose2d(inputs[l], outputs[l], kernel, 2, bias=False), up_bn=Norm(outputs[l]))
            for l, (kernel, _) in enumerate(self.DECODER))
        self.output = Block(conv=nn.Conv2d(width, 3, 1, bias=False), bn=Norm(3))

    def forward(self, linear):
        x, skips = torch.log(linear + OFFSET), []
        for (kernel, stride, _), step in zip(self.ENCODER, self.encoder):
            x = F.elu(step.bn(step.conv(same(x, kernel, stride))))
            skips.append(x)
        for index in reversed(range(5)):
            kernel, step, skip = self.DECODER[index][0], self.decoder[index], skips[index]
            before = (kernel - 2) // 2
            height, width = skip.shape[2:]
            x = step.up(x)[:, :, before:before + height, before:before + width]
            x = F.elu(step.up_bn(x))
            x = x + skip + x * skip
        shown = linear ** (1 / 2.2) / 30
        return F.elu(self.output.bn(self.output.conv(x)) + shown)


class Drht(nn.Module):
    """Maps photos [N, 3, H, W] in 0..1, H and W multiples of 32, to photos that must be clipped."""

    def __init__(self, width=64, kind='drht'):
        super().__init__()
        self.hdr, self.ldr = Hdr(width), Ldr(width)

    def forward(self, photo):
        return self.ldr(self.hdr(photo))

    def enhance(self, levels, strength=1.0):
        """Enhances photos [N, 3, H, W] of any size, given as levels 0..255; returns uint8. Results depend on the batch."""
        values = self(picture.mirrored(levels.float() / 255, 32, least=64))
        return picture.finished(levels, values[:, :, :levels.shape[2], :levels.shape[3]], strength, keep_off_ends=False)
