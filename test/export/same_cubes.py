"""Prints, for each export CUBE, whether it holds the photons [y][x][bin] of REFERENCE.npz (array hist), as JSON.

Usage: same_cubes.py REFERENCE CUBE...
"""

import json
import sys

import numpy
import tifffile
from phasorpy.io import signal_from_pqbin


def cube_of(name):
    if name.endswith(".bin"):
        return signal_from_pqbin(name).values
    if name.endswith(".npz"):
        return numpy.load(name)["histograms"][0]
    return numpy.moveaxis(tifffile.imread(name), 0, -1)


photons = numpy.load(sys.argv[1])["hist"]
cubes = [cube_of(name) for name in sys.argv[2:]]
print(json.dumps([bool(cube.shape == photons.shape and (cube == photons).all()) for cube in cubes]))
