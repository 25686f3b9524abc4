// Markdown tables of the written-once data, for the docs.

export function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const hex = (value, digits = 3) => `0x${value.toString(16).padStart(digits, '0')}`;

export function packetHeaderTable({ packetHeaderFields }) {
  return table(
    ['offset', 'field', 'type', 'meaning'],
    packetHeaderFields.map((field) => [field.offset, `\`${field.name}\``, field.type, field.meaning]),
  );
}

export function packetTypeTable({ packetTypes, PacketType }) {
  return table(
    ['type', 'name', 'direction', 'payload'],
    packetTypes.map((type) => [PacketType[type.name], `\`${type.name}\``, type.direction, type.payload]),
  );
}

export function lifetimePlaneTable({ lifetimePlanes, LifetimePlane }) {
  return table(
    ['bit', 'plane', 'bytes a pixel', 'meaning'],
    lifetimePlanes.map((plane) => [
      LifetimePlane[plane.name],
      `\`${plane.name}\``,
      plane.bytes,
      plane.meaning,
    ]),
  );
}

export function usbEndpointTable({ usbEndpoints, UsbEndpoint, UsbInterface }) {
  return table(
    ['endpoint', 'interface', 'name', 'kind', 'what'],
    usbEndpoints.map((endpoint) => [
      hex(UsbEndpoint[endpoint.name], 2),
      `${UsbInterface[endpoint.interface]} \`${endpoint.interface}\``,
      `\`${endpoint.name}\``,
      `${endpoint.kind} ${endpoint.direction.toUpperCase()}`,
      endpoint.meaning,
    ]),
  );
}

export function usbRequestTable({ usbRequests, UsbRequest }) {
  return table(
    ['bmRequestType', 'bRequest', 'name', 'meaning'],
    usbRequests.map((request) => [
      hex(request.requestType, 2),
      UsbRequest[request.name],
      `\`${request.name}\``,
      request.meaning,
    ]),
  );
}

export function usbEventTable({ usbEventFields }) {
  return table(
    ['offset', 'word', 'meaning'],
    usbEventFields.map(({ name, meaning }, i) => [4 * i, `\`${name}\``, meaning]),
  );
}

export function registersPage({ registerBlocks, REGISTER_MAP_VERSION }) {
  const blocks = registerBlocks.map((block) =>
    [
      `## ${block.name}`,
      '',
      `${block.meaning[0].toUpperCase()}${block.meaning.slice(1)}.`,
      '',
      table(
        ['address', 'register', 'words', 'access', 'meaning'],
        block.registers.map((r) => [hex(r.address), `\`${r.name}\``, r.words, r.access, r.meaning]),
      ),
    ].join('\n'),
  );
  return [
    '# Registers',
    '',
    '<!-- Generated from src/protocol/registers.ts by `npm run generate`. Do not edit. -->',
    '',
    `Version ${REGISTER_MAP_VERSION}. 32-bit little-endian words at byte addresses. Registers of several words hold bytes in memory order (text, ids) or a little-endian wide number. Access: ro read, rw read and (while idle) write, wo write, w1c read sticky bits and clear those written as 1.`,
    '',
    ...blocks.flatMap((block) => [block, '']),
  ].join('\n');
}

export function errorsPage({ errorCodes }) {
  return [
    '# Errors',
    '',
    '<!-- Generated from src/protocol/errors.ts by `npm run generate`. Do not edit. -->',
    '',
    'Every error carries `code`, `message` and, where they help, `value` (what was wrong), `expected` and `action` (what to do). The same object stands in REST answers (`{"error": …}`), in stream `error` messages, and on standard error with `--json`.',
    '',
    table(
      ['code', 'meaning'],
      Object.entries(errorCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
    ),
    '',
  ].join('\n');
}

export function simOptionsTable(options) {
  return table(
    ['option', 'default', 'meaning'],
    options.map(({ key, default: value, meaning }) => [
      `\`${key}\``,
      value === null || typeof value === 'object' ? '' : value,
      meaning,
    ]),
  );
}

/** What the packages say of themselves; descriptions of models/<name>/model.json. */
export function packageTable(descriptions) {
  const rows = descriptions.flatMap(({ name, hidden, gates, training, accuracy }) =>
    accuracy.rows.map(({ photons, rmsePs, bayesRmsePs, standardErrorPs, biasPs }, at) => [
      at === 0 ? `${name} (GRU ${hidden}, ${gates} gates, ${trainedSteps(training)})` : '',
      photons.toLocaleString('en'),
      ...['meanLifetimeAmplitude', 'meanLifetimeIntensity'].flatMap((output) =>
        [rmsePs, bayesRmsePs, standardErrorPs, biasPs].map((figures) => Math.round(figures[output])),
      ),
    ]),
  );
  const figures = (lifetime) =>
    ['RMSE', 'limit', 'predicted', 'bias'].map((figure) => `${lifetime}: ${figure}`);
  return table(['package', 'photons', ...figures('tau_amp'), ...figures('tau_int')], rows);
}

const trainedSteps = ({ stepsDone }) => `${stepsDone.toLocaleString('en')} steps`;
