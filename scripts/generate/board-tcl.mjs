// firmware/boards/<board>/config.tcl: a board of src/fpga/boards.ts as the Tcl array that the vendor scripts read.

/** The 32-bit word of the register firmwareVersion: major << 16 | minor << 8 | patch. */
function versionWord(version) {
  const [major, minor, patch] = version.split('.').map(Number);
  return (major << 16) | (minor << 8) | patch;
}

function settings(board, model, version) {
  const { sensor, core, memory, link } = board;
  return {
    name: board.name,
    top: `${board.name.replaceAll('-', '_')}_top`,
    part: board.part.orderName,
    serial: board.serial,
    firmware_version: versionWord(version),
    oscillator_mhz: board.oscillatorMHz,
    core_mhz: core.clockMHz,
    link: link.kind,
    link_mhz: link.clockMHz,
    ...(link.kind === 'xdma' ? { pcie_lanes: link.pcieLanes, pcie_generation: link.pcieGeneration } : {}),
    sensor_mhz: sensor.clockMHz,
    width: sensor.width,
    height: sensor.height,
    bins: sensor.bins,
    bin_width_fs: sensor.binWidthFs,
    laser_period_fs: sensor.laserPeriodFs,
    frame_period_us: sensor.framePeriodUs,
    pixel_bits: sensor.pixelBits,
    bin_bits: sensor.binBits,
    word_bits: memory.wordBits,
    payload_bits: memory.payloadBits,
    model: core.model,
    model_hash: model.hash,
    min_photons: model.network.minPhotons,
    lanes: core.lanes,
    unroll: core.unroll,
    turns: core.turns,
  };
}

export function boardConfig(board, model, version) {
  const lines = Object.entries(settings(board, model, version)).map(
    ([name, value]) => `set board(${name}) {${value}}`,
  );
  return [
    '# Generated from src/fpga/boards.ts and the model package by `npm run generate`. Do not edit.',
    ...lines,
    '',
  ].join('\n');
}
