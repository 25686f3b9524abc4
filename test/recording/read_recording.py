"""Prints what is in a recording as JSON: attributes, columns, and a digest of every frame of every plane.

Knows of the file what docs/recording.md says, and nothing of flimd's own reader.
"""

import hashlib
import json
import sys

import h5py


def plain(value):
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, str):
        return value
    return value.tolist() if hasattr(value, "tolist") else value


def digest(array, little_endian):
    return hashlib.sha256(array.astype(little_endian).tobytes()).hexdigest()


def read(path, live):
    with h5py.File(path, "r", swmr=live) as file:
        frames = file["frames/number"].shape[0]
        images = {name: dataset for name, dataset in file["maps"].items()}
        if "histograms" in file:
            images["histograms"] = file["histograms"]
        wide = {name: "<u4" if name == "photons" else "<u2" for name in images}
        return {
            "attributes": {name: plain(value) for name, value in file.attrs.items()},
            "columns": {name: dataset[:frames].tolist() for name, dataset in file["frames"].items()},
            "end": json.loads(file["end"][()]),
            "types": {name: dataset.dtype.str for name, dataset in images.items()},
            "shapes": {name: list(dataset.shape[1:]) for name, dataset in images.items()},
            "labels": {name: [axis.label for axis in dataset.dims] for name, dataset in images.items()},
            "units": {name: plain(dataset.attrs["unit"]) for name, dataset in images.items()},
            "digests": {
                name: [digest(dataset[frame], wide[name]) for frame in range(frames)]
                for name, dataset in images.items()
            },
        }


print(json.dumps(read(sys.argv[1], live="--live" in sys.argv[2:])))
