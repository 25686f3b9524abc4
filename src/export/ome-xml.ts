import { version } from '../version.js';
import {
  AXES_IN_WORDS,
  INVALID_IN_WORDS,
  type Measurement,
  startedAt,
  startsSinceFirst,
} from './measurement.js';

const NAMESPACE = 'http://www.openmicroscopy.org/Schemas/OME/2016-06';
const MODULO_NAMESPACE = 'openmicroscopy.org/omero/dimension/modulo';
const MODULO_ELEMENT_NAMESPACE = 'http://www.openmicroscopy.org/Schemas/Additions/2011-09';

/** What the pages of a file are, in their order: of each frame, its channels, or the bins of its one channel. */
export interface OmeImage {
  name: string;
  description: string;
  type: 'uint16' | 'uint32';
  channels: readonly string[];
  /** null: frames alone along T. */
  bins: number | null;
}

/** OME-XML (schema 2016-06) in pieces, ASCII: there may be a line for each of very many planes. */
export function* omeXml(
  image: OmeImage,
  measurement: Measurement,
  pixelUm: number | null,
  warnings: readonly string[],
): Generator<string> {
  const { frames } = measurement;
  const started = startedAt(frames);
  yield (
    `<?xml version="1.0" encoding="UTF-8"?><OME xmlns="${NAMESPACE}" ` +
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
    `xsi:schemaLocation="${NAMESPACE} ${NAMESPACE}/ome.xsd" Creator="flimd ${version}">` +
    `<Image ID="Image:0" Name="${escaped(image.name)}">` +
    (started ? `<AcquisitionDate>${started.toISOString()}</AcquisitionDate>` : '') +
    `<Description>${escaped(image.description)}</Description>`
  );
  yield* pixels(image, measurement, pixelUm);
  // Some readers look at the first annotation alone.
  const modulo = image.bins === null ? [] : ['Annotation:Lifetime'];
  yield [...modulo, 'Annotation:Notes'].map((id) => `<AnnotationRef ID="${id}"/>`).join('') + '</Image>';
  yield '<StructuredAnnotations>';
  if (image.bins !== null) yield moduloAnnotation(image.bins, measurement.about.binWidthPs);
  yield notesAnnotation(measurement, warnings);
  yield '</StructuredAnnotations></OME>';
}

function* pixels(image: OmeImage, { about, frames }: Measurement, pixelUm: number | null): Generator<string> {
  const { channels, type, bins } = image;
  const times = frames.length * (bins ?? 1);
  const size = pixelUm === null ? '' : ['X', 'Y'].map((axis) => physicalSize(axis, pixelUm)).join('');
  yield (
    `<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="${type}" BigEndian="false" ` +
    `SizeX="${about.width}" SizeY="${about.height}" SizeZ="1" SizeC="${channels.length}" SizeT="${times}"${size}>`
  );
  yield channels
    .map(
      (name, index) =>
        `<Channel ID="Channel:0:${index}" Name="${escaped(name)}" SamplesPerPixel="1" ` +
        'AcquisitionMode="FluorescenceLifetime"/>',
    )
    .join('');
  yield `<TiffData IFD="0" PlaneCount="${times * channels.length}"/>`;
  const starts = startsSinceFirst(frames);
  for (const [frame, { exposureS }] of frames.entries()) {
    // Of a decay, its first bin stands for all.
    const timing = `DeltaT="${starts[frame]}" DeltaTUnit="s" ExposureTime="${rounded(exposureS)}" ExposureTimeUnit="s"`;
    yield channels
      .map((_, channel) => `<Plane TheZ="0" TheT="${frame * (bins ?? 1)}" TheC="${channel}" ${timing}/>`)
      .join('');
  }
  yield '</Pixels>';
}

const physicalSize = (axis: string, pixelUm: number): string =>
  ` PhysicalSize${axis}="${pixelUm}" PhysicalSize${axis}Unit="${escaped('µm')}"`;

function moduloAnnotation(bins: number, binWidthPs: number): string {
  return (
    `<XMLAnnotation ID="Annotation:Lifetime" Namespace="${MODULO_NAMESPACE}"><Value>` +
    `<Modulo namespace="${MODULO_ELEMENT_NAMESPACE}"><ModuloAlongT Type="lifetime" TypeDescription="TCSPC" Unit="ps" ` +
    `Start="0" Step="${binWidthPs}" End="${lastBinStart(bins, binWidthPs)}"/></Modulo></Value></XMLAnnotation>`
  );
}

/**
 * Start of the last bin. Readers count the bins from it, by rounding up (End + Step) / Step or by rounding End / Step;
 * where its last digit would make the first of them find one bin too many, it is a digit less.
 */
export function lastBinStart(bins: number, binWidthPs: number): number {
  const end = (bins - 1) * binWidthPs;
  const found = Math.ceil((end + binWidthPs) / binWidthPs);
  return found > bins ? end * (1 - Number.EPSILON) : end;
}

function notesAnnotation({ about, frames }: Measurement, warnings: readonly string[]): string {
  const notes: Record<string, string> = {
    source: about.file,
    ...about.notes,
    axes: AXES_IN_WORDS,
    'invalid pixels': INVALID_IN_WORDS,
    bins: String(about.bins),
    'bin width (ps)': String(about.binWidthPs),
    'laser period (ps)': about.laserPeriodPs === null ? 'not in the file' : String(about.laserPeriodPs),
    'first frame number': String(frames[0]!.number),
    ...(warnings.length > 0 ? { warnings: warnings.join('; ') } : {}),
  };
  const entries = Object.entries(notes).map(([key, value]) => `<M K="${escaped(key)}">${escaped(value)}</M>`);
  return `<MapAnnotation ID="Annotation:Notes" Namespace="flimd"><Value>${entries.join('')}</Value></MapAnnotation>`;
}

const rounded = (seconds: number): number => Number(seconds.toFixed(9));

/** As ASCII, for a field of TIFF that is defined as such. What XML cannot hold is left out. */
function escaped(text: string): string {
  const allowed = text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
  return allowed.replace(/[&<>"]|[^\x20-\x7e]/gu, (character) => `&#${character.codePointAt(0)};`);
}
