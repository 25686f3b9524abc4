"""Reads what flimd exported with programs of other makes and compares it with the recording, read with h5py.

Usage: read_exports.py FOLDER; prints one JSON object of facts. FOLDER holds run.h5 and its exports, big.tif,
and prompt.json, the decay that a lifetime of zero would leave.
"""

import json
import os
import sys
import xml.etree.ElementTree as ElementTree

import h5py
import numpy
import ome_types
import tifffile
import xmlschema
from phasorpy.io import signal_from_pqbin
from phasorpy.lifetime import phasor_calibrate
from phasorpy.phasor import phasor_from_signal
from PIL import Image, ImageSequence

folder = sys.argv[1]
SCHEMA = xmlschema.XMLSchema(os.path.join(os.path.dirname(ome_types.__file__), "ome-2016-06.xsd"))
CHANNELS = [
    "meanLifetimeAmplitude",
    "meanLifetimeIntensity",
    "photons",
    "standardErrorAmplitude",
    "standardErrorIntensity",
]


def named(name):
    return os.path.join(folder, name)


def same(a, b):
    return bool(a.shape == b.shape and (a == b).all())


with h5py.File(named("run.h5")) as run:
    maps = {name: run["maps"][name][:] for name in run["maps"]}
    histograms = run["histograms"][:]
facts = {"h5": {"channels": sorted(maps), "shape": histograms.shape}}


def ome_facts(name):
    with tifffile.TiffFile(named(name)) as tiff:
        text = tiff.ome_metadata
        SCHEMA.validate(text)
        series = tiff.series[0]
        page = tiff.pages[0]
        modulo = [element for element in ElementTree.fromstring(text).iter() if element.tag.endswith("ModuloAlongT")]
        found = {
            "series": len(tiff.series),
            "axes": series.axes,
            "shape": series.shape,
            "dtype": str(series.dtype),
            "bigTiff": tiff.is_bigtiff,
            "compression": page.compression.name,
            "orientation": page.tags["Orientation"].value.name,
            "resolution": [page.tags["XResolution"].value, page.tags["ResolutionUnit"].value.name],
            "modulo": modulo[0].attrib if modulo else None,
        }
        values = series.asarray()
    model = ome_types.from_tiff(named(name))
    pixels = model.images[0].pixels
    found["channels"] = [channel.name for channel in pixels.channels]
    found["deltaT"] = [[plane.the_t, plane.the_c, plane.delta_t, plane.exposure_time] for plane in pixels.planes]
    found["pixelSize"] = [pixels.physical_size_x, str(pixels.physical_size_x_unit.value)]
    found["acquired"] = model.images[0].acquisition_date.isoformat()
    found["sizeT"] = pixels.size_t
    return found, values


def pages_by_pillow(name):
    with Image.open(named(name)) as image:
        return numpy.stack([numpy.array(page) for page in ImageSequence.Iterator(image)])


for name, key in [("run.ome.tif", "maps"), ("packed.ome.tiff", "packedMaps")]:
    found, values = ome_facts(name)
    by_name = dict(zip(found["channels"], numpy.moveaxis(values, 1, 0)))
    labels = {
        "Mean lifetime, amplitude-weighted (ps)": "meanLifetimeAmplitude",
        "Mean lifetime, intensity-weighted (ps)": "meanLifetimeIntensity",
        "Standard error of the amplitude-weighted mean lifetime (ps)": "standardErrorAmplitude",
        "Standard error of the intensity-weighted mean lifetime (ps)": "standardErrorIntensity",
        "Photons": "photons",
    }
    found["equal"] = {labels[label]: same(image, maps[labels[label]]) for label, image in by_name.items()}
    found["pillow"] = same(pages_by_pillow(name).astype("uint32"), values.reshape(-1, *values.shape[2:]))
    facts[key] = found

for name, key in [("run.decays.ome.tif", "decays"), ("packed.decays.ome.tiff", "packedDecays")]:
    found, values = ome_facts(name)
    found["equal"] = same(numpy.moveaxis(values, 1, -1), histograms)
    found["pillow"] = same(pages_by_pillow(name), values.reshape(-1, *values.shape[2:]))
    facts[key] = found

found, values = ome_facts("summed.decays.ome.tif")
found["equal"] = same(numpy.moveaxis(values, 0, -1), histograms.astype("uint32").sum(0))
facts["summedDecays"] = found

with tifffile.TiffFile(named("big.tif")) as tiff:
    facts["big"] = {
        "bigTiff": tiff.is_bigtiff,
        "resolution": tiff.pages[0].tags["XResolution"].value,
        "values": tiff.asarray().ravel().tolist(),
        "pillow": pages_by_pillow("big.tif").ravel().tolist(),
    }


def array_facts(load, description):
    with open(named(description), encoding="utf-8") as file:
        told = json.load(file)
    arrays = {name: load(name, array) for name, array in told["arrays"].items()}
    return {
        "asTold": all(
            list(arrays[name].shape) == array["shape"] and arrays[name].dtype == numpy.dtype(array["dtype"])
            for name, array in told["arrays"].items()
        ),
        "cOrder": all(array.flags.c_contiguous for array in arrays.values()),
        "equal": {name: same(arrays[name], maps[name]) for name in maps} | {"histograms": same(arrays["histograms"], histograms)},
        "units": {name: array["unit"] for name, array in told["arrays"].items()},
        "binWidthPs": told["binWidthPs"],
        "laserPeriodPs": told["laserPeriodPs"],
        "frameNumber": arrays["frameNumber"].tolist(),
        "frameStart": arrays["frameStart"].tolist(),
        "rowsValid": arrays["rowsValid"].sum(axis=1).tolist(),
    }


facts["npy"] = array_facts(lambda name, array: numpy.load(named(array["file"])), "run.json")
for name in ["zipped", "deflated"]:
    with numpy.load(named(f"{name}.npz")) as archive:
        facts[name] = array_facts(lambda array, _: archive[array], f"{name}.json")

signal = signal_from_pqbin(named("run.bin"))
facts["pqbin"] = {
    "dims": signal.dims,
    "equal": same(signal.values, histograms.astype("uint32").sum(0)),
    "dtype": str(signal.dtype),
    "frequencyMHz": signal.attrs["frequency"],
    "binWidthNs": signal.attrs["tcspc_resolution"],
    "pixelUm": signal.attrs["pixel_resolution"],
    "secondBinNs": float(signal.coords["H"][1]),
}

with open(named("prompt.json"), encoding="utf-8") as file:
    reference = phasor_from_signal(numpy.array(json.load(file)))
whole = numpy.asarray(signal.values, dtype="float64").sum(axis=(0, 1))
point = phasor_calibrate(*phasor_from_signal(whole)[1:], *reference, frequency=80.0, lifetime=0.0)
facts["phasor"] = [float(component) for component in point]
cube = tifffile.imread(named("run.decays.ome.tif"))
_, real, imag = phasor_from_signal(cube.sum(axis=(0, 2, 3), dtype="float64"))
point = phasor_calibrate(real, imag, *reference, frequency=80.0, lifetime=0.0)
facts["tiffPhasor"] = [float(component) for component in point]
print(json.dumps(facts))
