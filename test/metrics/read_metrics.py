"""Reads the Prometheus text on standard input with the parser of prometheus_client; prints its samples as JSON."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

samples = []
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.documentation, family.name
    for sample in family.samples:
        samples.append({"type": family.type, "name": sample.name, "labels": sample.labels, "value": sample.value})
json.dump(samples, sys.stdout)
